"""What a run found, and the JSON records that explain it."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from actuarial._template import prior_meanings
from actuarial.assumptions import describe
from actuarial.report.records import Language
from actuarial.report.results import PARENTS
from actuarial.rules import Rules
from forecasting import artefacts
from forecasting.models.predictive import Check
from forecasting.models.sampling import Diagnosis, diagnosis_of
from forecasting.sources import FigureNotFound

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
    "medical_insured": ("resident_enrollees", {}),
    "medical_income": ("resident_fund_income", {}),
    "medical_expenditure": ("resident_fund_expenditure", {}),
    "medical_balance": ("resident_fund_cumulative_balance", {}),
    "migrant_workers": ("migrant_total", {}),
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
    account, indicators, members : xarray.Dataset
        Over (scenario, draw, year): the fund's account, its indicators, and what was kept of its members
        (`actuarial.assessment.Assessment`).
    backcast : xarray.Dataset or None
        Simulated and observed totals of past years; a region has none.
    fits : forecasting.projection.Fits
        The models of the nation.
    rules : dict of str to Rules
        By scenario, with the shares that data supply filled in.
    region : str
        What was valued; empty is the nation.
    regional : xarray.Dataset, optional
        Posterior of the model that tells the region from the nation.
    others : dict of str to xarray.Dataset
        Of the schemes besides the pension, and of all together: by kind, one of `actuarial.report.results.OTHERS`.
    """

    projection: xr.Dataset
    account: xr.Dataset
    indicators: xr.Dataset
    members: xr.Dataset
    backcast: xr.Dataset | None
    fits: Fits
    rules: dict[str, Rules]
    region: str = ""
    regional: xr.Dataset | None = None
    others: dict[str, xr.Dataset] = field(default_factory=dict)

    @property
    def arrays(self) -> dict[str, xr.Dataset]:
        """The datasets that are saved, by kind."""
        found = {kind: self.others.get(kind, getattr(self, kind, None)) for kind in PARENTS}
        return {kind: data for kind, data in found.items() if data is not None}

    @property
    def methods(self) -> dict[str, str]:
        """Models whose future a classical method foretells, with the method."""
        chosen: Mapping[str, str] = getattr(self.fits, "methods", {})
        return {model: method for model, method in chosen.items() if method != "bayesian"}

    @property
    def sampled(self) -> dict[str, xr.Dataset]:
        """Posteriors of the sampled models by name, that of the regions last."""
        regional = [] if self.regional is None else [self.regional]
        return dict(self.fits.posteriors) | {str(one.attrs["model"]): one for one in regional}

    @property
    def diagnoses(self) -> list[Diagnosis]:
        """Convergence of every sampled model."""
        return [diagnosis_of(one) for one in self.sampled.values()]


def records(
    results: Results,
    run_file: RunFile,
    answers: Mapping[Language, list[str]],
    checks: Sequence[Check],
    folder: Path,
) -> dict[str, Any]:
    """Return the JSON records of a run by name.

    Parameters
    ----------
    results : Results
    run_file : RunFile
    answers : mapping of language to list of str
        The answer in plain lines.
    checks : sequence of Check
        What the sampled models make of the published series.
    folder : pathlib.Path
        Where the arrays of the run are saved.

    Returns
    -------
    dict of str to object
        One for each of `actuarial.report.records.SCHEMAS`.
    """
    return {
        "manifest": _manifest(results, run_file, answers, folder),
        "observed": _observed(results.fits.tables, results.region),
        "diagnostics": _diagnostics(results),
        "assumptions": _assumptions(results, run_file),
        "sources": _sources(results.fits.tables),
        "checks": [_check(results.fits.tables, one) for one in checks],
    }


def posteriors(results: Results) -> dict[str, str]:
    """Return the hash of every posterior by model."""
    return {name: p.attrs["hash"] for name, p in results.sampled.items()}


