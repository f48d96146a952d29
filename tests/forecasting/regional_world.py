"""A small nation of three provinces and a county, made up: tables and a Projection for the tests of regions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.axes import AGES, AREAS, SEXES
from forecasting.models import provinces, sampling
from forecasting.region import RegionFit
from forecasting.sources import Tables

YEARS = np.arange(2010, 2061)
BASE_YEAR = 2025
PARTS = {"North": 0.5, "South": 0.3, "West": 0.2}
COUNTY = "Hill County"
INCOME = {"North": 1.2, "South": 0.9, "West": 0.6, COUNTY: 0.8}
DRAWS = 60


def projection(draws: int = DRAWS) -> xr.Dataset:
    """Return a Projection of a nation of about 100 million people that ages, with doubt that grows."""
    rng = np.random.default_rng(5)
    ahead = np.clip(YEARS - BASE_YEAR, 0, None)
    doubt = np.exp(0.03 * rng.standard_normal((draws, 1)) * np.sqrt(ahead))
    mortality = 0.0004 * np.exp(0.085 * AGES)[:, None] * np.exp(-0.01 * (YEARS - 2020)) * np.ones((2, 1, 1))
    mortality[1] *= 1.3
    population, births, deaths, moves = _people(mortality, doubt)
    areas, sexes = {"area": list(AREAS)}, {"sex": list(SEXES)}
    axes = {"draw": np.arange(draws)} | areas | sexes | {"age": AGES, "year": YEARS}
    by_area, paths = ("draw", "area", "year"), ("draw", "year")
    flat = np.ones((draws, len(YEARS)))
    nation = population.sum(axis=1)
    members = {
        "contributors": nation * ((AGES >= 16) & (AGES < 60))[:, None] * 0.4,
        "pensioners": nation * (AGES >= 60)[:, None] * 0.5,
    }
    out: dict[str, Any] = {
        "population": (tuple(axes), population),
        "births": (by_area, births),
        "deaths": (by_area, deaths),
        "moves": (by_area, moves),
        "tfr": (paths, 1.2 * flat),
        "tfr_area": (by_area, np.stack([1.4 * flat, 1.1 * flat], axis=1)),
        "e0": (("draw", "area", "sex", "year"), 76.0 * np.ones((draws, 2, 2, len(YEARS)))),
        "pensioner_mortality": (("draw", "sex", "age", "year"), np.broadcast_to(mortality, nation.shape).copy()),
    }
    for name, heads in members.items():
        before = np.concatenate([0.0 * heads[..., :1], heads[..., :-1]], axis=-1)
        out[name] = (("draw", "sex", "age", "year"), (0.5 * (heads + before)).astype(np.float32))
        out[f"{name}_year_end"] = (paths, heads.sum(axis=(1, 2)))
    income = 10_000.0 * np.exp(0.05 * (YEARS - 2015)) * flat
    out |= {name: (paths, value * flat) for name, value in {"price_index": 1.0, "deposit_rate": 0.015}.items()}
    out |= {"rural_income": (paths, income), "contribution_per_head": (paths, 0.025 * income)}
    out |= {"budget_revenue": (paths, 1e7 * income * doubt), "land_income": (paths, 2e6 * income)}
    ratios = {"contribution_ratio": 0.025, "basic_ratio": 0.1, "employee_share": 0.3, "compliance": 0.8, "take_up": 0.7}
    out |= {name: (paths, value * flat) for name, value in ({"market_return": 0.04} | ratios).items()}
    return xr.Dataset(out, axes, {"base_year": BASE_YEAR})


def _people(mortality: np.ndarray, doubt: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Carry a made-up pyramid; a hundredth of the young in the country moves to town each year."""
    draws = len(doubt)
    population = np.zeros((draws, 2, 2, len(AGES), len(YEARS)))
    flows = np.zeros((3, draws, 2, len(YEARS)))
    now = np.broadcast_to(3.5e5 * np.exp(-((AGES - 35.0) ** 2) / 1800.0) * np.exp(-AGES / 150.0), (draws, 2, 2, 101))
    now = now.copy()
    leaving = np.where((AGES > 15) & (AGES < 40), 0.01, 0.001)
    for t in range(len(YEARS)):
        survive = np.exp(-mortality[..., t])
        born = 0.045 * now[:, :, :1, 20:35].sum(axis=3) * doubt[:, None, t, None] * np.ones((1, 1, 2))
        later = np.zeros_like(now)
        later[..., 1:] = now[..., :-1] * survive[None, None, :, :-1]
        later[..., -1] += now[..., -1] * survive[..., -1]
        later[..., 0] = born
        gone = later[:, 0] * leaving
        flows[0, :, :, t] = born.sum(axis=2)
        flows[1, :, :, t] = (now * (1.0 - survive)).sum(axis=(2, 3))
        flows[2, :, :, t] = np.stack([-gone.sum(axis=(1, 2)), gone.sum(axis=(1, 2))], axis=1)
        later[:, 0] -= gone
        later[:, 1] += gone
        population[..., t], now = later, later
    return population, flows[0], flows[1], flows[2]


