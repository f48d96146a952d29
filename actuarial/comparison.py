"""Scenarios of a run against its baseline on common draws, and what each measure adds to a package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from actuarial import paired, trial
from actuarial._labels import told
from actuarial._placing import with_some
from actuarial.burden import BURDENS, burdens
from actuarial.rules import SCHEMES, Scheme
from forecasting.models.sampling import stream

if TYPE_CHECKING:
    from actuarial.runfile import RunFile

AT = (2035, 2050, 2075)
"""Years at which scenarios are held against each other."""

QUANTITIES: dict[str, tuple[str, str, paired.Better]] = {
    "pension_cost_rate": ("pension", "cost_rate", "lower"),
    "pension_fiscal_share": ("pension", "fiscal_transfer_share", "lower"),
    "pension_replacement": ("pension", "replacement_rate", "higher"),
    "pension_reserve": ("pension", "pool_reserve_ratio", "higher"),
    "medical_cost_rate": ("medical", "cost_rate", "lower"),
    "medical_fiscal_share": ("medical", "fiscal_transfer_share", "lower"),
    "medical_reimbursement": ("medical", "actual_reimbursement", "higher"),
    "medical_reserve": ("medical", "reserve_ratio", "higher"),
    "need_total": ("household", "need_share", "lower"),
}
"""Saved kind, variable, and which side is the better for the one who has it: members gain by higher benefits, budgets
and funds by lower cost."""

EMPTY = {"pension": ("pool_empty", "pool_depletion_year"), "medical": ("fund_empty", "fund_depletion_year")}
"""By fund: flag that it has run dry, and year in which it does."""

RAN_DRY = {
    "empty_difference": ("share", "Probability that the fund has run dry by the year, less that of the baseline"),
    "empty_error": ("share", "Standard error of the difference, on common draws"),
    "depletion_wins": ("share", "Probability that the fund lasts longer than under the baseline, draw by draw"),
    "depletion_ties": ("share", "Probability that it lasts as long; a fund that never runs dry lasts for ever"),
}
"""Unit and meaning of what :func:`against` tells of depletion."""

COMPARED = {name: (unit or "unit of the quantity", text) for name, (unit, text) in paired.COMPARED.items()}
"""Unit and meaning of what :func:`against` tells of each quantity; quantities have units of their own."""

Saved = Mapping[str, xr.Dataset]


def against(saved: Saved, baseline: str) -> xr.Dataset:
    """Hold every scenario against the baseline, draw by draw.

    Parameters
    ----------
    saved : mapping of str to xarray.Dataset
        ``pension`` (its indicators), and ``medical`` and ``household`` where they were valued.
    baseline : str
        Name of a scenario.

    Returns
    -------
    xarray.Dataset
        The variables of `actuarial.paired.COMPARED` over (scenario, quantity, at, ...) for :data:`QUANTITIES`, with
        coordinates ``unit`` and ``better``; and :data:`RAN_DRY` over (scenario, fund, at). Reduces over draws.
    """
    rows = {}
    for name, (kind, variable, better) in QUANTITIES.items():
        if kind in saved and variable in saved[kind]:
            values = saved[kind][variable]
            at = [year for year in AT if year in values["year"].values]
            rows[name] = paired.compare(values.sel(year=at).rename(year="at"), baseline, better)
    about = {name: (one["difference"].attrs["unit"], QUANTITIES[name][2]) for name, one in rows.items()}
    names = xr.DataArray(list(rows), dims="quantity", name="quantity")
    joined = told(xr.concat(list(rows.values()), names, join="outer"), COMPARED)
    coords = {key: ("quantity", [about[name][i] for name in rows]) for i, key in enumerate(("unit", "better"))}
    funds = [fund for fund in EMPTY if fund in saved]
    dry = xr.concat(
        [_ran_dry(saved[fund], *EMPTY[fund], baseline) for fund in funds],
        xr.DataArray(funds, dims="fund", name="fund"),
        join="outer",
        combine_attrs="override",
    )
    out = joined.assign_coords(coords).merge(dry, join="outer")
    return out.assign_attrs(baseline=baseline)


def _ran_dry(data: xr.Dataset, flag: str, year: str, baseline: str) -> xr.Dataset:
    at = [one for one in AT if one in data["year"].values]
    empty = paired.compare(data[flag].sel(year=at).rename(year="at"), baseline, "lower")
    # A fund that never runs dry lasts longer than any that does.
    lasts = paired.compare(data[year].fillna(np.inf), baseline, "higher")
    made = {
        "empty_difference": empty["mean_difference"],
        "empty_error": empty["standard_error"],
        "depletion_wins": lasts["wins"],
        "depletion_ties": lasts["ties"],
    }
    return told(made, RAN_DRY)


STATISTICS = (*(f"empty_{year}" for year in AT), *BURDENS)
"""What is attributed to measures: probabilities that the fund has run dry by a year, and burdens up to the last."""


def attributed(
    run_file: RunFile,
    world: trial.World,
    scenario: str,
    on_set: Callable[[], None] = lambda: None,
) -> xr.Dataset:
    """Tell what each measure of a scenario adds to it.

    Parameters
    ----------
    run_file : RunFile
    world : trial.World
        As many draws as are wanted: every set of measures is valued on each.
    scenario : str
        It combines at least two measures; what it changes besides is left out.
    on_set : callable
        Called after each set of measures.

    Returns
    -------
    xarray.Dataset
        The variables of `actuarial.paired.ATTRIBUTED` over (fund, statistic, measure), means over draws, for the funds
        of today's law that at least two of its measures change. NaN for a measure that does not touch the fund.
        Statistics are :data:`STATISTICS`. Nothing where there is no such fund.
    """
    made = {}
    for fund in (fund for fund in SCHEMES if fund in run_file.run.schemes):
        touching = [name for name in run_file.scenarios[scenario].measures if fund in run_file.measures[name].change]
        if len(touching) > 1 and (fund == "pension" or fund in world.own):
            made[str(fund)] = _of_fund(run_file, world, scenario, fund, touching, on_set=on_set)
    if not made:
        return xr.Dataset()
    order = [m for m in run_file.scenarios[scenario].measures if any(m in one["measure"] for one in made.values())]
    same = {axis: order for axis in ("measure", "other")}
    whole = [one.reindex({axis: names for axis, names in same.items() if axis in one.dims}) for one in made.values()]
    out = xr.concat(whole, xr.DataArray(list(made), dims="fund", name="fund"), join="outer", combine_attrs="override")
    titles = {
        "title_en": ("measure", [run_file.measures[m].title for m in order]),
        "title_zh": ("measure", [run_file.measures[m].title_zh or run_file.measures[m].title for m in order]),
    }
    return out.assign_coords(titles).assign_attrs(scenario=scenario, draws=world.projection.sizes["draw"])


def sets_of(run_file: RunFile, scenario: str) -> int:
    """Count the sets of measures that :func:`attributed` values, at most."""
    counts = (
        sum(fund in run_file.measures[name].change for name in run_file.scenarios[scenario].measures)
        for fund in run_file.run.schemes
    )
    return sum(min(2**n, PAIRS * 2 * n) for n in counts if n > 1)


PAIRS = 16
"""Pairs of orders that are sampled where a fund has more measures than :data:`EXACT_UP_TO`."""

EXACT_UP_TO = 6
"""Measures of one fund for which every set is valued: 64 sets."""


def _of_fund(
    run_file: RunFile,
    world: trial.World,
    scenario: str,
    fund: Scheme,
    measures: Sequence[str],
    *,
    on_set: Callable[[], None],
) -> xr.Dataset:
    kept, people = world.remembering(), _weighed_by(world.projection)

    def value(chosen: Iterable[str]) -> xr.DataArray:
        made = trial.account(kept, fund, with_some(run_file, world.tables, scenario, chosen).rules)
        on_set()
        return statistics(made, fund, people)

    rng = stream(run_file.run.seed, f"orders of measures of {fund}")
    found = paired.attribute(value, measures, rng=rng, pairs=PAIRS, exact_up_to=EXACT_UP_TO)
    means = found[["package", "alone", "marginal", "shapley"]].mean("draw", keep_attrs=True)
    return (
        found.drop_vars(["package", "alone", "marginal", "shapley"])
        .merge(means, join="exact")
        .drop_vars(["draw", "area"], errors="ignore")
    )


def _weighed_by(projection: xr.Dataset) -> xr.Dataset:
    """Keep what burdens are set against, rural people already added up: it is the same for every set of measures."""
    heads = projection["population"].sel(area=["rural"]).sum(["sex", "age"]).expand_dims(["sex", "age"], (-3, -2))
    return projection[["budget_revenue", "rural_income", "deposit_rate"]].assign(population=heads)


def statistics(account: xr.Dataset, fund: Scheme, projection: xr.Dataset) -> xr.DataArray:
    """Return :data:`STATISTICS` of an account, draw by draw.

    Parameters
    ----------
    account : xarray.Dataset
        From `actuarial.trial.account`.
    fund : str
        Its scheme.
    projection : xarray.Dataset
        What it was made on.

    Returns
    -------
    xarray.DataArray, dims (draw, statistic)
        A year beyond the account counts as its last.
    """
    last = int(account["year"][-1])
    empty = [(trial.margin(account, min(year, last)) <= 0).astype(float) for year in AT]
    cost = burdens(account, fund, projection, min(AT[-1], last))
    rows = [*empty, *(cost[name].drop_attrs() for name in BURDENS)]
    names = xr.DataArray(list(STATISTICS), dims="statistic", name="statistic")
    whole = xr.concat(rows, names, coords="minimal", join="exact").transpose("draw", "statistic")
    return whole.drop_attrs().assign_attrs(unit="share")
