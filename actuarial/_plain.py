"""Say in plain words what a validation found: where, what, and what mends it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from actuarial._toml import Key, line_of, value
from forecasting._faults import Fault

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Words = tuple[str, str]


class Places:
    """Where each key of a run stands: a line of the file, or an option of the command.

    Parameters
    ----------
    lines : mapping of key to int
        From :func:`actuarial._toml.lines_of`.
    options : mapping of key to str
        Options that stand over the file, such as ``--draws``.
    """

    def __init__(self, lines: Mapping[Key, int], options: Mapping[Key, str]) -> None:
        self._lines, self._options = lines, options

    def of(self, key: Iterable[str | int]) -> str:
        """Return the place of a key, such as ``line 12, sampling.chains``."""
        parts = tuple(str(part) for part in key)
        if parts in self._options:
            return self._options[parts]
        line, name = line_of(self._lines, parts), ".".join(parts)
        return name if line is None else f"line {line}, {name}"

    def fault(self, key: Iterable[str | int], what: str, do: str) -> Fault:
        """Return the fault of a key."""
        return Fault(self.of(key), what, do)


def faults_of(error: ValidationError, model: type[BaseModel], prefix: Key, places: Places) -> list[Fault]:
    """Turn the errors of one pydantic validation into faults.

    Parameters
    ----------
    error : pydantic.ValidationError
        What the validation raised.
    model : type of pydantic.BaseModel
        The model that was validated; names the keys that there are.
    prefix : tuple of str
        The table of the file that was validated.
    places : Places
        Where keys stand.

    Returns
    -------
    list of Fault
        One for every error, in the order of the fields.
    """
    found = []
    for detail in error.errors(include_url=False):
        what, do = _words(detail, model)
        found.append(places.fault((*prefix, *_path(detail, model)), what, do))
    return list(dict.fromkeys(found))


def _path(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str | int, ...]:
    """Keep of a location what stands in the file; pydantic adds the name of each union's member."""
    path: list[str | int] = []
    current: type[BaseModel] | None = model
    for part in detail["loc"]:
        if current is None and isinstance(part, str) and not part.isdigit():
            continue
        path.append(part)
        current = child(current, str(part)) if current is not None else None
    return tuple(path)


def child(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return the model of a field that is a table of its own, else None.

    Parameters
    ----------
    model : type of pydantic.BaseModel
        Model that has the field.
    name : str
        Name of the field.

    Returns
    -------
    type of pydantic.BaseModel or None
    """
    field = model.model_fields.get(name)
    kind = field.annotation if field is not None else None
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _bound(side: str, take: str) -> Callable[[dict[str, Any], str], Words]:
    return lambda ctx, shown: (f"{shown} is {side} {_limit(ctx)}", f"Give {take} {_limit(ctx)}")


def _limit(ctx: dict[str, Any]) -> str:
    return next(f"{v:g}" if isinstance(v, float) else str(v) for k, v in ctx.items() if k in {"ge", "le", "gt", "lt"})


_WORDS: dict[str, Callable[[dict[str, Any], str], Words]] = {
    "missing": lambda ctx, shown: ("this key is missing", "Write it"),
    "greater_than_equal": _bound("below", "at least"),
    "less_than_equal": _bound("over", "at most"),
    "greater_than": _bound("not over", "more than"),
    "less_than": _bound("not below", "less than"),
    "literal_error": lambda ctx, shown: (f"{shown} is not a choice here", f"Give {ctx['expected']}"),
    "enum": lambda ctx, shown: (f"{shown} is not a choice here", f"Give {ctx['expected']}"),
    "finite_number": lambda ctx, shown: (f"{shown} is not a finite number", "Give a plain number"),
    "string_too_short": lambda ctx, shown: ("the text is empty", "Write a few words"),
    "too_short": lambda ctx, shown: ("there are too few entries", f"Give at least {ctx['min_length']}"),
    "too_long": lambda ctx, shown: ("there are too many entries", f"Give at most {ctx['max_length']}"),
}

_KINDS = {"int": "a whole number", "float": "a number", "string": "a text in quotes", "bool": "true or false"}
_KINDS |= {"dict": "a table", "model": "a table", "list": "a list", "tuple": "a list", "date": "a date"}


def _words(detail: ErrorDetails, model: type[BaseModel]) -> Words:
    kind, context = detail["type"], detail.get("ctx", {})
    shown = _shown(detail["input"])
    if kind == "extra_forbidden":
        return unknown(str(detail["loc"][-1]), _siblings(detail, model))
    if kind in _WORDS:
        return _WORDS[kind](context, shown)
    if kind in {"value_error", "assertion_error"}:
        return _sentences(detail["msg"].split(", ", 1)[-1])
    wanted = _KINDS.get(kind.split("_")[0])
    if wanted is not None:
        return f"{shown} is not {wanted}", f"Give {wanted}"
    return f"{shown} does not fit ({detail['msg']})", "See the comment above the key"


def unknown(name: str, there: Iterable[str]) -> Words:
    """Return the words for a key that nobody reads.

    Parameters
    ----------
    name : str
        The key.
    there : iterable of str
        Keys that are read at this place.

    Returns
    -------
    tuple of str
        What is wrong, and what to do.

    Examples
    --------
    >>> unknown("chain", ["chains", "tune"])
    ('there is no such key', 'Write chains, if that is meant')
    """
    there = list(there)
    near = difflib.get_close_matches(name, there, n=1, cutoff=0.6)
    if near:
        return "there is no such key", f"Write {near[0]}, if that is meant"
    return "there is no such key", f"Take it out; the keys here are {', '.join(there)}" if there else "Take it out"


def _siblings(detail: ErrorDetails, model: type[BaseModel]) -> list[str]:
    current: type[BaseModel] | None = model
    for part in detail["loc"][:-1]:
        current = child(current, str(part)) if current is not None else None
    return list(current.model_fields) if current is not None else []


def _shown(found: object) -> str:
    try:
        text = value(found)
    except TypeError:
        text = repr(found)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _sentences(text: str) -> Words:
    """Split an error that says what is wrong and then what to do."""
    what, stop, do = text.partition(". ")
    return (what.rstrip("."), do.rstrip(".")) if stop else (text.rstrip("."), "See the comment above the key")
