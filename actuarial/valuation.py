"""One verb: run every scenario on common draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from actuarial import _medical_past, _mixes, _region, assessment, household, regional, saving, trial
from actuarial._parts import Place, Pools, parts_of, place_of, pools_of, provincial
from actuarial._pension_past import BACKCAST_END, BACKCAST_ORIGIN, check_against_the_past, earned_in_the_past
from actuarial._placing import placed
from actuarial.assumptions import Assumptions
from actuarial.progress import Progress, Silent
from actuarial.rules import Case, Rules
from actuarial.saving import Results
from forecasting import projection as people
from forecasting import region as regions
from forecasting.sources import Tables, read_tables

if TYPE_CHECKING:
    from actuarial.runfile import RunFile

__all__ = [
    "BACKCAST_END",
    "BACKCAST_ORIGIN",
    "Outcome",
    "Place",
    "Pools",
    "check_against_the_past",
    "earned_in_the_past",
    "present_share",
    "run",
    "value",
    "value_one",
    "with_figures",
]


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
        Listing every fault of the data folders; nothing is written.
    actuarial.runfile.RunFaults
        If the region lacks figures or `out` cannot be written, before any model is fitted.
    forecasting.models.sampling.GateError
        If a model did not converge and `force` is false.
    """
    report = report or Silent()
    with report.step("read figures") as step:
        tables = read_tables(run_file.data_folders, run_file.run.country)
        step.note(f"{sum(len(f) for f in tables.frames.values()):,} from {len(tables.sources)} sources")
    _region.check_region(run_file, tables)
    run_file = placed(run_file, tables)
    saving.check_place(out)
    priors = {name: run_file.priors_of(name) for name in people.ALL_MODELS}
    cache = out.parent / "posteriors"
    fits = people.fit(
        tables,
        run_file.settings,
        priors,
        methods=run_file.models.model_dump(),
        schemes=run_file.all_schemes,
        cache=cache,
        force=force,
        report=lambda name: report.step(f"fit {name}"),
    )
    place = place_of(run_file, tables, cache, report, force=force) if run_file.run.region else None
    pools = pools_of(run_file, tables, cache, report, force=force) if run_file.asked.pooling.levels else None
    parts = parts_of(run_file, tables, cache, report, force=force) if pools is None else pools.fit
    results = value(
        fits, run_file.cases, run_file.run.last_year, report, place=place, pools=pools, mix=run_file, provinces=parts
    )
    with report.step("write results and report") as step:
        answer = saving.save(results, run_file, out, cache=cache)
        step.note(str(out))
    return Outcome(answer, out, out / "report.html")


def value(
    fits: people.Fits,
    cases: Mapping[str, Case],
    last_year: int,
    report: Progress | None = None,
    *,
    place: Place | None = None,
    pools: Pools | None = None,
    mix: RunFile | None = None,
    provinces: regions.RegionFit | None = None,
    nation: xr.Dataset | None = None,
) -> Results:
    """Project the people once and value every scenario on them.

    Parameters
    ----------
    fits : forecasting.projection.Fits
        Fitted with all schemes of `cases`.
    cases : mapping of str to Case
        Rules and schemes by scenario, in the order of the run file.
    last_year : int
        Last year of the account.
    report : Progress, optional
    place : Place, optional
        A part of the nation; without it the whole is valued, and checked against the past.
    pools : Pools, optional
        Levels of pooling to compare.
    mix : RunFile, optional
        Asks what the mixes of money of its scenarios come to; without it only the accounts are made.
    provinces : forecasting.region.RegionFit, optional
        How provinces differ from the nation, where zones are told.
    nation : xarray.Dataset, optional
        What `forecasting.projection.forecast` gives to `last_year`, where it was made already: a batch makes it once
        for all its regions.

    Returns
    -------
    Results
    """
    report, region = report or Silent(), place.region if place else ""
    projection = _projected(fits, last_year, report, place, nation)
    filled = {
        name: case._replace(rules=_filled(case.rules, fits.tables, region, projection)) for name, case in cases.items()
    }
    valued: dict[str, assessment.Assessment] = {}
    with report.step("value scenarios", total=len(filled)) as step:
        world = trial.referred(trial.World(projection, {}, fits.tables, region), filled.values())
        for name, case in filled.items():
            valued[name] = value_one(fits.tables, projection, case.rules.pension, region, world.reference)
            step.advance()
    every = {scheme for case in filled.values() for scheme in case.schemes}
    own = people.for_schemes(fits, projection, sorted(every))
    pensions = {name: one.account for name, one in valued.items()}
    others = _other_funds(fits, projection, own, filled, pensions, report=report)
    past = {} if place else _past(fits, projection, own, next(iter(filled.values())).rules, report)
    account, indicators, members = (_by_scenario(valued, kind) for kind in ("account", "indicators", "members"))
    if pools is not None:
        accounts = {"pension": account} | {kind: data for kind, data in others.items() if kind == "medical"}
        others["pooling"] = regional.pooled(
            fits, pools.fit, projection, own=own, cases=cases, accounts=accounts, rule=pools.rule, report=report
        )
    if mix is not None:
        made = _mixes.Made(replace(world, own=own), account, indicators, others)
        others = {**others, **_mixes.told(mix, fits, made, provinces, report)}
    return Results(
        projection=people.summary(projection, own),
        account=account,
        indicators=indicators,
        members=members,
        backcast=past.pop("backcast", None),
        fits=fits,
        rules={name: case.rules for name, case in filled.items()},
        others=household.without_ledgers(others) | past,
        region=region,
        regional=provincial(place, pools, provinces),
    )


