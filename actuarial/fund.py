"""A fund and its account, year by year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from actuarial._labels import plain
from actuarial._ledgers import Cash, Ledgers, carry
from actuarial._steps import AFRESH, Steps
from actuarial.flow import Flow, FundRules
from actuarial.investment import rate_earned
from forecasting import axes
from forecasting.axes import AxisError

Array = np.ndarray
Rule = Callable[[xr.Dataset, Any], xr.DataArray]


@dataclass(frozen=True)
class Fund:
    """What comes in, what goes out, what was there.

    Attributes
    ----------
    name : str
        For a reader.
    income, outgo : tuple of Flow
        Money from outside into a ledger, and out of a ledger.
    transfers : tuple of Flow
        Money from the pool into the accounts.
    opening_year : int
        The openings stand at its 31 December; the account starts the year after.
    opening_balance : float or numpy.ndarray, shape (draw,)
        All assets, yuan, not negative.
    opening_accounts : float or numpy.ndarray, shape (draw,)
        Owed to members, yuan, not negative; the pool opens with the difference.
    rate : callable
        Rate earned on all assets, from projection and assumptions.
    """

    name: str
    income: tuple[Flow[Any], ...]
    outgo: tuple[Flow[Any], ...]
    opening_year: int
    opening_balance: float | Array
    opening_accounts: float | Array = 0.0
    transfers: tuple[Flow[Any], ...] = ()
    rate: Rule = rate_earned

    @property
    def flows(self) -> tuple[Flow[Any], ...]:
        """All flows, each once."""
        return (*self.income, *self.outgo, *self.transfers)


def project(fund: Fund, projection: xr.Dataset, assumptions: FundRules, *, steps: Steps = AFRESH) -> xr.Dataset:
    """Carry a fund through a projection.

    Parameters
    ----------
    fund : Fund
        Flows and openings.
    projection : xarray.Dataset
        What the flows read; from the year after ``fund.opening_year``, and earlier
        years where an amount is stated in their money.
    assumptions : FundRules
        Those of the fund's scheme; passed to every flow.
    steps : actuarial._steps.Steps
        Whether the amount of a flow is kept for rules that differ in nothing that it reads.

    Returns
    -------
    xarray.Dataset
        The account over (draw?, year): every flow by name, ``interest, pool_interest,
        balance, pool_balance, accounts_balance, lending, shortfall``, and as memo
        ``income, expenditure, pool_income, pool_outgo, rate_earned,
        emergency_transfer, benefit_cut`` and the openings. Each variable has the
        attributes ``unit, meaning, kind, ledger``.

    Raises
    ------
    forecasting.axes.AxisError
        Listing every fault of the fund and of its flows.
    """
    amounts = _amounts(fund, projection, assumptions, steps)
    template = _template(fund, amounts)
    arrays = {name: np.broadcast_to(plain(a, "year").astype(float), template.shape) for name, a in amounts.items()}
    balance, owed = (np.broadcast_to(np.asarray(v, dtype=float), template.shape[:1]) for v in _openings(fund).values())
    cash, ledgers = carried(fund, arrays, balance - owed, owed, assumptions)
    cut = [f for f in fund.outgo if f.ledger == "pool" or _lending(assumptions)]
    benefits = sum((arrays[f.name] for f in cut), np.zeros(template.shape))
    derived = _derived(cash, ledgers, balance - owed) | _deficit(ledgers.shortfall, benefits, assumptions)
    account: dict[str, tuple[Array, str, str, str, str]] = {
        f.name: (arrays[f.name], "yuan", f.meaning, f.kind, f.ledger) for f in fund.flows
    }
    account |= {name: (derived[name], *row) for name, row in VARIABLES.items()}
    return _dataset(fund, account, {"opening_balance": balance, "opening_accounts": owed}, template)


VARIABLES = {
    "interest": ("yuan", "Interest and market return on all assets", "interest", "fund"),
    "pool_interest": ("yuan", "Interest earned less interest credited to the accounts", "interest", "pool"),
    "balance": ("yuan", "All assets of the fund at 31 December", "stock", "fund"),
    "accounts_balance": ("yuan", "Owed to members at 31 December", "stock", "accounts"),
    "pool_balance": ("yuan", "Pool at 31 December; below 0 it is owed to the accounts", "stock", "pool"),
    "lending": ("yuan", "Increase of what the pool owes to the accounts; below 0 it is paid back", "memo", "pool"),
    "shortfall": ("yuan", "Scheduled money that no asset of the fund could pay", "memo", "fund"),
    "emergency_transfer": ("yuan", "Shortfall met by an emergency transfer", "memo", "fund"),
    "benefit_cut": (
        "yuan",
        "Shortfall met by a cut of benefits; of the pool's alone where accounts may not be lent",
        "memo",
        "fund",
    ),
    "income": ("yuan", "Income of the fund without interest", "memo", "fund"),
    "expenditure": ("yuan", "Scheduled expenditure of the fund", "memo", "fund"),
    "pool_income": ("yuan", "Income of the pool without interest", "memo", "pool"),
    "pool_outgo": ("yuan", "Scheduled outgo of the pool, match included", "memo", "pool"),
    "rate_earned": ("per year", "Return on all assets", "memo", "fund"),
}
"""What an account holds besides its flows: unit, meaning, kind, ledger."""

_OPENING = {
    "opening_balance": "All assets at 31 December of the year before",
    "opening_accounts": "Owed to members at 31 December of the year before",
}


def _amounts(fund: Fund, projection: xr.Dataset, assumptions: FundRules, steps: Steps) -> dict[str, xr.DataArray]:
    """Ask every flow, and the rate, for the account's years; raise once with all that is wrong."""
    faults = list(_fund_faults(fund))
    years = projection["year"].values[projection["year"].values > fund.opening_year]
    if fund.opening_year + 1 not in years:
        faults.append(f"year {fund.opening_year + 1} is missing: the account opens at the end of {fund.opening_year}")
    asked: dict[str, Rule] = {flow.name: flow.amount for flow in fund.flows} | {"rate_earned": fund.rate}
    signed = {"rate_earned", *(flow.name for flow in fund.flows if flow.kind == "interest")}
    amounts = {}
    for name, ask in asked.items():
        try:
            asking = partial(_asked, ask, projection, years)
            amounts[name] = steps.once(f"flow {name}", assumptions, (fund, projection), asking)
            faults += _value_faults(name, amounts[name], signed=name in signed)
        except AxisError as error:
            faults += [f"{name}: {fault}" for fault in error.faults]
    if faults:
        raise AxisError(dict.fromkeys(faults))
    return amounts


