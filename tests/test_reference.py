"""The manual's pages of reference: nothing that the program saves, reads or takes is missing from them."""

from __future__ import annotations

import csv
import importlib
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import xarray as xr

import actuarial
from actuarial import _command, careplan, medical, timebank, unemployment
from actuarial.report import _shapes
from actuarial.report._variables import described
from docs import reference_commands, reference_data, reference_definitions
from tests.real_run import Run
from tools import check_links

ROOT = Path(__file__).resolve().parents[1]
DEFINITIONS = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
TOLD = reference_definitions.told()

INDICATORS = {
    **{kind: set(TOLD[kind]) for kind in ("indicators", "household", "payers", "generations", "zones", "pooling")},
    **{kind: set(TOLD[kind]) for kind in ("paired", "attribution", "frontier", "breakeven", "stress", "sensitivity")},
    "variance": set(TOLD["variance"]),
    "medical": set(medical.INDICATORS),
    "unemployment": set(unemployment.INDICATORS),
    "time_bank": set(timebank.INDICATORS),
    "care_plan": set(careplan.INDICATORS),
}
"""What is worked out from flows and balances, and so needs a formula, by saved file."""


def registries() -> Iterator[tuple[str, Mapping[str, tuple[str, str]]]]:
    """Find every table of unit and meaning that a module of the package has."""
    for module in pkgutil.walk_packages(actuarial.__path__, "actuarial."):
        for name, held in vars(importlib.import_module(module.name)).items():
            if isinstance(held, Mapping) and held and all(isinstance(key, str) for key in held):
                if all(
                    isinstance(v, tuple) and len(v) == 2 and all(isinstance(x, str) for x in v) for v in held.values()
                ):
                    yield f"{module.name}.{name}", held


# What names variables, and says no unit of any.
NO_UNITS = {"actuarial.comparison.EMPTY"}


def test_every_table_of_units_and_meanings_is_on_the_page_of_variables() -> None:
    lines = set("\n".join(reference_definitions.variables()).splitlines())
    cells = {tuple(cell.strip() for cell in line.strip("|").split("|"))[-3:] for line in lines if line.startswith("|")}
    found = dict(registries())
    assert len(found) > 60
    lacking = {
        f"{where}: {name}"
        for where, held in found.items()
        if where not in NO_UNITS
        for name, (unit, meaning) in held.items()
        if (f"`{name}`", unit or reference_definitions.OWN_UNIT, meaning) not in cells
    }
    assert lacking == SAVED_OTHERWISE


SAVED_OTHERWISE = {
    # `actuarial.comparison` saves these with the unit in words.
    *(f"actuarial.paired.COMPARED: {n}" for n in ("difference", "mean_difference", "standard_error", "unpaired_error")),
    # The indicator of the same key is saved.
    *(f"{module}.MEMOS: catastrophic_before" for module in ("actuarial.medical", "actuarial._medical_ready")),
}
"""What stands on the page in the words of the table that is saved."""


@pytest.mark.parametrize("kind", _shapes.SHAPES)
def test_all_that_the_report_reads_is_on_the_page(kind: str) -> None:
    assert set(_shapes.SHAPES[kind]) <= set(TOLD[kind])


def test_the_page_has_a_section_of_every_file_that_a_run_may_leave() -> None:
    page = "\n".join(reference_definitions.variables())
    assert {*re.findall(r"^## (\w+)\.nc$", page, re.MULTILINE)} == set(TOLD) == set(_shapes.PARENTS)


@pytest.mark.slow
def test_a_real_run_saves_what_the_page_says_with_that_unit_and_meaning(first_run: Run) -> None:
    assert first_run.done.returncode == 0, first_run.done.stderr
    files = sorted(first_run.out.glob("*.nc"))
    assert len(files) > 10
    for file in files:
        with xr.open_dataset(file) as data:
            for name, values in data.data_vars.items():
                unit, meaning = described(values)
                told = TOLD[file.stem][str(name)]
                assert meaning in ("", told.meaning), (file.stem, name)
                assert told.unit == reference_definitions.OWN_UNIT or unit in ("", told.unit), (file.stem, name)


def test_every_variable_has_an_english_and_a_chinese_name() -> None:
    for kind, every in TOLD.items():
        for name in every:
            english, chinese = reference_definitions.names(kind, name)
            assert english and re.search(r"[\u4e00-\u9fff]", chinese), (kind, name)


