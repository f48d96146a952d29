"""The manual's pages of measures, the mix and the frontier: their keys, names and examples are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actuarial._frontier_rules import COSTS
from actuarial._quantity import describe
from actuarial._stress_rules import ALL
from actuarial.payers import PAYERS
from actuarial.rules import Rules
from actuarial.scenario import read_run

DOCS = Path(__file__).parents[2] / "docs"
KEYS = {str(row["key"]) for row in describe(Rules())}


def page(name: str) -> str:
    """Return a page of the manual."""
    return (DOCS / name).read_text(encoding="utf-8")


def there(key: str) -> bool:
    """Tell whether the rules have a key, or a table of that name."""
    return any(known == key or known.startswith(f"{key}.") for known in KEYS)


def resolved(keys: list[str], scheme: str) -> dict[str, bool]:
    """Tell of each key of a cell whether it is there; one without its table is in that of the key before it."""
    found, table = {}, ""
    for key in keys:
        full = f"{scheme}{key.removesuffix('.*')}"
        found[key] = there(full) or there(f"{table}.{key}")
        table = full.rpartition(".")[0] if there(full) and "." in key else table
    return found


def told() -> dict[str, bool]:
    """Return every key in the third column of the tables of measures, and whether it is there."""
    found, scheme = dict[str, bool](), None
    for line in page("measures.md").partition("## Where money comes from")[0].splitlines():
        head = re.match(r"\| measure \| lever \| keys(?: `(\w+\.)`)?", line)
        scheme = (head[1] or "") if head else scheme
        if scheme is not None and line.startswith("| ") and not head:
            found |= resolved(re.findall(r"`([\w.*]+)`", line.split("|")[3]), scheme)
    return found


def test_every_key_of_the_tables_of_measures_is_a_key_of_the_rules() -> None:
    found = told()
    assert len(found) > 60
    assert [key for key, known in found.items() if not known] == []


def test_every_payer_cost_and_shock_is_on_its_page() -> None:
    assert [name for name in PAYERS if f"`{name}`" not in page("mix.md")] == []
    assert [name for name in COSTS if f"| `{name}` |" not in page("frontier.md")] == []
    assert [name for name in ALL if f"| `{name}` |" not in page("frontier.md")] == []


@pytest.mark.parametrize("name", ["measures.md", "frontier.md", "household.md"])
def test_the_run_files_of_the_manual_read_without_fault(name: str, tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", page(name), re.DOTALL)
    assert examples
    for example in examples:
        file = tmp_path / "run.toml"
        some = (
            ""
            if "[scenarios." in example
            else '[scenarios.law]\ntitle = "Law"\n\n[scenarios.capacity]\ntitle = "C"\n\n'
        )
        file.write_text(some + example, encoding="utf-8")
        assert read_run(file).scenarios
