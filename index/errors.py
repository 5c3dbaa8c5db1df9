"""The errors a user can act on: each message names the thing and ends with what to do next."""

from __future__ import annotations


class SanadError(Exception):
    """Base of every error that is shown to a user as one line. The command line exits with 1."""


class UsageError(SanadError):
    """The call itself was wrong (an empty question, a bad option). The command line exits with 2."""


class UnreadableArticle(SanadError):
    """A file of the corpus that cannot be read as UTF-8 text; the other files are indexed all the same."""


class IndexUnusable(SanadError):
    """There is no index, or it was made by another version, encoder or corpus, or its files are damaged."""


class ModelUnavailable(SanadError):
    """A model was asked for that is not installed, is damaged, or does not answer."""


class ModelFailed(ModelUnavailable):
    """A model that could be opened gave no answer that can be used: its server is down, too slow, or sends nonsense."""
