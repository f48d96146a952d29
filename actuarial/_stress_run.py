"""Stress of a run: every named shock to every scenario, on common draws, and how large each must be to do harm.

Shocks to money and members act on the Projection; longer lives and fewer births act while people are carried on, so
that population, members, budgets and what other schemes have of their own all follow. In either case what is drawn
stays as drawn, and what schemes have of their own is made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from actuarial import stress, trial
from actuarial._labels import told
from actuarial._quantity import Section, changed
from actuarial._stress_ground import Ground, befalls, ground, size_ends, size_of, size_unit
from actuarial._stress_rules import Stress
from actuarial.household import BUDGET
from actuarial.joint import need_of
from actuarial.rules import SCHEMES, Case, Rules, Scheme
from forecasting.axes import AxisError

if TYPE_CHECKING:
    from actuarial.progress import Progress

__all__ = ["REVERSE", "STRESS", "Ground", "empty", "ground", "reverse", "run", "size_ends", "table"]

NONE = "none"
"""Label of no shock."""

PEOPLE_STEPS = 64
"""Parts of the range to which the size of a shock to people is narrowed: every size carries the people on again."""

VERDICTS = {"found": 0.0, "below the range": -1.0, "above the range": 1.0}

STRESS = {
    "empty": ("share", "Probability that the fund has run dry by the end of the year"),
    "empty_error": ("share", "Standard error of that probability from the number of draws"),
    "empty_difference": ("share", "That probability less the one without the shock, on the same draws"),
    "difference_error": ("share", "Standard error of the difference, on common draws"),
    "need": (
        "share of budget revenue",
        "What budgets must give so that the fund's common money stays, mean over draws",
    ),
    "cost": ("share of rural income", "Expenditure of the fund over the income of all rural people, mean over draws"),
}
"""Unit and meaning of each variable of :func:`table`, over (shock, scenario, fund, at)."""

REVERSE = {
    "size": ("", "Mildest size tried with which the shock brings the risk to the target, in the unit of its size"),
    "size_below": ("", "Severest size tried that does not"),
    "reverse_verdict": ("", "0 found, -1 already at the mild end of the range, 1 not even at its severe end"),
    "size_low": ("", "Smallest size searched"),
    "size_high": ("", "Largest size searched"),
    "size_severe": ("", "The one of both that does the most harm"),
    "at_size": ("share", "Probability of an empty fund with that size; at the severe end where none was found"),
    "at_below": ("share", "The same with the severest size that does not; at the mild end where none was found"),
}
"""Unit and meaning of each variable of :func:`reverse`, over (shock,); no unit: that of the size."""


def run(cases: Mapping[str, Case], on: Ground, asked: Stress, report: Progress) -> xr.Dataset:
    """Try every shock on every scenario, and seek the sizes that do harm.

    Parameters
    ----------
    cases : mapping of str to Case
        Rules and schemes of every scenario.
    on : Ground
    asked : Stress
        The table ``[stress]``.
    report : Progress

    Returns
    -------
    xarray.Dataset
        The variables of :data:`STRESS`, and where reverse stress is asked for those of :data:`REVERSE` with the
        coordinate ``size_unit``; attributes ``draws`` and ``reverse_fund``, ``reverse_scenario``, ``reverse_by``,
        ``reverse_target``. ``by`` that the accounts do not reach is left out.

    Raises
    ------
    forecasting.axes.AxisError
        Listing every fault: a scenario or fund that there is not, years that no account reaches.
    """
    faults = list(_faults(cases, on, asked))
    if faults:
        raise AxisError(faults)
    out = table(cases, on, asked, report)
    if asked.reverse.shocks:
        sizes = reverse(cases[asked.reverse.scenario].rules, on, asked, report)
        out = out.merge(sizes.reindex(shock=out["shock"]), join="exact", combine_attrs="no_conflicts")
        # A label that is filled with NaN is no text.
        unit = [size_unit(getattr(asked, name)) if name in asked.reverse.shocks else "" for name in out["shock"].values]
        out = out.assign_coords(size_unit=("shock", unit))
    return out.assign_attrs(draws=min(asked.draws, on.world.projection.sizes["draw"]))


def _faults(cases: Mapping[str, Case], on: Ground, asked: Stress) -> Iterator[str]:
    first, last = on.world.projection.attrs["base_year"] + 1, int(on.world.projection["year"][-1])
    back = asked.reverse
    if not any(first <= year <= last for year in asked.by):
        yield f"stress.by: no year is within {first} to {last}"
    if not back.shocks:
        return
    if not first <= back.by <= last:
        yield f"stress.reverse.by is {back.by}: give a year from {first} to {last}"
    if back.scenario not in cases:
        yield f"stress.reverse.scenario: there is no scenario {back.scenario}: name one of {', '.join(cases)}"
    elif back.fund not in cases[back.scenario].schemes:
        yield f"stress.reverse.fund: the scenario {back.scenario} has no {back.fund}"
    for name in (name for name in back.shocks if name not in asked.shocks):
        yield f"stress.reverse.shocks: {name} is not among stress.shocks: add it there"


def table(cases: Mapping[str, Case], on: Ground, asked: Stress, report: Progress) -> xr.Dataset:
    """Try every shock on every scenario.

    Parameters
    ----------
    cases, on, asked, report
        As for :func:`run`.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`STRESS` over (shock, scenario, fund, at), the first shock being none; NaN where a
        scenario has no such fund, or its account does not reach the year.
    """
    # The time bank keeps no money from one year to the next: to say that it is empty says nothing.
    kept = [scheme for scheme in SCHEMES if scheme != "time_bank"]
    funds: list[Scheme] = [scheme for scheme in kept if any(scheme in case.schemes for case in cases.values())]
    last = int(on.world.projection["year"][-1])
    at = [year for year in asked.by if on.world.projection.attrs["base_year"] < year <= last]
    parts, calm = [], None
    with report.step("stress", total=1 + len(asked.shocks)) as step:
        for name in (NONE, *asked.shocks):
            shock = None if name == NONE else getattr(asked, name)
            world = on.world.thinned(asked.draws) if shock is None else on.after(shock, asked.draws, funds)
            flags, means = _tried(cases, world, funds, at)
            calm = flags if calm is None else calm
            parts.append(_probabilities(flags, calm).merge(means, join="exact"))
            step.advance()
    out = xr.concat(parts, xr.DataArray([NONE, *asked.shocks], dims="shock", name="shock"), join="exact")
    return told(out, STRESS)


def _tried(
    cases: Mapping[str, Case], world: trial.World, funds: list[Scheme], at: list[int]
) -> tuple[xr.DataArray, xr.Dataset]:
    """Return flags of empty funds over (scenario, fund, at, draw), and means over draws without draw."""
    draws = world.projection["draw"]
    shape = (len(cases), len(funds), len(at))
    flags = np.full((*shape, draws.size), np.nan)
    means = {name: np.full(shape, np.nan) for name in ("need", "cost")}
    for i, case in enumerate(cases.values()):
        for j, fund in enumerate(funds):
            if fund not in case.schemes:
                continue
            made = trial.account(world, fund, case.rules)
            for k, year in enumerate(at):
                if year in made["year"]:
                    flags[i, j, k] = empty(made, year)
                    for name, values in _money(made, fund, world.projection, year).items():
                        means[name][i, j, k] = values
    dims = ("scenario", "fund", "at")
    coords = {"scenario": list(cases), "fund": list(funds), "at": at}
    return (
        xr.DataArray(flags, coords | {"draw": draws.values}, (*dims, "draw")),
        xr.Dataset({name: (dims, values) for name, values in means.items()}, coords),
    )


def empty(made: xr.Dataset, by: int) -> np.ndarray:
    """Flag the draws in which a fund has run dry by a year, 1 or 0."""
    return (trial.margin(made, by) <= 0).values.astype(float)


def _money(made: xr.Dataset, fund: Scheme, projection: xr.Dataset, year: int) -> dict[str, float]:
    at = projection.sel(year=year)
    rural = at["population"].sel(area="rural").sum(["sex", "age"]) * at["rural_income"]
    need = need_of(made, BUDGET[fund]).sel(year=year).clip(min=0.0)
    return {
        "need": float((need / at["budget_revenue"]).mean()),
        "cost": float((made["expenditure"].sel(year=year) / rural).mean()),
    }


def _probabilities(flags: xr.DataArray, calm: xr.DataArray) -> xr.Dataset:
    moved, root = flags - calm, np.sqrt(flags.sizes["draw"])
    return xr.Dataset(
        {
            "empty": flags.mean("draw"),
            "empty_error": flags.std("draw", ddof=1) / root,
            "empty_difference": moved.mean("draw"),
            "difference_error": moved.std("draw", ddof=1) / root,
        }
    )


def reverse(rules: Rules, on: Ground, asked: Stress, report: Progress) -> xr.Dataset:
    """Seek how large each shock alone must be to bring the risk of one fund to a target.

    Parameters
    ----------
    rules : Rules
        Of the scenario that ``asked.reverse`` names.
    on : Ground
    asked : Stress
    report : Progress

    Returns
    -------
    xarray.Dataset
        The variables of :data:`REVERSE` over (shock,).
    """
    back = asked.reverse
    found: dict[str, dict[str, float]] = {}
    with report.step("reverse stress", total=len(back.shocks)) as step:
        for name in back.shocks:
            shock = getattr(asked, name)
            found[name] = _sought(rules, on, asked, shock)
            step.advance()
    coords = {"shock": list(found)}
    data = {key: xr.DataArray([one[key] for one in found.values()], coords, ("shock",)) for key in REVERSE}
    about = {f"reverse_{key}": getattr(back, key) for key in ("fund", "scenario", "by", "target")}
    return told(data, REVERSE).assign_attrs(about)


def _sought(rules: Rules, on: Ground, asked: Stress, shock: Section) -> dict[str, float]:
    back, (mild, severe) = asked.reverse, size_ends(shock)

    def at(size: float) -> float:
        world = on.after(changed(shock, {size_of(shock): size}), asked.draws, [back.fund])
        return float(empty(trial.account(world, back.fund, rules), back.by).mean())

    steps = stress.STEPS if befalls(shock) is None else PEOPLE_STEPS
    answer = stress.narrowed(at, mild, severe, back.target, steps)
    return {
        "size": answer.size,
        "size_below": answer.below,
        "reverse_verdict": VERDICTS[answer.verdict],
        "size_low": min(mild, severe),
        "size_high": max(mild, severe),
        "size_severe": severe,
        "at_size": answer.at_size,
        "at_below": answer.at_below,
    }
