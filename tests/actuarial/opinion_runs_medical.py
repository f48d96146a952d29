"""Runs with other funds than the pension, for the tests of the opinion; every number of theirs is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from actuarial.report import Results
from actuarial.report.records import Assumption
from tests.actuarial.report_fixture_axes import DRAWS, SCENARIOS, YEARS

FUNDS = ("pension", "medical", "unemployment", "time_bank")
PER_DRAW = np.arange(DRAWS)


def with_funds(results: Results, **owners: tuple[str, ...]) -> Results:
    """Return a run in which each fund named is valued in the scenarios given; the others in none."""
    some: dict[str, Any] = {name: None for name in FUNDS[1:]} | {
        name: xr.Dataset(coords={"scenario": list(names)}) for name, names in owners.items()
    }
    household = xr.Dataset(coords={"scenario": list(SCENARIOS), "fund": list(FUNDS)})
    return replace(results, household=household, **some)


def with_medical(
    results: Results,
    *,
    short: int = 0,
    negative: int = 0,
    ratio: float = 1.0,
    scenarios: tuple[str, ...] = SCENARIOS,
    band: tuple[float, float] | None = (6.0, 9.0),
) -> Results:
    """Return a run with a medical fund.

    Its reserve is below six months in 2035, and it is empty from 2040, in `short` of the draws; its actuarial balance
    over 50 years is negative in `negative` of them, that over 75 is not known; its need grows to `ratio` times the
    first year's by 2050. The last scenario, where there are several, has twice the need of the others.
    """
    shape = (len(scenarios), DRAWS, YEARS.size)
    low = np.broadcast_to((PER_DRAW < short)[:, None], shape)
    growth = ratio ** (np.clip(YEARS - 2026, 0, 24) / 24)
    need = (0.03 + 0.0001 * PER_DRAW)[:, None] * growth * np.ones(shape)
    need[len(scenarios) - 1 :] *= 2.0 if len(scenarios) > 1 else 1.0
    balance = np.full((len(scenarios), DRAWS, 3), np.nan)
    balance[..., :2] = np.where(PER_DRAW < negative, -0.02, 0.01)[:, None]
    by_year = ("scenario", "draw", "year")
    data = xr.Dataset(
        {
            "fund_empty": (by_year, (low & (YEARS >= 2040)).astype(float)),
            "months_of_reserve": (by_year, np.where(low, 3.0, 8.0)),
            "fiscal_need_share": (by_year, need),
            "actuarial_balance": (("scenario", "draw", "horizon"), balance),
        },
        {"scenario": list(scenarios), "draw": PER_DRAW, "year": YEARS, "horizon": [25, 50, 75]},
    )
    run = replace(with_funds(results), medical=data)
    return run if band is None else replace(run, assumptions=[*results.assumptions, *_band(*band)])


def _band(low: float, high: float) -> Iterator[Assumption]:
    line: dict[str, Any] = {"unit": "months", "low": 0.0, "high": 36.0, "meaning": "Reserve.", "source": "Choice"}
    for name, value in (("months_low", low), ("months_high", high)):
        yield Assumption.model_validate({"key": f"medical.reserve.{name}", "value": value, "scenarios": {}} | line)


def with_medical_past(results: Results, inside: int, years: int = 8) -> Results:
    """Return a run whose medical past is `years` years of two series, of whose values `inside` are within."""
    spread = np.linspace(0.9, 1.1, DRAWS)[:, None] * np.ones(years)
    hits = np.arange(2 * years).reshape(2, years) < inside
    data: dict[str, Any] = {}
    for name, hit in zip(("enrolled", "spent"), hits, strict=True):
        data[name] = (("draw", "year"), spread)
        data[f"observed_{name}"] = (("year",), np.where(hit, 1.0, 5.0))
    past = xr.Dataset(data, {"draw": PER_DRAW, "year": 2018 + np.arange(years)})
    return replace(with_medical(results), medical_backcast=past)


def medical_variants(results: Results) -> Iterator[Results]:
    """Yield runs that together say everything that the chapter can say of other funds."""
    yield from (with_medical(results, short=draws, negative=draws) for draws in (0, 20, 40))
    yield from (with_medical(results, ratio=ratio) for ratio in (1.5, 3.0))
    yield from (with_medical_past(results, inside) for inside in (16, 14, 5))
    yield with_medical_past(results, 20, years=10)
    yield with_funds(results, unemployment=("package",), time_bank=SCENARIOS)


def numbers_of_medical(results: Results) -> set[str]:
    """Return the numbers that the sentences on the medical fund may hold, worked out here from the results alone."""
    allowed: set[str] = set()
    if results.medical is None:
        return allowed
    last = results.manifest.last_year
    for name in results.medical["scenario"].values:
        one = results.medical.sel(scenario=name)
        shares = [one["fund_empty"].sel(year=year).mean() for year in (2035, 2050) if year <= last]
        shares += [(one["months_of_reserve"].sel(year=2035) < 6).mean(), (one["actuarial_balance"][:, 1] < 0).mean()]
        allowed |= {f"{100 * float(share):.0f}" for share in shares}
        need = one["fiscal_need_share"]
        ends = need.sel(year=2050).quantile([0.1, 0.5, 0.9]).values
        allowed |= {f"{100 * end:.1f}" for end in ends} | {f"{float((need.sel(year=2050) / need[:, 0]).median()):.2f}"}
        allowed |= {
            f"{value:.1f}" for value in one["months_of_reserve"].sel(year=2035).quantile([0.1, 0.5, 0.9]).values
        }
        balance = 100 * one["actuarial_balance"][:, 1].quantile([0.1, 0.5, 0.9]).values
        allowed |= {f"{abs(value):.1f}" for value in balance}
    return allowed | {"6", "9", "2035", *map(str, range(21))}
