"""Numbers of the overview of a batch, from the saved results of its regions alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import rankdata

from actuarial.report.summary import quantiles
from forecasting import artefacts

YEARS = (2035, 2050, 2075)
"""Years by which a pool is empty or not."""

AT = 2050
"""Year of the rates, of the map and of the ranking."""

EIGHTY = (0.1, 0.5, 0.9)

RATES = ("cost_rate", "fiscal_need_share")
"""Indicators that are told with their intervals."""

RANKED = "fiscal_need_share"
"""Indicator by which regions are ranked in every draw: 1 is the largest."""


@dataclass(frozen=True)
class Found:
    """What the regions of a batch came to.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a region and scenario: ``region, zone, scenario``, ``empty_YEAR`` (probability that the pool is empty
        by then), ``depletion_year_low/median/high``, and for each of `RATES` and ``rank`` the same three; a
        depletion year that lies beyond the forecast is infinite.
    titles : dict of str to tuple of str
        English and Chinese title of each scenario.
    years : tuple of int
        Those of `YEARS` that the forecast holds; its last year where it holds none.
    at : int
        Year of rates and ranks: `AT`, or the last year of the forecast.
    last : int
        Last year of the forecast.
    draws, seed : int
    created : str
        Latest day on which a region was valued.
    """

    table: pd.DataFrame
    titles: dict[str, tuple[str, str]]
    years: tuple[int, ...]
    at: int
    last: int
    draws: int
    seed: int
    created: str


def found(out: Path, folders: Mapping[str, str], zones: Mapping[str, str]) -> Found:
    """Read the regions of a batch.

    Parameters
    ----------
    out : pathlib.Path
    folders : mapping of str to str
        Folder of each region, seen from `out`.
    zones : mapping of str to str
        Zone of each region; a county has none.

    Returns
    -------
    Found

    Raises
    ------
    forecasting.artefacts.ArtefactError
        If saved results are missing or broken.
    """
    data = {region: artefacts.load(out / name / "indicators.nc", "indicators") for region, name in folders.items()}
    manifests = [json.loads((out / name / "manifest.json").read_text(encoding="utf-8")) for name in folders.values()]
    first = next(iter(data.values()))
    last = int(first["year"][-1])
    years, at = tuple(year for year in YEARS if year <= last) or (last,), min(AT, last)
    ranks = _ranks(data, at)
    rows = [row for region, one in data.items() for row in _rows(region, zones.get(region, ""), one, years, at)]
    table = pd.DataFrame(rows).merge(ranks, on=["region", "scenario"], validate="one_to_one")
    told = manifests[0]
    return Found(
        table,
        {one["name"]: (one["title_en"], one["title_zh"]) for one in told["scenarios"]},
        years,
        at,
        last,
        int(told["draws"]),
        int(told["seed"]),
        max(str(one["created"]) for one in manifests),
    )


def _rows(region: str, zone: str, data: xr.Dataset, years: Iterable[int], at: int) -> Iterable[dict[str, object]]:
    for scenario in data["scenario"].values.tolist():
        one = data.sel(scenario=scenario)
        emptied = one["pool_depletion_year"]
        row: dict[str, object] = {"region": region, "zone": zone, "scenario": scenario}
        row |= {f"empty_{year}": float((emptied <= year).mean()) for year in years}
        row |= _three("depletion_year", quantiles(emptied, EIGHTY))
        for name in RATES:
            row |= _three(name, quantiles(one[name].sel(year=at), EIGHTY))
        yield row


def _ranks(data: Mapping[str, xr.Dataset], at: int) -> pd.DataFrame:
    """Rank the regions in every draw, all of which share one future of the nation; ties share their mean rank."""
    values = [one[RANKED].sel(year=at).transpose("scenario", "draw").values for one in data.values()]
    ranks = rankdata(-np.stack(values), axis=0)
    bands = np.quantile(ranks, EIGHTY, axis=2, method="inverted_cdf")
    scenarios = next(iter(data.values()))["scenario"].values.tolist()
    return pd.DataFrame(
        {"region": region, "scenario": scenario, **_three("rank", bands[:, r, s])}
        for r, region in enumerate(data)
        for s, scenario in enumerate(scenarios)
    )


def _three(name: str, values: np.ndarray) -> dict[str, object]:
    return {f"{name}_{end}": float(value) for end, value in zip(("low", "median", "high"), values, strict=True)}
