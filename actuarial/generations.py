"""Generations: what each birth cohort pays to a pension fund and gets from it over its life, and at what return.

A generational account (Auerbach, Gokhale and Kotlikoff, Generational accounts:
a meaningful alternative to deficit accounting, Tax Policy and the Economy 5,
1991) of one fund. A cohort's transfer is the value of what the fund pays to its
members and their heirs less that of what they bring themselves; what others put
into their accounts (the match, collective money) is a gift to them, told apart.
Whoever pays the transfers (budgets, land, other cohorts' interest) is outside
the account. Past and future are apart: Auerbach and others count the future
only, a return over a life needs both.

Values stand at 31 December of a base year, in its nominal yuan, at the rate
that the fund earns or another one. Nothing after the projection is counted but
the account that a cohort then owns. So the transfers of those who are alive then
are told to an age (``seen_to``), and what belongs to a whole life, the
benefit ratio and the internal rate of return, is told only of cohorts that
reach the open age within the projection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import xarray as xr

from actuarial import eligibility
from actuarial._generations_cohorts import BENEFITS, CREDITS, OWN, by_cohort
from actuarial._generations_value import PERIODS, RATES, factors, internal_rate, valued
from actuarial._labels import told
from actuarial.assessment import Kept
from actuarial.assumptions import Assumptions
from actuarial.fund import Fund
from forecasting.axes import AxisError, require

__all__ = [
    "BENEFITS",
    "CREDITS",
    "GROUPED",
    "LIFETIME",
    "OWN",
    "PERIODS",
    "RATES",
    "across",
    "cohort_flows",
    "internal_rate",
    "lifetime",
]

Array = np.ndarray

BLOCK = 8
"""Draws whose flows by cohort and year are held at once."""

LIFETIME = {
    "paid_in": ("yuan", "Value of what members bring: contributions, and accounts that come from other schemes"),
    "credits": ("yuan", "Value of what others put into the accounts: the match and collective money"),
    "basic_pension": ("yuan", "Value of basic pensions"),
    "account_pension": ("yuan", "Value of account pensions paid from the accounts"),
    "longevity_tail": ("yuan", "Value of account pensions that the pool pays when the account is used up"),
    "inheritance": ("yuan", "Value of what heirs receive from the accounts"),
    "funeral_grant": ("yuan", "Value of funeral grants, from the opening of the account on"),
    "portability_out": ("yuan", "Value of accounts that move to another scheme"),
    "net_transfer": ("yuan", "Value of all benefits less that of what members bring, apart from the account left"),
    "account_left": ("yuan", "Value of the account that the cohort owns at the end of the projection"),
    "lifetime_transfer": ("yuan", "Net transfers, past and future, and the account left"),
    "members": ("persons", "Contributors and pensioners in the year in which the cohort has most of them"),
    "transfer_per_member": ("yuan per member", "Lifetime transfer over members; empty where there are none"),
    "benefit_ratio": (
        "ratio",
        "Value of benefits and of the account left over that of what members bring (money's worth), over a life that "
        "the projection sees whole",
    ),
    "internal_rate": (
        "per year",
        "Rate at which benefits and the account left are worth what members bring, over a life that is seen whole; "
        "empty where there is no such rate, or more than one",
    ),
}
"""Unit and meaning of each variable that :func:`lifetime` returns."""

GROUPED = {
    "lifetime_transfer": LIFETIME["lifetime_transfer"],
    "members": (
        "persons",
        "Contributors and pensioners in the year in which the births of the group have most of them",
    ),
    "transfer_per_member": LIFETIME["transfer_per_member"],
    "transfer_in_income": ("years of rural income", "Lifetime transfer per member over rural income of the base year"),
    "benefit_ratio": LIFETIME["benefit_ratio"],
    "internal_rate": LIFETIME["internal_rate"],
}
"""Unit and meaning of each variable that :func:`across` returns."""

BORN, WIDTH = (1940, 2009), 5
"""First and last birth that :func:`across` tells of, and how many years of birth make one generation."""

_FLOWS = {
    name: ("yuan", "As in the account, after cuts, by sex and cohort") for name in (*BENEFITS, *OWN, *CREDITS)
} | {
    "accounts_balance": ("yuan", "Owed to the cohort at 31 December"),
    "members": ("persons", "Contributors and pensioners at mid-year"),
}


def cohort_flows(
    fund: Fund, account: xr.Dataset, ready: xr.Dataset, people: xr.Dataset, assumptions: Assumptions
) -> xr.Dataset:
    """Give what each cohort brings and gets, year by year.

    Holds every flow by draw, sex, cohort and year: take few draws. :func:`lifetime` goes through all of them.

    Parameters
    ----------
    fund : Fund
        From `actuarial.pension.standard_fund`.
    account : xarray.Dataset
        From `actuarial.fund.project`.
    ready : xarray.Dataset
        From `actuarial.pension.with_accounts` of all members, balanced if the pension was.
    people : xarray.Dataset
        What `ready` was made from: people by (draw?, sex, age, year), money by (draw?, year).
    assumptions : Assumptions
        Those of the account.

    Returns
    -------
    xarray.Dataset
        :data:`BENEFITS`, :data:`OWN` and :data:`CREDITS`, yuan a year, ``accounts_balance``, yuan at 31 December,
        and ``members``, persons, over (draw?, sex, born, year), each with ``unit`` and ``meaning``; ``born`` is the
        year less the age at mid-year, the open age of a year being one age. Each flow summed over sex and cohort is
        that of the account, less the cut where the account cuts it. Before the first year with a published basic
        pension there is none; funeral grants begin with the account.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing, `people` are others than those of `ready`, or the fund pays what is nobody's here.
    """
    people = _checked(account, ready, people, assumptions)
    values = by_cohort(fund, account, ready, people, assumptions)
    coords = {"sex": people["sex"].values, "born": _born(people), "year": people["year"].values}
    if "draw" in ready.dims:
        coords = {"draw": ready["draw"].values} | coords
    shape = tuple(len(labels) for labels in coords.values())
    full = {
        n: xr.DataArray(np.broadcast_to(a if "draw" in coords else a[0], shape), coords, tuple(coords))
        for n, a in values.items()
    }
    return told(full, _FLOWS)


def lifetime(
    fund: Fund,
    account: xr.Dataset,
    ready: xr.Dataset,
    people: xr.Dataset,
    assumptions: Assumptions,
    *,
    rate: xr.DataArray | None = None,
    base_year: int | None = None,
    by_sex: bool = True,
    born: tuple[int, int] | None = None,
    width: int = 1,
) -> xr.Dataset:
    """Value what each cohort brings and gets over its life.

    Parameters
    ----------
    fund, account, ready, people, assumptions
        As in :func:`cohort_flows`.
    rate : xarray.DataArray, dims (draw?, year), optional
        Discount rate per year, of all years of `ready`; by default what the fund earns.
    base_year : int, optional
        Values stand at its 31 December; by default the opening of the account.
    by_sex : bool
        Women and men apart, else both as one.
    born : tuple of int, optional
        First and last birth; by default all.
    width : int
        Years of birth that are one generation: their money and their members are added up. Divides the births.

    Returns
    -------
    xarray.Dataset
        :data:`LIFETIME` over (draw?, sex?, born), the flows and ``net_transfer`` also over ``period``
        (:data:`PERIODS`), with ``unit`` and ``meaning``. The coordinate ``seen_to`` is the age that a cohort reaches
        in the last year, of several births the youngest; ``born`` is then the middle one. Flows are discounted from
        mid-year, or from the end of the year where the assumptions' interest convention has it so.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`cohort_flows`, or if a year of the rate or the base year is missing, or if the births are not those
        of the people, or are no whole number of generations.
    """
    people = _checked(account, ready, people, assumptions)
    base_year = fund.opening_year if base_year is None else base_year
    discount = fund.rate(ready, assumptions) if rate is None else rate
    flow, end = factors(discount, ready["year"].values, base_year, assumptions)
    first, last = _births(people, born, width)
    parts = []
    for take in _blocks(ready):
        kept, made, members = (_part(data, take) for data in (account, ready, people))
        flows = cohort_flows(fund, kept, made, members, assumptions).sel(born=slice(first, last))
        flows = flows if by_sex else flows.sum("sex")
        flows = flows if width == 1 else flows.coarsen(born=width).sum()
        parts.append(valued(flows, _part(flow, take), _part(end, take), fund.opening_year))
    whole = xr.concat(parts, "draw") if len(parts) > 1 else parts[0]
    whole = whole.assign_coords(born=np.arange(first, last + 1, width) + width // 2)
    youngest = xr.DataArray(np.arange(first, last + 1, width) + width - 1, {"born": whole["born"]}, ("born",))
    open_age = int(people["age"][-1])
    seen = (int(ready["year"][-1]) - youngest).clip(max=open_age)
    whole = whole.assign({n: whole[n].where(seen == open_age) for n in ("benefit_ratio", "internal_rate")})
    return told(whole, LIFETIME).assign_coords(seen_to=seen)


def across(
    kept: Mapping[str, Kept],
    rules: Mapping[str, Assumptions],
    *,
    born: tuple[int, int] = BORN,
    width: int = WIDTH,
) -> xr.Dataset:
    """Compare what generations get under several scenarios.

    Parameters
    ----------
    kept : mapping of str to actuarial.assessment.Kept
        Books of the pension by scenario, on the same draws (`actuarial.trial.kept`).
    rules : mapping of str to Assumptions
        Those of the books.
    born : tuple of int
        First and last birth.
    width : int
        Years of birth that are one generation.

    Returns
    -------
    xarray.Dataset
        :data:`GROUPED` over (scenario, some, born); ``some`` are the draws of the books, with their labels as the
        coordinate ``drawn``. Values stand at the opening of each account, at what its fund earns; ``born`` is the
        middle birth, and ``seen_to`` the age to which the youngest is followed.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`lifetime`.
    """
    made = []
    for name, one in kept.items():
        whole = lifetime(
            one.fund, one.account, one.ready, one.people, rules[name], by_sex=False, born=born, width=width
        )
        income = one.ready["rural_income"].sel(year=one.fund.opening_year, drop=True)
        made.append(whole.assign(transfer_in_income=whole["transfer_per_member"] / income))
    names = xr.DataArray(list(kept), dims="scenario", name="scenario")
    both = xr.concat(made, names, join="exact", combine_attrs="drop")
    drawn = both["draw"].values
    told_of = told(both, GROUPED).rename(draw="some").drop_vars("some").transpose("scenario", "some", "born")
    return told_of.assign_coords(drawn=("some", drawn))


def _checked(account: xr.Dataset, ready: xr.Dataset, people: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Refuse what lacks a variable; let the people draw the pension from the age that the rules say."""
    require(account, ["benefit_cut", "funeral_grant"])
    require(ready, ["minimum_pension_paid", "local_top_up_paid", "increments_paid"])
    people = eligibility.members(people, assumptions)
    if not np.array_equal(people["year"].values, ready["year"].values):
        raise AxisError(["the years of the people are not those of the scheme's money: give what it was made from"])
    return people


def _born(people: xr.Dataset) -> Array:
    first, ages, last = int(people["year"][0]), people.sizes["age"], int(people["year"][-1])
    return np.arange(first - ages + 1, last + 1)


def _births(people: xr.Dataset, born: tuple[int, int] | None, width: int) -> tuple[int, int]:
    """Return first and last birth; refuse those that nobody has, and a part of a generation."""
    there = _born(people)
    first, last = born or (int(there[0]), int(there[-1]))
    faults = []
    if not there[0] <= first <= last <= there[-1]:
        faults.append(f"births {first} to {last}: give births within {there[0]} to {there[-1]}")
    if (last - first + 1) % width:
        faults.append(f"births {first} to {last} are no whole number of generations of {width} births")
    if faults:
        raise AxisError(faults)
    return first, last


def _blocks(ready: xr.Dataset) -> Iterator[slice]:
    draws = ready.sizes.get("draw", 1)
    return (slice(start, start + BLOCK) for start in range(0, draws, BLOCK))


def _part[D: (xr.Dataset, xr.DataArray)](data: D, take: slice) -> D:
    return data.isel(draw=take) if "draw" in data.dims else data
