"""The words of the opinion: which number earns which word, and what a judgement consists of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from actuarial.report.blocks import Table

LIKELIHOOD = (
    (99, "practically_every"),
    (90, "very_likely"),
    (66, "likely"),
    (33, "even"),
    (10, "unlikely"),
    (1, "very_unlikely"),
    (0, "practically_none"),
)
"""Least whole percentage of the simulated futures for each word, as in Mastrandrea et al. (2011)."""

PRESS = (0.1, 0.5)
"""From these shares of sources on, part or most of the figures were read in press reports."""

AGE = (2, 4)
"""From so many years before the valuation date on, a figure is old, or too old to value a fund by."""

FEW = 10
"""A series with fewer values is short."""

SERIES_HELD = 0.5
"""A series whose 80 % intervals held a smaller share of held-out years is named."""

POOLED_FAILED = 0.5
"""Below this share of held-out years in the 80 % intervals, the intervals cannot be relied on."""

BACKCAST = (0.9, 0.75)
"""Below these shares of points in the 95 % intervals, the backcast held too rarely, or not."""

WIDTH = (0.25, 0.75)
"""From these quotients of the 80 % interval's length and the median on, an interval is middling, or wide."""

STRENGTH = (0.4, 0.7)
"""From these absolute rank correlations on, a driver goes with a result, or hand in hand with it."""

OPEN = (0.33, 0.66)
"""From these shares of futures on, in which a fund falls short of a mark, it is open, or not to be expected, that it
keeps to it; they are the thresholds of "about as likely as not" and "likely"."""

WEIGHT = (1.25, 2.0)
"""From these multiples of the first year's share of budget revenue on, a burden grows, or grows out of proportion."""


class Grade(IntEnum):
    """How far what a run shows supports a statement."""

    CLEAR = 0
    RESERVED = 1
    UNSUPPORTED = 2


@dataclass(frozen=True)
class Finding:
    """One thing that a rule found: its grade, a short name, and the words."""

    grade: Grade
    label: str
    words: str


@dataclass(frozen=True)
class Part:
    """One section of the chapter.

    Attributes
    ----------
    key : str
        Its id in the page and its title in the catalogue.
    asked : tuple of str
        Where the standards ask for it: sections of ISAP 2, numbers of the ISSA-ILO Guidelines.
    paragraphs : list of str
        What is said first.
    findings : list of Finding
        What the rules found, with their grades.
    tables : list of Table
        Shown at once.
    folded : list of Table
        Shown on demand.
    notes : list of str
        What is said after the tables.
    see : list of str
        Ids of the page's sections that hold more.
    """

    key: str
    asked: tuple[str, str]
    paragraphs: list[str]
    findings: list[Finding] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    folded: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    see: list[str] = field(default_factory=list)


def likelihood(share: float) -> str:
    """Return the word for a share of simulated futures.

    The share is taken as the page writes it, in whole per cent: a reader who holds the number against the scale
    finds the same word.

    Parameters
    ----------
    share : float
        Between 0 and 1.

    Returns
    -------
    str
        A word of `LIKELIHOOD`.

    Raises
    ------
    ValueError
        If `share` is no share.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is no share of the simulated futures")
    return next(word for least, word in LIKELIHOOD if written(share) >= least / 100)


def written(share: float) -> float:
    """Return a share as the page writes it: in whole per cent."""
    return round(100 * share) / 100


def rising(value: float, thresholds: tuple[float, float]) -> Grade:
    """Grade a value that is worse the larger it is: the thresholds themselves belong to the worse side."""
    return Grade(sum(value >= end for end in thresholds))


def falling(value: float, thresholds: tuple[float, float]) -> Grade:
    """Grade a value that is worse the smaller it is: the thresholds themselves belong to the better side."""
    return Grade(sum(value < end for end in thresholds))


def overall(findings: Iterable[Finding]) -> Grade:
    """Return the worst grade of all; clear where there is none."""
    return max((one.grade for one in findings), default=Grade.CLEAR)
