"""The past of the medical fund: its published standards, its last balance, and its years simulated again."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from actuarial import _medical_income
from actuarial._labels import plain
from actuarial._medical_assumptions import MedicalAssumptions
from actuarial._medical_income import Published
from actuarial.investment import rate_earned
from forecasting import projection as people
from forecasting.axes import AxisError, join_years, require

if TYPE_CHECKING:
    from forecasting.projection import Fits
    from forecasting.sources import Tables

Array = np.ndarray

STANDARDS = {"contributions": "individual_contribution_per_head", "fiscal_transfer": "fiscal_subsidy_per_head_min"}
"""Published standard of each flow that has one."""

ACCOUNTS = {
    "contributions": "resident_medical_individual_contributions",
    "fiscal_transfer": "resident_medical_fiscal_subsidy",
}
"""The same flows in the final accounts."""

ENROLLED = "resident_enrollees_longrun"

NEEDS = ("rural_income", "price_index", "budget_revenue", "deposit_rate", "market_return")
"""Variables of a Projection that :func:`backcast` reads."""

VARIABLES = {
    "enrolled": ("persons", "People enrolled in the resident medical scheme, at the end of the year"),
    "stays": ("stays", "Discharges of those enrolled"),
    "visits": ("visits", "Ordinary outpatient visits of those enrolled"),
    "stay_cost": ("yuan", "Cost of stays, whoever pays"),
    "visit_cost": ("yuan", "Cost of ordinary outpatient visits, whoever pays"),
    "chronic": ("yuan", "Cost of the outpatient programme of chronic and special diseases, whoever pays"),
    "spent": ("yuan", "Expenditure of the fund"),
    "income": ("yuan", "Income of the fund, interest included"),
    "balance": ("yuan", "Balance of the fund at 31 December; below 0 it would have been owed"),
}
"""Unit and meaning of what :func:`backcast` simulates; each also as published, under ``observed_`` and its name."""


def standards(tables: Tables) -> Published:
    """Return the published standards per head by the year in whose account their money stands.

    That is the year of the notice, of contribution and subsidy alike. The contribution that a notice asks for is
    collected from that autumn on and insures the year after; final accounts record money when it comes in. Over people
    enrolled they hold 1.00 to 1.06 times the standard of the year's own notice in 2020 to 2024, without a trend, and
    1.10 to 1.20 times that of the year before, falling every year. 2025 decides: the notices of 2024 and 2025 both ask
    for 400 yuan, so that timing does not matter, and what its income leaves for contributions is 1.03 times that.

    Parameters
    ----------
    tables : Tables

    Returns
    -------
    Published
        Yuan a head by year. A notice that was not found stands on the line (of logs) between its neighbours; years
        after the last one are the rule's.

    Raises
    ------
    forecasting.sources.FigureNotFound
        If no standard was published.
    """
    return Published(*(_whole(tables.series(name)) for name in STANDARDS.values()))


def _whole(notices: pd.Series) -> dict[int, float]:
    years = np.arange(notices.index[0], notices.index[-1] + 1)
    line = np.exp(np.interp(years, notices.index, np.log(notices)))
    return dict(zip(years.tolist(), line.tolist(), strict=True)) | {int(y): float(v) for y, v in notices.items()}


def opening(tables: Tables) -> tuple[int, float]:
    """Return the last year whose balance the figures tell, and the balance at its 31 December, yuan.

    Bulletins print the balance later than income and expenditure: the last balance is carried by the difference of
    these, year by year without a gap. Where both were printed, in 2022 to 2024, that meets the balance within 0.6 %.

    Parameters
    ----------
    tables : Tables

    Raises
    ------
    forecasting.sources.FigureNotFound
        If no balance, income or expenditure was published.
    """
    balance = tables.series("resident_fund_cumulative_balance")
    surplus = (tables.series("resident_fund_income") - tables.series("resident_fund_expenditure")).dropna()
    year, value = int(balance.index[-1]), float(balance.iloc[-1])
    while year + 1 in surplus.index:
        year += 1
        value += float(surplus.loc[year])
    return year, value


class Scatter(NamedTuple):
    """How far the money received per head strays from its standard, from year to year.

    Attributes
    ----------
    contributions, fiscal_transfer : float
        Standard deviation of the log of received over standard.
    """

    contributions: float
    fiscal_transfer: float


def received(tables: Tables) -> pd.DataFrame:
    """Return final accounts per person enrolled over the standard of the year.

    Parameters
    ----------
    tables : Tables

    Returns
    -------
    pandas.DataFrame
        Columns ``contributions`` and ``fiscal_transfer``, by year, in the years that have both.
    """
    people = tables.series(ENROLLED)
    return pd.DataFrame(
        {
            name: (tables.series(account) / people / pd.Series(known)).dropna()
            for (name, account), known in zip(ACCOUNTS.items(), standards(tables), strict=True)
        }
    )


def scatter(tables: Tables) -> Scatter:
    """Return what the years of :func:`received` scatter by."""
    return Scatter(*np.log(received(tables)).std())


def backcast(fits: Fits, projection: xr.Dataset, rules: MedicalAssumptions) -> xr.Dataset:
    """Simulate the published years of the fund again: members, care, and its money.

    Parameters
    ----------
    fits : forecasting.projection.Fits
        Fitted with the scheme ``medical``.
    projection : xarray.Dataset
        With :data:`NEEDS`, dims (draw?, year), from the first year of the medical figures to the money year of
        `rules`; its draws are those of `fits`.
    rules : MedicalAssumptions
        Today's law; of it the sections ``financing`` and ``investment`` are read.

    Returns
    -------
    xarray.Dataset
        :data:`VARIABLES` over (draw, year), and each as published under ``observed_`` and its name, over (year,), NaN
        where unpublished. Members, care and expenditure are those of `forecasting.models.medical.backcast`; money is
        added by :func:`with_money`.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing.
    forecasting.sources.FigureNotFound
        If a standard, a final account or a balance is.
    """
    return with_money(people.medical_again(fits), projection, fits.tables, rules)


def with_money(again: xr.Dataset, projection: xr.Dataset, tables: Tables, rules: MedicalAssumptions) -> xr.Dataset:
    """Add income and balance to members and expenditure that were simulated again.

    Parameters
    ----------
    again : xarray.Dataset
        ``enrolled`` (persons), ``spent`` (yuan), ``contributions_deviate`` and ``fiscal_transfer_deviate`` (standard
        normal), dims (draw, year).
    projection, rules
        As in :func:`backcast`.
    tables : Tables

    Returns
    -------
    xarray.Dataset
        `again` without the deviates, with ``income`` and ``balance``. What a head brings follows the published
        standards and the rules, and scatters from year to year as in the final accounts. The balance is the first
        published one in every draw, and goes on from there by income and spending, and back to the years before:
        nobody fills it up where it is empty.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing, or no balance of these years was published.
    """
    years = again["year"].values
    require(projection, NEEDS)
    money = join_years(projection[list(NEEDS)], np.arange(years[0], max(rules.money_year, years[-1]) + 1))
    net = {"in": _income(again, money, tables, rules), "out": plain(again["spent"], "year")}
    rate = np.broadcast_to(plain(rate_earned(money, rules).sel(year=years), "year"), net["in"].shape)
    known = _published(tables, "balance").reindex(years)
    if known.isna().all():
        raise AxisError([f"no balance of the medical fund is known from {years[0]} to {years[-1]}: give one"])
    start = int(np.flatnonzero(known.notna())[0])
    half = np.sqrt(1 + rate) if rules.investment.interest_convention == "mid_year" else np.ones_like(rate)
    balance, interest = rolled(float(known.iloc[start]), start, net["in"] - net["out"], rate, half)
    made = {"income": net["in"] + interest, "balance": balance}
    again = again.drop_vars([f"{name}_deviate" for name in STANDARDS])
    out = again.assign({name: (("draw", "year"), values) for name, values in made.items()})
    out = out.assign({f"observed_{name}": ("year", _published(tables, name).reindex(years)) for name in made})
    return _told(out)


def rolled(known: float, start: int, net: Array, rate: Array, half: Array) -> tuple[Array, Array]:
    """Carry a balance forth and back from the one that is known.

    Parameters
    ----------
    known : float
        Balance at the end of year `start`, yuan.
    start : int
        Position of that year.
    net : numpy.ndarray, shape (draw, year)
        Money in less money out, interest apart, yuan.
    rate : numpy.ndarray, shape (draw, year)
        Earned on what was there at the beginning of the year.
    half : numpy.ndarray, shape (draw, year)
        What a yuan that comes in during the year has become at its end.

    Returns
    -------
    tuple of numpy.ndarray, shape (draw, year)
        Balance at the end of each year, and interest of each year, yuan.
    """
    ends = np.empty((len(net), net.shape[1] + 1))
    ends[:, start + 1] = known
    for t in range(start + 1, net.shape[1]):
        ends[:, t + 1] = (1 + rate[:, t]) * ends[:, t] + half[:, t] * net[:, t]
    for t in range(start, -1, -1):
        ends[:, t] = (ends[:, t + 1] - half[:, t] * net[:, t]) / (1 + rate[:, t])
    return ends[:, 1:], np.diff(ends, axis=1) - net


def _income(again: xr.Dataset, money: xr.Dataset, tables: Tables, rules: MedicalAssumptions) -> Array:
    """Return income without interest, yuan, shape (draw, year)."""
    years, financing = again["year"].values, rules.financing
    # Rates of growth, that of cost among them, carry standards to years without a notice: the past has all of them.
    known = _medical_income.per_head(
        money, financing, rules.money_year, money["rural_income"].rename("cost"), standards(tables)
    )
    one = xr.ones_like(money["rural_income"])
    a_head = _medical_income.flows(money, financing, rules.money_year, known, one).sel(year=years)
    spread = scatter(tables)._asdict()
    strayed = {name: np.exp(spread[name] * plain(again[f"{name}_deviate"], "year")) for name in STANDARDS}
    parts = (plain(flow, "year") * strayed.get(str(name), 1.0) for name, flow in a_head.items())
    return plain(again["enrolled"], "year") * reduce(np.add, parts)


def _published(tables: Tables, name: str) -> pd.Series:
    """Return the published series of the fund; flash figures where no bulletin has it."""
    indicator = {"income": "resident_fund_income", "balance": "resident_fund_cumulative_balance"}[name]
    return tables.series(indicator).combine_first(tables.series(f"flash_{indicator}"))


def _told(out: xr.Dataset) -> xr.Dataset:
    """Give every variable its unit and meaning."""
    for name, (unit, meaning) in VARIABLES.items():
        for kind, words in ((name, meaning), (f"observed_{name}", f"{meaning}, as published")):
            if kind in out:
                out[kind].attrs = {"unit": unit, "meaning": words}
    return out
