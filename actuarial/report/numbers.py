"""How a number is written for a reader: unit, decimals, interval."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from actuarial.report.texts import Texts

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class Kind:
    """A kind of quantity.

    Attributes
    ----------
    en, zh : float
        What an SI value is multiplied by before it is written in that language.
    decimals : int
        Digits after the point.
    suffix : str
        Written right after the number.
    """

    en: float
    zh: float
    decimals: int
    suffix: str = ""


KINDS = {
    "money": Kind(1e-9, 1e-8, 0),
    "persons": Kind(1e-6, 1e-4, 0),
    "share": Kind(100, 100, 1, "%"),
    "small_share": Kind(100, 100, 2, "%"),
    "probability": Kind(100, 100, 0, "%"),
    "points": Kind(100, 100, 2),
    "whole_points": Kind(100, 100, 0),
    "per_hundred": Kind(100, 100, 1),
    "per_thousand": Kind(1000, 1000, 1),
    "children": Kind(1, 1, 2),
    "years": Kind(1, 1, 1),
    "yuan": Kind(1, 1, 0),
    "number": Kind(1, 1, 2),
}
"""Every kind the page writes. Money: billion yuan in English, 亿元 in Chinese; people: million, 万人."""

NATION, PROVINCE = 2e8, 5e6
"""People from which on money and people are written as for a nation, or as for a province; fewer are a county's."""


@dataclass(frozen=True)
class Scale:
    """The kinds in which a place of some size is written, and the keys of the words of its units.

    Attributes
    ----------
    kinds : dict of str to Kind
        `KINDS`, with money and persons as they suit the place.
    money, persons : str
        Keys of the catalogue.
    """

    kinds: dict[str, Kind]
    money: str
    persons: str


def scale_of(people: float) -> Scale:
    """Return the scale of a place, so that its numbers have a few digits whatever its size.

    Parameters
    ----------
    people : float
        How many live there.

    Returns
    -------
    Scale
        A nation in billion yuan and million people; a province likewise, with a decimal; a county in million yuan
        and thousand people. In Chinese 亿元 and 万人, for a county 万元.
    """
    if people >= NATION:
        return Scale(KINDS, "yuan.billion", "people.million")
    if people >= PROVINCE:
        finer = {"money": replace(KINDS["money"], decimals=1), "persons": replace(KINDS["persons"], decimals=1)}
        return Scale(KINDS | finer, "yuan.billion", "people.million")
    small = {"money": Kind(1e-6, 1e-4, 0), "persons": Kind(1e-3, 1e-4, 1)}
    return Scale(KINDS | small, "yuan.million", "people.thousand")


class Numbers:
    """Write numbers in one language.

    Parameters
    ----------
    texts : Texts
        The catalogue in the reader's language.
    last_year : int
        End of the horizon: "not by" that year.
    people : float
        How many live in the place that is written of; sets the units of money and people.
    """

    def __init__(self, texts: Texts, last_year: int, people: float = np.inf) -> None:
        self.texts = texts
        self.last_year = last_year
        self.scale = scale_of(people)

    def kind(self, name: str) -> Kind:
        """Return how a kind of quantity is written here."""
        return self.scale.kinds[name]

    def unit(self, kind: str, **values: object) -> str:
        """Return the words of a kind's unit; those of money need the year of its prices."""
        if kind == "persons":
            return self.texts(self.scale.persons)
        return self.texts(f"unit.{kind}", **(values | {"yuan": self.yuan} if kind == "money" else values))

    @property
    def yuan(self) -> str:
        """The words of the unit of money, without its prices."""
        return self.texts(self.scale.money)

    def factor(self, kind: str) -> float:
        """Return what an SI value is multiplied by to stand in the reader's unit."""
        one = self.kind(kind)
        return one.zh if self.texts.language == "zh" else one.en

    def write(self, value: float, kind: str) -> str:
        """Write one SI value, for example 0.123 as ``12.3%``; a dash where there is none."""
        if not np.isfinite(value):
            return DASH
        scaled = value * self.factor(kind)
        text = f"{abs(scaled):,.{self.kind(kind).decimals}f}"
        sign = MINUS if scaled < 0 and any(digit in "123456789" for digit in text) else ""
        return f"{sign}{text}{self.kind(kind).suffix}"

    def signed(self, value: float, kind: str) -> str:
        """Write a difference with its sign."""
        text = self.write(value, kind)
        return text if text.startswith((MINUS, DASH)) or not any(d in "123456789" for d in text) else f"+{text}"

    def interval(self, low: float, high: float, kind: str) -> str:
        """Write an interval; a dash between positive numbers, a word where a minus sign would read badly."""
        left, right = self.write(low, kind), self.write(high, kind)
        return self.between(left, right)

    def between(self, left: str, right: str) -> str:
        """Join the two ends of an interval that are already written; ends that read the same are written once."""
        if left == right:
            return left
        if right == self.never:
            return self.texts("beyond", low=left, year=self.last_year)
        start = left.removesuffix("%") if right.endswith("%") else left
        return f"{start}{DASH}{right}" if (left + right).isascii() else self.texts("interval", low=start, high=right)

    def chance(self, share: float) -> str:
        """Write a probability; shares that round to nothing or to certainty without being so are said so."""
        smallest = 0.005
        if 0 < share <= smallest:
            return "<1%"
        if 1 - smallest <= share < 1:
            return ">99%"
        return self.write(share, "probability")

    def year(self, value: float) -> str:
        """Write a year; infinite means not within the horizon."""
        return str(round(value)) if np.isfinite(value) else self.never

    @property
    def never(self) -> str:
        """The words for what does not happen within the horizon."""
        return self.texts("never", year=self.last_year)

    def free(self, value: object, *, grouped: bool = True) -> str:
        """Write a value of unknown type (an assumption's value): numbers short, paths by their ends.

        Parameters
        ----------
        value : object
            As read from JSON.
        grouped : bool
            Whether thousands are set apart; a calendar year's are not.
        """
        if value is None:
            return DASH
        if isinstance(value, bool):
            return self.texts("yes" if value else "no")
        if isinstance(value, int | float):
            return f"{value:{',' if grouped else ''}.6g}".replace("-", MINUS)
        if isinstance(value, dict):
            return "; ".join(f"{name}: {self.free(item, grouped=grouped)}" for name, item in _ends(list(value.items())))
        if isinstance(value, list | tuple):
            return ", ".join(self.free(item, grouped=grouped) for item in _ends(list(value)))
        return str(value)


def _ends(items: list) -> list:
    most = 8
    return items if len(items) <= most else [*items[:3], *items[-1:]]