@pytest.mark.parametrize("kind", sorted(INDICATORS))
def test_every_indicator_is_defined_once_with_its_formula_near(kind: str) -> None:
    defined = [name for of, name in reference_definitions.defined(DEFINITIONS) if of == kind]
    assert len(defined) == len(set(defined))
    assert INDICATORS[kind] <= set(defined) <= set(TOLD[kind])


@pytest.mark.parametrize(
    "section", re.split(r"^## ", DEFINITIONS, flags=re.MULTILINE)[2:], ids=lambda s: s.split("\n")[0]
)
def test_every_section_of_definitions_has_formulas_or_says_where_they_are(section: str) -> None:
    assert "```text" in section or ".md" in section or "yuan of the year" in section


def test_the_terms_that_an_actuary_looks_for_are_defined() -> None:
    page = reference_definitions.filled(DEFINITIONS).lower()
    terms = (
        *("depletion", "probability of depletion", "reserve ratio", "fund ratio", "cost rate", "income rate"),
        *("benefit ratio", "replacement rate", "actuarial balance", "open group", "implicit debt", "dependency"),
        *("need share", "unpaid", "margin", "burden", "reimbursement", "catastrophic", "shapley effect", "break-even"),
        *("shadow price", "generational account", "balance ratio", "general average premium", "theil", "regret"),
    )
    assert [term for term in terms if term not in page] == []


def test_the_module_that_computes_a_variable_is_public() -> None:
    modules = {one.module for every in TOLD.values() for one in every.values()}
    modules |= {module for module, _, _ in reference_definitions.BESIDE.values()}
    assert not [name for name in modules if any(part.startswith("_") for part in name.split("."))]
    for name in modules:
        importlib.import_module(name)


def test_a_variable_that_there_is_not_cannot_be_defined() -> None:
    with pytest.raises(KeyError, match="cost_rat"):
        reference_definitions.filled("<!-- defines indicators: cost_rat -->")


DATA = ROOT / "data"


def data_page() -> str:
    return "\n".join([*reference_data.figures_columns(), *reference_data.page()])


