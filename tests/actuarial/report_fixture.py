"""A whole folder of saved results with invented figures, for the report's tests.

Every file and variable that `actuarial.report` reads is there, and the account conserves money. The figures only look
like China's; none is a forecast.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from actuarial.saving import save_arrays
from forecasting import artefacts
from tests.actuarial.report_fixture_axes import DRAWS, SCENARIOS, YEARS
from tests.actuarial.report_fixture_care import care_plan
from tests.actuarial.report_fixture_household import household
from tests.actuarial.report_fixture_later import labour, time_bank, unemployment
from tests.actuarial.report_fixture_medical import medical, medical_backcast, projected
from tests.actuarial.report_fixture_pooling import pooling_results
from tests.actuarial.report_fixture_records import records

PEOPLE_YEARS = np.arange(2010, 2101)
FIGURES = "f1" * 32


def write_results(folder: Path) -> Path:
    """Write the folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = everything()
    save_arrays(arrays, folder, {"seed": 20260101, "figures": FIGURES})
    found = records()
    found["manifest"]["inputs"] |= {f"{kind}.nc": artefacts.digest(folder / f"{kind}.nc") for kind in arrays}
    for name, content in found.items():
        (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


@cache
def everything() -> dict[str, xr.Dataset]:
    """Return the results by kind; each fund is drawn from a stream of its own, so that none moves another."""
    rng = np.random.default_rng(7)
    people = projection(rng)
    money = account(people, rng)
    solvent, past = indicators(people, money), backcast(rng)
    streams = (np.random.default_rng(seed) for seed in range(8, 16))
    known = people.assign(projected(next(streams), PEOPLE_YEARS)).merge(labour(next(streams)), join="exact")
    return {
        "projection": known,
        "account": money,
        "indicators": solvent,
        "backcast": past,
        "medical": medical(next(streams)),
        "medical_backcast": medical_backcast(next(streams)),
        "unemployment": unemployment(next(streams)),
        "time_bank": time_bank(next(streams)),
        "household": household(next(streams)),
        "pooling": pooling_results(),
        "care_plan": care_plan(next(streams)),
    }


def walk(rng: np.random.Generator, scale: float, years: np.ndarray = PEOPLE_YEARS, last: int = 2025) -> np.ndarray:
    """Return random walks (draw, year) that start after `last`; zero before."""
    steps = rng.normal(0.0, scale, (DRAWS, years.size)) * (years > last)
    return np.cumsum(steps, axis=1)


def projection(rng: np.random.Generator) -> xr.Dataset:
    """Return the people and the economy of the contract."""
    t = np.clip(PEOPLE_YEARS - 2010.0, 0, None)
    ages = np.arange(0, 101, 5)
    shape = np.exp(-(((ages[:, None] - 30 - 0.55 * t) / 34.0) ** 2)) + 0.12
    size = np.stack([36e6 * np.exp(-0.018 * t), 40e6 * np.exp(0.004 * t)])
    wobble = np.exp(walk(rng, 0.006))
    population = np.einsum("ay,gy,dy->dgay", shape, size, wobble)[:, :, None] * np.array([0.98, 1.02])[:, None, None]
    shares = np.stack([0.60 + 0.013 * t, 0.42 + 0.006 * t, 0.5 + 0.009 * t])
    ratio = np.clip(shares[None] * np.exp(walk(rng, 0.01))[:, None] - 0.30, 0.05, None)
    tfr = 1.55 - 0.55 * np.clip(t / 13, 0, 1) + walk(rng, 0.03)
    e0 = 75.0 + 0.14 * t + walk(rng, 0.12)
    rise = np.exp(0.045 * (PEOPLE_YEARS - 2025.0) + walk(rng, 0.01))
    prices = np.exp(0.02 * (PEOPLE_YEARS - 2025.0) + walk(rng, 0.004))
    pensioners = 100e6 + 9e7 * (1 - np.exp(-t / 12)) + walk(rng, 8e5)
    contributors = np.clip(385e6 - 2.4e6 * np.clip(t - 11, 0, None) + walk(rng, 3e6), 6e7, None)
    area_e0 = np.stack([e0 - 1.5, e0 + 1.5], axis=1)[:, :, None] + np.array([2.8, -2.8])[:, None]
    variables: dict[str, Any] = {
        "population_5y": (("draw", "area", "sex", "age", "year"), population.astype("float32")),
        "tfr": (("draw", "year"), tfr),
        "tfr_area": (("draw", "area", "year"), np.stack([tfr + 0.2, tfr - 0.1], axis=1)),
        "e0": (("draw", "area", "sex", "year"), area_e0),
        "e0_national": (("draw", "sex", "year"), e0[:, None] + np.array([2.8, -2.8])[:, None]),
        "rural_share": (("draw", "year"), np.clip(0.5 - 0.006 * t + walk(rng, 0.002), 0.1, 1)),
        "contributors_total": (("draw", "year"), contributors),
        "pensioners_total": (("draw", "year"), pensioners),
        "system_ratio": (("draw", "year"), pensioners / contributors),
        "rural_income": (("draw", "year"), 24e3 * rise),
        "price_index": (("draw", "year"), prices),
        "budget_revenue": (("draw", "year"), 21.6e12 * rise**0.9),
        "land_income": (("draw", "year"), 4.2e12 * rise**0.5),
        "deposit_rate": (("draw", "year"), 0.015 + walk(rng, 0.0005)),
        "market_return": (("draw", "year"), rng.normal(0.05, 0.06, (DRAWS, t.size))),
    }
    for name in ("births", "deaths", "moves"):
        variables[name] = (("draw", "area", "year"), rng.normal(5e6, 1e5, (DRAWS, 2, t.size)))
    for name, factor in (
        ("youth_ratio", 0.4),
        ("old_age_ratio_60", 1.0),
        ("old_age_ratio_65", 0.75),
        ("total_ratio", 1.3),
    ):
        variables[name] = (("draw", "place", "year"), factor * ratio)
    coords = {"draw": np.arange(DRAWS), "area": ["rural", "urban"], "sex": ["female", "male"], "age": ages}
    return xr.Dataset(variables, coords | {"year": PEOPLE_YEARS, "place": ["rural", "urban", "national"]})


FLOWS = {
    "fiscal_transfer": ("income", "pool"),
    "land_withdrawal": ("income", "pool"),
    "collective_pool": ("income", "pool"),
    "donations": ("income", "pool"),
    "platform": ("income", "pool"),
    "other_income": ("income", "pool"),
    "basic_pension": ("outgo", "pool"),
    "longevity_tail": ("outgo", "pool"),
    "match": ("outgo", "pool"),
    "funeral_grant": ("outgo", "pool"),
    "contributions": ("income", "accounts"),
    "collective_accounts": ("income", "accounts"),
    "portability_in": ("income", "accounts"),
    "credited_interest": ("interest", "accounts"),
    "account_pension": ("outgo", "accounts"),
    "inheritance": ("outgo", "accounts"),
    "portability_out": ("outgo", "accounts"),
    "interest": ("interest", "fund"),
    "pool_interest": ("interest", "pool"),
    "balance": ("stock", "fund"),
    "accounts_balance": ("stock", "accounts"),
    "pool_balance": ("stock", "pool"),
    "lending": ("memo", "pool"),
    "shortfall": ("memo", "fund"),
}


def account(people: xr.Dataset, rng: np.random.Generator) -> xr.Dataset:
    """Return an account whose ledgers add up (opening-balance interest)."""
    drivers = people.sel(year=YEARS)
    shape = (len(SCENARIOS), DRAWS, YEARS.size)
    flows = {name: np.zeros(shape) for name in FLOWS}
    heads = drivers["pensioners_total"].values
    income, prices = drivers["rural_income"].values, drivers["price_index"].values
    index = np.stack([income, income, 24e3 * prices * 1.1])
    flows["basic_pension"] = heads * index * 0.105
    flows["longevity_tail"] = 0.01 * flows["basic_pension"]
    flows["funeral_grant"] = 0.01 * flows["basic_pension"]
    flows["match"] = np.broadcast_to(drivers["contributors_total"].values * 60.0, shape).copy()
    flows["contributions"] = 4.0 * flows["match"]
    due = flows["basic_pension"] + flows["match"]
    capacity = 0.02 * drivers["budget_revenue"].values
    flows["fiscal_transfer"] = np.stack([due[0], capacity * 0.9, capacity * 0.25])
    flows["land_withdrawal"][2] = 0.1 * drivers["land_income"].values
    _balances(flows, rng.normal(0.025, 0.004, (DRAWS, YEARS.size)))
    coords = {"scenario": list(SCENARIOS), "draw": np.arange(DRAWS), "year": YEARS}
    data = xr.Dataset({name: (("scenario", "draw", "year"), values) for name, values in flows.items()}, coords)
    for name, (kind, ledger) in FLOWS.items():
        data[name].attrs = {"unit": "yuan", "meaning": name.replace("_", " "), "kind": kind, "ledger": ledger}
    return data


def _balances(flows: dict[str, np.ndarray], rates: np.ndarray) -> None:
    accounts = np.full(rates.shape[:1], 1.5e12)
    pool = np.full((len(SCENARIOS), DRAWS), 0.3e12)
    before = np.maximum(-pool, 0.0)
    for t in range(YEARS.size):
        at = {name: values[..., t] for name, values in flows.items()}
        credited = accounts * rates[:, t]
        paid_out, left = 0.07 * accounts, 0.004 * accounts
        accounts = accounts + at["contributions"] + at["match"] + credited - paid_out - left
        earned = pool * rates[:, t]
        paid = at["basic_pension"] + at["longevity_tail"] + at["match"] + at["funeral_grant"]
        pool = pool + at["fiscal_transfer"] + at["land_withdrawal"] - paid + earned
        shortfall = np.maximum(-(pool + accounts), 0.0)
        pool = pool + shortfall
        owed = np.maximum(-pool, 0.0)
        for name, value in (
            ("account_pension", paid_out),
            ("inheritance", left),
            ("credited_interest", credited),
            ("pool_interest", earned),
            ("interest", credited + earned),
            ("accounts_balance", accounts),
            ("pool_balance", pool),
            ("balance", pool + accounts),
            ("lending", owed - before),
            ("shortfall", shortfall),
        ):
            flows[name][..., t] = value
        before = owed


def indicators(people: xr.Dataset, money: xr.Dataset) -> xr.Dataset:
    """Return the indicators of the contract."""
    drivers = people.sel(year=YEARS)
    base = drivers["rural_income"] * drivers["contributors_total"]
    outgo = money["basic_pension"] + money["account_pension"] + money["inheritance"] + money["funeral_grant"]
    income = money["fiscal_transfer"] + money["contributions"] + money["land_withdrawal"]
    pool_empty = (money["pool_balance"] <= 0).cumsum("year") > 0
    fund_empty = (money["balance"] <= 1.0).cumsum("year") > 0
    need = money["basic_pension"] + money["match"] - money["land_withdrawal"]
    by_year = {
        "income_rate": (income / base, "share of the contribution base"),
        "cost_rate": (outgo / base, "share of the contribution base"),
        "annual_balance": ((income - outgo) / base, "share of the contribution base"),
        "reserve_ratio": (money["balance"] / outgo, "years of outgo"),
        "pool_reserve_ratio": (money["pool_balance"] / outgo, "years of outgo"),
        "payable_share": ((income / outgo).clip(max=1.0), "share"),
        "fiscal_transfer_share": (money["fiscal_transfer"] / drivers["budget_revenue"], "share of budget revenue"),
        "fiscal_need_share": (need / drivers["budget_revenue"], "share of budget revenue"),
        "replacement_rate": (money["basic_pension"] / drivers["pensioners_total"] / drivers["rural_income"], "share"),
        "member_share": (money["contributions"] / (money["contributions"] + money["match"]), "share"),
        "pool_empty": (pool_empty.astype(float), "0 or 1"),
        "fund_empty": (fund_empty.astype(float), "0 or 1"),
    }
    first = {name: _first_year(empty) for name, empty in (("pool", pool_empty), ("fund", fund_empty))}
    once = {f"{name}_depletion_year": years for name, years in first.items()}
    once |= {f"{name}_first_negative": years + 1 for name, years in first.items()}
    balance = xr.concat([(0.1 - 0.001 * h) + 0.0 * first["pool"].fillna(0) for h in (25, 50, 75)], dim="horizon")
    noise = xr.DataArray(np.linspace(-0.05, 0.05, DRAWS), dims="draw")
    balance = (balance + noise).assign_coords(horizon=[25, 50, 75]).transpose("scenario", "draw", "horizon")
    data = xr.Dataset({name: values.transpose("scenario", "draw", "year") for name, (values, _) in by_year.items()})
    data = data.assign(once).assign(actuarial_balance=balance)
    units = {name: unit for name, (_, unit) in by_year.items()} | {
        "actuarial_balance": "share of the contribution base"
    }
    for name in data.data_vars:
        data[name].attrs = {"unit": units.get(str(name), "year"), "meaning": str(name).replace("_", " ")}
    return data


def _first_year(empty: xr.DataArray) -> xr.DataArray:
    first = empty["year"].where(empty).min("year")
    return first.transpose("scenario", "draw")


def backcast(rng: np.random.Generator) -> xr.Dataset:
    """Return the model's past beside the published one."""
    years = np.arange(2015, 2025)
    levels = {
        "participants": 540e6,
        "pensioners": 165e6,
        "fund_income": 5e11,
        "fund_expenditure": 4e11,
        "fund_balance": 1e12,
    }
    data = {}
    for name, level in levels.items():
        path = level * np.linspace(0.8, 1.1, years.size)
        data[name] = (("draw", "year"), path * np.exp(rng.normal(0, 0.03, (DRAWS, years.size))))
        data[f"observed_{name}"] = (("year",), path * np.exp(rng.normal(0, 0.02, years.size)))
    return xr.Dataset(data, {"draw": np.arange(DRAWS), "year": years})
