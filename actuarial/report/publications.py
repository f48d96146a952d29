"""Sources as a page cites them: short names under a chart, all of them by publisher."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actuarial.report.records import Source

FEWEST_WORDS, MOST_LETTERS = 3, 48
"""A short name has at least so many words, and at most so many letters."""

FEW = 3
"""Publishers with fewer publications stand together at the end."""

_CLAUSE = re.compile(r"\s*[,:;(]")
_YEAR = re.compile(r"\s+((?:19|20)\d\d)$")


@dataclass(frozen=True)
class Citation:
    """A short name that stands for one source or for the issues of a yearly one."""

    label: str
    sources: tuple[Source, ...]


def short(title: str) -> str:
    """Return the first clause of a title; further clauses while it has fewer than three words.

    Parameters
    ----------
    title : str
        Full title.

    Returns
    -------
    str
        At most `MOST_LETTERS` letters and a sign that something is left out.
    """
    ends = (found.start() for found in _CLAUSE.finditer(title))
    name = next((title[:end] for end in ends if len(title[:end].split()) >= FEWEST_WORDS), title)
    if len(name) <= MOST_LETTERS:
        return name
    return f"{name[:MOST_LETTERS].rpartition(' ')[0] or name[:MOST_LETTERS]}…"


def citations(sources: Sequence[Source]) -> list[Citation]:
    """Name sources shortly; issues of a yearly publication are named once, with their years.

    Parameters
    ----------
    sources : sequence of Source
        What a chart rests on.

    Returns
    -------
    list of Citation
        Those that stand for most sources first.
    """
    issues: dict[str, list[Source]] = {}
    for source in sources:
        issues.setdefault(_YEAR.sub("", short(source.title)), []).append(source)
    made = [Citation(_label(name, same), tuple(same)) for name, same in issues.items()]
    return sorted(made, key=lambda one: -len(one.sources))


def _label(name: str, same: Sequence[Source]) -> str:
    years = sorted({found[1] for one in same if (found := _YEAR.search(short(one.title)))})
    return f"{name} {years[0]}–{years[-1]}" if len(years) > 1 else " ".join([name, *years])


def by_publisher(sources: Sequence[Source]) -> list[tuple[str, list[Source]]]:
    """Group sources by publisher.

    Parameters
    ----------
    sources : sequence of Source
        All of them.

    Returns
    -------
    list of (str, list of Source)
        Publishers with the most publications first; the last group, without a name, holds those with fewer than
        `FEW`.
    """
    groups: dict[str, list[Source]] = {}
    for source in sources:
        groups.setdefault(source.publisher, []).append(source)
    large = sorted((one for one in groups.items() if len(one[1]) >= FEW), key=lambda one: -len(one[1]))
    rest = [source for group in groups.values() if len(group) < FEW for source in group]
    return [*large, ("", rest)] if rest else large