def rows(national: xr.Dataset) -> pd.DataFrame:
    """Return the figures that one would have published of this nation, its provinces and the county."""
    mean = national.mean("draw")
    out = []
    rng = np.random.default_rng(11)
    sizes = {"China": 1.0, **PARTS, COUNTY: 0.01}
    members = _members(mean, rng)
    for region, size in sizes.items():
        for year in range(2010 if region != COUNTY else 2020, 2025):
            out += _published(members, region, year)
        if region != "China":
            everyone = mean["population"].sel(year=2020).sum(["sex", "age"])
            out += [
                (2020, region, "population_census", size * float(everyone.sum("area"))),
                (2020, region, "population_census", size * 1.1 * float(everyone.sel(area="rural")), "rural"),
            ]
        if region in PARTS:
            out.append((2024, region, "region_group", 1.0))
    return pd.DataFrame(
        [(*row, "national")[:5] for row in out], columns=["year", "region", "indicator", "value", "area"]
    )


def _published(members: dict[str, dict[str, dict[int, float]]], region: str, year: int) -> list[tuple[Any, ...]]:
    """Return the figures of a year; money of the nation is the sum of its parts."""
    places = PARTS if region == "China" else [region]
    nation = 10_000.0 * np.exp(0.05 * (year - 2015))
    spent = sum(members["pensioners"][p][year] * 0.11 * nation * INCOME[p] for p in places)
    paid = sum(members["contributors"][p][year] * 0.025 * nation * INCOME[p] for p in places)
    out: list[tuple[Any, ...]] = [
        (year, region, "contributors", members["contributors"][region][year]),
        (year, region, "pensioners", members["pensioners"][region][year]),
        (year, region, "fund_expenditure", spent),
        (year, region, "fund_income", 0.9 * spent + paid + 0.02 * 10.0 * spent),
        (year, region, "fund_balance", 10.0 * spent),
        (year, region, "rural_disposable_income_per_head", nation * INCOME.get(region, 1.0), "rural"),
    ]
    if region == "China":
        out += [(year, region, "individual_contributions", paid), (year, region, "fiscal_subsidy", 0.9 * spent)]
    return out


def _members(mean: xr.Dataset, rng: np.random.Generator) -> dict[str, dict[str, dict[int, float]]]:
    """Return members by kind, region and year: provinces drift apart and add up, the county is a hundredth."""
    out: dict[str, dict[str, dict[int, float]]] = {}
    years = np.arange(2010, 2025)
    for kind in ("contributors", "pensioners"):
        whole = mean[f"{kind}_year_end"].sel(year=years).values
        drift = dict(zip(PARTS, (0.004, -0.003, 0.0), strict=True))
        logs = {
            r: np.log(size) + drift[r] * (years - 2024) + 0.01 * np.cumsum(rng.standard_normal(len(years)))
            for r, size in PARTS.items()
        }
        total = sum(np.exp(v) for v in logs.values())
        shares = {"China": np.ones(len(years)), **{r: np.exp(v) / total for r, v in logs.items()}}
        shares[COUNTY] = 0.01 * np.exp(0.02 * rng.standard_normal(len(years)))
        out[kind] = {r: dict(zip(years.tolist(), (s * whole).tolist(), strict=True)) for r, s in shares.items()}
    return out


def tables(figures: pd.DataFrame) -> Tables:
    """Make tables of rows with year, region, indicator, value and area (and age, if there)."""
    births = pd.DataFrame(
        [(2021, "China", "asfr", 0.08, "national", f"{a}-{a + 4}") for a in (20, 25, 30)],
        columns=["year", "region", "indicator", "value", "area", "age"],
    )
    frame = pd.concat([figures, births], ignore_index=True)
    frame = frame.astype({"value": float, "year": int})
    frame = frame.assign(sex="both", age=frame["age"].fillna("all"), unit="", source="made_up", note="")
    names = sorted({*frame["indicator"], "population_year_end", "urban_share", "population_share", "births", "deaths"})
    names += ["general_budget_revenue", "rural_net_income_per_head", "land_transfer_income"]
    declared = pd.DataFrame({"indicator": list(dict.fromkeys(names)), "table": "world"})
    return Tables({"world": frame}, pd.DataFrame({"key": ["made_up"]}), declared, "made up")


def with_rows(figures: pd.DataFrame, *more: tuple[Any, ...]) -> pd.DataFrame:
    """Add figures: year, region, indicator, value, area and age."""
    added = pd.DataFrame(more, columns=["year", "region", "indicator", "value", "area", "age"])
    return pd.concat([figures, added], ignore_index=True)


def region_fit(known: Tables, draws: int = DRAWS) -> RegionFit:
    """Return a fit whose posterior is written down, not sampled: drifts of .5 %, steps of 1 %."""
    priors = provinces.Priors()
    inputs = provinces.inputs(known, priors)
    rng = np.random.default_rng(3)
    count, seen = len(inputs["regions"]), len(provinces.STEPPED)
    one = np.ones(draws)
    values = {
        "drift": (("draw", "series", "place"), 0.005 * rng.standard_normal((draws, seen, count))),
        "log_scale": (("draw", "series", "place"), np.log(0.01) + 0.1 * rng.standard_normal((draws, seen, count))),
        "tail": (("draw", "series"), 6.0 * np.ones((draws, seen))),
        "half_life": (("draw",), 8.0 * np.exp(0.3 * rng.standard_normal(draws))),
        "elasticity": (("draw",), 1.0 + 0.1 * rng.standard_normal(draws)),
        "contribution_mean": (("draw",), 0.0 * one),
        "level_sd": (("draw",), 0.2 * one),
        "swing_sd": (("draw",), 0.1 * one),
    }
    posterior = xr.Dataset(values, {"draw": np.arange(draws)})
    return RegionFit(posterior, inputs, known, sampling.Settings(draws=draws), priors)


def fits(known: Tables) -> Any:
    """Return what `region.forecast` reads of the nation's fits."""
    return SimpleNamespace(tables=known)
