"""Break-even of a run: how far each lever alone must move for a fund to meet a target, on common draws."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr
from pydantic import ValidationError

from actuarial import trial
from actuarial._breakeven_rules import BreakEvenRules
from actuarial._labels import told
from actuarial._quantity import changed, describe
from actuarial.breakeven import BreakEven, break_even, probability
from actuarial.rules import Case, Rules, Scheme
from forecasting.axes import AxisError
from forecasting.models.sampling import stream

if TYPE_CHECKING:
    from actuarial.progress import Progress

FINENESS = 1e-3
"""Part of a lever's range to which its answer is sought: what is told has no more figures."""

BREAKEVEN = {
    "value": ("", "Value of the lever that meets the target; empty where there is none, or more than one"),
    "low": ("", "Lower end of the values tried"),
    "high": ("", "Upper end of the values tried"),
    "standard_error": (
        "",
        "Sampling error of the value, from the number of draws; empty for whole numbers, and beyond the range",
    ),
    "interval_low": ("", "Lower end of its 95 per cent interval from the number of draws"),
    "interval_high": ("", "Upper end of that interval"),
    "within": ("flag", "1 where a value within the range meets the target, else 0"),
    "monotone": ("flag", "1 where the probability only rises or only falls over the values tried, else 0"),
    "at_value": ("share", "Probability of an empty fund at the value; the nearest tried that is not above the target"),
    "at_low": ("share", "Probability of an empty fund at the lower end"),
    "at_high": ("share", "Probability of an empty fund at the upper end"),
    "present": ("", "Value under the rules of the scenario; empty where they name none"),
}
"""Unit and meaning of each variable of :func:`run`, over (lever,); no unit: that of the lever."""


class Lever(NamedTuple):
    """A key of the rules that takes numbers.

    Attributes
    ----------
    key : str
        Dotted, with its scheme.
    unit : str
    low, high : float
        Its range.
    whole : bool
        Whether it takes whole numbers only.
    present : float
        Its value under the rules; NaN where they name none.
    """

    key: str
    unit: str
    low: float
    high: float
    whole: bool
    present: float


def levers_of(rules: Rules, keys: Iterable[str]) -> list[Lever]:
    """Hold keys against the rules that they are to change.

    Parameters
    ----------
    rules : Rules
    keys : iterable of str
        Dotted, with their scheme.

    Returns
    -------
    list of Lever

    Raises
    ------
    forecasting.axes.AxisError
        Listing every key that there is not, or that is no number with a range.
    """
    records = {str(row["key"]): row for row in describe(rules)}
    faults, made = list[str](), list[Lever]()
    for key in keys:
        if key not in records:
            faults.append(f"breakeven.levers: the tables of the schemes have no key {key}. Name one that they have")
        elif (fault := _no_number(rules, records[key])) is not None:
            faults.append(f"breakeven.levers: {key} {fault}. Name a key that takes one number")
        else:
            made.append(_lever(rules, records[key]))
    if faults:
        raise AxisError(faults)
    return made


def _no_number(rules: Rules, row: Mapping[str, object]) -> str | None:
    if row["low"] is None or row["high"] is None:
        return "has no range"
    if isinstance(row["value"], tuple):
        return "is a list"
    try:
        for end in ("low", "high"):
            changed(rules, {str(row["key"]): row[end]})
    except ValidationError as error:
        return f"cannot move alone: {error.errors()[0]['msg']}"
    return None


def _lever(rules: Rules, row: Mapping[str, object]) -> Lever:
    low, high = float(str(row["low"])), float(str(row["high"]))
    present = math.nan if row["value"] is None else float(str(row["value"]))
    try:
        # A place between two whole numbers.
        changed(rules, {str(row["key"]): math.floor(low) + 0.5 if low < math.floor(low) + 0.5 < high else low})
        whole = False
    except ValidationError:
        whole = True
    return Lever(str(row["key"]), str(row["unit"]), low, high, whole, present)


def solve(
    world: trial.World,
    case: Case,
    scheme: Scheme,
    lever: Lever,
    target: float,
    *,
    by: int,
    rng: np.random.Generator | None = None,
) -> BreakEven:
    """Find the value of one lever at which the probability of an empty fund meets a target.

    Parameters
    ----------
    world : actuarial.trial.World
        Every value is tried on each of its draws.
    case : Case
        Rules for all that the lever does not move.
    scheme : str
        The fund.
    lever : Lever
        Its range is searched; a whole one at whole numbers alone.
    target : float
        Probability.
    by : int
        The fund is empty by the end of this year, or has been before.
    rng : numpy.random.Generator, optional
        With it the answer has its sampling error; that of whole numbers is not told, as it leaps.

    Returns
    -------
    actuarial.breakeven.BreakEven
    """
    seen: dict[float, np.ndarray] = {}

    def flags(value: float) -> np.ndarray:
        tried = round(value) if lever.whole else float(value)
        if tried not in seen:
            made = trial.account(world, scheme, changed(case.rules, {lever.key: tried}))
            seen[tried] = (trial.margin(made, by) <= 0).values.astype(float)
        return seen[tried]

    fine = 0.25 if lever.whole else FINENESS * (lever.high - lever.low)
    return break_even(
        flags, probability, target, lever.low, lever.high, tolerance=fine, rng=None if lever.whole else rng
    )


