"""What a run found, and the JSON records that explain it."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from actuarial._template import prior_meanings
from actuarial.assumptions import Assumptions, describe
from actuarial.report.records import Language
from actuarial.report.results import PARENTS
from forecasting import artefacts

if TYPE_CHECKING:
    from actuarial.runfile import RunFile
    from forecasting.projection import Fits
    from forecasting.sources import Tables

OBSERVED = {
    "tfr": ("tfr", {}),
    "e0_female": ("e0", {"sex": "female"}),
    "e0_male": ("e0", {"sex": "male"}),
    "rural_population": ("population_year_end", {"area": "rural"}),
    "population_60plus": ("population_year_end", {"age": "60+"}),
    "contributors": ("contributors", {}),
    "pensioners": ("pensioners", {}),
    "fund_income": ("fund_income", {}),
    "fund_expenditure": ("fund_expenditure", {}),
    "fund_balance": ("fund_balance", {}),
    "rural_income": ("rural_disposable_income_per_head", {"area": "rural"}),
    "budget_revenue": ("general_budget_revenue", {}),
    "land_income": ("land_transfer_income", {}),
}
"""Published series that charts show beside the model: indicator and where it stands."""

FIRST_OBSERVED = 1990
"""Series are shown from this year on."""


@dataclass(frozen=True)
class Results:
    """What a run computed, all on the same draws.

    Attributes
    ----------
    projection : xarray.Dataset
        `forecasting.projection.summary` of the people and the economy.
    account, indicators : xarray.Dataset
        Over (scenario, draw, year): the fund's account and its solvency.
    backcast : xarray.Dataset
        Simulated and observed totals of past years.
    fits : forecasting.projection.Fits
        The models.
    assumptions : dict of str to Assumptions
        By scenario, with the shares that data supply filled in.
    """

    projection: xr.Dataset
    account: xr.Dataset
    indicators: xr.Dataset
    backcast: xr.Dataset
    fits: Fits
    assumptions: dict[str, Assumptions]


def records(results: Results, run_file: RunFile, answers: Mapping[Language, list[str]], folder: Path) -> dict[str, Any]:
    """Return the JSON records of a run by name.

    Parameters
    ----------
    results : Results
    run_file : RunFile
    answers : mapping of language to list of str
        The answer in plain lines.
    folder : pathlib.Path
        Where the arrays of the run are saved.

    Returns
    -------
    dict of str to object
        One for each of `actuarial.report.records.SCHEMAS`.
    """
    return {
        "manifest": _manifest(results, run_file, answers, folder),
        "observed": _observed(results.fits.tables),
        "diagnostics": _diagnostics(results),
        "assumptions": _assumptions(results, run_file),
        "sources": _sources(results.fits.tables),
    }


def posteriors(results: Results) -> dict[str, str]:
    """Return the hash of every posterior by model."""
    return {name: p.attrs["hash"] for name, p in results.fits.posteriors.items()}


def _manifest(
    results: Results, run_file: RunFile, answers: Mapping[Language, list[str]], folder: Path
) -> dict[str, Any]:
    run, years = run_file.run, results.account["year"].values
    files = {f"data/{f.name}": artefacts.digest(f) for f in sorted(run_file.data_folder.glob("*.csv"))}
    files |= {f"{kind}.nc": artefacts.digest(folder / f"{kind}.nc") for kind in PARENTS}
    shut = [f"{d.model}: {'; '.join(d.faults)}" for d in results.fits.diagnoses if d.faults]
    return {
        "title": run.title,
        "title_zh": run.title_zh,
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seed": run.seed,
        "draws": run.draws,
        "first_year": int(years[0]),
        "last_year": int(years[-1]),
        "language": run.language,
        "versions": artefacts.versions(),
        "inputs": files,
        "posteriors": posteriors(results),
        "warnings": [f"A model did not converge, and the run went on by --force. {text}" for text in shut],
        "warnings_zh": [f"模型未收敛，按 --force 继续运行。{text}" for text in shut],
        "scenarios": [_scenario(run_file, name) for name in run_file.scenarios],
        "answer": answers["en"],
        "answer_zh": answers["zh"],
    }


def _scenario(run_file: RunFile, name: str) -> dict[str, Any]:
    scenario = run_file.scenarios[name]
    return {
        "name": name,
        "title_en": scenario.title,
        "title_zh": scenario.title_zh or scenario.title,
        "description_en": scenario.description,
        "description_zh": scenario.description_zh or scenario.description,
        "changes": [{"key": c.key, "from": c.before, "to": c.after} for c in run_file.changes(name)],
    }


def _observed(tables: Tables) -> dict[str, Any]:
    out = {}
    for name, (indicator, where) in OBSERVED.items():
        series = tables.series(indicator, **where).loc[FIRST_OBSERVED:]
        unit = tables.indicators.set_index("indicator").loc[indicator, "unit"]
        rows = tables.table(indicator, area=where.get("area", "national"))
        same = [rows[label] == where.get(label, every) for label, every in (("sex", "both"), ("age", "all"))]
        out[name] = _record(series, str(unit), rows[same[0] & same[1] & rows["year"].isin(series.index)])
    share = {age: tables.table("population_share", area="national") for age in ("60+", "15-59")}
    parts = {a: f[f["age"] == a].set_index("year")["value"] for a, f in share.items()}
    ratio = (parts["60+"] / parts["15-59"]).dropna()
    counted = pd.concat(share.values())
    out["old_age_ratio_60_national"] = _record(ratio, "ratio", counted[counted["year"].isin(ratio.index)])
    return out


def _record(series: pd.Series, unit: str, rows: pd.DataFrame) -> dict[str, Any]:
    return {
        "unit": unit,
        "years": [int(y) for y in series.index],
        "values": [float(v) for v in series],
        "sources": sorted(str(key) for key in rows["source"].unique()),
    }


def _diagnostics(results: Results) -> list[dict[str, Any]]:
    cached = {name: p.attrs["cached"] == "yes" for name, p in results.fits.posteriors.items()}
    return [asdict(d) | {"cached": cached[d.model], "passed": not d.faults} for d in results.fits.diagnoses]


def _assumptions(results: Results, run_file: RunFile) -> list[dict[str, Any]]:
    """List the rules of the fund, with the scenarios that differ, then the priors of the models."""
    base = next(iter(results.assumptions.values()))
    described = {name: {str(d["key"]): d for d in describe(a)} for name, a in results.assumptions.items()}
    rows = []
    for record in describe(base):
        key = str(record["key"])
        others = {name: rows_of[key]["value"] for name, rows_of in described.items()}
        differ = {name: v for name, v in others.items() if v != record["value"]}
        rows.append(record | {"key": f"pension.{key}", "scenarios": differ})
    return rows + [row for model in results.fits.posteriors for row in _priors(run_file, model)]


def _priors(run_file: RunFile, model: str) -> list[dict[str, Any]]:
    """List the priors of a model; unit is what its record says of all of them, meaning what it says of each."""
    priors = run_file.priors_of(model)
    meanings = prior_meanings(type(priors))
    unit = " ".join((inspect.getdoc(type(priors)) or "").partition("Attributes\n")[0].split())
    rows, meaning = [], ""
    for name, value in asdict(priors).items():
        # Names that share an entry of the record follow its first name.
        meaning = meanings.get(name, meaning)
        row = {"key": f"priors.{model}.{name}", "value": value, "unit": unit, "meaning": meaning}
        rows.append(row | {"source": f"Granary's choice; see also the reference of forecasting.models.{model}"})
    return rows


def _sources(tables: Tables) -> list[dict[str, Any]]:
    used: dict[str, list[str]] = {}
    for frame in tables.frames.values():
        for indicator, rows in frame.groupby("indicator"):
            for key in rows["source"].unique():
                used.setdefault(str(key), []).append(str(indicator))
    rows = tables.sources[tables.sources["key"].isin(list(used))].fillna("")
    return [
        {k: str(v) for k, v in row.items()} | {"indicators": used[str(row["key"])]} for row in rows.to_dict("records")
    ]
