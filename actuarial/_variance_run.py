"""The split of the forecast variance of a run: every mixture of two sets of futures, valued, and what each group adds.

A group that does not move a quantity when it alone is another is no player in that quantity's split, and its effect is
0: correlation with groups that do move it gives it no part.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, cast

import numpy as np
import xarray as xr

from actuarial import _variance_outputs as outputs
from actuarial import trial, variance
from actuarial._labels import told
from actuarial._variance_rules import Variance
from actuarial.rules import Case, Scheme
from actuarial.runfile import RunFaults
from forecasting._fits import BAYESIAN
from forecasting.axes import AxisError
from forecasting.freezing import GROUPS, MONEY, PEOPLE, Futures
from forecasting.models.sampling import stream

if TYPE_CHECKING:
    from actuarial.progress import Progress
    from actuarial.runfile import RunFile
    from forecasting._faults import Fault
    from forecasting.projection import Fits
    from forecasting.sources import Tables

SAME = 1e-9
"""A quantity that moves by less than this part of its size does not move: rounding."""

SHARE = "share of variance"

VARIANCE = {
    "shapley": (SHARE, "Shapley effect: the group's fair part of the variance; all groups add up to 1"),
    "shapley_error": (SHARE, "Standard error of the Shapley effect from the number of draws"),
    "first_order": (SHARE, "First-order effect: what goes on average when the group alone is known"),
    "first_order_error": (SHARE, "Standard error of the first-order effect"),
    "total": (SHARE, "Total effect: what stays on average when all but the group is known"),
    "total_error": (SHARE, "Standard error of the total effect"),
    "frozen": (SHARE, "What goes when the group is held at its middle course; below 0 where the rest then varies more"),
    "frozen_error": (SHARE, "Standard error of what goes when the group is held"),
    "enters": ("0 or 1", "Whether another draw of the group moves the quantity"),
    "mean": ("", "Mean of the quantity over draws, in its unit"),
    "deviation": ("", "Standard deviation of the quantity over draws, in its unit"),
    "lasting": ("share", "Draws in which the pool outlives the horizon"),
}
"""Unit and meaning of each variable of :func:`run`, over (output, group), the last three over (output,)."""


@dataclass(frozen=True)
class _Seen:
    """Quantities of every mixture that was valued, by fund and by the groups that were kept."""

    futures: Futures
    case: Case
    asked: Variance
    tables: Tables
    values: dict[tuple[str, frozenset[str]], xr.DataArray]

    def value(self, kept: frozenset[str], funds: tuple[Scheme, ...]) -> None:
        """Value funds in one mixture, unless that was done."""
        lacking = [fund for fund in funds if (fund, kept) not in self.values]
        if lacking:
            made, own = self.futures.of(kept, [fund for fund in lacking if fund != "pension"])
            for fund, quantities in self.valued(made, own, lacking):
                self.values[fund, kept] = quantities

    def moved(self, fund: Scheme, group: str) -> np.ndarray:
        """Tell which quantities of a fund another draw of one group moves by more than rounding."""
        start = self.values[fund, frozenset(GROUPS)].values
        other = self.values[fund, frozenset(GROUPS) - {group}].values
        return np.asarray((np.abs(other - start) > SAME * np.abs(start).max(axis=1, keepdims=True)).any(axis=1))

    def moving(self, fund: Scheme, n: int) -> tuple[str, ...]:
        """Return the groups that move one quantity of a fund."""
        return tuple(group for group in GROUPS if self.moved(fund, group)[n])

    def other(self, fund: Scheme) -> frozenset[str]:
        """Return what the mixture keeps that takes from the second set all that moves a fund."""
        entering = tuple(group for group in GROUPS if self.moved(fund, group).any())
        return kept_of(frozenset(entering), entering)

    def valued(
        self, made: xr.Dataset, own: Mapping[str, xr.Dataset], funds: list[Scheme]
    ) -> Iterator[tuple[Scheme, xr.DataArray]]:
        """Give the quantities of funds in one world."""
        world = trial.referred(trial.World(made, own, self.tables), [self.case])
        for fund in funds:
            yield fund, outputs.of(world, fund, self.case.rules, self.asked.years)


def check(run_file: RunFile) -> None:
    """Refuse what cannot be asked of a run, before any work is done.

    Raises
    ------
    RunFaults
        Listing every fault: a scenario that there is not, none of its funds, years past the horizon, models that a
        classical method carries on.
    """
    asked = run_file.asked.variance
    faults = list(_faults(run_file, asked))
    if faults:
        raise RunFaults(run_file.name, faults)


def _faults(run_file: RunFile, asked: Variance) -> Iterator[Fault]:
    fault, last = run_file.places.fault, run_file.run.last_year
    if asked.scenario not in run_file.scenarios:
        do = f"Name one of {', '.join(run_file.scenarios)}"
        yield fault(("variance", "scenario"), f'there is no scenario "{asked.scenario}"', do)
    elif not set(asked.funds) & set(run_file.schemes(asked.scenario)):
        there = [name for name in run_file.schemes(asked.scenario) if name in outputs.YEARLY]
        what = f"the scenario {asked.scenario} has none of {', '.join(asked.funds) or 'no funds'}"
        yield fault(("variance", "funds"), what, f"Name one of {', '.join(there)}")
    late = [str(year) for year in asked.years if year > last]
    if late:
        yield fault(("variance", "years"), f"{', '.join(late)}: after the last year, {last}", "Take earlier years")
    for name, method in run_file.models.model_dump().items():
        if method != BAYESIAN:
            what = f"{method}: only a model that is sampled can be mixed with another draw of itself"
            yield fault(("models", name), what, f'Write {name} = "{BAYESIAN}" for this question')


def run(cases: Mapping[str, Case], fits: Fits, last_year: int, asked: Variance, report: Progress) -> xr.Dataset:
    """Split the variance of what a scenario forecasts among the groups of models.

    Parameters
    ----------
    cases : mapping of str to Case
        Rules and schemes of every scenario.
    fits : forecasting.projection.Fits
    last_year : int
        Horizon.
    asked : Variance
        The table ``[variance]``.
    report : Progress

    Returns
    -------
    xarray.Dataset
        The variables of :data:`VARIANCE`, with the coordinates ``fund``, ``quantity``, ``at`` (year; 0 of what has
        none) and ``unit`` of each output; attributes ``scenario``, ``draws``, ``last_year``, ``mixtures``.

    Raises
    ------
    forecasting.axes.AxisError
        Listing every fault: models that cannot be mixed, too few draws, years that no account reaches.
    """
    case = cases[asked.scenario]
    funds = tuple(cast("Scheme", name) for name in dict.fromkeys(asked.funds) if name in case.schemes)
    try:
        there = fits.posteriors["economy"].sizes["draw"]
        futures = Futures(fits, min(asked.draws, there), last_year, tuple(name for name in funds if name != "pension"))
    except ValueError as error:
        raise AxisError([f"variance: {line}" for line in str(error).splitlines()]) from error
    seen = _Seen(futures, case, asked, fits.tables, {})
    with report.step("which groups matter", total=1 + len(GROUPS)) as step:
        entering = {fund: _entering(seen, fund, funds, step.advance) for fund in funds}
        step.note("; ".join(f"{fund}: {len(groups)} of {len(GROUPS)}" for fund, groups in entering.items()))
    mixtures = _mix(seen, entering, report)
    held = _hold(seen, entering, report)
    rng = stream(fits.settings.seed, "variance")
    parts = [_split(seen, fund, held, rng) for fund in funds]
    about = {"scenario": asked.scenario, "draws": futures.draws, "last_year": last_year, "mixtures": mixtures}
    return told(xr.concat(parts, "output", data_vars="all", join="exact"), VARIANCE).assign_attrs(about)


def _entering(seen: _Seen, fund: Scheme, funds: tuple[Scheme, ...], advance: Callable[[], None]) -> tuple[str, ...]:
    """Return the groups that move a quantity of a fund when they alone are another; the first fund values all."""
    every = frozenset(GROUPS)
    for kept in (every, *(every - {group} for group in GROUPS)):
        if (fund, kept) not in seen.values:
            seen.value(kept, funds)
            advance()
    return tuple(group for group in GROUPS if seen.moved(fund, group).any())


def kept_of(second: frozenset[str], entering: Collection[str]) -> frozenset[str]:
    """Return what a mixture keeps of the first set, besides the groups that enter.

    Parameters
    ----------
    second : frozenset of str
        Groups that are taken from the second set.
    entering : collection of str
        Groups that move the fund.

    Returns
    -------
    frozenset of str
        A group that does not enter stays, so that less is worked out again. One of the model of the economy stays only
        where all of that model do: what is drawn anew shall be given what is known, and nothing else.
    """
    moved = second & set(MONEY)
    dummies = frozenset(MONEY) - set(entering) if moved else frozenset()
    return frozenset(GROUPS) - second - dummies


def _mix(seen: _Seen, entering: Mapping[Scheme, tuple[str, ...]], report: Progress) -> int:
    """Value every mixture that the effects of each fund rest on, those with the same people one after another."""
    wanted: dict[frozenset[str], list[Scheme]] = {}
    for fund, groups in entering.items():
        for second in _subsets(groups):
            wanted.setdefault(kept_of(second, groups), []).append(fund)
    with report.step("mix futures", total=len(wanted)) as step:
        for kept in sorted(wanted, key=_costly_first):
            seen.value(kept, tuple(wanted[kept]))
            step.advance()
        step.note(f"{len(wanted)} mixtures of 2 × {seen.futures.draws} futures")
    return len(wanted)


def _costly_first(kept: frozenset[str]) -> tuple[bool, ...]:
    """Sort by what takes longest to make: people, members, the economy, what schemes have of their own."""
    return tuple(group in kept for group in (*PEOPLE, *GROUPS[len(PEOPLE) :]))


def _subsets(groups: tuple[str, ...]) -> Iterator[frozenset[str]]:
    for chosen in product((False, True), repeat=len(groups)):
        yield frozenset(group for group, there in zip(groups, chosen, strict=True) if there)


def _hold(
    seen: _Seen, entering: Mapping[Scheme, tuple[str, ...]], report: Progress
) -> dict[tuple[str, str], xr.DataArray]:
    """Value the first set with each group at its middle course."""
    groups = [group for group in GROUPS if any(group in some for some in entering.values())]
    out: dict[tuple[str, str], xr.DataArray] = {}
    with report.step("hold each group", total=len(groups)) as step:
        for group in groups:
            made, own = seen.futures.held({group})
            funds = [fund for fund, some in entering.items() if group in some]
            out |= {(fund, group): quantities for fund, quantities in seen.valued(made, own, funds)}
            step.advance()
    return out


def _split(
    seen: _Seen, fund: Scheme, held: Mapping[tuple[str, str], xr.DataArray], rng: np.random.Generator
) -> xr.Dataset:
    """Work out the effects on every quantity of a fund, over (output, group)."""
    told_of = outputs.names(fund, seen.asked.years)
    rows = [_row(seen, fund, n, held, rng) for n in range(len(told_of))]
    labels = [f"{fund} {name}" + (f" {year}" if year else "") for name, year in told_of]
    out = xr.concat(rows, xr.DataArray(labels, dims="output", name="output"), data_vars="all", join="exact")
    # The mixtures that take everything from one set: two independent sets of plain futures.
    plain = [seen.values[fund, kept] for kept in (frozenset(GROUPS), seen.other(fund))]
    everyone = np.concatenate([one.values for one in plain], axis=1)
    return out.assign(
        mean=("output", everyone.mean(axis=1)),
        deviation=("output", everyone.std(axis=1, ddof=1)),
        lasting=("output", np.full(len(labels), float(np.mean([one["lasting"] for one in plain])))),
    ).assign_coords(
        fund=("output", [fund] * len(labels)),
        quantity=("output", [name for name, _ in told_of]),
        at=("output", [year for _, year in told_of]),
        unit=("output", [outputs.ABOUT[name][0] for name, _ in told_of]),
    )


def _row(
    seen: _Seen, fund: Scheme, n: int, held: Mapping[tuple[str, str], xr.DataArray], rng: np.random.Generator
) -> xr.Dataset:
    """Work out the effects on one quantity, over (group,): 0 of what does not move it, NaN where nothing varies."""
    groups = seen.moving(fund, n)
    data = {name: np.zeros(len(GROUPS)) for name in VARIANCE if name not in ("enters", "mean", "deviation", "lasting")}
    data["enters"] = np.isin(GROUPS, groups).astype(float)
    if not groups:
        return xr.Dataset({k: ("group", v if k == "enters" else v * np.nan) for k, v in data.items()}, _COORDS)
    corners = np.array([seen.values[fund, kept_of(second, groups)].values[n] for second in _subsets(groups)])
    tied = [group for group in groups if group in MONEY]
    shape = (2,) * len(groups) + (-1,)
    found = variance.effects(corners.reshape(shape), groups, rng, tied if len(tied) > 1 else ())
    start = seen.values[fund, frozenset(GROUPS)].values[n]
    for place, group in enumerate(groups):
        at = GROUPS.index(group)
        data["frozen"][at], data["frozen_error"][at] = variance.held_share(start, held[fund, group].values[n], rng)
        for name in (name for name in data if hasattr(found, name)):
            data[name][at] = getattr(found, name)[place]
    return xr.Dataset({name: ("group", values) for name, values in data.items()}, _COORDS)


_COORDS = {"group": list(GROUPS)}
