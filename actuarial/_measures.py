"""Measures: the named parts of reforms, which scenarios combine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel, Field, field_validator

from actuarial._plain import child
from actuarial._quantity import Section
from actuarial._toml import Key
from actuarial.rules import Rules, Scheme

Tree = dict[str, Any]

Zone = Literal["east", "centre", "west", "northeast"]

ZONES: tuple[Zone, ...] = get_args(Zone)
"""The statistical office's four groups of provinces, in the order of the codes of `region_group`: the first is 1."""


class Measure(Section):
    """One measure of a reform: from which rules it departs, where, and what it is called."""

    title: str = Field(min_length=1, description="Name for readers, in English")
    title_zh: str = Field("", description="The same in Chinese")
    regions: list[Zone] = Field(
        default_factory=list,
        description="Where it holds, of east, centre, west and northeast; empty is everywhere. A run of the nation "
        "mixes numbers by how many people live where the measure holds",
    )
    founds: list[Scheme] = Field(default_factory=list, description="Funds that it founds")
    change: dict[str, Any] = Field(
        default_factory=dict, description="What differs from the tables of the schemes, and nothing else"
    )

    @field_validator("regions", "founds")
    @classmethod
    def _each_once(cls, given: list[str]) -> list[str]:
        twice = sorted({name for name in given if given.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands in the list more than once. Name it once")
        return given

    def holds_in(self, zone: str | None) -> bool:
        """Tell whether it holds in a zone; None is everywhere."""
        return not self.regions or zone is None or zone in self.regions


def merged(model: type[BaseModel], basis: Mapping[str, Any], change: Mapping[str, Any]) -> Tree:
    """Lay a change over a basis; below the keys of the model a value is replaced whole.

    Parameters
    ----------
    model : type of pydantic.BaseModel
        Names the tables below tables.
    basis, change : mapping
        Trees of keys; both stay as they are.

    Returns
    -------
    dict
        A new tree.
    """
    out = dict(basis)
    for key, new in change.items():
        below = child(model, key)
        if below is not None and isinstance(new, dict):
            out[key] = merged(below, out.get(key, {}), new)
        else:
            out[key] = new
    return out


def leaves(tree: object, model: type[BaseModel] | None = Rules, before: Key = ()) -> Iterator[tuple[Key, object]]:
    """Give the path and value of every key that a change sets."""
    if model is None or not isinstance(tree, dict):
        yield before, tree
        return
    for key, below in tree.items():
        yield from leaves(below, child(model, str(key)), (*before, str(key)))


def clashes(measures: Mapping[str, Measure]) -> Iterator[tuple[str, str, str]]:
    """Give each key that two measures set to different values where both hold, with both their names.

    Parameters
    ----------
    measures : mapping of str to Measure
        By name; two that hold in no zone together do not clash.

    Yields
    ------
    tuple of str
        Dotted key, name of the first measure that sets it, name of the other.
    """
    seen: dict[tuple[Key, str], tuple[str, object]] = {}
    told: set[tuple[str, str, str]] = set()
    for name, measure in measures.items():
        for key, new in leaves(measure.change):
            for zone in measure.regions or ZONES:
                first, value = seen.setdefault((key, zone), (name, new))
                clash = (".".join(key), first, name)
                if value != new and clash not in told:
                    told.add(clash)
                    yield clash


def together(changes: Iterable[Tree]) -> Tree:
    """Lay changes over each other, the later over the earlier."""
    out: Tree = {}
    for change in changes:
        out = merged(Rules, out, change)
    return out
