"""Replicated data of the models of other funds than the pension, as `_replicas` makes them of its models.

Medical series go on from the state of their first year, which is a parameter, and have the measurement error that the
model states. Rates of unemployment are drawn anew from their first month on and printed to a tenth of a point; those
of a year are over its printed months alone, in the replica as in what was published.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forecasting.models import medical, unemployment
from forecasting.models._replicas import Replica
from forecasting.models._unemployment_data import MIGRANTS, RURAL, URBAN
from forecasting.models._unemployment_figures import figures

if TYPE_CHECKING:
    from forecasting.models.sampling import Inputs

MEMBERS = ("resident_enrollees_longrun",)
STAYS = ("resident_discharges",)
VISITS = ("resident_outpatient_visits_longrun",)
SPENT = ("resident_fund_expenditure", "flash_resident_fund_expenditure")

MEDICAL: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "stays": ("share", "enrolled", STAYS + MEMBERS),
    "visits": ("per insured", "enrolled", VISITS + MEMBERS),
    "stay_cost": ("yuan", "stays", ("resident_inpatient_cost", *STAYS)),
    "visit_cost": ("yuan", "visits", ("resident_outpatient_cost", *VISITS)),
    "chronic": ("yuan", "enrolled", ("resident_chronic_outpatient_cost", *MEMBERS)),
    "spent": ("yuan", "enrolled", SPENT + MEMBERS),
}
"""Unit of each series, what its totals are shown over, and where both come from, as ``indicators.csv`` names it."""

RATES: dict[str, tuple[str, Callable[..., np.ndarray], str]] = {
    "urban": ("urban", np.nanmean, URBAN),
    "highest": ("urban", np.nanmax, URBAN),
    "migrant": ("migrant", np.nanmean, MIGRANTS),
    "rural_migrant": ("rural", np.nanmean, RURAL),
}
"""Monthly series of each yearly one, how a year is made of its months, and the indicator."""


def of_medical(draws: xr.Dataset, data: Inputs, rng: np.random.Generator) -> list[Replica]:
    """Replicate enrolment, use, cost of a case, and what the fund paid, by year; use and cost over what they are of."""
    again = medical.backcast(draws, data, int(rng.integers(2**31)))
    flash = np.isnan(data["spent"])
    errors: dict[str, float | np.ndarray] = dict.fromkeys(MEDICAL, medical.USE_ERROR)
    errors |= {"enrolled": medical.COUNT_ERROR, "spent": np.where(flash, medical.FLASH_ERROR, medical.SPENT_ERROR)}
    seen = {name: again[f"observed_{name}"].values for name in errors}
    made = {
        name: again[name].values * np.exp(error * rng.standard_normal(again[name].shape))
        for name, error in errors.items()
    }
    out = [Replica("enrolled", "persons", "year", data["years"], seen["enrolled"], made["enrolled"], MEMBERS)]
    # The model takes the people enrolled as counted: their error is no part of an amount of one of them.
    base = made | {"enrolled": again["enrolled"].values}
    for name, (unit, over, indicators) in MEDICAL.items():
        observed, drawn = seen[name] / seen[over], made[name] / base[over]
        begin = int(np.argmax(np.isfinite(observed)))
        years = data["years"][begin:]
        out.append(Replica(name, unit, "year", years, observed[begin:], drawn[:, begin:], indicators))
    return out


def of_unemployment(draws: xr.Dataset, data: Inputs, rng: np.random.Generator) -> list[Replica]:
    """Replicate rates of a year and its highest month in towns, those of migrants, migrant workers and their wage."""
    made = figures(draws, data, rng)
    out = []
    for name, (series, reduce, indicator) in RATES.items():
        calendar = (data["months"] if series == "urban" else data["months"][data[f"{series}_months"]]) // 12
        years = np.array([year for year in np.unique(calendar) if np.isfinite(data[series][calendar == year]).any()])
        observed, drawn = (
            np.stack([reduce(values[..., calendar == year], axis=-1) for year in years], axis=-1)
            for values in (data[series], made[series])
        )
        out.append(Replica(name, "share", "year", years, observed, drawn, (indicator,)))
    base = data["workers_count"] / np.exp(data["workers"])
    workers, wage = base * np.exp(made["workers"]), np.exp(made["wage"])
    years, counted = data["workers_years"], data["workers_count"]
    paid = ("migrant_monthly_income", "rural_disposable_income_per_head")
    return [
        *out,
        Replica("workers", "persons", "year", years, counted, workers, ("migrant_total",)),
        Replica("wage", "share", "year", data["wage_years"], np.exp(data["wage"]), wage, paid),
    ]


SCHEME_REPLICAS: dict[str, Callable[[xr.Dataset, Inputs, np.random.Generator], list[Replica]]] = {
    medical.NAME: of_medical,
    unemployment.NAME: of_unemployment,
}
"""The replicated data of each model of a fund, by its name."""
