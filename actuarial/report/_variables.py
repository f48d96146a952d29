"""Unit and meaning of every saved variable, also of those whose file says nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from actuarial.report import _mix_kinds, _sensitivity_kinds, _variance_kinds
from actuarial.report.results import Results
from forecasting.axes import SCHEMES, VARIABLES

FUNDS = ("medical", "unemployment", "time_bank", "care_plan")
"""The arrays of the funds besides the pension: account, what is told beside it, and indicators in one."""

KINDS = ("account", "indicators", "members", *FUNDS, "household", "projection")
"""The arrays of a run that are exported, in this order; backcasts are checks, and stand in the report."""

MIX = (*_mix_kinds.SHAPES, *_sensitivity_kinds.SHAPES, *_variance_kinds.SHAPES)
"""The arrays of the financing mix, of sensitivity and of the split variance, which are exported after them."""

OUTCOME = "outcome"
"""Axis of the statistics that measures are held against: in a long table ``statistic`` is what draws are reduced to."""

SOME = "some"
"""Axis in place of the draws where only some of them were computed; it does not number them as the others are."""

_UNTOLD = {
    "tfr_area": ("children per woman", "Total fertility rate by area"),
    "e0_national": ("years", "Period life expectancy at birth, nation"),
    "population_5y": ("persons", "People by area, sex and five-year age group (its first age) on 31 December"),
    "rural_share": ("share", "Rural people over all people"),
    "contributors_total": ("persons", "Members who contributed in the year, on 31 December"),
    "pensioners_total": ("persons", "Members who draw a pension, on 31 December"),
    "system_ratio": ("pensioners per contributor", "Pensioners over contributors, on 31 December"),
    "contribution_ratio": ("share of rural income", "Contribution per contributor over rural income per head"),
    "basic_ratio": ("share of rural income", "Basic pension per pensioner over rural income per head"),
    "employee_share": ("share", "People aged 16-59 in the employee scheme"),
    "compliance": ("share", "Contributors over people aged 16-59 outside the employee scheme"),
    "take_up": ("share", "Pensioners over people aged 60 and over who could be"),
    "insured_total": ("persons", "People enrolled in the resident medical scheme, at mid-year"),
    "paid_years": ("years", "Years contributed in time by those whose pension starts, mean over those who still paid"),
    "required_years": ("years", "Contribution years required of those whose pension starts"),
}
"""What the files of projection and members do not say of their own variables."""


def described(values: xr.DataArray) -> tuple[str, str]:
    """Return unit and meaning of a saved variable.

    Parameters
    ----------
    values : xarray.DataArray
        With its name; the attributes ``unit`` and ``meaning`` come first where the file has them.

    Returns
    -------
    unit, meaning : str
        Empty where nothing is known.
    """
    name = str(values.name)
    known = (VARIABLES | SCHEMES).get(name)
    unit, meaning = _UNTOLD.get(name, ("", "") if known is None else (known.unit, known.meaning))
    return str(values.attrs.get("unit", unit)), str(values.attrs.get("meaning", meaning))


def saved(results: Results) -> Iterator[tuple[str, xr.DataArray]]:
    """Give every number that a run saved, as ``(kind, variable)``; texts, and files that it has not, are left out.

    Parameters
    ----------
    results : Results
        From `actuarial.report.results.read_results`.
    """
    for kind in (*KINDS, *MIX):
        data: xr.Dataset = getattr(results, kind) if getattr(results, kind) is not None else xr.Dataset()
        data = data.rename(statistic=OUTCOME) if "statistic" in data.dims else data
        for name in data.data_vars:
            if np.issubdtype(data[name].dtype, np.number) or data[name].dtype == bool:
                yield kind, data[name]


def other_axes(variables: Iterator[xr.DataArray] | list[xr.DataArray]) -> list[str]:
    """Return the dimensions besides scenario, draws and year, each once, in the order in which they are met."""
    met = [str(dim) for values in variables for dim in values.dims if dim not in ("scenario", "draw", SOME, "year")]
    return list(dict.fromkeys(met))
