"""The medical fund of the invented run in `report_fixture`: two scenarios that leave it the same, one that does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from actuarial.assumptions import describe
from actuarial.medical import INCOME, INDICATORS, MEMOS, OUTGO, MedicalAssumptions
from tests.actuarial.report_fixture_axes import DRAWS

YEARS = np.arange(2025, 2101)
PAST = np.arange(2018, 2026)
GIVEN = 2019
HORIZONS = (25, 50, 75)
LAW, PACKAGE = ("law", "capacity"), "package"
DIMS = ("scenario", "draw", "year")
T = YEARS - 2025.0
OPENING = 8e11


def medical(rng: np.random.Generator) -> xr.Dataset:
    """Return ``medical.nc``: an account that adds up, indicators that follow from it, and households by hand."""
    noise = np.cumsum(rng.normal(0.0, 0.01, (DRAWS, YEARS.size)), axis=1)
    made = {name: _account(noise, reform=name == PACKAGE) for name in (*LAW, PACKAGE)}
    names = list(made[PACKAGE])
    data = xr.Dataset({name: (DIMS, np.stack([one[name] for one in made.values()])) for name in names})
    data = data.assign_coords(scenario=list(made), draw=np.arange(DRAWS), year=YEARS)
    return _told(_long_run(data))


def projected(rng: np.random.Generator, years: np.ndarray) -> dict[str, Any]:
    """Return the medical variables of ``projection.nc`` over (draw, year): none before 2018."""
    t = years - 2025.0
    spread = np.exp(np.cumsum(rng.normal(0.0, 0.01, (DRAWS, t.size)) * (t > 0), axis=1))
    levels = {
        "insured_total": 9.4e8 * np.exp(-0.01 * t) * spread,
        "enrolment_rate": np.clip(0.93 * spread, 0.5, 0.99),
        "inpatient_level": 0.21 * np.exp(0.004 * t) * spread,
        "inpatient_cost": 7400 * np.exp(0.045 * t) * spread,
        "outpatient_level": 2.7 * np.exp(0.008 * t) * spread,
        "outpatient_cost": 115 * np.exp(0.05 * t) * spread,
        "chronic_outpatient": 240 * np.exp(0.06 * t) * spread,
    }
    return {name: (("draw", "year"), np.where(years < PAST[0], np.nan, values)) for name, values in levels.items()}


def medical_backcast(rng: np.random.Generator) -> xr.Dataset:
    """Return ``medical_backcast.nc``: published but for one balance, the next one given, the last year far off."""
    levels = {
        "enrolled": 9.7e8,
        "stays": 1.8e8,
        "visits": 2.1e9,
        "stay_cost": 1.3e12,
        "visit_cost": 2.4e11,
        "chronic": 1.5e11,
        "spent": 8.5e11,
        "income": 9.5e11,
        "balance": 6.5e11,
    }
    data: dict[str, Any] = {}
    for name, level in levels.items():
        path = level * np.linspace(0.9, 1.1, PAST.size)
        seen = path * np.where(PAST == PAST[-1], 1.5, 1.01)
        data[name] = (("draw", "year"), path * np.exp(rng.normal(0.0, 0.05, (DRAWS, PAST.size))))
        data[f"observed_{name}"] = (("year",), np.where((name == "balance") & (PAST == 2018), np.nan, seen))
    made = xr.Dataset(data, {"draw": np.arange(DRAWS), "year": PAST})
    made["balance"].loc[{"year": GIVEN}] = made["observed_balance"].sel(year=GIVEN)
    return made


def medical_assumptions() -> list[dict[str, Any]]:
    """Return the records of what was assumed: today's law, and a wider reserve under the package."""
    rows = [row | {"scenarios": {}} for row in describe(MedicalAssumptions(), "medical.")]
    for row in rows:
        if row["key"] == "medical.reserve.months_high":
            row["scenarios"] = {PACKAGE: 12.0}
    return rows


def _account(noise: np.ndarray, *, reform: bool) -> dict[str, np.ndarray]:
    """Return flows, what is carried, and what follows year by year, each (draw, year)."""
    cost = np.exp(0.05 * T + noise)
    income = np.broadcast_to(np.exp(0.042 * T), cost.shape)
    flows = {
        "contributions": 3.7e11 * income,
        "fiscal_transfer": (8e11 if reform else 7e11) * income,
        "other_income": 2e10 * income,
        "equipment_grant": 1e10 * reform * income,
        "land_withdrawal": 1e10 * reform * income,
        "inpatient_care": 7.5e11 * cost,
        "outpatient_care": 1.2e11 * cost,
        "chronic_care": 1.3e11 * cost,
        "maternity": 1.5e10 * income,
        "critical_illness_premium": 8e10 * cost,
        "second_compensation": 4e10 * reform * cost,
        "health_management": 2e10 * reform * income,
        "equipment": 1e10 * reform * income,
        "commercial_subsidy": 1e10 * reform * income,
    }
    return flows | _carried(flows, reform=reform) | _households(noise, reform=reform)


