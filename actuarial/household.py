"""One household of funds: every scheme of a scenario on the same draws, and all of them together.

Each fund is carried by `actuarial.fund.project` on the people, the economy and what its own model tells
(`forecasting.projection.for_schemes`), draw by draw. What the unemployment fund, the time bank and the plan of
elderly care hold earns the rate of deposits, and who pays when they are empty is the pension's rule: they have no law
of their own yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from actuarial import careplan, fund, joint, medical, timebank, unemployment
from actuarial._medical_income import NOTHING, Published
from actuarial._timebank_rules import TimeBank
from actuarial.rates import over
from actuarial.rules import SCHEMES, Case, Rules, Scheme
from forecasting.axes import require

BUDGET = {
    "pension": ("fiscal_transfer",),
    "medical": ("fiscal_transfer", "equipment_grant"),
    "unemployment": ("fiscal_match", "founding_grant"),
    "time_bank": ("bank_subsidy",),
    "care_plan": careplan.BUDGETS,
}
"""Income of each fund that comes from budgets."""

TIME_BANK_NEEDS = (
    *("population", "pensioner_mortality", "rural_income"),
    *("price_index", "budget_revenue", "deposit_rate", "market_return"),
)
"""Variables of a Projection that the time bank reads."""

CASE_DRAWS = 200
"""About how many draws the cases of the time bank take: each case carries all cohorts again."""

ONE_POOL = (
    *("accounts_balance", "opening_accounts", "lending"),
    *("pool_balance", "pool_interest", "pool_income", "pool_outgo"),
)
"""What an account says of two ledgers; where there is one, it is nothing, or stands under the name of the whole."""


@dataclass(frozen=True)
class Known:
    """What is published of the medical fund.

    Attributes
    ----------
    year : int
        The account opens at its 31 December.
    balance : float
        All assets then, yuan.
    standards : actuarial.medical.Published
        Contribution and subsidy per head by year.
    """

    year: int
    balance: float
    standards: Published = NOTHING


def value(
    projection: xr.Dataset, own: Mapping[str, xr.Dataset], rules: Rules, schemes: Sequence[Scheme], known: Known
) -> dict[str, xr.Dataset]:
    """Value every scheme of a scenario besides the pension.

    Parameters
    ----------
    projection : xarray.Dataset
        People and economy.
    own : mapping of str to xarray.Dataset
        What each scheme needs besides, from `forecasting.projection.for_schemes`.
    rules : Rules
        Of the scenario.
    schemes : sequence of str
        Those that the scenario has.
    known : Known

    Returns
    -------
    dict of str to xarray.Dataset
        By scheme: its account, what is told beside the flows, and its indicators, each with ``unit`` and ``meaning``,
        over (draw?, year), (draw?) or (draw?, horizon).

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing, or a value is out of bounds.
    """
    made: dict[str, xr.Dataset] = {}
    if "medical" in schemes:
        made["medical"] = medical_fund(world_of(projection, own["medical"], medical.NEEDS), rules, known)
    if "unemployment" in schemes:
        made["unemployment"] = unemployment_fund(world_of(projection, own["unemployment"], unemployment.NEEDS), rules)
    if "time_bank" in schemes:
        made["time_bank"] = time_bank(world_of(projection, own["time_bank"], TIME_BANK_NEEDS), rules)
    if "care_plan" in schemes:
        made["care_plan"] = care_plan(world_of(projection, own["care_plan"], careplan.NEEDS), rules)
    return made


def world_of(projection: xr.Dataset, own: xr.Dataset, needs: Sequence[str]) -> xr.Dataset:
    """Put what a scheme has of its own beside what it needs of people and economy, from its first year on.

    Parameters
    ----------
    projection, own : xarray.Dataset
        As in :func:`value`; of one scheme.
    needs : sequence of str
        Variables wanted.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    forecasting.axes.AxisError
        If neither has a variable.
    """
    others = [name for name in needs if name not in own]
    require(projection, others)
    rest = projection[others]
    if "year" in own.dims:
        rest = rest.sel(year=slice(int(own["year"][0]), None))
    return xr.merge([rest, own], join="exact", combine_attrs="override")


def medical_fund(world: xr.Dataset, rules: Rules, known: Known) -> xr.Dataset:
    """Value the resident medical fund; `world` is from :func:`world_of`, the result as in :func:`value`."""
    ready = medical.prepared(world, rules.medical, known.standards)
    account = fund.project(medical.standard_fund(known.year, known.balance), ready, rules.medical)
    return _whole(account, ready[list(medical.MEMOS)], medical.indicators(account, ready, rules.medical))


def unemployment_fund(world: xr.Dataset, rules: Rules) -> xr.Dataset:
    """Value the unemployment fund; its account starts with its members."""
    chosen = unemployment.fund_rules(rules.unemployment, rules.pension)
    ready = unemployment.with_members(world, rules.unemployment, chosen.investment)
    opening = rules.unemployment.membership.from_year - 1
    account = fund.project(unemployment.standard_fund(opening), ready, chosen)
    memos = [name for name in unemployment.MEMO if "month" not in ready[name].dims]
    return _whole(account, ready[memos], unemployment.indicators(account, ready))


def time_bank(world: xr.Dataset, rules: Rules) -> xr.Dataset:
    """Value the time bank; its account starts with it."""
    money_year = rules.pension.money_year
    ready = timebank.with_money(world, rules.time_bank, money_year)
    opened = replace(timebank.fund(rules.time_bank.from_year - 1), rate=unemployment.deposits)
    account = fund.project(opened, ready, rules.pension)
    told = timebank.indicators(account, ready, rules.time_bank, money_year)
    whole = _whole(account, ready[list(timebank.HOURS)], told)
    return whole.assign(_cases(world, rules.time_bank, account["year"].values))


def care_plan(world: xr.Dataset, rules: Rules) -> xr.Dataset:
    """Value the plan of elderly care; its account starts with it."""
    money_year = rules.pension.money_year
    ready = careplan.with_money(world, rules.care_plan, money_year)
    opened = replace(careplan.fund(rules.care_plan.from_year - 1), rate=unemployment.deposits)
    account = fund.project(opened, ready, rules.pension)
    told = careplan.indicators(account, ready, rules.care_plan, money_year)
    return _whole(account, ready[list(careplan.CAPACITY)], told)


def _cases(world: xr.Dataset, rules: TimeBank, years: np.ndarray) -> xr.Dataset:
    """Give some futures under other health and other out-migration: year of first buying, and hours owed."""
    some = (
        world.isel(draw=slice(None, None, max(world.sizes["draw"] // CASE_DRAWS, 1))) if "draw" in world.dims else world
    )
    made = timebank.sensitivity(some, rules)[["buying_year", "hours_owed"]].sel(year=years)
    named = made.rename({name: f"case_{name}" for name in made})
    # Fewer draws than all else has: an axis of its own.
    return named.rename(draw="some").drop_vars("some") if "draw" in named.dims else named


def _whole(account: xr.Dataset, memos: xr.Dataset, told: xr.Dataset) -> xr.Dataset:
    """Put an account, what is told beside it, and its indicators into one Dataset; an indicator stands over a memo."""
    beside = memos.sel(year=account["year"]).drop_vars([name for name in memos if name in told])
    clash = [name for name in account if name in beside or name in told]
    parts = [account, beside, told.drop_vars([name for name in told if name in clash])]
    return xr.merge(parts, join="exact", combine_attrs="override").drop_vars(["sex", "age"], errors="ignore")


def across(
    projection: xr.Dataset,
    own: Mapping[str, xr.Dataset],
    cases: Mapping[str, Case],
    known: Known,
    pensions: Mapping[str, xr.Dataset],
) -> dict[str, xr.Dataset]:
    """Value all schemes of every scenario besides the pension, and each scenario's funds together.

    Parameters
    ----------
    projection, own, known
        As in :func:`value`.
    cases : mapping of str to Case
        By scenario.
    pensions : mapping of str to xarray.Dataset
        Account of the pension by scenario.

    Returns
    -------
    dict of str to xarray.Dataset
        ``medical``, ``unemployment``, ``time_bank`` and ``care_plan`` over the scenarios that have them, and
        ``household`` (:func:`together`) over all; nothing where no scenario has any.
    """
    made = {name: value(projection, own, case.rules, case.schemes, known) for name, case in cases.items()}
    if not any(made.values()):
        return {}
    joined = {}
    for scheme in SCHEMES:
        there = {name: funds[scheme] for name, funds in made.items() if scheme in funds}
        if there:
            joined[scheme] = _by_scenario(there)
    revenue = projection["budget_revenue"]
    joint_of = {name: together({"pension": pensions[name], **funds}, revenue) for name, funds in made.items()}
    return {str(k): v for k, v in joined.items()} | {"household": _by_scenario(joint_of)}


def without_ledgers(funds: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Leave out of each fund what only a fund of two ledgers has to say (:data:`ONE_POOL`)."""
    return {kind: data.drop_vars(ONE_POOL, errors="ignore") for kind, data in funds.items()}


