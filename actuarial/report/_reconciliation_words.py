"""Names of funds and steps of a reconciliation."""

from __future__ import annotations

import xarray as xr

from actuarial.report.texts import Texts, catalogue


def fund_name(texts: Texts, fund: str) -> str:
    """Return the name of a fund."""
    return texts(f"reconciliation.fund.{fund}")


def step_name(texts: Texts, table: xr.Dataset, key: str) -> str:
    """Return the words of a step.

    Parameters
    ----------
    texts : Texts
    table : xarray.Dataset
        Of a `Reconciled`.
    key : str
        Label of the step.

    Returns
    -------
    str
    """
    one = table["step"].sel(step=key)
    kind, name = str(one["kind"].item()), str(one["name"].item())
    if f"model.{name}" in catalogue():
        name = texts(f"model.{name}")
    old, new = (int(year) for year in table.attrs["base_year"])
    span = str(new) if new == old + 1 else f"{old + 1}–{new}"
    return texts(f"reconciliation.step.{kind}", name=name, span=span)
