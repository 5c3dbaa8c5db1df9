"""What another program said, made fit for a message of ours: one short line without a secret of this process."""

from __future__ import annotations

import os
import re

from qa.plain import printable

_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)  # in the name of an environment variable
_SHORTEST = 8  # characters: replacing "1" or "true" would only make a message unreadable
_LONGEST = 300


def reason(error: BaseException) -> str:
    """Why something failed, in the failing library's words: servers echo the key they were given, and whole pages."""
    said = str(error)
    for name, value in os.environ.items():
        if len(value) >= _SHORTEST and _SECRET.search(name):
            said = said.replace(value, f"[{name}]")
    return printable(said.strip().partition("\n")[0])[:_LONGEST] or type(error).__name__
