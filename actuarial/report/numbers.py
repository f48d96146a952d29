"""How a number is written for a reader: unit, decimals, interval."""

from __future__ import annotations

from dataclasses import dataclass

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
    "persons_fine": Kind(1e-6, 1e-4, 1),
    "share": Kind(100, 100, 1, "%"),
    "small_share": Kind(100, 100, 2, "%"),
    "probability": Kind(100, 100, 0, "%"),
    "points": Kind(100, 100, 2),
    "whole_points": Kind(100, 100, 0),
    "per_hundred": Kind(100, 100, 1),
    "children": Kind(1, 1, 2),
    "years": Kind(1, 1, 1),
    "number": Kind(1, 1, 2),
}
"""Every kind the page writes. Money: billion yuan in English, 亿元 in Chinese; people: million, 万人."""


class Numbers:
    """Write numbers in one language.

    Parameters
    ----------
    texts : Texts
        The catalogue in the reader's language.
    last_year : int
        End of the horizon: "not by" that year.
    """

    def __init__(self, texts: Texts, last_year: int) -> None:
        self.texts = texts
        self.last_year = last_year

    def factor(self, kind: str) -> float:
        """Return what an SI value is multiplied by to stand in the reader's unit."""
        return KINDS[kind].zh if self.texts.language == "zh" else KINDS[kind].en

    def write(self, value: float, kind: str) -> str:
        """Write one SI value, for example 0.123 as ``12.3%``; a dash where there is none."""
        if not np.isfinite(value):
            return DASH
        scaled = value * self.factor(kind)
        text = f"{abs(scaled):,.{KINDS[kind].decimals}f}"
        sign = MINUS if scaled < 0 and any(digit in "123456789" for digit in text) else ""
        return f"{sign}{text}{KINDS[kind].suffix}"

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
