from __future__ import annotations

from ui import shared
from ui.session import Session


def show(session: Session, options: shared.Options) -> None:
    pass


def ask_to_remove(path: str) -> None:
    pass
