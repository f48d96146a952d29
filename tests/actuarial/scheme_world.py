"""A small invented scheme with all four funds, for the tests of what moves them; no figure in it is China's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from actuarial import careplan, household, medical, timebank
from actuarial._quantity import changed
from actuarial.assessment import Opening, assess
from actuarial.rules import SCHEMES, Rules, Scheme

Changes = Mapping[str, object]

MEDICAL_FLOWS = {flow.name for flow in (*medical.INCOME, *medical.OUTGO)}

FIRST, LAST, DRAWS = 2018, 2060, 2
YEARS = np.arange(FIRST, LAST + 1)
AGES = np.arange(101)
LAW: Changes = {
    "pension.collective.other_income": 1e6,
    "pension.fiscal.central_share_of_minimum": 0.8,
    "medical.equipment.centres": 40.0,
}
"""What a run takes from the data, and a number of health centres that suits the small scheme."""


def people() -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """A village whose births fall and which nobody leaves, by area, sex and age; and its scheme's members use care."""
    alive = np.exp(-np.cumsum(2e-5 * np.exp(0.1 * AGES)))
    born = YEARS[None, :] - AGES[:, None]
    each = 1e4 * alive[:, None] * 0.96 ** (born - 1960.0) * np.array([1.0, 1.1])[:, None, None, None]
    everybody = np.broadcast_to(each[:, None], (DRAWS, 2, 2, AGES.size, YEARS.size))
    return {
        "population": (("draw", "area", "sex", "age", "year"), everybody),
        "insured": (("draw", "sex", "age", "year"), 0.8 * everybody.sum(axis=1)),
    }


def care() -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """What the medical scheme's members use, what it costs and what is paid: invented, dearer every year."""
    t, path = YEARS - 2025.0, ("draw", "year")
    growth = np.array([1.05, 1.06])[:, None] ** t
    flat = np.ones((DRAWS, YEARS.size))
    by_sex = np.broadcast_to(0.4 + 0.02 * AGES, (DRAWS, 2, AGES.size))
    return {
        "inpatient_age": (("draw", "sex", "age"), by_sex),
        "inpatient_level": (path, 0.09 * flat * 1.01**t),
        "inpatient_cost_age": (("draw", "age"), np.broadcast_to(0.8 + 0.005 * AGES, (DRAWS, AGES.size))),
        "inpatient_cost": (path, 6000.0 * growth),
        "outpatient_age": (("draw", "sex", "age"), 0.5 + by_sex),
        "outpatient_level": (path, 1.8 * flat),
        "outpatient_cost": (path, 110.0 * growth),
        "chronic_outpatient": (path, 230.0 * growth),
        "chronic_prevalence": (("draw", "age"), np.broadcast_to(np.minimum(0.006 * AGES, 0.7), (DRAWS, AGES.size))),
        "enrolment_rate": (path, 0.8 * flat),
        "enrolment_response": (("draw",), np.array([0.5, 1.5])),
        "reimbursed_inpatient": (path, 0.55 * flat),
        "reimbursed_outpatient": (path, 0.40 * flat),
        "reimbursed_chronic": (path, 0.60 * flat),
    }


def labour() -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Monthly rates of unemployment about 5 %, with a season and slow waves; workers and their wage."""
    year, month, draw = np.meshgrid(YEARS, np.arange(12), np.arange(DRAWS), indexing="ij")
    wave = np.moveaxis(0.004 * np.sin(year + draw) + 0.001 * np.cos(np.pi * month / 6), 2, 0)
    months = ("draw", "year", "month")
    return {
        "urban_unemployment": (months, 0.050 + wave),
        "migrant_unemployment": (months, 0.047 + 2 * wave),
        "migrant_workers": (("year",), 3.0e4 * 0.99 ** (YEARS - 2024.0)),
        "migrant_wage": (("year",), 60000 * 1.04 ** (YEARS - 2024.0)),
    }


class World:
    """All four funds of one small scheme under some changes of the law; nothing is worked out twice."""

    def __init__(self, village: xr.Dataset, observed: dict[int, float]) -> None:
        coords = {"draw": np.arange(DRAWS), "sex": ["female", "male"], "age": AGES, "year": YEARS}
        self.small = village.isel(draw=slice(0, DRAWS)).sel(year=slice(None, LAST))
        there, areas = people(), {"area": ["rural", "urban"]}
        self.projection = self.small.sel(year=YEARS).assign({"population": there["population"]}).assign_coords(areas)
        self.own = {
            "medical": xr.Dataset(care() | {"insured": there["insured"]}, coords),
            "unemployment": xr.Dataset(labour(), coords | {"month": np.arange(1, 13)}).drop_vars(["sex", "age"]),
            "time_bank": xr.Dataset({n: ("draw", np.array([-1.0, 1.0])) for n in timebank.DEVIATES}),
            "care_plan": xr.Dataset({n: ("draw", np.array([-1.0, 1.0])) for n in careplan.DEVIATES}),
        }
        minimum = {year: 600.0 + 20.0 * (year - 2018) for year in range(2018, 2025)}
        self.opening = Opening(2025, 2e9, observed, minimum)
        self.known = household.Known(2025, 4.5e8)
        self.done: dict[tuple[str, str], xr.Dataset] = {}

    def all_funds(self, changes: Changes) -> dict[str, xr.Dataset]:
        """Value every fund, the pension too, as a run does."""
        rules = changed(Rules(), {**LAW, **changes})
        pension = assess(self.small, rules.pension, self.opening).account
        return {"pension": pension, **household.value(self.projection, self.own, rules, SCHEMES, self.known)}

    def fund(self, name: Scheme, changes: Changes) -> xr.Dataset:
        """Value one fund besides the pension."""
        asked = (name, repr(changes))
        if asked not in self.done:
            rules = changed(Rules(), {**LAW, **changes})
            self.done[asked] = household.value(self.projection, self.own, rules, [name], self.known)[name]
        return self.done[asked]

    def output(self, name: Scheme, changes: Changes, wanted: str) -> xr.DataArray:
        """Give one output of a fund; a flow of the medical fund without its account, which takes longest."""
        if name != "medical" or wanted not in MEDICAL_FLOWS:
            return self.fund(name, changes)[wanted]
        asked = ("medical flows", repr(changes))
        if asked not in self.done:
            own = household.world_of(self.projection, self.own["medical"], medical.NEEDS)
            self.done[asked] = medical.prepared(own, changed(Rules(), {**LAW, **changes}).medical)
        return self.done[asked][wanted]