def _carried(flows: dict[str, np.ndarray], *, reform: bool) -> dict[str, np.ndarray]:
    income = np.sum([flows[flow.name] for flow in INCOME], axis=0)
    outgo = np.sum([flows[flow.name] for flow in OUTGO], axis=0)
    balance, interest, shortfall = (np.zeros(income.shape) for _ in range(3))
    before = np.full(DRAWS, OPENING)
    for t in range(YEARS.size):
        interest[:, t] = 0.016 * before
        left = before + interest[:, t] + income[:, t] - outgo[:, t]
        shortfall[:, t], balance[:, t] = np.maximum(-left, 0.0), np.maximum(left, 0.0)
        before = balance[:, t]
    nothing = np.zeros(income.shape)
    return {
        "income": income,
        "expenditure": outgo,
        "interest": interest,
        "balance": balance,
        "shortfall": shortfall,
        "emergency_transfer": nothing if reform else shortfall,
        "benefit_cut": shortfall if reform else nothing,
        "rate_earned": np.full(income.shape, 0.016),
        "fund_empty": np.maximum.accumulate(balance <= 0, axis=1).astype(float),
    }


def _households(noise: np.ndarray, *, reform: bool) -> dict[str, np.ndarray]:
    insured = 9.4e8 * np.exp(-0.01 * T + 0.2 * noise)
    before = np.clip(0.045 * np.exp(0.01 * T + noise), 0.0, 1.0)
    paid = np.broadcast_to(0.54 + 0.05 * reform * np.clip(T / 5, 0, 1), noise.shape)
    return {
        "insured_mid_year": insured,
        "inpatient_cost_total": 1.4e12 * np.exp(0.05 * T + noise),
        "cost_to_income": 0.085 * np.exp(0.01 * T + noise),
        "out_of_pocket_to_income": 0.085 * np.exp(0.01 * T + noise) * (1 - paid),
        "actual_reimbursement": paid,
        "inpatient_reimbursement": paid + 0.03,
        "inside_reimbursement": paid + 0.12,
        "catastrophic_before": before,
        "catastrophic_after": before * (0.2 if reform else 1.0),
    }


def _long_run(data: xr.Dataset) -> xr.Dataset:
    """Add the indicators of the account."""
    base = data["insured_mid_year"] * 24e3 * np.exp(0.045 * (data["year"] - 2025))
    revenue = 21.6e12 * np.exp(0.04 * (data["year"] - 2025))
    month = data["expenditure"] / 12
    held = (0.1 * data["income"]).clip(max=data["balance"])
    months = data["balance"] / month
    net = data["income"] + data["interest"] - data["expenditure"]
    values = {
        "months_of_reserve": months,
        "months_free": (data["balance"] - held) / month,
        "months_within": ((months >= 6) & (months <= 9)).astype(float),
        "income_rate": data["income"] / base,
        "cost_rate": data["expenditure"] / base,
        "annual_balance": (data["income"] - data["expenditure"]) / base,
        "payable_share": 1 - data["shortfall"] / data["expenditure"],
        "fiscal_transfer_share": data["fiscal_transfer"] / revenue,
        "fiscal_need_share": (data["fiscal_transfer"] - net) / revenue,
        "member_share": data["contributions"] / (data["contributions"] + data["fiscal_transfer"]),
        "fund_depletion_year": data["year"].where(data["fund_empty"] > 0).min("year"),
    }
    horizon = xr.DataArray(list(HORIZONS), dims="horizon", name="horizon")
    late = [data["year"] < YEARS[0] + years for years in HORIZONS]
    for name in ("cost_rate", "annual_balance"):
        mean = xr.concat([values[name].where(part).mean("year") for part in late], horizon)
        values[{"cost_rate": "general_average_premium", "annual_balance": "actuarial_balance"}[name]] = mean
    order = ("scenario", "draw", "year", "horizon")
    return data.assign({k: v.transpose(*order, missing_dims="ignore") for k, v in values.items()}).assign_coords(
        horizon=list(HORIZONS)
    )


def _told(data: xr.Dataset) -> xr.Dataset:
    """Give every variable unit and meaning, as a run does."""
    flows = {flow.name: ("yuan", flow.meaning) for flow in (*INCOME, *OUTGO)}
    known = flows | INDICATORS | MEMOS
    for name in data.data_vars:
        unit, meaning = known.get(str(name), ("yuan", str(name).replace("_", " ")))
        data[name].attrs = {"unit": unit, "meaning": meaning}
    return data
