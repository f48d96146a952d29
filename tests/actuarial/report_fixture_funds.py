"""The invented run of `report_fixture` with members, its funds told as a run tells them, and few years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from actuarial import joint, medical, timebank, unemployment
from actuarial.flow import Flow
from actuarial.fund import VARIABLES
from actuarial.report import Results
from tests.actuarial.report_fixture_members import members

About = Mapping[str, tuple[str, str]]

OPENING = {"unit": "yuan", "meaning": "All assets at 31 December of the year before", "kind": "memo", "ledger": "fund"}


def as_saved(data: xr.Dataset, flows: Sequence[Flow[Any]], about: About) -> xr.Dataset:
    """Give the variables of a fund what a run says of them: unit and meaning, of its account kind and ledger too."""
    fields = ("unit", "meaning", "kind", "ledger")
    known = {name: dict(zip(fields, row, strict=True)) for name, row in VARIABLES.items()}
    known |= {f.name: dict(zip(fields, ("yuan", f.meaning, f.kind, f.ledger), strict=True)) for f in flows}
    known |= {name: {"unit": unit, "meaning": meaning} for name, (unit, meaning) in about.items()}
    known["opening_balance"] = OPENING
    copy = data.copy()
    for name in copy.data_vars:
        copy[name].attrs = known.get(str(name), {})
    return copy


def opened(data: xr.Dataset) -> xr.Dataset:
    """Add the opening balance from which the fund was carried."""
    first = data.isel(year=0, drop=True)
    change = first["income"] + first["interest"] + first["shortfall"] - first["expenditure"]
    return data.assign(opening_balance=first["balance"] - change)


def at_constant_prices(data: xr.Dataset) -> xr.Dataset:
    """Add what is bought in money of one year."""
    return data.assign(care_purchased_real=data["care_purchased"] / 1.02 ** (data["year"] - 2026.0))


def with_funds(results: Results, last: int) -> Results:
    """Return the run with its members, every variable of every fund told, up to a year."""
    assert results.medical is not None and results.household is not None
    assert results.unemployment is not None and results.time_bank is not None and results.care_plan is not None
    made = {
        "account": results.account,
        "indicators": results.indicators,
        "members": members(np.random.default_rng(21)),
        "medical": as_saved(
            opened(results.medical),
            (*medical.INCOME, *medical.OUTGO),
            {**medical.MEMOS, **medical.INDICATORS},
        ),
        "unemployment": as_saved(
            results.unemployment,
            (*unemployment.INCOME, *unemployment.OUTGO),
            {**unemployment.MEMO, **unemployment.INDICATORS},
        ),
        "time_bank": as_saved(
            at_constant_prices(results.time_bank),
            timebank.fund(2026).flows,
            {**timebank.HOURS, **timebank.INDICATORS},
        ),
        "care_plan": results.care_plan,
        "household": as_saved(results.household, (), {**joint.SHORTAGE, **joint.NEED}),
    }
    short: dict[str, Any] = {kind: data.sel(year=slice(None, last)) for kind, data in made.items()}
    short |= {"projection": results.projection.sel(year=slice(2015, last))}
    return replace(results, manifest=results.manifest.model_copy(update={"last_year": last}), **short)
