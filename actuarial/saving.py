"""What a run leaves on disk: its artefacts and the records that explain them."""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from actuarial.assumptions import describe
from actuarial.report.answer import answer
from forecasting import artefacts

if TYPE_CHECKING:
    from actuarial.runfile import RunFile
    from actuarial.valuation import Results
    from forecasting.sources import Tables

KINDS = ("projection", "account", "indicators", "backcast")
"""The netCDF files of a run."""

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


def save(results: Results, run_file: RunFile, out: Path) -> list[str]:
    """Write every file of a run; the old ones stay until all new ones are whole.

    Parameters
    ----------
    results : Results
        From `actuarial.valuation.value`.
    run_file : RunFile
        What was run.
    out : pathlib.Path
        Folder of the results.

    Returns
    -------
    list of str
        The answer in plain lines, in the language of the run.
    """
    titles = {
        "en": {n: s.title for n, s in run_file.scenarios.items()},
        "zh": {n: s.title_zh or s.title for n, s in run_file.scenarios.items()},
    }
    english, chinese = (answer(results.projection, results.indicators, titles[k], k) for k in ("en", "zh"))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
        part = Path(name)
        _save_arrays(results, run_file, part)
        records = {
            "manifest": _manifest(results, run_file, english, chinese, part),
            "observed": _observed(results.fits.tables),
            "diagnostics": _diagnostics(results),
            "assumptions": _assumptions(results, run_file),
            "sources": _sources(results.fits.tables),
        }
        for key, record in records.items():
            (part / f"{key}.json").write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
        out.mkdir(exist_ok=True)
        for file in sorted(part.iterdir()):
            file.replace(out / file.name)
    return chinese if run_file.run.language == "zh" else english


def _save_arrays(results: Results, run_file: RunFile, folder: Path) -> None:
    """Save the datasets, each with the hash of its parents: posterior, projection, account, indicators."""
    posteriors = {name: p.attrs["hash"] for name, p in results.fits.posteriors.items()}
    parents: dict[str, str] = {"posteriors": json.dumps(posteriors, sort_keys=True)}
    for kind in KINDS:
        data = getattr(results, kind).assign_attrs(seed=run_file.run.seed, **parents)
        file = folder / f"{kind}.nc"
        artefacts.save(data, file, kind)
        parents = parents | {f"parent_{kind}": artefacts.digest(file)}


def _manifest(
    results: Results, run_file: RunFile, english: list[str], chinese: list[str], folder: Path
) -> dict[str, Any]:
    run, years = run_file.run, results.account["year"].values
    files = {f"data/{f.name}": artefacts.digest(f) for f in sorted(run_file.data_folder.glob("*.csv"))}
    files |= {f"{kind}.nc": artefacts.digest(folder / f"{kind}.nc") for kind in KINDS}
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
        "posteriors": {name: p.attrs["hash"] for name, p in results.fits.posteriors.items()},
        "warnings": [f"A model did not converge, and the run went on by --force. {text}" for text in shut],
        "warnings_zh": [f"模型未收敛，按 --force 继续运行。{text}" for text in shut],
        "scenarios": [_scenario(run_file, name) for name in run_file.scenarios],
        "answer": english,
        "answer_zh": chinese,
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
        out[name] = _record(series, str(unit), tables, [indicator])
    share = {age: tables.table("population_share", area="national") for age in ("60+", "15-59")}
    parts = {a: f[f["age"] == a].set_index("year")["value"] for a, f in share.items()}
    ratio = (parts["60+"] / parts["15-59"]).dropna()
    out["old_age_ratio_60_national"] = _record(ratio, "ratio", tables, ["population_share"])
    return out


def _record(series: pd.Series, unit: str, tables: Tables, indicators: Iterable[str]) -> dict[str, Any]:
    return {
        "unit": unit,
        "years": [int(y) for y in series.index],
        "values": [float(v) for v in series],
        "sources": [str(k) for k in tables.sources_of(list(indicators))["key"]],
    }


def _diagnostics(results: Results) -> list[dict[str, Any]]:
    cached = {name: p.attrs["cached"] == "yes" for name, p in results.fits.posteriors.items()}
    return [
        asdict(d) | {"cached": cached[d.model], "passed": not d.faults} for d in results.fits.diagnoses
    ]


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
    priors = run_file.priors_of(model)
    return [
        {
            "key": f"priors.{model}.{name}",
            "value": value,
            "unit": "see the manual",
            "meaning": f"Prior of the {model} model",
            "source": f"Granary's choice; reasons in the reference of forecasting.models.{model}",
        }
        for name, value in asdict(priors).items()
    ]


def _sources(tables: Tables) -> list[dict[str, Any]]:
    used: dict[str, list[str]] = {}
    for frame in tables.frames.values():
        for indicator, rows in frame.groupby("indicator"):
            for key in rows["source"].unique():
                used.setdefault(str(key), []).append(str(indicator))
    rows = tables.sources[tables.sources["key"].isin(list(used))].fillna("")
    return [{k: str(v) for k, v in row.items()} | {"indicators": used[str(row["key"])]} for row in rows.to_dict("records")]
