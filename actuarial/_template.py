"""Write the default run file from the records of its keys."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from importlib.resources import files
from textwrap import wrap
from typing import Any

from actuarial._asked import ASKED, Asked
from actuarial._priors import MODELS, record
from actuarial._quantity import Section, describe
from actuarial._toml import value
from actuarial.rules import SCHEMES, Rules
from actuarial.runfile import OURS, Models, Run, Sampling

WIDTH = 98
RULE = "# " + "-" * 75

_HEAD = f"""\
{RULE}
# A run of Granary. Every key stands here with its default; what you take out
# keeps its default. `granary check` lists every fault, with its line.
"""
_SCHEMES = {
    "pension": "The resident pension fund, as today's law has it.",
    "medical": "The resident medical fund, as today's law has it.",
    "unemployment": "Unemployment of migrant and flexible workers: a fund that a scenario may found.",
    "time_bank": "The mutual-aid time bank: a scheme that a scenario may found.",
    "care_plan": "The plan of elderly care: beds, centres, village care, carers; a scheme that a scenario may found.",
}
_ASKED = {
    "pooling": "Pools of regions: compared only if levels are named.",
    "mix": "The mix of money: who pays, what each measure adds, what generations and zones get.",
    "frontier": "The frontier, for `granary frontier`: the cheapest mix that keeps a fund from running dry.",
    "breakeven": "Break-even, for `granary breakeven`: how far each lever alone must move for a fund to last.",
    "stress": "Stress, for `granary stress`: what shocks do, and how large one must be to empty a fund.",
    "variance": "Variance, for `granary sensitivity`: how much of what is uncertain each group of models answers for.",
    "sensitivity": "Sensitivity, for `granary sensitivity`: which inputs move a forecast, and by how much.",
    "explore": "The page of sliders, for `granary explore`: what can be moved, and where it starts.",
}
_PRIORS = f"""\
{RULE}
# Priors of the models: what is believed before the figures are seen. Take
# away the `#` before a table and a key to set it.
"""


def run_text(**run: object) -> str:
    """Return the default run file as commented TOML.

    Parameters
    ----------
    **run : object
        Keys of ``[run]`` in place of their defaults, such as the folders ``data`` and ``out``.

    Returns
    -------
    str
        A run file that reads as all other defaults, with every key in it.
    """
    parts = [
        _HEAD,
        _table("run", Run.model_validate(run)),
        _table("sampling", Sampling()),
        _table("models", Models()),
        *(part for name in SCHEMES for part in _scheme(name)),
        *(part for name in ASKED for part in _extra(name)),
        files("actuarial").joinpath("templates/scenarios.toml").read_text(encoding="utf-8"),
        _PRIORS,
        *map(_priors, MODELS),
    ]
    return "\n".join(parts)


def _extra(name: str) -> Iterator[str]:
    yield f"{RULE}\n# {_ASKED[name]}\n"
    yield from _tables(name, getattr(Asked(), name))


def _scheme(name: str) -> Iterator[str]:
    yield f"{RULE}\n# {_SCHEMES[name]}\n"
    yield from _tables(name, getattr(Rules(), name))


def _tables(name: str, section: Section) -> Iterator[str]:
    """Yield a table and the tables below it; keys stand before tables, as TOML wants."""
    yield _table(name, section)
    for key in type(section).model_fields:
        below = getattr(section, key)
        if isinstance(below, Section):
            yield from _tables(f"{name}.{key}", below)


def _table(name: str, section: Section) -> str:
    lines = [*_comment(inspect.getdoc(type(section)) or ""), f"[{name}]"]
    for row in describe(section):
        if "." not in str(row["key"]):
            lines += ["", *_key(row)]
    return "\n".join([*lines, ""])


def _key(row: dict[str, Any]) -> Iterator[str]:
    yield from _comment(f"{row['meaning']}.")
    source = "" if row["source"] == OURS else f" Source: {row['source']}."
    yield from _comment(f"Unit: {row['unit']}{_range(row)}.{source}")
    if row["value"] is None:
        yield f"# {row['key']} =    (left out: see above)"
    else:
        yield f"{row['key']} = {value(row['value'])}"


def _range(row: dict[str, Any]) -> str:
    return "" if row["low"] is None else f", {row['low']:.15g} to {row['high']:.15g}"


def _comment(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False)


def _priors(model: str) -> str:
    kind = record(model)
    meanings = prior_meanings(kind)
    preface = (inspect.getdoc(kind) or "").partition("Attributes\n")[0].split("\n\n")
    lines = [line for part in preface for line in _comment(part)] + [f"# [priors.{model}]"]
    for part in dataclasses.fields(kind):
        if part.name in meanings:
            lines += ["#", *_comment(meanings[part.name])]
        lines.append(f"# {part.name} = {value(part.default)}")
    return "\n".join([*lines, ""])


def prior_meanings(kind: type) -> dict[str, str]:
    """Read the meaning of each prior from the section Attributes of its class.

    Parameters
    ----------
    kind : type
        A ``Priors`` class with a numpydoc docstring.

    Returns
    -------
    dict of str to str
        Text by the first name of each entry; names that share an entry follow it.
    """
    text = (inspect.getdoc(kind) or "").partition("Attributes\n----------\n")[2]
    entries = re.findall(r"^(\S[^:\n]*) : .*\n((?:[ ]{4}.*\n?|\n)*)", f"{text}\n", flags=re.MULTILINE)
    return {names.split(",")[0].strip(): " ".join(meaning.split()) for names, meaning in entries}
