"""The page's logic, run by Streamlit's own test runner over the real index."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from conftest import ROOT
from streamlit.testing.v1 import AppTest


@pytest.fixture
def page(corpus_index: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(sys, "argv", ["app.py", "--index", str(corpus_index)])
    return AppTest.from_file(str(ROOT / "ui" / "app.py"), default_timeout=60)


def test_an_arabic_question_is_answered_with_lines_and_their_places(page: AppTest) -> None:
    page.run().text_input[0].set_value("كم سيبلغ الإنفاق الدفاعي الياباني ومتى؟").run()
    assert not page.exception
    assert any("2%" in text.value and "مارس 2026" in text.value for text in page.text)
    shown = [caption.value.replace("\\", "") for caption in page.caption]  # escaped, so that Markdown leaves it alone
    (place,) = [caption for caption in shown if caption.endswith("2025-10-28-japan-us-alliance.ar.txt : 23")]
    assert "اقتباس — " in place


def test_what_the_sources_do_not_say_is_refused_with_the_nearest_lines(page: AppTest) -> None:
    page.run().text_input[0].set_value("من هو رئيس وزراء فرنسا؟").run()
    assert not page.exception
    assert "المصادر لا تذكر ذلك" in page.info[0].value
    assert len(page.text) == 5


def test_markup_in_a_question_is_shown_nowhere_as_markup(page: AppTest) -> None:
    page.run().text_input[0].set_value("ما هي <script>alert(1)</script> **عاصمة** البرازيل؟").run()
    assert not page.exception
    assert all("<script>" not in element.value for element in (*page.markdown, *page.caption))


def test_a_missing_index_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--index", str(tmp_path / "none")])
    page = AppTest.from_file(str(ROOT / "ui" / "app.py"), default_timeout=60).run()
    page.text_input[0].set_value("a question").run()
    assert not page.exception
    assert "there is no index at" in page.error[0].value