def _other_funds(
    fits: people.Fits,
    projection: xr.Dataset,
    own: Mapping[str, xr.Dataset],
    cases: Mapping[str, Case],
    pensions: Mapping[str, xr.Dataset],
    *,
    report: Progress,
) -> dict[str, xr.Dataset]:
    """Value every scheme besides the pension, and all funds of each scenario together, if there are any."""
    if not own:
        return {}
    with report.step("value other funds"):
        return household.across(projection, own, cases, _known(fits.tables), pensions)


def _past(
    fits: people.Fits, projection: xr.Dataset, own: Mapping[str, xr.Dataset], rules: Rules, report: Progress
) -> dict[str, xr.Dataset]:
    """Simulate the published years of the pension again, and of the medical fund where it is valued."""
    with report.step("check against the past"):
        made = {"backcast": check_against_the_past(fits, rules.pension)}
        if "medical" in own:
            made["medical_backcast"] = _medical_past.backcast(fits, projection, rules.medical)
    return made


def _by_scenario(valued: Mapping[str, assessment.Assessment], kind: str) -> xr.Dataset:
    names = xr.DataArray(list(valued), dims="scenario", name="scenario")
    return xr.concat([getattr(one, kind) for one in valued.values()], names, join="exact")


def _filled(rules: Rules, tables: Tables, region: str, projection: xr.Dataset) -> Rules:
    return rules.model_copy(update={"pension": _region.filled(rules.pension, tables, region, projection)})


def _known(tables: Tables) -> household.Known:
    """Return what is published of the medical fund: its last balance, and the standards per head."""
    return household.Known(*_medical_past.opening(tables), _medical_past.standards(tables))


def _projected(
    fits: people.Fits, last_year: int, report: Progress, place: Place | None, nation: xr.Dataset | None
) -> xr.Dataset:
    with report.step("project people") as step:
        projection = people.forecast(fits, last_year) if nation is None else nation
        step.note(f"{projection.sizes['draw']:,} draws to {last_year}")
    if place is None:
        return projection
    with report.step(f"project {place.region}"):
        return regions.forecast(projection, fits, place.fit, place.region)


def with_figures(assumptions: Assumptions, tables: Tables) -> Assumptions:
    """Fill in what the nation's figures say where the assumptions leave it to them.

    The present share of the fiscal transfer in budget revenue, the central share of the national minimum, and the
    rural subsistence allowance.
    """
    return _region.filled(assumptions, tables)


def present_share(tables: Tables) -> float:
    """Return the nation's fiscal subsidy over general budget revenue in the last year that has both.

    Until that year's final account appears its subsidy is the estimate of
    `forecasting.projection.fiscal_subsidy`.
    """
    return _region.budget_share(tables)


def value_one(
    tables: Tables,
    projection: xr.Dataset,
    assumptions: Assumptions,
    region: str = "",
    reference: xr.Dataset | None = None,
) -> assessment.Assessment:
    """Value one set of assumptions on a Projection.

    Parameters
    ----------
    tables : Tables
        For the opening balance and the published basic pension.
    projection : xarray.Dataset
        From `forecasting.projection.forecast`.
    assumptions : Assumptions
        With ``fiscal.capacity_share`` given.
    region : str
        The place that `projection` is of; empty is the nation.
    reference : xarray.Dataset, optional
        What members compare with (`actuarial.assessment.terms`), where they answer to it.

    Returns
    -------
    actuarial.assessment.Assessment
        Account and indicators from the year after the base year, or after the last balance that a region has
        published if that is earlier.
    """
    opening = trial.opened(trial.World(projection, {}, tables, region))
    return assessment.assess(projection, assumptions, opening, reference=reference)
