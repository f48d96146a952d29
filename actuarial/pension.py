"""The resident pension (State Council 2014 No. 8): its benefits, its accounts, its standard fund."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import xarray as xr

from actuarial import _member_money, benefit, eligibility, financing
from actuarial._steps import AFRESH, Steps
from actuarial.assumptions import Assumptions
from actuarial.benefit import Published
from actuarial.flow import Flow, Kind, Ledger, Recorded, in_money_of
from actuarial.fund import Fund
from forecasting import axes
from forecasting.axes import require

PEOPLE = _member_money.PEOPLE
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


def reads(projection: xr.Dataset) -> list[str]:
    """Return what of a Projection the pension reads: :data:`NEEDS`, and of `forecasting.axes.SOURCES` what is there.

    Parameters
    ----------
    projection : xarray.Dataset

    Returns
    -------
    list of str
        Names of variables. Innovations of sources may be missing where no source that pays swings.
    """
    return [*NEEDS, *(name for name in axes.SOURCES if name in projection)]


ACCOUNT_PENSION = Recorded("account_pension", "accounts", "outgo", "Account pensions paid from the members' accounts")
LONGEVITY_TAIL = Recorded(
    "longevity_tail", "pool", "outgo", "Account pensions paid by the pool after the account is used up"
)
INHERITANCE = Recorded("inheritance", "accounts", "outgo", "Left in the accounts at death, paid to heirs")
PORTABILITY_OUT = Recorded(
    "portability_out", "accounts", "outgo", "Accounts that move to the employee scheme when the pension starts"
)
PORTABILITY_IN = Recorded(
    "portability_in", "accounts", "income", "Account money that comes from the employee scheme when the pension starts"
)


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
        financing.PlatformPayment(),
        financing.OtherIncome(),
    )
    due, besides = (basic, financing.MATCH), (LONGEVITY_TAIL, grant)
    transfer = financing.FiscalTransfer(due=due, other_outgo=besides, other_income=others)
    mix = financing.Mix(transfer=transfer, others=others, outgo=(*due, *besides))
    return Fund(
        name="resident pension",
        income=(
            financing.CONTRIBUTIONS,
            financing.COLLECTIVE_ACCOUNTS,
            PORTABILITY_IN,
            *mix.flows(),
        ),
        outgo=(basic, LONGEVITY_TAIL, grant, ACCOUNT_PENSION, INHERITANCE, PORTABILITY_OUT),
        transfers=(financing.MATCH, financing.CREDITED_INTEREST),
        opening_year=opening_year,
        opening_balance=opening_balance,
        opening_accounts=opening_accounts,
    )


def with_accounts(
    projection: xr.Dataset,
    assumptions: Assumptions,
    observed: Published,
    *,
    minimum: Published | None = None,
    born: _member_money.Born | None = None,
    steps: Steps = AFRESH,
) -> xr.Dataset:
    """Sum people out, carry the members' accounts, index the basic pension: all that the flows read.

    Parameters
    ----------
    projection : xarray.Dataset
        With :data:`NEEDS`: people over (draw?, sex, age, year) at mid-year, money
        over (draw?, year). Its first year is the first year of the scheme. Where
        the pension age rises, people are as projected for 60, or have been
        through :func:`actuarial.eligibility.members` before.
    assumptions : Assumptions
        Sections ``accounts``, ``benefit``, ``retirement``, ``portability``, ``collective`` and ``investment``.
    observed : mapping of year to float, or xarray.DataArray over (draw?, year)
        Basic pension in yuan per pensioner and year, as published
        (:func:`actuarial.benefit.per_head`).
    minimum : mapping of year to float, or xarray.DataArray over (year), optional
        National minimum, yuan per pensioner and year; without it all of the pension counts as minimum.
    born : tuple of int or None, optional
        First and last year of birth (year less age at mid-year) of the members
        that are kept; None is an open end. What depends on everybody, such as
        the age pattern of contributions, is made from everybody, so that
        persons and money of parts of the cohorts add up to the whole.
    steps : actuarial._steps.Steps
        Whether people, accounts and pensions are kept for rules that differ in nothing that they read.

    Returns
    -------
    xarray.Dataset
        Over (draw?, year) only: the money variables of `projection` and its innovations of sources,
        ``contributors_mid_year``, ``pensioners_mid_year``, ``pensioner_deaths``
        (persons), ``basic_pension_per_head``, its parts (:data:`actuarial.benefit.PARTS`) and
        :data:`actuarial.accounts.NAMES` (yuan).

    Raises
    ------
    forecasting.axes.AxisError
        Listing every missing variable, or every value out of bounds.
    """
    everybody = steps.once("members", assumptions, (projection,), partial(_members, projection))
    members = _member_money.born_within(everybody, born)

    def money(_: Assumptions) -> xr.Dataset:
        swings = [name for name in axes.SOURCES if name in everybody]
        paths = everybody[[*MONEY, *swings]].drop_vars(["sex", "age"], errors="ignore")
        return xr.merge([paths, _member_money.totals(members)], join="exact")

    def pensions(rules: Assumptions) -> xr.Dataset:
        return benefit.parts(members, rules, observed, minimum)

    def accounts(rules: Assumptions) -> xr.Dataset:
        return _member_money.flows(everybody, members, rules)[0]

    made = (
        steps.once("money", assumptions, (members,), money),
        steps.once("pensions", assumptions, (members, observed, minimum), pensions),
        steps.once("accounts", assumptions, (everybody, members), accounts),
    )
    return steps.once("ready", assumptions, made, lambda _: axes.canonical(xr.merge(made, join="exact")))


def accounts_by_age(projection: xr.Dataset, assumptions: Assumptions, years: Sequence[int]) -> xr.DataArray:
    """Give the members' accounts by sex and age.

    Parameters
    ----------
    projection, assumptions
        As in :func:`with_accounts`.
    years : sequence of int
        Years of `projection` whose 31 December is wanted.

    Returns
    -------
    xarray.DataArray, dims (draw?, sex, age, year)
        Owed to members at 31 December, yuan, by age at mid-year; its sum over
        sex and age is ``accounts_balance`` of :func:`with_accounts`.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`with_accounts`, and naming every year that the projection does not have.
    """
    everybody = _members(projection, assumptions)
    wanted = axes.join_years(everybody[["price_index"]], np.asarray(years, dtype=int))["year"].values
    return _member_money.flows(everybody, everybody, assumptions, wanted)[1]


def _members(projection: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Check a Projection and let its people draw the pension from the age that the rules say."""
    require(projection, NEEDS)
    return eligibility.members(axes.check(projection[reads(projection)]), assumptions)
