"""Run by test_crash inside a mount namespace: one run of the indexer on a disk that may be too small, then a reader."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from faults.letters import Letters
from index import Index, SanadError, refresh_index

folder, corpus = map(Path, sys.argv[1:])
said = ""
try:
    refresh_index(corpus, folder, Letters())
except SanadError as error:
    said = str(error)
index = Index.open(folder, Letters())
assert len(index.search("Which pier was closed by the storm?", 5)) == 5
print(json.dumps({"said": said, "passages": len(index.passages)}))
