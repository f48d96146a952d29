"""Write the counts of ``docs/robustness.md`` from the records of trials and kills.

``PYTHONPATH=. python docs/measure_robustness.py FOLDER`` reads ``fuzz*.jsonl`` and ``kills*.jsonl`` in the folder, one
line a trial, as ``python -m tests.fuzz --all FILE`` and ``python -m tests.kills --all FILE`` leave them; both take
long, and go on where they were stopped.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from measure import BLOCK, CHECKOUT

from tests.fuzz import __main__ as trials
from tests.kills import Killed, table

PAGE = CHECKOUT / "docs" / "robustness.md"


def records(folder: Path, name: str) -> list[Any]:
    """Return what the records of a name hold, one after the other.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    files = sorted(folder.glob(f"{name}*.jsonl"))
    if not files:
        raise FileNotFoundError(f"no {name}*.jsonl in {folder}: make one with `python -m tests.{name} --all FILE`")
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def fuzz(folder: Path) -> str:
    """Return how the trials ended, by what was changed."""
    return trials.table(Counter(tuple(one) for one in records(folder, "fuzz")))


def kills(folder: Path) -> str:
    """Return how many killed batches came out the same, by how far they were."""
    return table([Killed(**one) for one in records(folder, "kills")])


if __name__ == "__main__":
    blocks = {"fuzz": fuzz, "kills": kills}
    asked = Path(sys.argv[1])
    text = PAGE.read_text(encoding="utf-8")
    text = BLOCK.sub(lambda m: f"{m[1]}\n{blocks[m[2]](asked)}\n\n{m[3]}", text)
    PAGE.write_text(text, encoding="utf-8")
