"""The measured tables of the funds besides the pension, for `measure.py`: each a list of lines made of saved arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import xarray as xr

from actuarial.report._alike import alike

Saved = Callable[[str], xr.Dataset]
"""Gives one of the arrays of a run by its kind."""

PAST = {
    "enrolled": ("Enrolled, million", 1e-6),
    "stays": ("Stays, million", 1e-6),
    "visits": ("Visits, million", 1e-6),
    "stay_cost": ("Cost of stays, billion yuan", 1e-9),
    "visit_cost": ("Cost of visits, billion yuan", 1e-9),
    "chronic": ("Chronic programme, billion yuan", 1e-9),
    "spent": ("Expenditure, billion yuan", 1e-9),
    "income": ("Income, billion yuan", 1e-9),
    "balance": ("Balance, billion yuan", 1e-9),
}
LEVELS = {50: (0.25, 0.75), 80: (0.1, 0.9), 95: (0.025, 0.975)}
AT = (2030, 2050, 2075)


def medical_past(saved: Saved) -> Iterator[str]:
    """Yield how often the intervals of the simulated past hold what was published, and where its last year lies."""
    data = saved("medical_backcast")
    yield "| series | 50 % | 80 % | 95 % | last: median (80 %) | last: published |"
    yield "|---|---|---|---|---|---|"
    held, count = dict.fromkeys(LEVELS, 0), 0
    for name, (title, scale) in PAST.items():
        known = data[f"observed_{name}"].dropna("year")
        # A year that every draw was given is no test.
        known = known.sel(year=data[name].sel(year=known["year"]).std("draw") > 0)
        drawn, cells = data[name].sel(year=known["year"]), []
        for level, (low, high) in LEVELS.items():
            ends = drawn.quantile([low, high], "draw")
            inside = int(((known >= ends[0]) & (known <= ends[1])).sum())
            held[level] += inside
            cells.append(f"{inside} of {known.size}")
        count += known.size
        last = spread(drawn.isel(year=-1) * scale, 0)
        yield f"| {title} | {' | '.join(cells)} | {last} | {float(known[-1]) * scale:.0f} |"
    yield "| all | " + " | ".join(f"**{held[level]} of {count}**" for level in LEVELS) + " | | |"


def medical(saved: Saved) -> Iterator[str]:
    """Yield the main indicators of the medical fund; scenarios that leave it the same stand together."""
    data, percent = saved("medical"), (100.0, 1)
    groups = alike(data, ["expenditure", "income"])
    yield "| | " + " | ".join(", ".join(f"`{name}`" for name in group) for group in groups) + " |"
    yield "|---|" + "---|" * len(groups)
    rows = [("Year in which it is empty", data["fund_depletion_year"], None)]
    rows += [(f"Months of reserve {y}", data["months_of_reserve"].sel(year=y), (1.0, 1)) for y in AT[:1]]
    for title, name in (
        ("Income rate, % of insured times rural income", "income_rate"),
        ("Cost rate, % of the same", "cost_rate"),
        ("Fiscal need, % of budget revenue", "fiscal_need_share"),
        ("Out-of-pocket cost over income, %", "out_of_pocket_to_income"),
    ):
        rows += [(f"{title}, {y}", data[name].sel(year=y), percent) for y in AT]
    rows.append(("Actuarial balance, 25 years, %", data["actuarial_balance"].sel(horizon=25), percent))
    for title, values, form in rows:
        each = (values.sel(scenario=group[0]) for group in groups)
        cells = (years_of(one) if form is None else spread(form[0] * one, form[1]) for one in each)
        yield f"| {title} | {' | '.join(cells)} |"
    for y in (2035, 2050):
        chances = (float(data["fund_empty"].sel(scenario=group[0], year=y).mean()) for group in groups)
        yield f"| Empty by {y}, % of draws | {' | '.join(f'{100 * c:.0f}' for c in chances)} |"


def unemployment(saved: Saved) -> Iterator[str]:
    """Yield the main indicators of the unemployment fund, scenario by scenario."""
    data = saved("unemployment")
    rows = (
        ("Members, million", "members", 1e-6, 0),
        ("Benefit cost rate, % of covered wages", "benefit_cost_rate", 100.0, 2),
        ("Reserve ratio, % of covered wages", "reserve_ratio", 100.0, 1),
        ("Average high cost multiple", "average_high_cost_multiple", 1.0, 1),
        ("Cost of the emergency plan, billion yuan", "emergency_cost", 1e-9, 0),
    )
    yield from _by_year(
        data, rows, {"The plan runs in the year, % of draws": "emergency_called", "Empty, % of draws": "fund_empty"}
    )


def time_bank(saved: Saved) -> Iterator[str]:
    """Yield the main indicators of the time bank, scenario by scenario."""
    data = saved("time_bank")
    rows = (
        ("Hours owed, million", "hours_owed", 1e-6, 0),
        ("Years of work owed", "years_of_work_owed", 1.0, 1),
        ("Need met, %", "need_met", 100.0, 1),
        ("Hours bought, million", "hours_bought", 1e-6, 0),
    )
    yield from _by_year(data, rows, {})
    for name in data["scenario"].values.tolist():
        one = data.sel(scenario=name)
        yield f"\n`{name}`: first year of buying {years_of(one['buying_year'])}; a guarantee rate of"
        yield f"{spread(100 * one['guarantee_rate'], 1)} % of the wage would pay for all of it."
        yield "\n| case | first year of buying | hours owed in 2050, million |\n|---|---|---|"
        for case in one["case"].values.tolist():
            at = one.sel(case=case)
            owed = spread(at["case_hours_owed"].sel(year=2050).rename(some="draw") * 1e-6, 0)
            yield f"| {case.replace('_', ' ')} | {years_of(at['case_buying_year'].rename(some='draw'))} | {owed} |"


def together(saved: Saved) -> Iterator[str]:
    """Yield what all funds need and how often two or more are short, scenario by scenario."""
    data = saved("household")
    for name in data["scenario"].values.tolist():
        one = data.sel(scenario=name)
        needs = (spread(100 * one["need_share"].sel(year=y), 1) for y in AT)
        yield f"\n| `{name}` | {' | '.join(map(str, AT))} |"
        yield "|---|" + "---|" * len(AT)
        yield f"| Need, % of budget revenue | {' | '.join(needs)} |"
        for title, key in (
            ("passed by one draw in twenty", "need_share_at_risk"),
            ("the same by random pairing", "chance_at_risk"),
            ("common part of the variance", "common_variance"),
            ("two or more short in the year, % of draws", "joint_probability"),
            ("by chance alone", "chance_probability"),
        ):
            yield f"| {title} | {' | '.join(f'{100 * float(one[key].sel(year=y)):.1f}' for y in AT)} |"


def _by_year(data: xr.Dataset, rows: Iterable[tuple[str, str, float, int]], shares: dict[str, str]) -> Iterator[str]:
    names = data["scenario"].values.tolist()
    heads = [f"`{name}` {y}" for name in names for y in AT]
    yield f"| | {' | '.join(heads)} |"
    yield "|---|" + "---|" * len(heads)
    for title, key, scale, digits in rows:
        cells = (spread(scale * data[key].sel(scenario=name, year=y), digits) for name in names for y in AT)
        yield f"| {title} | {' | '.join(cells)} |"
    for title, key in shares.items():
        chances = (float(data[key].sel(scenario=name, year=y).mean()) for name in names for y in AT)
        yield f"| {title} | {' | '.join(f'{100 * c:.0f}' for c in chances)} |"


def years_of(found: xr.DataArray) -> str:
    """Write years of which some may lie behind the horizon (NaN)."""
    cells = np.quantile(found.fillna(np.inf).values, [0.1, 0.5, 0.9], method="inverted_cdf")
    low, middle, high = (f"{v:.0f}" if np.isfinite(v) else "later" for v in cells)
    return f"{middle} ({low}-{high})"


def spread(values: xr.DataArray, digits: int) -> str:
    """Write the median of draws with its 80 % interval."""
    low, middle, high = (float(v) for v in values.quantile([0.1, 0.5, 0.9], "draw"))
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


FUND_BLOCKS = {
    "medical_past": medical_past,
    "medical": medical,
    "unemployment": unemployment,
    "time_bank": time_bank,
    "together": together,
}
"""Tables by the name of their block."""
