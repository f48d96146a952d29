"""Steps of a computation that are done again only where a rule that they read has moved.

Who moves one lever at a time asks for the same fund over and over, with nearly the same rules. Most of the work rests
on none of the rules that moved: a share of land income changes no member and no account. A step is told its rules
through a record of what it reads of them; the next time, it is done again only if something that it read is another. No
list of keys is kept by hand that could forget one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any, cast

from actuarial._quantity import Section

Reads = dict[tuple[str, ...], object]
"""What was read of rules: the value at each path of names."""

KEPT = 2
"""Results that each step keeps: those of the rules before, and of those that one returns to."""


class Steps:
    """Steps that are done every time."""

    def once[R, T](self, name: str, rules: R, inputs: tuple[object, ...], make: Callable[[R], T]) -> T:
        """Do one step.

        Parameters
        ----------
        name : str
            Of the step.
        rules : Section
            What the step may read.
        inputs : tuple of object
            All else that it rests on; the same objects are the same input.
        make : callable
            From the rules, of which it reads nothing but through what it is given, to the result.

        Returns
        -------
        Any
            What `make` returns.
        """
        return make(rules)


AFRESH = Steps()
"""Nothing is kept."""


@dataclass(frozen=True)
class _Result:
    inputs: tuple[object, ...]
    reads: Reads
    value: Any

    def holds(self, rules: object, inputs: tuple[object, ...]) -> bool:
        same = len(inputs) == len(self.inputs) and all(a is b for a, b in zip(inputs, self.inputs, strict=True))
        return same and all(_at(rules, path) == value for path, value in self.reads.items())


class Keeping(Steps):
    """Steps of which the last results are kept."""

    def __init__(self) -> None:
        self._kept: dict[str, list[_Result]] = {}

    def once[R, T](self, name: str, rules: R, inputs: tuple[object, ...], make: Callable[[R], T]) -> T:
        """Do one step, or give its result where nothing that it read has moved; see :meth:`Steps.once`.

        A step inside another one reads for both: where its result is given again, all that it had read is compared with
        the rules of the outer one, which notes that as read.
        """
        kept = self._kept.setdefault(name, [])
        for place, found in enumerate(kept):
            if found.holds(rules, inputs):
                kept.insert(0, kept.pop(place))
                return cast(T, found.value)
        reads: Reads = {}
        value = make(cast(R, Watched(cast(Section, rules), (), reads)))
        kept.insert(0, _Result(inputs, reads, value))
        del kept[KEPT:]
        return value

    def reads(self, key: str) -> bool:
        """Tell whether any step read a key for its last result.

        Parameters
        ----------
        key : str
            Dotted, as the steps see it: ``land.share`` of rules that have a section ``land``.

        Returns
        -------
        bool
            False of a key that no step has come to read: under the last rules its value moves nothing.
        """
        path = tuple(key.split("."))
        heads = [path[:length] for length in range(len(path) + 1)]
        return any(head in kept[0].reads for kept in self._kept.values() if kept for head in heads)


class Watched:
    """A section of rules, or all of them, that notes what is read of it.

    Parameters
    ----------
    section : Section
        What is read.
    path : tuple of str
        Its place in the rules.
    reads : dict
        Where to note.
    """

    def __init__(self, section: Section, path: tuple[str, ...], reads: Reads) -> None:
        self._section, self._path, self._reads = section, path, reads

    def __getattribute__(self, name: str) -> Any:
        """Read a field and note it; what is worked out from fields is worked out on what notes them."""
        section, path, reads = _inside(self)
        kind = section.__class__
        if name == "__class__":
            return kind
        if name in kind.model_fields:
            value = getattr(section, name)
            if isinstance(value, Section) and not path:
                return Watched(value, (name,), reads)
            reads[*path, name] = value
            return value
        found = kind.__dict__.get(name)
        if isinstance(found, property) and found.fget is not None:
            return found.fget(self)
        if isinstance(found, FunctionType):
            return MethodType(found, self)
        return getattr(_whole(self), name)

    def __eq__(self, other: object) -> bool:
        """Compare the whole, and note all of it."""
        return bool(_whole(self) == (_whole(other) if type(other) is Watched else other))

    def __hash__(self) -> int:
        """Take the whole, and note all of it."""
        return hash(_whole(self))


def _inside(watched: Watched) -> tuple[Section, tuple[str, ...], Reads]:
    own = object.__getattribute__
    return own(watched, "_section"), own(watched, "_path"), own(watched, "_reads")


def _whole(watched: Watched) -> Section:
    """Note a section whole, also where a step inside another one reads it; return what is watched."""
    section, path, reads = _inside(watched)
    real = _whole(cast(Watched, section)) if issubclass(type(section), Watched) else section
    reads[path] = real
    return real


def _at(rules: object, path: tuple[str, ...]) -> object:
    for name in path:
        rules = getattr(rules, name)
    return rules
