"""Value the bundled figures as they stood a year earlier and today, and write what leads from one to the other.

``python docs/measure_reconciliation.py FOLDER`` lays out two run files in the folder, values both unless that was done,
compares them, and writes the measured tables of ``docs/reconciliation.md``. Posteriors are kept in the folder too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from measure import BLOCK, CHECKOUT

from actuarial import reconciliation, valuation
from actuarial._initial import write_initial
from actuarial.progress import shown
from actuarial.report._reconciliation_panels import panels
from actuarial.report.reconciliation import Reconciled, write
from actuarial.report.texts import Texts
from actuarial.scenario import read_run

KNOWN = 2024
"""Last year of the figures of the previous valuation."""

PAGE = CHECKOUT / "docs" / "reconciliation.md"

BEFORE = {"pension.land.share = 0.1": "pension.land.share = 0.08"}
"""What the run file of the previous valuation says otherwise, besides the figures."""


def laid(root: Path, name: str, changes: dict[str, str]) -> Path:
    """Write a run file and its tables, unless they are there; return the run file."""
    file = root / name / "run.toml"
    if not file.exists():
        write_initial(root / name)
        text = file.read_text(encoding="utf-8")
        for old, new in (changes | {'out = "out"': f'out = "../{name}_out"'}).items():
            if text.count(f"\n{old}\n") != 1:
                raise ValueError(f"the run file does not say {old!r} once")
            text = text.replace(f"\n{old}\n", f"\n{new}\n")
        file.write_text(text, encoding="utf-8")
    return file


def previous(root: Path) -> Path:
    """Write the previous run: today's tables without the years after `KNOWN`."""
    file = laid(root, "previous", BEFORE)
    for table in (root / "previous" / "data").glob("*.csv"):
        rows = pd.read_csv(table, dtype=str, keep_default_na=False)
        if "year" in rows:
            rows[rows["year"].astype(int) <= KNOWN].to_csv(table, index=False, lineterminator="\n")
    return file


def compared(root: Path) -> Reconciled:
    """Value both, unless that was done, and compare them."""
    folders = []
    with shown(quiet=False) as progress:
        for file in (previous(root), laid(root, "today", {})):
            run = read_run(file)
            if not (run.out / "inputs.zip").exists():
                valuation.run(run, run.out, report=progress)
            folders.append(run.out)
        found = reconciliation.reconcile(*folders, report=progress)
    write(root / "compare", found, "en")
    return found


def steps(found: Reconciled) -> Iterator[str]:
    """Yield the way of the pension under the law and under the package."""
    for panel in panels(found.table, found.titles, Texts("en")):
        if not panel.title.startswith("Pension"):
            continue
        at = int(found.table["at"].values[-1])
        yield f"\n{panel.title}\n"
        yield f"| | empty by {at} | year of depletion | reserve {at}, years | need of budgets {at} |"
        yield "|---|---|---|---|---|"
        for name, cells in panel.rows:
            told = (f"{value}{f' ({below})' if below else ''}" for value, below in (cells[n] for n in (1, 2, 3, 5)))
            yield f"| {name} | {' | '.join(told)} |"


def experience(found: Reconciled) -> Iterator[str]:
    """Yield what was expected and what came."""
    units = {"persons": (1e6, "million", 1), "yuan": (1e9, "billion yuan", 0), "yuan per person-year": (1.0, "yuan", 0)}
    yield "| | unit | published | expected | 80 % interval | futures below |"
    yield "|---|---|---|---|---|---|"
    for row in found.experience.to_dict("records"):
        size, unit, digits = units[row["unit"]]
        actual, middle, low, high = (f"{row[n] / size:,.{digits}f}" for n in ("actual", "expected", "low", "high"))
        told = (unit, actual, middle, f"{low} to {high}", f"{100 * row['below']:.0f} %")
        yield f"| {row['series']} {row['year']} | {' | '.join(told)} |"


if __name__ == "__main__":
    made = compared(Path(sys.argv[1]).absolute())
    blocks = {"steps": steps, "experience": experience}
    text = PAGE.read_text(encoding="utf-8")
    text = BLOCK.sub(lambda m: "".join([m[1], "\n".join(blocks[m[2]](made)), "\n", m[3]]), text)
    PAGE.write_text(text, encoding="utf-8")