@pytest.mark.parametrize("file", sorted(DATA.rglob("*.csv")), ids=lambda file: file.name)
def test_every_table_and_every_column_is_in_the_data_dictionary(file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as opened:
        columns = next(csv.reader(opened))
    page = data_page()
    head, _, rest = page.partition(f"## {file.name}\n")
    assert rest, "the table has no section"
    assert f"Columns: {', '.join(f'`{column}`' for column in columns)}." in rest.partition("\n## ")[0]
    lines = rest.partition("\n## ")[0] if file.name in reference_data.COLUMNS else head
    assert all(re.search(rf"^\| `{column}` \| \S", lines, re.MULTILINE) for column in columns)


def test_every_series_of_every_table_tells_unit_years_and_sources() -> None:
    page = data_page()
    for row in reference_data.table("indicators.csv"):
        section = page.partition(f"## {row['table']}.csv\n")[2].partition("\n## ")[0]
        entry = re.search(rf"^`{row['indicator']}`\n: (.+?)\n\n", section + "\n\n", re.MULTILINE | re.DOTALL)
        assert entry, row["indicator"]
        assert entry[1].startswith(row["meaning"]) and f"Unit: {row['unit']}, " in entry[1] and row["time"] in entry[1]
        figures = [one for one in reference_data.table(f"{row['table']}.csv") if one["indicator"] == row["indicator"]]
        assert {*re.findall(r'href="#source-(\w+)"', entry[1])} == {one["source"] for one in figures}
        years = {one["year"] for one in figures}
        assert f"  {len(figures):,} figure" in entry[1] and min(years) in entry[1] and max(years) in entry[1]


def test_every_publication_and_every_bundled_run_file_is_in_the_data_dictionary() -> None:
    page = data_page()
    for row in reference_data.table("sources.csv"):
        assert f'<span id="source-{row["key"]}"></span>' in page and f"({row['address']})" in page
    for file in DATA.rglob("*.toml"):
        section = page.partition(f"### scenarios/{file.name}\n")[2].partition("\n### ")[0]
        run = tomllib.loads(file.read_text(encoding="utf-8"))
        for name in (*run["scenarios"], *run["measures"]):
            assert f"| `{name}`: " in section


def help_of(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "actuarial.cli", *words, "--help"],
        capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "200", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return done.stdout


def sections() -> dict[str, str]:
    parts = re.split(r"^## ", "\n".join(reference_commands.page()), flags=re.MULTILINE)[1:]
    return {part.split("\n")[0]: part for part in parts}


def test_every_command_of_the_help_has_its_section_with_every_argument_and_option() -> None:
    shown = help_of()
    listed = re.findall(r"^│ (\w+) {2,}\S", shown.partition("Commands")[2], re.MULTILINE)
    assert len(listed) >= 11
    told = sections()
    assert set(told) == {"granary", "Exit codes", *(f"granary {name}" for name in listed)}
    for name, text in (("granary", shown), *((f"granary {one}", help_of(one)) for one in ("forecast", "export"))):
        for option in re.findall(r"^│ (?:\* +)?(--[\w-]+)", text, re.MULTILINE):
            assert re.search(rf"^`.*{option}\b.*`\n: \S", told[name], re.MULTILINE), (name, option)


@pytest.mark.parametrize("name", reference_commands.commands())
def test_every_parameter_of_a_command_is_told_with_what_it_does(name: str) -> None:
    section = sections()[f"granary {name}"]
    for param in reference_commands.commands()[name].params:
        called = param.opts[0] if param.param_type_name == "option" else param.metavar
        assert re.search(rf"^`.*{re.escape(called)}.*`\n: \S", section, re.MULTILINE), called


def test_every_exit_code_of_the_program_is_told() -> None:
    codes = {_command.BAD_INPUT, _command.GATE_SHUT, _command.UNEXPECTED, _command.STOPPED}
    assert set(reference_commands.EXIT_CODES) == {0, *codes}
    assert all(f"| {code} | " in sections()["Exit codes"] for code in codes)


SOURCES = {"https://data.example.org/a", "http://old.example.org/b"}


def built(folder: Path, body: str) -> list[str]:
    (folder / "other.html").write_text('<h1 id="there">x</h1>', encoding="utf-8")
    (folder / "page.html").write_text(f'<p id="here">{body}</p>', encoding="utf-8")
    return [wrong for name, _, wrong in check_links.faults(folder, SOURCES) if name == "page.html"]


@pytest.mark.parametrize(
    "link",
    ["#here", "other.html", "other.html#there", "", "https://data.example.org/b", "http://old.example.org/b"],
)
def test_a_good_link_is_followed(tmp_path: Path, link: str) -> None:
    assert built(tmp_path, f'<a href="{link}">x</a>') in ([""], [])


@pytest.mark.parametrize(
    ("link", "wrong"),
    [
        ("#nowhere", "page.html has no such anchor"),
        ("other.html#nowhere", "other.html has no such anchor"),
        ("gone.html", "there is no such page"),
        ("http://old.example.org/c", "write it with https"),
        ("https://strange.example.org/", "its site is neither among the sources nor in tools/check_links.py"),
        ("https://nodot/", "this is no address"),
        ("ftp://data.example.org/a", "this is no address"),
    ],
)
def test_a_dead_link_is_found(tmp_path: Path, link: str, wrong: str) -> None:
    assert built(tmp_path, f'<a href="{link}">x</a>') == [wrong]


def test_a_picture_that_is_not_there_is_found(tmp_path: Path) -> None:
    assert built(tmp_path, '<img src="gone.png">') == ["there is no such page"]


def test_the_check_of_links_fails_on_a_dead_link_and_on_a_manual_that_was_not_built(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tools" / "check_links.py"), str(tmp_path)]
    empty = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (empty.returncode, empty.stdout) == (1, "") and "no built page" in empty.stderr
    (tmp_path / "page.html").write_text('<a href="gone.html">x</a>', encoding="utf-8")
    dead = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (dead.returncode, dead.stderr) == (1, "page.html: gone.html: there is no such page\n")
    (tmp_path / "gone.html").write_text("", encoding="utf-8")
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stdout) == (0, "1 links followed, 0 dead\n")


def test_the_manual_is_checked_for_dead_links_when_it_is_built() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ndocs:")[2].partition("\n\n")[0]
    assert recipe.index("sphinx-build") < recipe.index("tools/check_links.py docs/_build/html")


def test_the_pages_of_reference_are_in_the_contents() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    part = index.partition(":caption: Reference")[2].partition("```")[0].split()
    assert {"commands", "run_file", "definitions", "variables", "data", "glossary"} <= set(part)
