"""Names and units of variables as a workbook shows them."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from actuarial.report._variables import described
from actuarial.report._workbook_book import MONEY, NUMBER, PEOPLE, SHARE, YEAR
from actuarial.report.blocks import Context
from actuarial.report.texts import catalogue

YEARS = "calendar year"
"""Unit of the year in which something happens; a future in which it does not has none."""


@dataclass(frozen=True)
class Unit:
    """What a saved value is multiplied by, the words of the unit, and the number format."""

    factor: float
    words: str
    form: str


def unit_of(context: Context, unit: str) -> Unit:
    """Return how values of a unit are shown: money, people and hours in units of the report, the others as saved.

    Parameters
    ----------
    context : Context
        Words, and the size of the place.
    unit : str
        As saved.
    """
    numbers, texts = context.numbers, context.texts
    if unit == "yuan":
        return Unit(numbers.factor("money"), texts("workbook.money", yuan=numbers.yuan), MONEY)
    if unit == "persons":
        return Unit(numbers.factor("persons"), numbers.unit("persons"), PEOPLE)
    if unit == "yuan in prices of the money year":
        return Unit(numbers.factor("money"), texts("workbook.money_real", yuan=numbers.yuan), MONEY)
    if unit == "hours":
        return Unit(numbers.factor("persons"), texts(f"workbook.hours.{numbers.scale.persons}"), PEOPLE)
    words = texts.known(f"workbook.unit.{unit}", texts.known(f"unit.{unit}", unit))
    if unit == YEARS:
        return Unit(1.0, words, YEAR)
    shares = unit.startswith(("share", "per year")) or unit == "0 or 1"
    return Unit(1.0, words, SHARE if shares else MONEY if unit.startswith("yuan") else NUMBER)


def unit_of_variable(context: Context, values: xr.DataArray) -> Unit:
    """Return how the values of a saved variable are shown."""
    return unit_of(context, described(values)[0])


def key_of(name: str, kind: str = "") -> str:
    """Return the key of the catalogue that names a variable; empty where there is none.

    Parameters
    ----------
    name : str
        Key of the variable.
    kind : str
        Its file, which may have words of its own for a key that means something else in another.
    """
    keys = (
        f"workbook.variable.{kind}.{name}",
        f"workbook.variable.{name}",
        f"indicator.{name}",
        f"first_years.{name}",
    )
    return next((key for key in keys if key in catalogue()), "")


def name_of(context: Context, name: str, kind: str = "") -> str:
    """Return the words for a variable; its key in plain letters where the catalogue has none.

    Parameters
    ----------
    context : Context
    name : str
        Its key.
    kind : str
        Its file, which may have words of its own for a key that means something else in another.
    """
    key = key_of(name, kind)
    return context.texts(key) if key else name.replace("_", " ").capitalize()


def label_of(context: Context, label: object) -> str | float | int:
    """Return the label of an axis: a number as it is, a word in the reader's language."""
    if isinstance(label, int | float):
        return label
    return context.texts.known(f"workbook.label.{label}", str(label))


def axis_of(context: Context, axis: str) -> str:
    """Return the words for an axis."""
    return context.texts.known(f"workbook.axis.{axis}", axis.replace("_", " ").capitalize())


def headed(name: str, unit: str) -> str:
    """Return a head with its unit in brackets."""
    return f"{name} ({unit})" if unit else name
