"""One field record: unit, range, meaning and source; validation, documents and sensitivity read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

CHOICE = "choice"
"""Unit of a field that picks one of a few named rules."""

YEAR = "calendar year"

_FIRST_YEAR, _LAST_YEAR = 2009, 2200

# A run file has lists; what is read is a tuple, so that a section stays as frozen as its numbers.
Numbers = Annotated[
    tuple[float, ...], BeforeValidator(lambda given: tuple(given) if isinstance(given, list) else given)
]
"""Type of a field that holds several numbers (:func:`quantities`): a list in a run file."""


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


def quantities(
    default: tuple[float, ...],
    *,
    unit: str,
    meaning: str,
    source: str,
    low: float,
    high: float,
    rising: bool = False,
) -> Any:
    """Make a field of type :data:`Numbers`: its default, its record, and the check of each number.

    Parameters
    ----------
    default : tuple of float
        Values under today's law.
    unit, meaning, source : str
        As in :func:`quantity`.
    low, high : float
        Inclusive bounds of each number.
    rising : bool
        Each number must be above the one before it.

    Returns
    -------
    Any
        A pydantic field; at least one number is asked for.
    """
    record: dict[str, Any] = {"unit": unit, "low": low, "high": high, "source": source, "rising": rising}
    return Field(default=default, description=meaning, json_schema_extra=record, min_length=1)


def year(default: int, *, meaning: str, source: str) -> Any:
    """Make a field that holds a calendar year; see :func:`quantity`."""
    return quantity(default, unit=YEAR, low=_FIRST_YEAR, high=_LAST_YEAR, meaning=meaning, source=source)


class Section(BaseModel):
    """A group of fields: frozen, refuses unknown keys, NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    @field_validator("*")
    @classmethod
    def _each_number(cls, value: object, info: ValidationInfo) -> object:
        """Hold every number of a list against the range of its field, and their order if that is asked for."""
        extra = cls.model_fields[str(info.field_name)].json_schema_extra
        if isinstance(value, tuple) and isinstance(extra, dict) and "rising" in extra:
            _check_numbers(value, extra)
        return value


def _check_numbers(numbers: tuple[float, ...], record: Mapping[str, Any]) -> None:
    low, high = record["low"], record["high"]
    outside = [f"{number:g}" for number in numbers if not low <= number <= high]
    if outside:
        raise ValueError(f"{', '.join(outside)} in the list lies outside {low:g} to {high:g}. Give numbers within that")
    if record.get("rising") and any(after <= before for before, after in pairwise(numbers)):
        raise ValueError("the numbers of the list do not rise. Give each above the one before")


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
