"""The manual's pages of the funds that a scenario may found: worked examples, and what they say of the data."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from actuarial import careplan, timebank, unemployment
from actuarial._quantity import changed
from actuarial.careplan import CarePlan
from actuarial.timebank import TimeBank
from actuarial.unemployment import Unemployment
from forecasting.sources import Tables

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    """Return a page of the manual on one line."""
    return re.sub(r"\s+", " ", (DOCS / name).read_text(encoding="utf-8"))


def rows(name: str) -> dict[str, list[float]]:
    """Return the numbers of each row of a page's tables that begins with one name in code."""
    found = re.findall(r"^\| `(\w+)` \| ([\d,|. ]+) \|$", (DOCS / name).read_text(encoding="utf-8"), re.MULTILINE)
    return {key: [float(cell.replace(",", "")) for cell in cells.split("|")] for key, cells in found}


def steady(urban: float) -> xr.Dataset:
    """Return 2,000 years of work of a constant world: rates, wage and prices stand still."""
    years, months = np.arange(2024, 2046), np.arange(1, 13)
    rates = {"urban_unemployment": urban, "migrant_unemployment": 0.06}
    yearly = {
        **{"migrant_workers": 1e4, "migrant_wage": 60000.0, "price_index": 1.0},
        **{"deposit_rate": 0.015, "market_return": 0.04},
    }
    return xr.Dataset(
        {name: (("year", "month"), np.full((years.size, 12), rate)) for name, rate in rates.items()}
        | {name: (("year",), np.full(years.size, value)) for name, value in yearly.items()},
        {"year": years, "month": months},
    )


def thousand_members(urban: float) -> xr.Dataset:
    """Return what 1,000 members pay and draw in a year in which all have a right."""
    rules = changed(Unemployment(), {"membership.risk_multiple": 1.0, "emergency.trained_share": 0.0})
    made = unemployment.with_members(steady(urban), rules).sel(year=2045)
    return made / made["members"] * 1000


def test_the_worked_example_of_unemployment_is_what_the_fund_gives() -> None:
    told, made = rows("unemployment.md"), thousand_members(0.06)
    assert len(told) == 7
    for name, (yuan,) in told.items():
        assert round(float(made[name])) == yuan, name
    text = page("unemployment.md")
    for urban, said in ((0.06, "0.742 % of wages"), (0.04, "without the plan it is 0.376 %")):
        one = thousand_members(urban)
        cost = sum(float(one[name]) for name in unemployment.BENEFITS) / float(one["covered_wages"])
        assert said in text
        assert f"{cost:.3%}".replace("%", " %") in said


def test_the_manual_counts_the_printed_months_over_five_per_cent(tables: Tables) -> None:
    months = tables.table("surveyed_unemployment")
    printed = months.loc[(months["age"] == "all") & (months["year"] <= 2025), "value"]
    said = (
        f"of the {len(printed)} printed months of 2017 to 2025 in the data folder {(printed > 0.0505).sum()} are above"
    )
    assert said in page("unemployment.md")
    assert f"their mean is {100 * printed.mean():.1f} %" in page("unemployment.md")


def test_the_worked_example_of_the_time_bank_is_what_the_bank_gives() -> None:
    ages, years = np.arange(80), np.arange(2026, 2030)
    there = ((ages >= 60) & (ages <= 69))[:, None] * np.ones((2, 1, years.size))
    dims = ("sex", "age", "year")
    village = xr.Dataset(
        {"population": (dims, 1000.0 * there), "pensioner_mortality": (dims, np.zeros(there.shape))},
        {"sex": ["female", "male"], "age": ages, "year": years},
    )
    shares = {"healthy_at_60": 0.5, "healthy_at_70": 0.5, "help_at_65": 0.2, "help_at_85": 0.2}
    rules = changed(
        TimeBank(),
        {f"health.{key}": value for key, value in shares.items()}
        | {"phase_in_years": 1, "participation": 0.1, "hours_given": 100.0, "hours_helped": 50.0},
    )
    made, told = timebank.hours(village, rules), rows("time_bank.md")
    assert len(told) == 6
    for name, values in told.items():
        assert made[name].sel(year=[2027, 2028]).values.tolist() == pytest.approx(values), name


def test_the_worked_example_of_the_care_plan_is_what_the_plan_gives() -> None:
    years = np.arange(2024, 2032)
    still = {"rural_income": 1.0, "price_index": 1.0, "land_income": 0.0}
    world = xr.Dataset(
        {name: ("year", np.full(years.size, value)) for name, value in still.items()}
        | {"population": (("sex", "age", "year"), np.ones((2, 1, years.size)))},
        {"sex": ["female", "male"], "age": [65], "year": years},
    )
    ten = {"number": 10.0, "subsidy": 1000.0, "occupancy": 1.0, "running": 100.0, "life_years": 3}
    rules = changed(
        CarePlan(),
        {"years": 2, "centres.number": 0.0, "villages.cover": 0.3, "carers.per_bed": 0.0}
        | {f"beds.{key}": value for key, value in ten.items()},
    )
    made, told = careplan.with_money(world, rules, 2024), rows("care_plan.md")
    assert len(told) == 5
    for name, values in told.items():
        assert made[name].sel(year=slice(2027, 2031)).values.tolist() == pytest.approx(values), name


@pytest.mark.parametrize(
    ("name", "fund"), [("unemployment.md", unemployment), ("time_bank.md", timebank), ("care_plan.md", careplan)]
)
def test_every_flow_of_a_fund_is_on_its_page(name: str, fund: object) -> None:
    flows = {
        "unemployment.md": [flow.name for flow in (*unemployment.INCOME, *unemployment.OUTGO)],
        "care_plan.md": [*careplan.INCOME, *careplan.OUTGO, *careplan.CAPACITY],
        "time_bank.md": [*timebank.MONEY, *(hours for hours in timebank.HOURS if hours != "members")],
    }[name]
    assert [flow for flow in flows if flow not in page(name)] == []
    assert [told for told in fund.INDICATORS if f"`{told}`" not in page(name)] == []  # type: ignore[attr-defined]
