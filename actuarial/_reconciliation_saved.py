"""What a saved run says of the outputs of a reconciliation, draw by draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from actuarial._sensitivity_outputs import need_share, pool_outputs
from actuarial.rules import Scheme
from forecasting import artefacts

FUNDS: tuple[Scheme, ...] = ("pension", "medical")
"""Funds that are reconciled."""


def saved_outputs(
    folder: Path, scenarios: list[str], years: list[int]
) -> dict[tuple[str, str, int], dict[str, np.ndarray]]:
    """Return the outputs of a run from its files alone.

    Parameters
    ----------
    folder : pathlib.Path
        Of the results.
    scenarios : list of str
    years : list of int

    Returns
    -------
    dict of (str, str, int) to dict of str to numpy.ndarray, shape (draw,)
        By scenario, fund and year; a fund that a scenario does not have is left out.

    Raises
    ------
    forecasting.artefacts.ArtefactError
        If a file is missing or broken.
    """
    projection = artefacts.load(folder / "projection.nc", "projection")
    indicators = artefacts.load(folder / "indicators.nc", "indicators")
    accounts: dict[Scheme, xr.Dataset] = {"pension": artefacts.load(folder / "account.nc", "account")}
    if (folder / "medical.nc").exists():
        accounts["medical"] = artefacts.load(folder / "medical.nc", "medical")
    made: dict[tuple[str, str, int], dict[str, np.ndarray]] = {}
    for fund, whole in accounts.items():
        for name in (name for name in scenarios if name in whole["scenario"].values):
            one, rates = whole.sel(scenario=name, drop=True), indicators.sel(scenario=name, drop=True)
            for year in years:
                made[name, fund, year] = _told(fund, one, rates, projection, year)
    return made


def _told(fund: Scheme, one: xr.Dataset, rates: xr.Dataset, projection: xr.Dataset, year: int) -> dict[str, np.ndarray]:
    if fund == "pension":
        own = {"cost_rate": rates["cost_rate"].sel(year=year)}
        account = one
    else:
        # The medical fund is one pool, and all that it spends is its outgo.
        names = {"balance": "balance", "outgo": "expenditure", "income": "income", "interest": "interest"}
        account = one.assign({f"pool_{name}": one[kept] for name, kept in names.items()})
        rural = projection["population_5y"].sel(area="rural", year=year).sum(["sex", "age"])
        own = {"cost_share": one["expenditure"].sel(year=year) / (rural * projection["rural_income"].sel(year=year))}
    found = pool_outputs(account, year) | own | {"need": need_share(account, fund, projection, year)}
    return {key: np.asarray(values.values, dtype=float) for key, values in found.items()}
