"""The JSON records of the invented run in `report_fixture`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tests.actuarial.report_fixture_axes import DRAWS
from tests.actuarial.report_fixture_later import later_assumptions
from tests.actuarial.report_fixture_medical import medical_assumptions


def records() -> dict[str, Any]:
    """Return the JSON files by name."""
    return {
        "manifest": _manifest(),
        "observed": _observed(),
        "diagnostics": _diagnostics(),
        "assumptions": _assumptions(),
        "sources": _sources(),
        "checks": _checks(),
    }


def _manifest() -> dict[str, Any]:
    titles = {
        "law": ("Transfers as the law says", "按法定口径转移"),
        "capacity": ("Transfers at today's budget share", "按现有财力转移"),
        "package": ("Reform package", "改革组合"),
    }
    change = {"key": "pension.land_withdrawal_share", "from": 0.0, "to": 0.1}
    return {
        "title": "China's resident pension, rural and national (invented figures)",
        "region": "",
        "methods": {},
        "created": "2026-11-22",
        "seed": 20260101,
        "draws": DRAWS,
        "first_year": 2026,
        "last_year": 2100,
        "language": "en",
        "versions": {"evergranary": "0.1.0", "numpy": "2.5.0"},
        "inputs": {"run.toml": "ab" * 32, "data/population.csv": "cd" * 32},
        "posteriors": {"fertility": "ef" * 32},
        "warnings": ["Returns after 2030 rest on the prior alone."],
        "scenarios": [
            {
                "name": name,
                "title_en": en,
                "title_zh": zh,
                "description_en": f"{en}: what happens to the fund when this rule holds until 2100.",
                "description_zh": f"{zh}：该规则一直执行到 2100 年时基金的走势。",
                "changes": [] if name == "law" else [change],
            }
            for name, (en, zh) in titles.items()
        ],
        "answer": [
            f"Plain answer line {i}: a sentence of ordinary length that states one finding with its interval."
            for i in range(1, 6)
        ],
        "answer_zh": [f"第 {i} 条回答：用一句普通长度的话说明一项结论及其区间。" for i in range(1, 6)],
    }


def _observed() -> dict[str, Any]:
    years = list(range(2010, 2026))
    line = np.linspace(0.0, 1.0, len(years))
    values = {
        "rural_population": ("persons", 671e6 - 200e6 * line),
        "population_60plus": ("persons", 178e6 + 140e6 * line),
        "tfr": ("children per woman", 1.55 - 0.5 * line),
        "e0_female": ("years", 77.8 + 2.2 * line),
        "e0_male": ("years", 72.2 + 2.2 * line),
        "contributors": ("persons", 380e6 - 40e6 * line),
        "pensioners": ("persons", 105e6 + 80e6 * line),
        "fund_balance": ("yuan", 0.05e12 + 1.7e12 * line),
        "rural_income": ("yuan per head and year", 6e3 + 18e3 * line),
        "land_income": ("yuan", 2.9e12 + 1e12 * line),
        "budget_revenue": ("yuan", 8.3e12 + 13e12 * line),
    }
    return {
        name: {"unit": unit, "years": years, "values": series.tolist(), "sources": ["yearbook", "bulletin"]}
        for name, (unit, series) in values.items()
    }


def _diagnostics() -> list[dict[str, Any]]:
    good = {
        "max_rhat": 1.004,
        "worst_parameter": "log_drift",
        "min_ess_bulk": 812.0,
        "min_ess_tail": 644.0,
        "divergences": 0,
        "min_bfmi": 0.81,
        "chains": 4,
        "kept": 500,
        "seconds": 12.3,
        "cached": False,
        "passed": True,
    }
    bad = good | {"max_rhat": 1.04, "divergences": 3, "passed": False, "cached": True}
    return [{"model": name} | good for name in ("fertility", "mortality", "migration", "membership")] + [
        {"model": "economy"} | bad
    ]


def _assumptions() -> list[dict[str, Any]]:
    """Return two rules of the pension as recorded, one that is gone, those of other funds, priors of two models."""
    text = "Share of the income from land-use rights that is paid into the pool."
    line = {"low": 0.0, "high": 0.3, "source": "State Council 2014 No. 8, art. 4"}
    return [
        {
            "key": "pension.land_withdrawal_share",
            "value": 0.0,
            "unit": "share",
            "meaning": text,
            "scenarios": {"package": 0.1},
            **line,
        },
        {
            "key": "pension.money_year",
            "value": 2024,
            "unit": "calendar year",
            "meaning": "Year of the money.",
            "scenarios": {"package": 2027},
            **(line | {"low": 2009, "high": 2200}),
        },
        {
            "key": "pension.deficit_rule",
            "value": "emergency",
            "unit": "name",
            "low": None,
            "high": None,
            "meaning": "Who pays a shortfall.",
            "source": "Convention",
            "scenarios": {},
        },
        *medical_assumptions(),
        *later_assumptions(),
        *_priors(),
    ]


def _priors() -> list[dict[str, Any]]:
    rows = (
        ("fertility.long_run_mean", 1.5, "Normal prior of the long run."),
        ("fertility.long_run_sd", 0.15, "Normal prior of the long run."),
        ("fertility.first_year", 1975, "Opening of the window."),
        ("economy.income_anchor", [0.02, 0.008], "Growth in the end."),
    )
    line = {"unit": "Children per woman unless said otherwise.", "source": "Granary's choice"}
    return [{"key": f"priors.{key}", "value": value, "meaning": meaning} | line for key, value, meaning in rows]


def _sources() -> list[dict[str, Any]]:
    line = {
        "publisher": "National Bureau of Statistics of China",
        "licence": "published figure, cited",
        "date_read": "2026-11-22",
    }
    return [
        {
            "key": "yearbook",
            "title": "China Statistical Yearbook 2025",
            "address": "https://www.stats.gov.cn/sj/ndsj/",
            "indicators": ["population"],
            **line,
        },
        {
            "key": "bulletin",
            "title": "Statistical bulletin 2025",
            "address": "Beijing, printed",
            "indicators": ["pensioners", "contributors"],
            **line,
        },
    ]


SERIES = {
    "fertility": {"tfr": "children per woman", "mean_age": "years", "spread": "years"},
    "mortality": {"e0_female": "years", "e0_male": "years"}
    | dict.fromkeys(("rate_infants", "rate_42", "rate_67"), "per person-year"),
    "migration": dict.fromkeys(("rural", "old", "births"), "persons") | {"rural_ages": "share"},
    "membership": dict.fromkeys(("employee", "compliance", "contribution", "basic"), "share")
    | {"pensioners": "persons"},
    "economy": dict.fromkeys(
        ("income_growth", "inflation", "budget_growth", "deposit_rate", "market_return"), "per year"
    )
    | {"land_ratio": "ratio"},
    "medical": {"enrolled": "persons", "stays": "share", "visits": "per insured"}
    | dict.fromkeys(("stay_cost", "visit_cost", "chronic", "spent"), "yuan"),
    "unemployment": dict.fromkeys(("urban", "highest", "migrant", "rural_migrant"), "share")
    | {"workers": "persons", "wage": "share"},
}
"""The series that every model is checked by, with their units."""

TYPICAL = {
    "children per woman": 1.5,
    "years": 30.0,
    "per person-year": 0.01,
    "persons": 5e8,
    "share": 0.3,
    "per insured": 2.0,
    "yuan": 900.0,
}


def _checks() -> list[dict[str, Any]]:
    """Return a check of every series: ten years, the first given, the third lacking, one dot outside."""
    return [_check(model, series, unit) for model, found in SERIES.items() for series, unit in found.items()]


def _check(model: str, series: str, unit: str) -> dict[str, Any]:
    middle = TYPICAL.get(unit, 0.05)
    width = 0.1 * middle * np.arange(10.0)
    at = np.array([-1.96, -1.28, -0.67, 0.0, 0.67, 1.28, 1.96])[:, None]
    observed: list[float | None] = (middle + 0.3 * width).tolist()
    observed[2], observed[9] = None, float(middle + 1.5 * width[9])
    ages = series == "rural_ages"
    return {
        "model": model,
        "series": series,
        "unit": unit,
        "axis": "age" if ages else "year",
        "x": [15 + 5 * i for i in range(10)] if ages else list(range(2012, 2022)),
        "observed": observed,
        "prior": (middle + 3.0 * at * width).tolist(),
        "posterior": (middle + 0.5 * at * width).tolist(),
        "sources": ["yearbook"],
    }


def scores(series: Sequence[str] = ("tfr", "contributors")) -> pd.DataFrame:
    """Return invented scores: two origins and three methods; Granary is nearest on the first series alone."""
    rows = []
    for name in series:
        for origin, years in ((2015, 8), (2018, 4)):
            for method, crps in (("granary", 0.5 if name == series[0] else 2.0), ("ets", 1.0), ("random_walk", 4.0)):
                held = {"coverage_50": 0.5, "coverage_80": 0.75 if origin == 2015 else 0.9, "coverage_95": 1.0}
                score = {"crps": crps, "bias_share": -0.02 if origin == 2015 else 0.07}
                rows.append({"series": name, "origin": origin, "method": method, "years": years} | held | score)
    return pd.DataFrame(rows)
