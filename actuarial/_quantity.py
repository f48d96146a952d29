"""One field record: unit, range, meaning and source; validation, documents and sensitivity read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

CHOICE = "choice"
"""Unit of a field that picks one of a few named rules."""

YEAR = "calendar year"

_FIRST_YEAR, _LAST_YEAR = 2009, 2200


def quantity(
    default: object,
    *,
    unit: str,
    meaning: str,
    source: str,
    low: float | None = None,
    high: float | None = None,
) -> Any:
    """Make one field: its default, its record, and the check of its range.

    Parameters
    ----------
    default : object
        Value under today's law, or ``None`` where the caller computes it from data.
    unit : str
        Unit as printed; :data:`CHOICE` for a named rule.
    meaning, source : str
        One line each for a reader; a choice without outside source says so.
    low, high : float, optional
        Inclusive bounds: validation refuses what is outside, sensitivity moves inside.

    Returns
    -------
    Any
        A pydantic field; typed ``Any`` as pydantic's own ``Field`` is.
    """
    record = {"unit": unit, "low": low, "high": high, "source": source}
    bounds = {} if low is None or high is None else {"ge": low, "le": high}
    return Field(default=default, description=meaning, json_schema_extra=record, **bounds)  # type: ignore[call-overload]


def year(default: int, *, meaning: str, source: str) -> Any:
    """Make a field that holds a calendar year; see :func:`quantity`."""
    return quantity(default, unit=YEAR, low=_FIRST_YEAR, high=_LAST_YEAR, meaning=meaning, source=source)


class Section(BaseModel):
    """A group of fields: frozen, refuses unknown keys, NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)


def describe(assumptions: Section, prefix: str = "") -> list[dict[str, object]]:
    """List every field with its value and its record, nested sections included.

    Parameters
    ----------
    assumptions : Section
        Usually an :class:`actuarial.assumptions.Assumptions`.
    prefix : str
        Put before each key, for example ``pension.``.

    Returns
    -------
    list of dict
        ``key, value, unit, low, high, meaning, source`` in the order of the classes.
    """
    return list(_records(assumptions, prefix))


def _records(section: Section, prefix: str) -> Iterator[dict[str, object]]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from _records(value, f"{prefix}{name}.")
        else:
            yield {"key": f"{prefix}{name}", "value": value} | _record(field)


def _record(field: FieldInfo) -> dict[str, object]:
    extra = field.json_schema_extra
    if not isinstance(extra, dict):
        raise TypeError(f"field {field!r} was not made by quantity()")
    named: dict[str, object] = {key: extra[key] for key in ("unit", "low", "high")}
    return named | {"meaning": field.description, "source": extra["source"]}


def changed[S: Section](assumptions: S, changes: Mapping[str, object]) -> S:
    """Apply what a reform changes, and check the result whole.

    Parameters
    ----------
    assumptions : Section
        What the reform starts from.
    changes : mapping
        From a dotted key as :func:`describe` lists it (without prefix) to the new value.

    Returns
    -------
    Section
        A new object of the same class; `assumptions` stays.

    Raises
    ------
    pydantic.ValidationError
        Listing every unknown key and every value outside its range.
    """
    tree = assumptions.model_dump()
    for key, value in changes.items():
        *path, last = key.split(".")
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        branch[last] = value
    return type(assumptions).model_validate(tree)
