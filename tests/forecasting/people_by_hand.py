"""A nation by sex and age from the published groups, for models that take the people as known."""

from __future__ import annotations

import numpy as np
import xarray as xr

from forecasting.axes import AGES, SEXES
from forecasting.sources import Tables


def nation(tables: Tables) -> xr.DataArray:
    """Return people (sex, age, year) from 2010: lines between the published years, each group spread evenly."""
    rows = tables.table("population", area="national")
    rows = rows[rows["sex"].isin(SEXES) & rows["year"].between(2010, 2025)]
    groups = rows.pivot_table(index=["sex", "age_from"], columns="year", values="value")
    years = np.arange(2010, 2026)
    out = np.zeros((len(SEXES), len(AGES), len(years)))
    for (sex, low), values in groups.iterrows():
        ages = slice(int(low), int(low) + 5)
        out[SEXES.index(sex), ages] = np.interp(years, groups.columns, values) / len(AGES[ages])
    return xr.DataArray(out, {"sex": list(SEXES), "age": AGES, "year": years}, ("sex", "age", "year"))
