"""From people and rules, with labels, to what the kernel of the accounts gives, with labels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from actuarial import accounts, eligibility, financing
from actuarial._labels import plain
from actuarial.assumptions import Assumptions, Benefit
from actuarial.flow import in_money_of
from actuarial.investment import crediting_rate
from forecasting.axes import AxisError

Array = np.ndarray
Born = tuple[int | None, int | None]
"""First and last year of birth; None where there is no first or last."""

PEOPLE = ("contributors", "pensioners", "pensioner_mortality")

DIVISORS = (139.0, 132.0, 125.0, 117.0, 109.0, 101.0, 93.0, 84.0, 75.0, 65.0, 56.0)
"""Months by age from 60 to 70, as employees have them (State Council 2005 No. 38, appendix)."""


def divisors(benefit: Benefit, ages: int) -> Array:
    """Months by which an account is divided, by the age at which the pension starts; shape (age,).

    ``divisor_months`` at 60, then falling as :data:`DIVISORS` do; the last from 70 on.
    """
    past = np.clip(np.arange(ages) - accounts.START_AGE, 0, len(DIVISORS) - 1)
    months: Array = benefit.divisor_months * (np.array(DIVISORS)[past] / DIVISORS[0])
    return months


def rules(assumptions: Assumptions, years: Array, ages: int) -> accounts.Rules:
    """Write the assumptions as rules of the kernel for the calendar years `years`."""
    benefit = assumptions.benefit
    reformed = int(np.searchsorted(years, benefit.divisor_from))
    return accounts.Rules(
        back_payment_share=assumptions.accounts.back_payment_share,
        divisor_months=divisors(benefit, ages),
        mid_year=assumptions.investment.interest_convention == "mid_year",
        pension_age=eligibility.pension_ages(assumptions.retirement, np.append(years, years[-1] + 1)),
        back_payment_multiple=eligibility.back_payment_multiple(assumptions, years),
        annuity_from=reformed if benefit.divisor_rule == "cohort_annuity" else None,
        shared_from=reformed if benefit.remainder == "survivors" else None,
        out_share=np.where(years >= assumptions.portability.from_year, assumptions.portability.out_share, 0.0),
    )


def born_within(projection: xr.Dataset, born: Born | None) -> xr.Dataset:
    """Keep the members born within `born`, of contributors and pensioners; the cohort is year less age at mid-year."""
    if born is None or born == (None, None):
        return projection
    year = projection["year"] - projection["age"]
    first, last = (int(year.min() if born[0] is None else born[0]), int(year.max() if born[1] is None else born[1]))
    inside = (year >= first) & (year <= last)
    return projection.assign(
        {n: projection[n].where(inside, 0.0).transpose(*projection[n].dims) for n in ("contributors", "pensioners")}
    )


def totals(projection: xr.Dataset) -> xr.Dataset:
    """Sum sex and age out of members and of the deaths of pensioners, persons."""
    cubes = {name: _cube(projection[name]) for name in PEOPLE}
    deaths = np.einsum("dsay,dsay->dy", cubes["pensioners"], cubes["pensioner_mortality"], dtype=float)
    sums = {f"{name}_mid_year": cubes[name].sum(axis=(1, 2), dtype=float) for name in PEOPLE[:2]}
    return _labelled(sums | {"pensioner_deaths": deaths}, projection)


def flows(
    everybody: xr.Dataset, members: xr.Dataset, assumptions: Assumptions, keep: Array | None = None
) -> tuple[xr.Dataset, xr.DataArray]:
    """Carry the accounts of `members`, a part of `everybody` or all of them.

    Parameters
    ----------
    everybody, members : xarray.Dataset
        People after the rule of the pension age, and money; what depends on all people is taken from the first.
    assumptions : Assumptions
    keep : numpy.ndarray of int, optional
        Calendar years whose balances are wanted by sex and age.

    Returns
    -------
    tuple of xarray.Dataset and xarray.DataArray
        :data:`actuarial.accounts.NAMES` over (draw?, year), and the balances over (draw?, sex, age, year), yuan.
    """
    years = members["year"].values
    wanted = np.array([], dtype=int) if keep is None else np.asarray(keep)
    heads = financing.account_money_per_head(members, assumptions)
    paths = [*(heads[name] for name in ("member", "match", "collective")), crediting_rate(members, assumptions)]
    people, mortality = (_cube(members[name]) for name in ("contributors", "pensioner_mortality"))
    law = rules(assumptions, years, people.shape[2])
    try:
        arrays, by_age = accounts.member_accounts(
            people,
            mortality,
            accounts.PerHead(*(plain(path, "year") for path in paths)),
            law,
            factors=accounts.age_factors(_cube(everybody["contributors"]), law),
            ported_in=_ported_in(members, assumptions, law),
            keep_years=tuple(int(y - years[0]) for y in wanted),
        )
    except ValueError as error:
        raise AxisError([str(error)]) from error
    by_name = dict(zip(accounts.NAMES, np.moveaxis(arrays, 1, 0), strict=True))
    return _labelled(by_name, members), _balances(by_age, members, wanted)


def _ported_in(members: xr.Dataset, assumptions: Assumptions, law: accounts.Rules) -> Array | None:
    """Yuan that come with the new pensioners of each year; shape (draw or 1, sex, year)."""
    rule, years = assumptions.portability, members["year"]
    if rule.in_per_new_pensioner == 0.0:
        return None
    ages = np.asarray(law.pension_age)[:-1]
    at_age = xr.DataArray(ages, {"year": years}, ("year",))
    starting = members["pensioners"].sel(age=at_age).drop_vars("age").where(years >= rule.from_year, 0.0)
    level = in_money_of(members["rural_income"], assumptions.money_year)
    return plain(rule.in_per_new_pensioner * level * starting.astype(float), "sex", "year")


def _balances(by_age: Array, members: xr.Dataset, years: Array) -> xr.DataArray:
    coords = {"sex": members["sex"], "age": members["age"], "year": years}
    if "draw" not in members.dims:
        return xr.DataArray(by_age[0], coords, tuple(coords), "accounts_by_age")
    full = np.broadcast_to(by_age, (members.sizes["draw"], *by_age.shape[1:]))
    return xr.DataArray(full, {"draw": members["draw"]} | coords, ("draw", *coords), "accounts_by_age")


def _cube(values: xr.DataArray) -> Array:
    return plain(values, "sex", "age", "year")


def _labelled(arrays: Mapping[str, Array], projection: xr.Dataset) -> xr.Dataset:
    """Give arrays (draw or 1, year) the labels of `projection`; one draw without label loses the axis."""
    coords = {"year": projection["year"]}
    if "draw" not in projection.dims:
        return xr.Dataset({name: (("year",), a[0]) for name, a in arrays.items()}, coords)
    coords["draw"] = projection["draw"]
    full = (projection.sizes["draw"], projection.sizes["year"])
    return xr.Dataset({n: (("draw", "year"), np.broadcast_to(a, full)) for n, a in arrays.items()}, coords)
