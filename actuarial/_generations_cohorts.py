"""Flows of a pension fund by sex and cohort: accounts from their kernel, the pool's benefits by persons."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import _member_money, accounts, benefit, financing
from actuarial._generations_kernel import carry_apart
from actuarial._labels import plain
from actuarial.assumptions import Assumptions
from actuarial.fund import Fund
from actuarial.investment import crediting_rate
from forecasting.axes import AxisError

Array = np.ndarray

BENEFITS = (
    "basic_pension",
    "account_pension",
    "longevity_tail",
    "inheritance",
    "funeral_grant",
    "portability_out",
)
"""What members and their heirs are paid, or take with them."""

OWN = ("contributions", "portability_in")
"""What members bring: their contributions, and account money of theirs that other schemes send."""

CREDITS = ("match", "collective_accounts")
"""What others put into the accounts of members."""

HEADS_RTOL = 1e-6
"""Agreement asked of persons that were summed before, in single precision perhaps."""


def diagonals(cube: Array) -> Array:
    """Lay values by age out by cohort.

    Parameters
    ----------
    cube : numpy.ndarray, shape (..., age, year)
        One year of age and one calendar year a step.

    Returns
    -------
    numpy.ndarray of float, shape (..., age + year - 1, year)
        The oldest cohort first; the place of a cohort is its year of birth less that of the oldest age in the
        first year. 0 before birth and after the last age: the open age of a year belongs to its youngest cohort.
    """
    ages, years = cube.shape[-2:]
    out = np.zeros((*cube.shape[:-2], ages + years - 1, years))
    step = np.arange(years)
    for age in range(ages):
        out[..., step + ages - 1 - age, step] = cube[..., age, :]
    return out


def by_cohort(
    fund: Fund, account: xr.Dataset, ready: xr.Dataset, people: xr.Dataset, assumptions: Assumptions
) -> dict[str, Array]:
    """Give every flow of members as it is paid, with the account's balance and the persons.

    Parameters
    ----------
    fund, account, ready, people, assumptions
        As in :func:`actuarial.generations.cohort_flows`.

    Returns
    -------
    dict of str to numpy.ndarray, shape (draw or 1, sex, cohort, year)
        :data:`BENEFITS`, :data:`OWN`, :data:`CREDITS` and ``accounts_balance``, yuan, and ``members``, persons.

    Raises
    ------
    forecasting.axes.AxisError
        If `people` are not those of `ready`, or the fund pays what is nobody's here.
    """
    cubes = [plain(people[name], "sex", "age", "year") for name in _member_money.PEOPLE]
    paying, drawing = (diagonals(cube) for cube in cubes[:2])
    _refuse_others(fund, ready, paying, drawing)
    values = dict(zip(accounts.NAMES, np.moveaxis(_accounts(people, assumptions), 3, 0), strict=True))
    del values["credited_interest"]
    deaths = diagonals(cubes[1].astype(float) * cubes[2])
    values |= {
        "basic_pension": _basic_pension(ready, people, drawing, assumptions),
        "funeral_grant": _shared_out(_path(account["funeral_grant"], ready), deaths),
        "members": paying + drawing,
    }
    for name, share in paid_shares(fund, account, assumptions).items():
        values[name] = values[name] * _path(share, ready, 1.0)[:, None, None, :]
    return values


def paid_shares(fund: Fund, account: xr.Dataset, assumptions: Assumptions) -> dict[str, xr.DataArray]:
    """Part of each benefit that is paid: what the account cuts is cut from all that its rule reaches alike.

    Parameters
    ----------
    fund : Fund
    account : xarray.Dataset
        From `actuarial.fund.project`.
    assumptions : Assumptions
        Section ``valuation``: whether a cut reaches the pool's benefits alone, or those of the accounts too.

    Returns
    -------
    dict of str to xarray.DataArray, dims (draw?, year)
        By the name of a benefit that a cut reaches.
    """
    every = assumptions.valuation.cut_when == "fund_empty"
    reached = [flow.name for flow in fund.outgo if every or flow.ledger == "pool"]
    due = sum((account[name] for name in reached), xr.zeros_like(account["benefit_cut"]))
    cut = (account["benefit_cut"] / due.where(due > 0)).fillna(0.0)
    # A cut of everything may pass it by a rounding error.
    share = (1.0 - cut).clip(min=0.0).drop_attrs()
    return dict.fromkeys(reached, share)


def _accounts(people: xr.Dataset, assumptions: Assumptions) -> Array:
    """Carry the accounts as `_member_money.flows` does; shape (draw or 1, sex, cohort, flow, year)."""
    cubes = [plain(people[name], "sex", "age", "year") for name in ("contributors", "pensioner_mortality")]
    contributors, mortality = (np.require(cube, requirements=["C", "W"]) for cube in cubes)
    sexes, ages, years = contributors.shape[1:]
    law = _member_money.rules(assumptions, people["year"].values, ages)
    heads = financing.account_money_per_head(people, assumptions)
    money = [*(heads[name] for name in ("member", "match", "collective")), crediting_rate(people, assumptions)]
    per_head = accounts.PerHead(*(plain(path, "year") for path in money))
    came = _member_money._ported_in(people, assumptions, law)
    ported_in = np.zeros((1, sexes, years)) if came is None else np.require(came, float, ["C", "W"])
    draws = max(a.shape[0] for a in (contributors, mortality, ported_in, *per_head))
    flows = np.zeros((draws, sexes, ages + years - 1, len(accounts.NAMES), years))
    carry_apart(
        contributors,
        mortality,
        accounts.age_factors(contributors, law),
        accounts._yearly(per_head, law, (draws, years)),
        ported_in,
        np.zeros((draws, 2, sexes, ages)),
        accounts._law(law, ages, years),
        flows,
    )
    return flows


def _basic_pension(ready: xr.Dataset, people: xr.Dataset, drawing: Array, assumptions: Assumptions) -> Array:
    """Share the basic pensions of a year out: minimum and top-up by heads, increments by age and years paid."""
    ages, years, rule = people["age"].values, people["year"].values, assumptions.benefit
    flat = _shared_out(_path(ready["minimum_pension_paid"] + ready["local_top_up_paid"], ready), drawing)
    beyond = benefit.years_beyond_the_minimum(assumptions, ages, years)
    monthly = rule.age_increment * (ages >= benefit.INCREMENT_AGE)[:, None] + rule.long_contribution_increment * beyond
    shared: Array = flat + _shared_out(_path(ready["increments_paid"], ready), drawing * diagonals(monthly))
    return shared


def _shared_out(total: Array, weights: Array) -> Array:
    """Share a total (draw or 1, year) out by weights (draw or 1, sex, cohort, year)."""
    whole = weights.sum(axis=(1, 2))
    each = np.divide(total, whole, out=np.zeros(np.broadcast_shapes(total.shape, whole.shape)), where=whole > 0)
    shared: Array = weights * each[:, None, None, :]
    return shared


def _path(values: xr.DataArray, ready: xr.Dataset, missing: float = 0.0) -> Array:
    """Lay a path out over the years of `ready`; a year that it lacks, or has empty, counts as `missing`."""
    return plain(values.reindex(year=ready["year"].values).fillna(missing), "year")


def _refuse_others(fund: Fund, ready: xr.Dataset, paying: Array, drawing: Array) -> None:
    faults = [
        f"the fund pays {flow.name!r}: only {', '.join(BENEFITS)} are known by cohort"
        for flow in fund.outgo
        if flow.name not in BENEFITS
    ]
    for name, persons in (("contributors", paying), ("pensioners", drawing)):
        known = plain(ready[f"{name}_mid_year"], "year")
        if not np.allclose(persons.sum(axis=(1, 2)), known, rtol=HEADS_RTOL, atol=HEADS_RTOL):
            faults.append(f"{name} are not those that the scheme's money was made from: give the same people")
    if faults:
        raise AxisError(faults)
