"""What answers of a reform rest on: deviates of their own, and land income that moves with what it is tied to."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from forecasting import _answers
from forecasting.models import economy, sampling

DRAWS = 40_000
SHOCK = np.array([0.006, 0.015, 0.04, 0.17, 0.1])

# Deviates of the answers -----


def named(seed: int) -> xr.Dataset:
    draws = xr.DataArray(np.arange(4_000), dims="draw")
    return _answers.deviates(draws, lambda name: sampling.stream(seed, name))


def test_deviates_are_standard_normal_and_independent() -> None:
    made = named(7)
    assert set(made.data_vars) == set(_answers.ANSWERS)
    columns = np.stack([made[name].values for name in made])
    assert all(stats.kstest(column, "norm").pvalue > 1e-3 for column in columns)
    apart = np.corrcoef(columns)[~np.eye(len(columns), dtype=bool)]
    # Five standard errors of a correlation of 4,000 pairs.
    assert np.abs(apart).max() < 5.0 / np.sqrt(4_000)


def test_deviates_say_what_they_are_and_follow_the_seed() -> None:
    made = named(7)
    assert all(made[name].attrs["unit"] and made[name].attrs["meaning"] for name in made)
    xr.testing.assert_identical(made, named(7))
    other = named(8)
    assert all((made[name] != other[name]).any() for name in made)


def test_an_answer_more_moves_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    before = named(7)
    monkeypatch.setattr(_answers, "ANSWERS", {"another_deviate": "One more"} | _answers.ANSWERS)
    xr.testing.assert_identical(named(7)[list(before)], before)


# Land income and what it is tied to -----


def repeated(coupling: np.ndarray) -> xr.Dataset:
    """One posterior draw, many times: the paths then scatter by the shocks of the model alone."""
    middle = economy.Priors().table()[:, 0].copy()
    positive = economy.Priors().table()[:, 2] > 0
    anchor = np.where(positive, np.exp(np.where(positive, middle, 0.0)), middle)
    one = {
        "anchor": ("prior", anchor),
        "memory": ("process", np.array([0.5, 0.4, 0.4, 0.7, 0.8])),
        "shock": ("process", SHOCK),
        "coupling": ("pair", coupling),
        "state": ("process", np.array([0.01, 0.05, -0.01, np.log(0.2), np.log(0.012)])),
        "rural_income": ("past", np.array([23_000.0, 24_000.0])),
        "budget_revenue": ("past", np.array([2.19e13, 2.2e13])),
        "land_income": ("past", np.array([4.6e12, 4.4e12])),
        "market_return": ("past", np.array([0.04, 0.05])),
        "inflation": ("rate_year", np.array([0.01, 0.01])),
        "deposit_rate": ("rate_year", np.array([0.013, 0.012])),
    }
    coords = {"past": [2024, 2025], "rate_year": [2024, 2025], "prior": list(economy.ANCHORS)}
    return xr.Dataset(one, coords).expand_dims(draw=np.arange(DRAWS))


def implied(coupling: np.ndarray, name: str) -> float:
    """Correlation of the shocks to the logs of land income and of another series, by the triangular system."""
    tie = np.linalg.inv(np.eye(5) - economy._ties(coupling, np))
    covariance = (SHOCK[:, None] * tie) @ (SHOCK[:, None] * tie).T
    rows = {"rural_income": [1, 1, 0, 0, 0], "budget_revenue": [1, 1, 1, 0, 0], "land_income": [1, 1, 1, 1, 0]}
    land, other = (np.array(rows[n], dtype=float) for n in ("land_income", name))
    both = land @ covariance @ other
    return float(both / np.sqrt((land @ covariance @ land) * (other @ covariance @ other)))


@pytest.mark.parametrize("coupling", [(0.0,) * 6, (0.2, -0.3, 0.1, 0.4, 0.8, 0.5), (0.0, 0.4, -0.6, -0.5, -0.7, -0.9)])
def test_paths_of_land_income_are_tied_to_incomes_and_budgets_as_the_posterior_says(
    coupling: tuple[float, ...],
) -> None:
    ties = np.array(coupling)
    paths = economy.forecast(repeated(ties), np.array([2025, 2026]), sampling.stream(3, "ties"), np.zeros((1, 2)))
    levels = paths[["land_income", "rural_income", "budget_revenue"]]
    change = np.log(levels / levels.sel(year=2025)).sel(year=2026)
    for name in ("rural_income", "budget_revenue"):
        found = np.corrcoef(change["land_income"], change[name])[0, 1]
        # Four standard errors of the Fisher transform.
        assert np.arctanh(found) == pytest.approx(np.arctanh(implied(ties, name)), abs=4.0 / np.sqrt(DRAWS))
