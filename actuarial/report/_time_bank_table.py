"""The tables of the time bank: by year, once for all years, and under other health and out-migration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import xarray as xr

from actuarial._timebank_measures import CASES
from actuarial.report._founded import LISTED, Row, chosen, shown_years, spread, yearly
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.money import money_unit
from actuarial.report.summary import probability

HOURS = (
    "hours_needed",
    "hours_supply",
    "hours_earned",
    "hours_claimed",
    "hours_redeemed",
    "hours_lapsed_by_death",
    "hours_lapsed_by_leaving",
    "hours_bought",
    "hours_owed",
)

MONEY = ("value_owed", "balance", "bank_subsidy", "member_fees", "guarantee_payment", "care_purchased", "shortfall")

INDICATORS = {
    "members": "small_persons",
    "hours_owed_per_member": "whole",
    "years_of_work_owed": "years",
    "claims_to_supply": "share",
    "need_met": "share",
    "lapsed_share": "share",
}

CASE_YEARS = (2035, 2050, 2075)
"""Years of the table of other health and out-migration."""


def by_year(context: Context, scenario: int, one: xr.Dataset) -> Table:
    """Return hours, money and ratios of the bank of a scenario, a column a year.

    Parameters
    ----------
    context : Context
        Its numbers know ``hours``, ``small_money``, ``small_persons`` and ``whole``.
    scenario : int
        Its place in the run.
    one : xarray.Dataset
        Of this scenario, over (draw?, year).

    Returns
    -------
    Table
        Medians and intervals; money at constant prices.
    """
    texts = context.texts
    groups: dict[str, Iterable[Row]] = {
        texts("bank.group_hours", unit=hours_unit(context)): (Row(f"bank.{n}", one[n], "hours") for n in HOURS),
        texts("bank.group_money", unit=money_unit(context)): _money(one),
        texts("bank.group_indicators", unit=context.unit("persons")): (
            Row(f"bank.{name}", one[name], kind) for name, kind in INDICATORS.items()
        ),
    }
    caption = texts("bank.table", scenario=context.title(scenario))
    return yearly(context, caption, shown_years(context, one, LISTED), groups)


def _money(one: xr.Dataset) -> Iterator[Row]:
    # Fees that nobody pays have no row; a run saved earlier knows none.
    told = (n for n in MONEY if n != "member_fees" or (n in one and bool(one[n].any())))
    return (Row(f"bank.{n}", one[n], "small_money") for n in told)


def hours_unit(context: Context) -> str:
    """Return the words of the unit of hours, by how `with_kinds` has set it."""
    return context.texts("bank.hours_large" if context.numbers.kind("hours").en < 1e-3 else "bank.hours_small")


def once(context: Context, places: dict[int, xr.Dataset]) -> Table:
    """Return the first year of buying, and what would have to be set aside, a column a scenario.

    Parameters
    ----------
    context : Context
    places : dict of int to xarray.Dataset
        The bank of each scenario that has one, by its place in the run.

    Returns
    -------
    Table
    """
    texts = context.texts
    rows: list[tuple[Cell, ...]] = [
        (_head(context, "buying_year"), *(spread(context, o["buying_year"], "year") for o in places.values())),
        (_head(context, "buys"), *(_buys(context, o) for o in places.values())),
        (
            _head(context, "guarantee_rate"),
            *(spread(context, one["guarantee_rate"], "share") for one in places.values()),
        ),
        (_head(context, "guarantee_share"), *(Cell(_aside(context, s)) for s in places)),
    ]
    heads = tuple(context.title(s) for s in places)
    return Table(texts("bank.once"), (texts("indicator"), *heads), rows)


def _head(context: Context, name: str) -> Cell:
    return Cell(context.texts(f"bank.{name}"), (context.texts(f"bank.{name}_note"),))


def _buys(context: Context, one: xr.Dataset) -> Cell:
    share = float(probability(one["buying_year"].notnull().astype(float)))
    return Cell(context.numbers.chance(share), bar=share)


def _aside(context: Context, scenario: int) -> str:
    return context.numbers.write(float(chosen(context, "time_bank.guarantee_share", scenario)), "share")


def cases(context: Context, scenario: int, one: xr.Dataset) -> Table | None:
    """Return what other health and out-migration do to the bank.

    Parameters
    ----------
    context : Context
        Its numbers know ``hours``.
    scenario : int
        Its place in the run.
    one : xarray.Dataset
        Of this scenario; with ``case_buying_year`` (case, some?) and ``case_hours_owed`` (case, some?, year) where
        the run kept them.

    Returns
    -------
    Table or None
        A row a case; None where there are none.
    """
    if "case_buying_year" not in one:
        return None
    texts, years = context.texts, shown_years(context, one, CASE_YEARS)
    rows: list[tuple[Cell, ...]] = []
    for name in one["case"].values.tolist():
        at = one[["case_hours_owed", "case_buying_year"]].sel(case=name)
        # They are of some draws alone, which have an axis of their own.
        at = at.rename(some="draw") if "some" in at.dims else at
        owed = (spread(context, at["case_hours_owed"].sel(year=year), "hours") for year in years)
        rows.append((_case(context, name), spread(context, at["case_buying_year"], "year"), *owed))
    unit = hours_unit(context)
    heads = (texts("bank.case_owed", year=year, unit=unit) for year in years)
    caption = texts("bank.cases", scenario=context.title(scenario))
    return Table(caption, (texts("bank.case"), texts("bank.buying_year"), *heads), rows)


def _case(context: Context, name: str) -> Cell:
    """Name a case; those of out-migration with the share that leaves."""
    leaving = float(str(CASES.get(name, {}).get("extra_leaving", 0.0)))
    return Cell(context.texts(f"bank.case_{name}", share=context.numbers.write(leaving, "probability")))