def _asked(ask: Rule, projection: xr.Dataset, years: Array, assumptions: FundRules) -> xr.DataArray:
    return _at_years(ask(projection, assumptions), years)


def _fund_faults(fund: Fund) -> Iterable[str]:
    names = [flow.name for flow in fund.flows]
    yield from (f"flow {n!r} is in the fund twice: give each its own name" for n in set(names) if names.count(n) > 1)
    yield from (f"flow {n!r} has the name of a result: give it another" for n in names if n in VARIABLES)
    for name, value in _openings(fund).items():
        if not np.isfinite(value).all() or np.min(value) < 0:
            yield f"{name} is below 0 or not finite: give yuan at 31 December {fund.opening_year}"


def _openings(fund: Fund) -> dict[str, float | Array]:
    return {"opening_balance": fund.opening_balance, "opening_accounts": fund.opening_accounts}


def _at_years(amount: xr.DataArray, years: Array) -> xr.DataArray:
    strange = [str(d) for d in amount.dims if d not in ("draw", "year")]
    if strange or "year" not in amount.dims:
        raise AxisError([f"has dimensions {', '.join(map(str, amount.dims))}: sum out all but draw and year"])
    return axes.join_years(amount.to_dataset(name="amount"), years)["amount"]


def _value_faults(name: str, amount: xr.DataArray, *, signed: bool) -> list[str]:
    values = plain(amount, "year")
    wrong = ~np.isfinite(values)
    reason = "not finite"
    if not wrong.any() and not signed:
        wrong, reason = values < 0, "below 0"
    years = amount["year"].values[wrong.any(axis=0)]
    return (
        [f"{name}: {reason} in {', '.join(map(str, years[:3]))}{' ...' if len(years) > 3 else ''}"]
        if len(years)
        else []
    )


