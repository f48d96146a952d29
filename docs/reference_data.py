"""The page of the figures: every bundled table with its columns, series, units, years and sources, from the files."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from forecasting._schema import AREAS, FIRST_YEAR, LAST_YEAR, MONTHS_IN_YEAR, SEXES, TIMES
from forecasting.sources import INDICATORS, SOURCES, default_data_folder

Row = Mapping[str, str]


def _or(labels: Iterable[str]) -> str:
    *most, last = (f"`{label}`" for label in labels)
    return f"{', '.join(most)} or {last}"


FIGURES = {
    "year": f"Calendar year, {FIRST_YEAR} to {LAST_YEAR}; of a five-year mean the middle one, and the note says so",
    "month": f"Month, 1 to {MONTHS_IN_YEAR}; only in tables of months",
    "region": "A country by its English name, or a province of China by its Chinese one",
    "area": f"{_or(AREAS)}: of residence",
    "sex": _or(SEXES),
    "age": "`all`, one age in completed years (`7`), a closed group with both ends (`15-19`) or an open one (`60+`)",
    "indicator": f"Name of the series, as `{INDICATORS}` declares it",
    "value": "The figure, a plain number in the unit beside it",
    "unit": "That of the indicator: persons, yuan, shares from 0 to 1, rates per year, never thousands or per cent",
    "source": f"Key of the publication, as `{SOURCES}` has it",
    "note": "A short remark, such as how a figure was worked out from printed ones; may be empty",
}
"""What the columns of a table of figures hold."""

COLUMNS: Mapping[str, Mapping[str, str]] = {
    INDICATORS: {
        "indicator": "Name of the series",
        "table": "The table that its figures stand in, without `.csv`; it stands in no other",
        "unit": "Unit of every figure",
        "low": "No figure may lie below; empty: no bound",
        "high": "No figure may lie above; empty: no bound",
        "time": f"What a figure speaks of: {_or(TIMES)}",
        "required": "`yes`: a run cannot do without it",
        "contiguous": "`yes`: no year may be missing between the first and the last",
        "meaning": "What is counted, and by whom",
    },
    SOURCES: {
        "key": "As the figures name it",
        "title": "Of the publication",
        "publisher": "Who published it",
        "address": "Where it was read",
        "licence": "On what terms it is used",
        "date_read": "Day on which it was read",
    },
}
"""What the columns of the other two tables hold."""


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a bundled table by the name of its file."""
    with (default_data_folder() / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def names() -> list[str]:
    """Return the files of all bundled tables: figures by the alphabet, then what declares them."""
    found = sorted(file.name for file in default_data_folder().glob("*.csv"))
    return [name for name in found if name not in COLUMNS] + list(COLUMNS)


def page() -> Iterator[str]:
    """Yield every table: its columns, and of figures every series; then the sources and the bundled scenarios."""
    declared = {row["indicator"]: row for row in table(INDICATORS)}
    for name in names():
        rows = table(name)
        yield f"## {name}\n\n{len(rows):,} rows. Columns: {', '.join(f'`{column}`' for column in rows[0])}.\n"
        if name in COLUMNS:
            yield from _columns(COLUMNS[name], rows[0])
        else:
            yield from _series(rows, declared)
    yield from _sources()
    yield from _scenarios()


def figures_columns() -> Iterator[str]:
    """Yield what the columns hold that all tables of figures share."""
    yield from _columns(FIGURES, FIGURES)


def _columns(about: Mapping[str, str], columns: Iterable[str]) -> Iterator[str]:
    yield "| column | what it holds |\n|---|---|"
    yield from (f"| `{column}` | {about[column]} |" for column in columns)
    yield ""


def _series(rows: Iterable[Row], declared: Mapping[str, Row]) -> Iterator[str]:
    every = defaultdict(list)
    for row in rows:
        every[row["indicator"]].append(row)
    for name, figures in every.items():
        said = declared[name]
        low, high = (said[end] and f"{float(said[end]):,.15g}" for end in ("low", "high"))
        limits = f"{low or 'any'} to {high or 'any'}" if low or high else "any"
        marks = [word for word in ("required", "contiguous") if said[word] == "yes"]
        yield f"`{name}`\n: {said['meaning']}."
        yield f"  Unit: {said['unit']}, {limits}; {said['time']}{''.join(f'; {mark}' for mark in marks)}."
        yield f"  {_where(figures)}. Sources: {_keys(row['source'] for row in figures)}.\n"


def _where(figures: list[Row]) -> str:
    """Tell how many figures a series has, of which years and of whom."""
    years = sorted({int(row["year"]) for row in figures})
    span = str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"
    gaps = "" if len(years) == years[-1] - years[0] + 1 else f" ({len(years)} of these years)"
    regions = sorted({row["region"] for row in figures})
    of = ", ".join(regions) if len(regions) <= 3 else f"{len(regions)} regions"
    labels = [_some({row[column] for row in figures}, column) for column in ("area", "sex", "age")]
    told = ", ".join([of, *(label for label in labels if label)])
    return f"{len(figures):,} figure{'s' * (len(figures) > 1)}, {span}{gaps}; {told}"


def _some(labels: set[str], column: str) -> str:
    """Tell the labels of an axis; nothing where a series is of all together."""
    if labels in ({"national"}, {"both"}, {"all"}):
        return ""
    return ", ".join(sorted(labels)) if len(labels) <= 4 else f"{len(labels)} labels of {column}"


def _keys(sources: Iterable[str]) -> str:
    """Tell the sources of a series, each as a link to its line."""
    # Anchors in the cells of a table are HTML, and so is what points at them.
    return ", ".join(f'<a href="#source-{key}"><code>{key}</code></a>' for key in dict.fromkeys(sources))


def _sources() -> Iterator[str]:
    yield "## Publications\n\n| key | title | publisher | read on | terms |\n|---|---|---|---|---|"
    for row in table(SOURCES):
        anchor = f'<span id="source-{row["key"]}"></span>'
        title = row["title"].replace("|", "\\|")
        cells = (f"{anchor}`{row['key']}`", f"[{title}]({row['address']})", row["publisher"], row["date_read"])
        yield f"| {' | '.join(cells)} | {row['licence']} |"
    yield ""


def _scenarios() -> Iterator[str]:
    yield "## scenarios\n\nRun files of reforms that `granary init DIR --example NAME` copies. Every key has its "
    yield "line in [the run file](run_file.md).\n"
    for file in scenario_files():
        run = tomllib.loads(file.read_text(encoding="utf-8"))
        first = file.read_text(encoding="utf-8").splitlines()[1].removeprefix("# ").rstrip(".")
        yield f"### scenarios/{file.name}\n\n{first}.\n\n| scenario | measures |\n|---|---|"
        for name, one in run["scenarios"].items():
            measures = ", ".join(f"`{measure}`" for measure in one.get("measures", []))
            yield f"| `{name}`: {one.get('title', name)} | {measures or 'none'} |"
        yield "\n| measure | keys that it changes |\n|---|---|"
        for name, one in run.get("measures", {}).items():
            yield f"| `{name}`: {one['title']} | {', '.join(f'`{key}`' for key in changes(one['change']))} |"
        yield ""


def scenario_files() -> list[Path]:
    """Return the bundled run files, the nation first."""
    found = sorted((default_data_folder() / "scenarios").glob("*.toml"))
    return sorted(found, key=lambda file: file.stem != "national")


def changes(change: Mapping[str, object], above: str = "") -> Iterator[str]:
    """Yield the dotted keys that a measure changes."""
    for key, value in change.items():
        if isinstance(value, Mapping):
            yield from changes(value, f"{above}{key}.")
        else:
            yield f"{above}{key}"