def met_at(found: BreakEven, lever: Lever) -> tuple[float, float]:
    """Return the value that meets the target, and the probability there.

    Parameters
    ----------
    found : BreakEven
    lever : Lever

    Returns
    -------
    tuple of float
        Between two values tried, one on each side of the target, the one that is not above it: a fund that just lasts.
        NaN where there is none, or more than one crossing.
    """
    if len(found.crossings) != 1:
        return math.nan, math.nan
    crossing = found.crossings[0]
    inside = (found.tried >= crossing.low) & (found.tried <= crossing.high) & (found.statistic <= found.target)
    if not inside.any():
        return math.nan, math.nan
    values, risks = found.tried[inside], found.statistic[inside]
    # Of several that keep the target, the one whose risk is nearest to it, then the one nearest to the middle.
    best = min(range(values.size), key=lambda n: (found.target - risks[n], abs(values[n] - crossing.middle)))
    value = float(values[best])
    return float(round(value)) if lever.whole else value, float(risks[best])


def run(
    cases: Mapping[str, Case], world: trial.World, asked: BreakEvenRules, seed: int, report: Progress
) -> xr.Dataset:
    """Find the break-even value of every lever that a run asks for.

    Parameters
    ----------
    cases : mapping of str to Case
        Rules and schemes of every scenario.
    world : actuarial.trial.World
        All draws of the run.
    asked : BreakEvenRules
        The table ``[breakeven]``.
    seed : int
        Of the run: the sampling error has a stream for each lever.
    report : Progress

    Returns
    -------
    xarray.Dataset
        The variables of :data:`BREAKEVEN` over (lever,), with coordinate ``unit``; attributes ``fund``, ``scenario``,
        ``by``, ``target`` and ``draws``.

    Raises
    ------
    forecasting.axes.AxisError
        Listing every fault: a scenario or fund that there is not, a year that no account reaches, a key that is no
        lever.
    """
    faults = list(_faults(cases, world, asked))
    if faults:
        raise AxisError(faults)
    case, some = cases[asked.scenario], world.thinned(asked.draws)
    levers = levers_of(case.rules, asked.levers)
    rows = []
    with report.step("break-even", total=len(levers)) as step:
        for lever in levers:
            rng = stream(seed, f"break-even {lever.key}")
            rows.append(_row(lever, solve(some, case, asked.fund, lever, asked.target, by=asked.by, rng=rng)))
            step.advance()
    coords = {"lever": [lever.key for lever in levers]}
    data = {name: xr.DataArray([row[name] for row in rows], coords, ("lever",)) for name in BREAKEVEN}
    about = {"fund": asked.fund, "scenario": asked.scenario, "by": asked.by, "target": asked.target}
    made = told(data, BREAKEVEN).assign_coords(unit=("lever", [lever.unit for lever in levers]))
    return made.assign_attrs(about | {"draws": some.projection.sizes["draw"]})


def _faults(cases: Mapping[str, Case], world: trial.World, asked: BreakEvenRules) -> Iterator[str]:
    if asked.scenario not in cases:
        yield f"breakeven.scenario: there is no scenario {asked.scenario}: name one of {', '.join(cases)}"
    elif asked.fund not in cases[asked.scenario].schemes:
        yield f"breakeven.fund: the scenario {asked.scenario} has no {asked.fund}"
    if not asked.levers:
        yield "breakeven.levers: no lever is named. Name at least one key"
    first, last = world.projection.attrs["base_year"] + 1, int(world.projection["year"][-1])
    if not first <= asked.by <= last:
        yield f"breakeven.by is {asked.by}: give a year from {first} to {last}"


def _row(lever: Lever, found: BreakEven) -> dict[str, float]:
    value, risk = met_at(found, lever)
    error = (math.nan,) * 3 if found.error is None else (found.error.standard_error, found.error.low, found.error.high)
    # What leaves the range that was searched is not known.
    sampling = [one if math.isfinite(one) else math.nan for one in error]
    return {
        "value": value,
        "low": found.low,
        "high": found.high,
        "standard_error": sampling[0],
        "interval_low": sampling[1],
        "interval_high": sampling[2],
        "within": float(found.within),
        "monotone": float(found.monotone),
        "at_value": risk,
        "at_low": float(found.statistic[0]),
        "at_high": float(found.statistic[-1]),
        "present": lever.present,
    }
