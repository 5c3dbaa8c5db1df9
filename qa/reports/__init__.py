"""Whose words a sentence reports."""

from qa.reports.arabic import arabic_report
from qa.reports.english import english_report
from qa.reports.tokens import STATEMENT, Form, Reading, quotations

__all__ = ["STATEMENT", "Form", "Reading", "quotations", "read_report"]


def read_report(text: str, language: str) -> Reading | None:
    """The first report of a sentence, None when it reports nobody's words."""
    if language == "ar":
        return arabic_report(text)
    return english_report(text) if language == "en" else None