def _template(fund: Fund, amounts: dict[str, xr.DataArray]) -> xr.DataArray:
    """Zeros over (draw, year) with the labels that all flows share; one unlabelled draw if none has draws."""
    labels = {name: a["draw"].values for name, a in amounts.items() if "draw" in a.dims}
    sizes = {name: np.size(v) for name, v in _openings(fund).items() if np.ndim(v) == 1}
    every = [*labels.values(), *(np.arange(size) for size in sizes.values()), np.arange(1)]
    draws = every[0]
    faults = [f"{n}: its draws are not those of {next(iter(labels))}" for n, d in labels.items() if not _same(d, draws)]
    faults += [f"{n} has {size} draws, the flows have {draws.size}" for n, size in sizes.items() if size != draws.size]
    if faults:
        raise AxisError(faults)
    years = amounts["rate_earned"]["year"].values
    coords = {"year": years} | ({"draw": draws} if labels or sizes else {})
    return xr.DataArray(np.zeros((draws.size, years.size)), coords, ("draw", "year"))


def _same(labels: Array, others: Array) -> bool:
    return np.array_equal(labels, others)


def carried(
    fund: Fund, amounts: Mapping[str, Array], pool: Array, accounts: Array, assumptions: FundRules
) -> tuple[Cash, Ledgers]:
    """Add the flows of a fund up by ledger, and carry both ledgers over their years.

    Parameters
    ----------
    fund : Fund
    amounts : mapping of str to numpy.ndarray, shape (draw, year)
        Every flow of `fund` by name, yuan, and ``rate_earned``.
    pool, accounts : numpy.ndarray, shape (draw,)
        Balances before the first year, yuan; the pool may owe the accounts.
    assumptions : FundRules
        Interest convention, and when the deficit rule begins.

    Returns
    -------
    tuple of Cash and Ledgers
    """
    cash = _cash(fund, amounts)
    mid_year = assumptions.investment.interest_convention == "mid_year"
    return cash, carry(cash, pool, accounts, mid_year=mid_year, lending=_lending(assumptions))


def _lending(assumptions: FundRules) -> bool:
    return assumptions.valuation.cut_when == "fund_empty"


def _cash(fund: Fund, arrays: Mapping[str, Array]) -> Cash:
    zero = np.zeros(arrays["rate_earned"].shape)

    def total(flows: Iterable[Flow[Any]]) -> Array:
        return sum((arrays[flow.name] for flow in flows), zero)

    return Cash(
        pool_income=total(f for f in fund.income if f.ledger == "pool"),
        pool_outgo=total(f for f in fund.outgo if f.ledger == "pool"),
        accounts_income=total(f for f in fund.income if f.ledger == "accounts"),
        accounts_outgo=total(f for f in fund.outgo if f.ledger == "accounts"),
        transferred=total(f for f in fund.transfers if f.kind != "interest"),
        credited=total(f for f in fund.transfers if f.kind == "interest"),
        rate=arrays["rate_earned"],
    )


def _derived(cash: Cash, ledgers: Ledgers, opening_pool: Array) -> dict[str, Array]:
    debt = np.maximum(-np.column_stack([opening_pool, ledgers.pool_balance]), 0.0)
    return {
        "interest": ledgers.interest,
        "pool_interest": ledgers.interest - cash.credited,
        "balance": ledgers.pool_balance + ledgers.accounts_balance,
        "accounts_balance": ledgers.accounts_balance,
        "pool_balance": ledgers.pool_balance,
        "lending": np.diff(debt, axis=1),
        "shortfall": ledgers.shortfall,
        "income": cash.pool_income + cash.accounts_income,
        "expenditure": cash.pool_outgo + cash.accounts_outgo,
        "pool_income": cash.pool_income,
        "pool_outgo": cash.pool_outgo + cash.transferred,
        "rate_earned": cash.rate,
    }


def _deficit(shortfall: Array, benefits: Array, assumptions: FundRules) -> dict[str, Array]:
    cut = np.minimum(shortfall, benefits) if assumptions.valuation.deficit_rule == "benefit_cut" else 0.0 * shortfall
    return {"benefit_cut": cut, "emergency_transfer": shortfall - cut}


def _dataset(fund: Fund, account: dict[str, tuple], openings: dict[str, Array], template: xr.DataArray) -> xr.Dataset:
    fields = ("unit", "meaning", "kind", "ledger")
    variables = {n: (template.dims, v, dict(zip(fields, about, strict=True))) for n, (v, *about) in account.items()}
    about = {"unit": "yuan", "kind": "memo", "ledger": "fund"}
    opening = {n: (("draw",), v, about | {"meaning": _OPENING[n]}) for n, v in openings.items()}
    data = xr.Dataset(variables | opening, template.coords, {"fund": fund.name, "opening_year": fund.opening_year})
    return data if "draw" in template.coords else data.squeeze("draw")
