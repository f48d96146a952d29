"""One verb: run every scenario on common draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from actuarial import fund, pension, saving, solvency
from actuarial.assumptions import Assumptions, changed
from actuarial.progress import Progress, Silent
from actuarial.saving import Results
from forecasting import projection as people
from forecasting.sources import Tables, read_tables

if TYPE_CHECKING:
    from actuarial.runfile import RunFile

BACKCAST_ORIGIN = 2014
"""Last year whose totals the backcast knows; it is judged on the ten years after it."""

BACKCAST_END = 2024
"""Last year of the backcast: the last with a final account."""


@dataclass(frozen=True)
class Outcome:
    """Where a run ended.

    Attributes
    ----------
    answer : list of str
        The answer in plain lines, in the language of the run.
    folder, report : pathlib.Path
        Folder of the results, and the page.
    """

    answer: list[str]
    folder: Path
    report: Path


def run(run_file: RunFile, out: Path, *, force: bool = False, report: Progress | None = None) -> Outcome:
    """Do a whole run: read, fit, project, value, write.

    Parameters
    ----------
    run_file : RunFile
        Checked.
    out : pathlib.Path
        Folder of the results; filled at the end, all files at once.
    force : bool
        Go on where a model did not converge; the report says so.
    report : Progress, optional
        Told of every step.

    Returns
    -------
    Outcome

    Raises
    ------
    forecasting.sources.DataFaults
        Listing every fault of the data folder; nothing is written.
    actuarial.runfile.RunFaults
        If `out` cannot be written, before any model is fitted.
    forecasting.models.sampling.GateError
        If a model did not converge and `force` is false.
    """
    report = report or Silent()
    with report.step("read figures") as step:
        tables = read_tables(run_file.data_folder)
        step.note(f"{sum(len(f) for f in tables.frames.values()):,} from {len(tables.sources)} sources")
    saving.check_place(out)
    priors = {name: run_file.priors_of(name) for name in people.MODELS}
    fits = people.fit(
        tables,
        run_file.settings,
        priors,
        cache=out.parent / "posteriors",
        force=force,
        report=lambda name: report.step(f"fit {name}"),
    )
    results = value(fits, run_file.reformed, run_file.run.last_year, report)
    with report.step("write results and report") as step:
        answer = saving.save(results, run_file, out)
        step.note(str(out))
    return Outcome(answer, out, out / "report.html")


def value(
    fits: people.Fits, scenarios: dict[str, Assumptions], last_year: int, report: Progress | None = None
) -> Results:
    """Project the people once and value every scenario on them.

    Parameters
    ----------
    fits : forecasting.projection.Fits
    scenarios : dict of str to Assumptions
        In the order of the run file.
    last_year : int
        Last year of the account.
    report : Progress, optional

    Returns
    -------
    Results
    """
    report = report or Silent()
    with report.step("project people") as step:
        projection = people.forecast(fits, last_year)
        step.note(f"{projection.sizes['draw']:,} draws to {last_year}")
    filled = {name: with_present_share(a, fits.tables) for name, a in scenarios.items()}
    accounts, indicators = [], []
    with report.step("value scenarios", total=len(filled)) as step:
        for assumptions in filled.values():
            account, solvent = value_one(fits.tables, projection, assumptions)
            accounts.append(account)
            indicators.append(solvent)
            step.advance()
    with report.step("check against the past"):
        backcast = check_against_the_past(fits, next(iter(filled.values())))
    names = xr.DataArray(list(filled), dims="scenario", name="scenario")
    return Results(
        projection=people.summary(projection),
        account=xr.concat(accounts, names, join="exact"),
        indicators=xr.concat(indicators, names, join="exact"),
        backcast=backcast,
        fits=fits,
        assumptions=filled,
    )


def with_present_share(assumptions: Assumptions, tables: Tables) -> Assumptions:
    """Fill in the present share of the fiscal transfer in budget revenue, if it was left empty."""
    if assumptions.fiscal.capacity_share is not None:
        return assumptions
    return changed(assumptions, {"fiscal.capacity_share": present_share(tables)})


def present_share(tables: Tables) -> float:
    """Return the fiscal subsidy over general budget revenue in the last year that has both.

    Until that year's final account appears its subsidy is the estimate of
    `forecasting.projection.fiscal_subsidy`.
    """
    share = (people.fiscal_subsidy(tables) / tables.series("general_budget_revenue")).dropna()
    return float(share.iloc[-1])


def value_one(tables: Tables, projection: xr.Dataset, assumptions: Assumptions) -> tuple[xr.Dataset, xr.Dataset]:
    """Value one set of assumptions on a Projection.

    Parameters
    ----------
    tables : Tables
        For the opening balance and the published basic pension.
    projection : xarray.Dataset
        From `forecasting.projection.forecast`.
    assumptions : Assumptions
        With ``fiscal.capacity_share`` given.

    Returns
    -------
    tuple of xarray.Dataset
        Account and indicators over (draw, year), from the year after the base year.
    """
    ready = pension.with_accounts(_money(projection), assumptions, people.published_basic_pension(tables))
    account = fund.project(_opened(tables, ready, int(projection.attrs["base_year"])), ready, assumptions)
    return account, solvency.indicators(account, ready, assumptions)


def _opened(tables: Tables, ready: xr.Dataset, year: int) -> fund.Fund:
    """Open the standard fund at 31 December of `year` with the balance published for that day."""
    balance = float(tables.series("fund_balance").loc[year])
    # The pool is what the published balance leaves after the accounts that the model rebuilds.
    owed = np.minimum(ready["accounts_balance"].sel(year=year).values, balance)
    return pension.standard_fund(year, balance, owed)


def _money(projection: xr.Dataset) -> xr.Dataset:
    return projection[list(pension.NEEDS)]


def earned_in_the_past(tables: Tables) -> fund.Rule:
    """Return the rule that a reserve earns what was published, and deposit rates before that.

    Nothing was entrusted to the market before 2017, and the part that was has
    grown since: today's share would be wrong for the past.
    """
    income = tables.series("interest") + tables.series("entrusted_return")
    balance = tables.series("fund_balance").rolling(2).mean()
    published = (income / balance).dropna()

    def rate(projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        deposit = projection["deposit_rate"] + assumptions.investment.deposit_spread
        known = xr.DataArray(published.to_numpy(), {"year": published.index.to_numpy()}, ("year",))
        return known.reindex(year=projection["year"].values).combine_first(deposit)

    return rate


def check_against_the_past(fits: people.Fits, assumptions: Assumptions) -> xr.Dataset:
    """Simulate members and fund over the ten years after `BACKCAST_ORIGIN` and set them beside what came.

    Membership, contributions and basic pensions per head are simulated from
    the totals known at the origin; population, rural income and interest rates
    are as observed. Today's law gives the transfer.

    Parameters
    ----------
    fits : forecasting.projection.Fits
    assumptions : Assumptions
        Today's law.

    Returns
    -------
    xarray.Dataset
        ``participants, pensioners`` (persons at 31 December), ``fund_income,
        fund_expenditure, fund_balance`` (yuan) over (draw, year), and each with
        the prefix ``observed_`` over (year).
    """
    tables = fits.tables
    past = people.hindcast(fits, BACKCAST_ORIGIN)
    per_head = (past["basic_ratio"] * past["rural_income"]).sel(year=slice(BACKCAST_ORIGIN, None))
    ready = pension.with_accounts(_money(past), assumptions, per_head)
    opened = replace(_opened(tables, ready, BACKCAST_ORIGIN), rate=earned_in_the_past(tables))
    account = fund.project(opened, ready, assumptions)
    years = np.arange(BACKCAST_ORIGIN + 1, BACKCAST_END + 1)
    simulated = {
        "participants": past["contributors_year_end"] + past["pensioners_year_end"],
        "pensioners": past["pensioners_year_end"],
        "fund_income": account["income"] + account["interest"],
        "fund_expenditure": account["expenditure"],
        "fund_balance": account["balance"],
    }
    out = xr.Dataset({name: values.sel(year=years) for name, values in simulated.items()})
    return out.assign({f"observed_{name}": ("year", tables.series(name).loc[years].to_numpy()) for name in simulated})
