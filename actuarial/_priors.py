"""Read the ``[priors]`` tables of a run file against the prior records of the models."""

from __future__ import annotations

import dataclasses
import importlib
import math
import re
from collections.abc import Mapping
from typing import Any

from actuarial._plain import Places, unknown
from actuarial._toml import value
from forecasting._faults import Fault

MODELS = ("fertility", "mortality", "migration", "membership", "economy", "provinces", "medical", "unemployment")
"""Models whose priors a run file may set."""

WIDTH = re.compile(r".*_sd|sd")


def record(model: str) -> Any:
    """Return the class that holds the priors of a model, without importing pymc.

    Parameters
    ----------
    model : str
        One of `MODELS`.

    Returns
    -------
    type
        A frozen dataclass; every field has a default.
    """
    return importlib.import_module(f"forecasting.models.{model}").Priors


def read_priors(tables: Mapping[str, Any], places: Places) -> tuple[dict[str, Any], list[Fault]]:
    """Make the prior record of every model named in a run file.

    Parameters
    ----------
    tables : mapping
        What stands under ``[priors]``.
    places : Places
        Where keys stand.

    Returns
    -------
    dict of str to object
        The ``Priors`` of each model that is named and right.
    list of Fault
        Everything that is wrong.
    """
    made: dict[str, Any] = {}
    faults: list[Fault] = []
    for model, table in tables.items():
        if model not in MODELS:
            faults.append(places.fault(("priors", model), *unknown(model, MODELS)))
            continue
        if not isinstance(table, dict):
            faults.append(places.fault(("priors", model), f"{value(table)} is not a table", "Give a table"))
            continue
        wrong = _table_faults(model, table)
        faults += [places.fault(("priors", model, name), *words) for name, words in wrong.items()]
        made[model], found = _make(model, {name: v for name, v in table.items() if name not in wrong}, places)
        faults += found
    return {model: priors for model, priors in made.items() if priors is not None}, faults


def _make(model: str, table: Mapping[str, Any], places: Places) -> tuple[Any, list[Fault]]:
    """Let the record itself judge; it may list several faults, one a line, each with its name in quotes."""
    try:
        return record(model)(**{name: tuple(v) if isinstance(v, list) else v for name, v in table.items()}), []
    except ValueError as error:
        faults = []
        for line in str(error).splitlines():
            name = next((n for n in table if f"'{n}'" in line), None)
            key = ("priors", model) if name is None else ("priors", model, name)
            faults.append(places.fault(key, line.rstrip("."), "See what the run file says above the key"))
        return None, faults


def _table_faults(model: str, table: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    fields = {field.name: field.default for field in dataclasses.fields(record(model))}
    faults = {}
    for name, found in table.items():
        words = unknown(name, fields) if name not in fields else _value_fault(name, found, fields[name])
        if words is not None:
            faults[name] = words
    return faults


def _value_fault(name: str, found: object, default: object) -> tuple[str, str] | None:
    """Return what is wrong with one prior, judged by the kind of its default."""
    if isinstance(default, tuple):
        return _tuple_fault(name, found, default)
    if isinstance(default, bool | str):
        kind = "true or false" if isinstance(default, bool) else "a text in quotes"
        return None if type(found) is type(default) else (f"{value(found)} is not {kind}", f"Give {kind}")
    if isinstance(found, bool) or not isinstance(found, int if isinstance(default, int) else int | float):
        kind = "a whole number" if isinstance(default, int) else "a number"
        return f"{value(found)} is not {kind}", f"Give {kind}"
    if not math.isfinite(found):
        return f"{value(found)} is not a finite number", "Give a plain number"
    if WIDTH.fullmatch(name) and found <= 0:
        return f"{value(found)} is no standard deviation", "Give a number over 0"
    return None


def _tuple_fault(name: str, found: object, default: tuple[Any, ...]) -> tuple[str, str] | None:
    # A named tuple whose later parts have defaults may be given as its first part alone.
    least = len(default) - len(getattr(default, "_field_defaults", {}))
    parts = found if isinstance(found, list) else [found]
    if not least <= len(parts) <= len(default):
        return f"{value(found)} is not a list of {len(default)}", f"Give {len(default)} numbers in brackets"
    bad = (_value_fault(name, part, part_of) for part, part_of in zip(parts, default, strict=False))
    return next((fault for fault in bad if fault is not None), None)
