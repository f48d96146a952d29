"""How the manual is built: Sphinx, with the pages of reference written from the code and the data themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version as version_of
from pkgutil import walk_packages

from sphinx.application import Sphinx

from actuarial._asked import ASKED
from actuarial._measures import Measure
from actuarial._priors import MODELS, record
from actuarial._quantity import Section, describe
from actuarial._template import prior_meanings
from actuarial._toml import value
from actuarial.report.texts import catalogue
from actuarial.rules import SCHEMES, Rules
from actuarial.runfile import OURS, Models, Run, Sampling, Scenario
from docs import reference_commands, reference_data, reference_definitions

project = "Granary"
author = "The Granary maintainers"
release = version_of("evergranary")
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
# Notebooks come executed, by `make docs`.
nb_execution_mode = "off"
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
# Classes of one name in several rooms: the text says which is meant.
suppress_warnings = ["ref.python"]
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


def glossary() -> Iterator[str]:
    """Yield the names of the indicators from the report's own catalogue, with what each is worked out from."""
    words = catalogue()
    yield "| English | 中文 | worked out as |\n|---|---|---|"
    for key in sorted(key for key in words if key.startswith(INDICATORS) and f"{key}_note" in words):
        note = words[f"{key}_note"]
        yield f"| {words[key]['en']} | {words[key]['zh']} | {note['en']}; {note['zh']} |"


def api(package: str) -> Iterator[str]:
    """Yield the reference of every public module of a package, in the order of the alphabet."""
    for module in sorted(one.name for one in walk_packages(import_module(package).__path__, f"{package}.")):
        if any(part.startswith("_") for part in module.split(".")):
            continue
        yield f"## `{module}`\n\n```{{eval-rst}}\n.. automodule:: {module}\n```\n"


INDICATORS = ("indicator.", "medical.indicator.", "jobless.", "time_bank.", "care_plan.")
"""Names in the catalogue that the glossary lists where a note says how they are worked out."""

GENERATED = {
    "glossary": glossary,
    "run_file": run_file,
    "data": lambda: [*reference_data.figures_columns(), *reference_data.page()],
    "commands": reference_commands.page,
    "variables": reference_definitions.variables,
    "api_forecasting": lambda: api("forecasting"),
    "api_actuarial": lambda: api("actuarial"),
}


def _fill(app: Sphinx, page: str, source: list[str]) -> None:
    if page in GENERATED:
        source[0] += "\n" + "\n".join(GENERATED[page]())
    source[0] = reference_definitions.filled(source[0])


_TOLD: dict[int, str] = {}


def _once(app: Sphinx, what: str, name: str, thing: object, *_: object) -> bool | None:
    """Leave out what another module has told: a name that a room passes on is told where it is met first."""
    place = str(app.env.current_document.get("autodoc:module", ""))
    if what == "module" and callable(thing) and _TOLD.setdefault(id(thing), place) != place:
        return True
    return None


def setup(app: Sphinx) -> None:
    """Write the pages of reference as they are read."""
    app.connect("source-read", _fill)
    # What is written from the code is written anew in every build: no file of the manual tells that it has changed.
    app.connect("env-get-outdated", lambda *_: [*GENERATED, "definitions"])
    # What is written from the code is written anew in every build: no file of the manual tells that it has changed.
    app.connect("env-get-outdated", lambda *_: [*GENERATED, "definitions"])
    app.connect("autodoc-skip-member", _once)