def _manifest(
    results: Results, run_file: RunFile, answers: Mapping[Language, list[str]], folder: Path
) -> dict[str, Any]:
    run, years = run_file.run, results.account["year"].values
    files = {name: artefacts.digest(file) for name, file in _tables_of(run_file)}
    files |= {f"{kind}.nc": artefacts.digest(folder / f"{kind}.nc") for kind in results.arrays}
    shut = [f"{d.model}: {'; '.join(d.faults)}" for d in results.diagnoses if d.faults]
    return {
        "title": run.title,
        "title_zh": run.title_zh,
        "region": results.region,
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seed": run.seed,
        "draws": run.draws,
        "first_year": int(years[0]),
        "last_year": int(years[-1]),
        "language": run.language,
        "versions": artefacts.versions(),
        "inputs": files,
        "posteriors": posteriors(results),
        "methods": results.methods,
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


def _tables_of(run_file: RunFile) -> Iterator[tuple[str, Path]]:
    """Give the tables that were read; those of several folders by the names that the run file has for them."""
    named = run_file.run.data
    names = ["data"] if isinstance(named, str) else named
    for name, folder in zip(names, run_file.data_folders, strict=True):
        for file in sorted(folder.glob("*.csv")):
            yield f"{name}/{file.name}", file


def _observed(tables: Tables, region: str) -> dict[str, Any]:
    """Return the published series of the charts, as far as there are any."""
    out = {}
    for name, (indicator, where) in OBSERVED.items():
        try:
            series = tables.series(indicator, region=region or None, **where).loc[FIRST_OBSERVED:]
        except FigureNotFound:
            continue
        unit = tables.indicators.set_index("indicator").loc[indicator, "unit"]
        rows = tables.table(indicator, region=region or None, area=where.get("area", "national"))
        same = [rows[label] == where.get(label, every) for label, every in (("sex", "both"), ("age", "all"))]
        if series.size:
            out[name] = _record(series, str(unit), rows[same[0] & same[1] & rows["year"].isin(series.index)])
    return out | _ratio(tables, region)


def _ratio(tables: Tables, region: str) -> dict[str, Any]:
    """Return people of 60 and over by those of 15 to 59, where both shares are published."""
    try:
        rows = tables.table("population_share", region=region or None, area="national")
    except FigureNotFound:
        return {}
    parts = {age: rows[rows["age"] == age] for age in ("60+", "15-59")}
    shares = {age: part.set_index("year")["value"] for age, part in parts.items()}
    ratio = (shares["60+"] / shares["15-59"]).dropna()
    counted = pd.concat(parts.values())
    record = _record(ratio, "ratio", counted[counted["year"].isin(ratio.index)])
    return {"old_age_ratio_60_national": record} if ratio.size else {}


def _record(series: pd.Series, unit: str, rows: pd.DataFrame) -> dict[str, Any]:
    return {
        "unit": unit,
        "years": [int(y) for y in series.index],
        "values": [float(v) for v in series],
        "sources": sorted(str(key) for key in rows["source"].unique()),
        "notes": {int(year): str(note) for year, note in zip(rows["year"], rows["note"], strict=True) if note},
    }


def _diagnostics(results: Results) -> list[dict[str, Any]]:
    cached = {name: p.attrs["cached"] == "yes" for name, p in results.sampled.items()}
    return [asdict(d) | {"cached": cached[d.model], "passed": not d.faults} for d in results.diagnoses]


def _check(tables: Tables, one: Check) -> dict[str, Any]:
    """Return the record of a check, with the sources of its figures in place of their names."""
    keys: set[str] = set()
    for indicator in one.indicators:
        rows = tables.table(indicator)
        shown = rows[rows["year"].isin(one.x)] if one.axis == "year" else rows
        keys |= set(map(str, shown["source"]))
    record = asdict(one) | {"sources": sorted(keys)}
    del record["indicators"]
    return record


def _assumptions(results: Results, run_file: RunFile) -> list[dict[str, Any]]:
    """List the rules of what is valued, with the scenarios that differ, then the priors of the models."""
    base = next(iter(results.rules.values()))
    pooled = describe(run_file.asked.pooling) if run_file.asked.pooling.levels else []
    described = {name: {str(d["key"]): d for d in describe(a)} for name, a in results.rules.items()}
    rows = []
    for record in describe(base):
        key = str(record["key"])
        if key.split(".", maxsplit=1)[0] not in run_file.all_schemes:
            continue
        others = {name: rows_of[key]["value"] for name, rows_of in described.items()}
        differ = {name: v for name, v in others.items() if v != record["value"]}
        rows.append(record | {"scenarios": differ})
    rows += [record | {"key": f"pooling.{record['key']}", "scenarios": {}} for record in pooled]
    return rows + [row for model in results.sampled for row in _priors(run_file, model)]


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
