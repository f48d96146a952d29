"""The resident pension (State Council 2014 No. 8): its benefits, its accounts, its standard fund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from actuarial import accounts, financing
from actuarial.assumptions import Assumptions, Benefit
from actuarial.flow import Flow, Kind, Ledger, Recorded, growth, in_money_of
from actuarial.fund import Fund
from actuarial.investment import crediting_rate
from forecasting import axes
from forecasting.axes import AxisError, require

PEOPLE = ("contributors", "pensioners", "pensioner_mortality")
MONEY = (
    "contribution_per_head",
    "rural_income",
    "price_index",
    "budget_revenue",
    "land_income",
    "deposit_rate",
    "market_return",
)
NEEDS = PEOPLE + MONEY
"""Variables of a Projection that :func:`with_accounts` reads or hands on."""

Published = xr.DataArray | Mapping[int, float]
"""A published series: by year, or also by draw where it is known with doubt."""

ACCOUNT_PENSION = Recorded("account_pension", "accounts", "outgo", "Account pensions paid from the members' accounts")
LONGEVITY_TAIL = Recorded(
    "longevity_tail", "pool", "outgo", "Account pensions paid by the pool after the account is used up"
)
INHERITANCE = Recorded("inheritance", "accounts", "outgo", "Left in the accounts at death, paid to heirs")


@dataclass(frozen=True)
class BasicPension:
    """Basic pension per head times pensioners (State Council 2014 No. 8, section 6)."""

    name: str = "basic_pension"
    ledger: Ledger = "pool"
    kind: Kind = "outgo"
    meaning: str = "Basic pensions"

    def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Yuan of each year; see :class:`actuarial.flow.Flow`."""
        require(projection, ["basic_pension_per_head", "pensioners_mid_year"])
        return projection["basic_pension_per_head"] * projection["pensioners_mid_year"]


