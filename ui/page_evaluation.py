from __future__ import annotations

from ui.session import Session
from ui import shared


def show(session: Session, options: shared.Options) -> None:
    pass


def ask_to_remove(path: str) -> None:
    pass
