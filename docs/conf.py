"""How the manual is built: Sphinx, with the pages of reference written from the code and the data themselves."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterator
from importlib.metadata import version as version_of

from sphinx.application import Sphinx

from actuarial._asked import ASKED
from actuarial._measures import Measure
from actuarial._priors import MODELS, record
from actuarial._quantity import Section, describe
from actuarial._template import prior_meanings
from actuarial._toml import value
from actuarial.rules import SCHEMES, Rules
from actuarial.runfile import OURS, Models, Run, Sampling, Scenario
from forecasting.sources import default_data_folder

project = "Granary"
author = "The Granary maintainers"
release = version_of("evergranary")
extensions = ["myst_parser"]
# Formulas are plain text: what draws mathematics in a browser is fetched from the network.
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
smartquotes = False
html_theme = "furo"
html_title = f"Granary {release}"
html_show_sphinx = False


def run_file() -> Iterator[str]:
    """Yield the reference of the run file from the records of its keys."""
    yield from _table("run", Run())
    yield from _table("sampling", Sampling())
    yield from _table("models", Models())
    for scheme in SCHEMES:
        yield from _table(scheme, getattr(Rules(), scheme))
    for name, section in ASKED.items():
        yield from _table(name, section())
    for head, model, what in (
        ("measures", Measure, "One named part of a reform"),
        ("scenarios", Scenario, "One set of rules for the funds"),
    ):
        yield f"## `[{head}.NAME]`\n\n{what}; NAME is of small letters, digits and underscores.\n"
        for name, field in model.model_fields.items():
            yield f"`{name}`\n: {field.description}.\n"
    for model in MODELS:
        yield f"## `[priors.{model}]`\n"
        meanings = prior_meanings(record(model))
        for part in dataclasses.fields(record(model)):
            yield f"`{part.name} = {value(part.default)}`\n: {meanings.get(part.name, 'See the entry before.')}\n"


def _table(name: str, section: Section) -> Iterator[str]:
    yield f"## `[{name}]`\n\n{type(section).__doc__}\n"
    for row in describe(section):
        if "." not in str(row["key"]):
            default = row["key"] if row["value"] is None else f"{row['key']} = {value(row['value'])}"
            limits = "" if row["low"] is None else f", {row['low']:.15g} to {row['high']:.15g}"
            source = "" if row["source"] == OURS else f" Source: {row['source']}."
            yield f"`{default}`\n: {row['meaning']}. Unit: {row['unit']}{limits}.{source}\n"
    for key in type(section).model_fields:
        below = getattr(section, key)
        if isinstance(below, Section):
            yield from _table(f"{name}.{key}", below)


def data_dictionary() -> Iterator[str]:
    """Yield what each indicator of the bundled tables means."""
    with (default_data_folder() / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for table in dict.fromkeys(row["table"] for row in rows):
        yield f"## {table}.csv\n"
        for row in rows:
            if row["table"] == table:
                limits = f"{row['low'] or 'any'} to {row['high'] or 'any'}"
                yield f"`{row['indicator']}`\n: {row['meaning']}. Unit: {row['unit']}, {limits}; {row['time']}.\n"


GENERATED = {"run_file": run_file, "data": data_dictionary}


def _fill(app: Sphinx, page: str, source: list[str]) -> None:
    if page in GENERATED:
        source[0] += "\n" + "\n".join(GENERATED[page]())


def setup(app: Sphinx) -> None:
    """Write the pages of reference as they are read."""
    app.connect("source-read", _fill)