@dataclass(frozen=True)
class FuneralGrant:
    """A grant per death of a pensioner, growing with prices."""

    name: str = "funeral_grant"
    ledger: Ledger = "pool"
    kind: Kind = "outgo"
    meaning: str = "Funeral grants"

    def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Yuan of each year; see :class:`actuarial.flow.Flow`."""
        require(projection, ["pensioner_deaths", "price_index"])
        level = in_money_of(projection["price_index"], assumptions.money_year)
        return assumptions.benefit.funeral_grant_per_death * level * projection["pensioner_deaths"]


def standard_fund(
    opening_year: int, opening_balance: float | np.ndarray, opening_accounts: float | np.ndarray = 0.0
) -> Fund:
    """Make the fund of the resident pension.

    Parameters
    ----------
    opening_year : int
        The account starts the year after; the openings stand at 31 December.
    opening_balance : float or numpy.ndarray, shape (draw,)
        All assets, yuan: the published accumulated balance.
    opening_accounts : float or numpy.ndarray, shape (draw,)
        What of it is owed to members, yuan: ``accounts_balance`` of
        :func:`with_accounts` in the opening year. The pool is the difference.

    Returns
    -------
    Fund
        Income, outgo and transfers as funds.md names them.
    """
    basic, grant = BasicPension(), FuneralGrant()
    others: tuple[Flow, ...] = (
        financing.LandWithdrawal(),
        financing.CollectivePool(),
        financing.Donations(),
        financing.OtherIncome(),
    )
    transfer = financing.FiscalTransfer(
        due=(basic, financing.MATCH), other_outgo=(LONGEVITY_TAIL, grant), other_income=others
    )
    return Fund(
        name="resident pension",
        income=(
            financing.CONTRIBUTIONS,
            financing.COLLECTIVE_ACCOUNTS,
            transfer,
            *others,
        ),
        outgo=(basic, LONGEVITY_TAIL, grant, ACCOUNT_PENSION, INHERITANCE),
        transfers=(financing.MATCH, financing.CREDITED_INTEREST),
        opening_year=opening_year,
        opening_balance=opening_balance,
        opening_accounts=opening_accounts,
    )


def basic_pension_per_head(projection: xr.Dataset, benefit: Benefit, observed: Published) -> xr.DataArray:
    """Give the basic pension of one pensioner: as published, afterwards indexed.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``rural_income`` and ``price_index``, dims (draw?, year).
    benefit : Benefit
        Weights of income and prices, floor, first year of indexation; before
        that year growth is that of nominal rural income.
    observed : mapping of year to float, or xarray.DataArray over (draw?, year)
        Yuan per pensioner and year for consecutive years; at least one of them
        in the projection. Years before the first are left empty.

    Returns
    -------
    xarray.DataArray
        Yuan per pensioner and year, dims (draw?, year); growth compounds as a
        cumulative product from the last observed year.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing, or `observed` is empty, has a gap or no year in common.
    """
    require(projection, ["rural_income", "price_index"])
    income, prices = xr.broadcast(growth(projection["rural_income"]), growth(projection["price_index"]))
    years = income["year"]
    known = _known(observed, years.values)
    last = int(known["year"][-1])
    weighted = benefit.income_weight * income + benefit.price_weight * prices
    rate = weighted.where(years >= benefit.indexation_from, income)
    rate = rate.clip(min=benefit.growth_floor).where(years > last, 0.0)
    path = known.sel(year=last, drop=True) * (1 + rate).cumprod("year")
    # Years without a published value stay empty on purpose: the account opens after them.
    return path.where(years > last, known.reindex(year=years.values)).rename("basic_pension_per_head")


def _known(observed: Published, years: np.ndarray) -> xr.DataArray:
    """Return the part of `observed` within the projection; refuse gaps and values that are not above 0."""
    if isinstance(observed, Mapping):
        observed = xr.DataArray(list(observed.values()), {"year": list(observed)}, ("year",))
    given = observed["year"].values.tolist()
    faults = [f"observed basic pension: year {y} is missing" for y in _gaps(sorted(given))]
    worst = observed.min([d for d in observed.dims if d != "year"])
    faults += [
        f"observed basic pension of {y} is {v}: give yuan above 0"
        for y, v in zip(given, worst.values, strict=True)
        if not v > 0
    ]
    inside = [y for y in sorted(given) if years[0] <= y <= years[-1]]
    if not inside:
        faults.append(f"observed basic pension has no year within {years[0]}-{years[-1]}: give at least one")
    if faults:
        raise AxisError(faults)
    return observed.sel(year=inside)


def _gaps(years: list[int]) -> list[int]:
    return sorted(set(range(years[0], years[-1] + 1)) - set(years)) if years else []


def with_accounts(projection: xr.Dataset, assumptions: Assumptions, observed: Published) -> xr.Dataset:
    """Sum people out, carry the members' accounts, index the basic pension: all that the flows read.

    Parameters
    ----------
    projection : xarray.Dataset
        With :data:`NEEDS`: people over (draw?, sex, age, year) at mid-year, money
        over (draw?, year). Its first year is the first year of the scheme.
    assumptions : Assumptions
        Sections ``accounts``, ``benefit``, ``collective`` and ``investment``.
    observed : mapping of year to float, or xarray.DataArray over (draw?, year)
        Basic pension in yuan per pensioner and year, as published
        (:func:`basic_pension_per_head`).

    Returns
    -------
    xarray.Dataset
        Over (draw?, year) only: the money variables of `projection`,
        ``contributors_mid_year``, ``pensioners_mid_year``, ``pensioner_deaths``
        (persons), ``basic_pension_per_head`` and :data:`actuarial.accounts.NAMES` (yuan).

    Raises
    ------
    forecasting.axes.AxisError
        Listing every missing variable, or every value out of bounds.
    """
    require(projection, NEEDS)
    projection = axes.check(projection[list(NEEDS)])
    money = projection[list(MONEY)].drop_vars(["sex", "age"], errors="ignore")
    people = _totals(projection)
    pension = basic_pension_per_head(projection, assumptions.benefit, observed)
    return axes.canonical(xr.merge([money, people, pension, _accounts(projection, assumptions)], join="exact"))


def _totals(projection: xr.Dataset) -> xr.Dataset:
    cubes = {name: _cube(projection[name]) for name in PEOPLE}
    deaths = np.einsum("dsay,dsay->dy", cubes["pensioners"], cubes["pensioner_mortality"], dtype=float)
    sums = {f"{name}_mid_year": cubes[name].sum(axis=(1, 2), dtype=float) for name in PEOPLE[:2]}
    return _labelled(sums | {"pensioner_deaths": deaths}, projection)


def _accounts(projection: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    heads = financing.account_money_per_head(projection, assumptions)
    rate = crediting_rate(projection, assumptions)
    paths = (_path(p) for p in (heads["member"], heads["match"], heads["collective"], rate))
    mid_year = assumptions.investment.interest_convention == "mid_year"
    rules = accounts.Rules(assumptions.accounts.back_payment_share, assumptions.benefit.divisor_months, mid_year)
    people, mortality = (_cube(projection[name]) for name in ("contributors", "pensioner_mortality"))
    try:
        flows, _ = accounts.member_accounts(people, mortality, accounts.PerHead(*paths), rules)
    except ValueError as error:
        raise AxisError([str(error)]) from error
    return _labelled(dict(zip(accounts.NAMES, np.moveaxis(flows, 1, 0), strict=True)), projection)


def _cube(values: xr.DataArray) -> np.ndarray:
    full = values if "draw" in values.dims else values.expand_dims("draw")
    return full.transpose("draw", "sex", "age", "year").values


def _path(values: xr.DataArray) -> np.ndarray:
    full = values if "draw" in values.dims else values.expand_dims("draw")
    return full.transpose("draw", "year").values


def _labelled(arrays: Mapping[str, np.ndarray], projection: xr.Dataset) -> xr.Dataset:
    """Give arrays (draw or 1, year) the labels of `projection`; one draw without label loses the axis."""
    coords = {"year": projection["year"]}
    if "draw" not in projection.dims:
        return xr.Dataset({name: (("year",), a[0]) for name, a in arrays.items()}, coords)
    coords["draw"] = projection["draw"]
    full = (projection.sizes["draw"], projection.sizes["year"])
    return xr.Dataset({n: (("draw", "year"), np.broadcast_to(a, full)) for n, a in arrays.items()}, coords)