def _by_scenario(made: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Join Datasets along the scenarios; a fund that starts later in one has no figures before."""
    names = xr.DataArray(list(made), dims="scenario", name="scenario")
    return xr.concat(list(made.values()), names, join="outer", combine_attrs="override")


def together(accounts: Mapping[str, xr.Dataset], budget_revenue: xr.DataArray, at_least: int = 2) -> xr.Dataset:
    """Judge all funds of a scenario together.

    Parameters
    ----------
    accounts : mapping of str to xarray.Dataset
        By scheme; the pension is one of them, and gives the years.
    budget_revenue : xarray.DataArray, dims (draw?, year)
        General public budget revenue, yuan a year.
    at_least : int
        How many funds make a joint shortage.

    Returns
    -------
    xarray.Dataset
        The variables of `actuarial.joint.SHORTAGE` and `NEED`, and ``need_of_fund`` (fund, draw, year), over all of
        :data:`actuarial.rules.SCHEMES`: a fund that the scenario does not have is never short and needs nothing. So
        does one in the years before it starts.
    """
    years = accounts["pension"]["year"].values
    like = xr.zeros_like(accounts["pension"]["balance"])
    short: dict[str, xr.DataArray] = dict.fromkeys(SCHEMES, like)
    need: dict[str, xr.DataArray] = dict.fromkeys(SCHEMES, like)
    for name, account in accounts.items():
        there = joint.is_short(account).astype(float), joint.need_of(account, BUDGET[name]).clip(min=0.0)
        short[name], need[name] = (one.reindex(year=years, fill_value=0.0) for one in there)
    revenue = budget_revenue.sel(year=years)
    names = xr.DataArray(list(SCHEMES), dims="fund", name="fund")
    each = xr.concat([over(need[name], revenue).drop_attrs() for name in SCHEMES], names, join="exact")
    about = {
        "unit": "share of budget revenue",
        "meaning": "Fiscal need of each fund over general public budget revenue",
    }
    parts = [
        joint.shortage(short, at_least),
        joint.fiscal_need(need, revenue),
        each.assign_attrs(about).to_dataset(name="need_of_fund"),
    ]
    return xr.merge(parts, join="exact", combine_attrs="override")
