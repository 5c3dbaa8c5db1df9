"""What an option of the command line may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from index.place import DEFAULT_INDEX, Place, place


class _PlaceOption(click.ParamType[Place]):
    """Where an index is. Raises UsageError for an address that is none."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Place:
        return place(value)


PLACE = _PlaceOption()

INDEX = click.option(
    "--index", "index_dir", type=PLACE, default=DEFAULT_INDEX, show_default=True,
    help="The index: a folder, or milvus://host:port/collection.",
)  # fmt: skip
CORPUS = click.option("--corpus", type=click.Path(path_type=Path), help="Where the articles are, when they have moved.")
