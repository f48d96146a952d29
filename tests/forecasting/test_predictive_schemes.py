"""Prior and posterior predictive checks of the medical and the unemployment model: replicas by hand, and the prior."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from forecasting.models import _medical_ages, medical, predictive, unemployment
from forecasting.models._replicas import Replica
from forecasting.models._replicas_schemes import SCHEME_REPLICAS
from forecasting.models._unemployment_figures import figures
from forecasting.models.predictive import LEVELS, check, checks, prior
from forecasting.models.sampling import Settings, stream
from forecasting.sources import Tables
from tests.forecasting import people_by_hand

FEW = 40
ROUNDED = 0.0005


@pytest.fixture(scope="module")
def inputs(tables: Tables) -> dict[str, dict[str, np.ndarray]]:
    """What both models read."""
    people = people_by_hand.nation(tables)
    return {
        "medical": medical.inputs(tables, people),
        "unemployment": unemployment.inputs(tables, people.sum("sex")),
    }


@pytest.fixture(scope="module")
def priors(inputs: dict[str, dict[str, np.ndarray]]) -> dict[str, xr.Dataset]:
    """Draws of the parameters of both models, none of which has seen a figure."""
    return {name: prior(module, inputs[name], 3, FEW) for name, module in predictive.SCHEMES.items()}


def rng() -> np.random.Generator:
    return stream(5, "test")


def named(name: str, draws: xr.Dataset, data: dict[str, np.ndarray]) -> dict[str, Replica]:
    return {one.series: one for one in SCHEME_REPLICAS[name](draws, data, rng())}


def fixed(draws: xr.Dataset, **values: float) -> xr.Dataset:
    """Return draws with some variables put to one number everywhere."""
    return draws.assign({name: draws[name] * 0.0 + value for name, value in values.items()})


# Unemployment -----


@pytest.fixture(scope="module")
def calm(priors: dict[str, xr.Dataset]) -> xr.Dataset:
    """Without shocks of any kind, and no memory of the first month."""
    still = {"shock": 0.0, "slow_shock": 0.0, "persistence": 0.0, "memory": 0.0}
    still |= {f"{name}_spread": 0.0 for name in ("remainder", "difference")}
    still |= {f"{name}_noise": 0.0 for name in ("workers", "wage")}
    return fixed(priors["unemployment"], **still)


def test_unemployment_without_shocks_is_its_level_the_calendar_and_the_surprise_of_income(
    calm: xr.Dataset, inputs: dict[str, Any]
) -> None:
    data = inputs["unemployment"]
    made = figures(calm, data, rng())
    months = data["months"]
    one = {name: calm[name].values[4] for name in unemployment.KEEP}
    seen = 0
    for t in np.flatnonzero(np.isfinite(data["urban"]))[1:]:
        calendar, year = months[t] % 12, months[t] // 12 - months[0] // 12
        moved = -one["income_response"] * data["surprise"][year]
        odds = one["mean"] + one["season"][calendar] + moved
        assert made["urban"][4, t] == pytest.approx(1 / (1 + np.exp(-odds)), abs=ROUNDED + 1e-9)
        if t in data["rural_months"]:
            odds += one["offset"] + (one["response"] - 1) * moved + one["season_apart"][calendar]
            place = data["migrant_months"].tolist().index(t)
            if np.isfinite(data["migrant"][place]):
                assert made["migrant"][4, place] == pytest.approx(1 / (1 + np.exp(-odds)), abs=ROUNDED + 1e-9)
            odds += one["rural_offset"]
            rural = made["rural"][4, data["rural_months"].tolist().index(t)]
            assert rural == pytest.approx(1 / (1 + np.exp(-odds)), abs=ROUNDED + 1e-9)
            seen += 1
    assert seen == data["rural_months"].size > 20


def test_rates_are_printed_to_a_tenth_of_a_point_where_they_were_printed(
    priors: dict[str, xr.Dataset], inputs: dict[str, Any]
) -> None:
    data, made = inputs["unemployment"], figures(priors["unemployment"], inputs["unemployment"], rng())
    for name in ("urban", "migrant"):
        assert (np.isnan(made[name]) == np.isnan(data[name])).all()
    rates = np.concatenate([made["urban"][np.isfinite(made["urban"])], made["rural"].ravel()])
    np.testing.assert_allclose(rates, rates.round(3), atol=1e-15)
    np.testing.assert_array_equal(made["averages"][:, :, :2], np.stack([data["averages"][:, :2]] * FEW))


def test_a_published_mean_is_that_of_its_months(priors: dict[str, xr.Dataset], inputs: dict[str, Any]) -> None:
    made = figures(priors["unemployment"], inputs["unemployment"], rng())
    whole = 0
    for n, (first, last, _) in enumerate(inputs["unemployment"]["averages"]):
        months = made["urban"][:, int(first) : int(last) + 1]
        if not np.isnan(months).any():
            np.testing.assert_allclose(made["averages"][:, n, 2], months.mean(axis=1), atol=2 * ROUNDED)
            whole += 1
    assert whole >= 5


def test_workers_and_wage_without_noise_keep_their_halving_pace(calm: xr.Dataset, inputs: dict[str, Any]) -> None:
    found, data = named("unemployment", calm, inputs["unemployment"]), inputs["unemployment"]
    for name in ("workers", "wage"):
        years, pace = data[f"{name}_years"], calm[f"{name}_pace"].values[2]
        half_life = calm[f"{name}_half_life"].values[2]
        path = [0.0]
        for year in range(years[0] + 1, years[-1] + 1):
            path.append(path[-1] + pace * 2 ** ((years[-1] - year) / half_life))
        expected = data[name][0] + np.array(path)[years - years[0]]
        base = 1.0 if name == "wage" else data["workers_count"] / np.exp(data["workers"])
        np.testing.assert_allclose(found[name].drawn[2], base * np.exp(expected), rtol=1e-12)
        assert found[name].drawn[:, 0] == pytest.approx(found[name].observed[0])


def test_a_shock_of_a_month_moves_that_month_and_decays(calm: xr.Dataset, inputs: dict[str, Any]) -> None:
    """Departures of the urban log odds, before printing, are correlated as the persistence says."""
    many = calm.isel(draw=np.zeros(4000, dtype=int)).assign_coords(draw=np.arange(4000))
    some = fixed(many, shock=0.05, persistence=0.8, tail=30.0, mean=-2.0)
    rates = figures(some, inputs["unemployment"], rng())["urban"]
    known = np.flatnonzero(np.isfinite(rates[0]))
    late = known[known > 40]
    odds = np.log(rates[:, late] / (1 - rates[:, late]))
    for a, b in ((0, 1), (0, 3)):
        months = late[b] - late[a]
        assert np.corrcoef(odds[:, a], odds[:, b])[0, 1] == pytest.approx(0.8**months, abs=0.05)
    scale = 0.05 * np.sqrt(30 / 28) / np.sqrt(1 - 0.8**2)
    assert odds[:, 5].std() == pytest.approx(scale, rel=0.05)


def test_yearly_rates_are_those_of_the_published_months(
    tables: Tables, priors: dict[str, xr.Dataset], inputs: dict[str, Any]
) -> None:
    found = named("unemployment", priors["unemployment"], inputs["unemployment"])
    urban = tables.series("surveyed_unemployment")
    by_year = urban.groupby([m.year for m in urban.index])
    assert found["urban"].x.tolist() == list(by_year.groups)
    np.testing.assert_allclose(found["urban"].observed, by_year.mean())
    np.testing.assert_allclose(found["highest"].observed, by_year.max())
    assert (found["highest"].drawn >= found["urban"].drawn - 1e-12).all()
    assert np.isfinite(found["migrant"].drawn).all() and np.isfinite(found["rural_migrant"].drawn).all()


# Medical -----


def test_medical_use_without_shocks_is_line_ages_covid_and_definition(
    priors: dict[str, xr.Dataset], inputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(medical, "USE_ERROR", 0.0)
    data, draws = inputs["medical"], fixed(priors["medical"], shock=0.0)
    found = named("medical", draws, data)
    values = {name: draws[name].values for name in ("stays_age", "stays_women")}
    ages = np.log(_medical_ages.stays(values, np) @ data["structure"])
    place = np.arange(data["years"].size)
    growth, first = draws["growth"].values[:, 0], draws["trend"].values[:, 0, 0]
    logs = first[:, None] + growth[:, None] * place + ages - ages[:, [-1]]
    logs[:, 2:5] += draws["covid"].values
    logs[:, 0] += np.log(draws["counted"].values)
    np.testing.assert_allclose(found["stays"].drawn, np.exp(logs), rtol=1e-10)
    step = np.log(found["visit_cost"].drawn[:, 4] / found["visit_cost"].drawn[:, 3]) - np.log(
        data["income"][5] / data["income"][4]
    )
    np.testing.assert_allclose(step, draws["growth"].values[:, 3] + draws["definition_cost"].values, rtol=1e-10)


def test_medical_replicas_scatter_with_the_errors_that_the_model_states(
    priors: dict[str, xr.Dataset], inputs: dict[str, Any]
) -> None:
    many = priors["medical"].isel(draw=np.zeros(3000, dtype=int)).assign_coords(draw=np.arange(3000))
    still = {f"{name}_sd": 0.0 for name in ("employee", "enrolment", "reimbursed")}
    found = named("medical", fixed(many, shock=0.0, **still), inputs["medical"])
    expected = dict.fromkeys(("stays", "visits", "chronic"), medical.USE_ERROR)
    expected |= dict.fromkeys(("stay_cost", "visit_cost"), np.sqrt(2) * medical.USE_ERROR)
    expected |= {"enrolled": medical.COUNT_ERROR, "spent": medical.SPENT_ERROR}
    for name, error in expected.items():
        assert np.log(found[name].drawn[:, -1]).std() == pytest.approx(error, rel=0.05), name
    # The first two figures of expenditure are flash figures, or none.
    assert np.log(found["spent"].drawn[:, 0]).std() == pytest.approx(medical.FLASH_ERROR, rel=0.05)


def test_medical_amounts_of_one_person_are_those_of_the_tables(
    tables: Tables, priors: dict[str, xr.Dataset], inputs: dict[str, Any]
) -> None:
    found = named("medical", priors["medical"], inputs["medical"])
    members = tables.series("resident_enrollees_longrun")
    stays = tables.series("resident_discharges")
    np.testing.assert_allclose(found["enrolled"].observed, members.loc[found["enrolled"].x])
    np.testing.assert_allclose(found["stays"].observed, (stays / members).loc[found["stays"].x])
    cost = tables.series("resident_inpatient_cost") / stays
    np.testing.assert_allclose(found["stay_cost"].observed, cost.loc[found["stay_cost"].x])
    spent = tables.series("resident_fund_expenditure") / members
    np.testing.assert_allclose(found["spent"].observed[2:], spent.loc[found["spent"].x[2:]])
    assert found["stay_cost"].x[0] == 2019


# Against the prior itself -----


@pytest.mark.parametrize("name", list(predictive.SCHEMES))
def test_a_posterior_that_is_the_prior_gives_the_same_bands(name: str, inputs: dict[str, Any]) -> None:
    """Two samples of one distribution: medians lie within the other's middle half, on the whole."""
    module = predictive.SCHEMES[name]
    for one in check(module, inputs[name], prior(module, inputs[name], 8, 400), 9):
        before, after = np.array(one.prior), np.array(one.posterior)
        assert before.shape == after.shape == (len(LEVELS), len(one.x))
        middle = LEVELS.index(0.5)
        slack = 1e-9 * np.abs(before[middle])
        assert ((before[2] - slack <= after[middle]) & (after[middle] <= before[4] + slack)).all(), one.series
        free = after[-1] > after[0] * (1.0 + 1e-9)
        ratio = (after[-1] - after[0])[free] / (before[-1] - before[0])[free]
        assert 0.6 < np.median(ratio) < 1.6, one.series


@pytest.mark.parametrize("name", list(predictive.SCHEMES))
def test_the_prior_leaves_room_for_every_published_figure(name: str, inputs: dict[str, Any]) -> None:
    module = predictive.SCHEMES[name]
    for one in check(module, inputs[name], prior(module, inputs[name], 8, 100), 9):
        low, high = np.array(one.prior)[[0, -1]]
        seen = [value for value in zip(low, one.observed, high, strict=True) if value[1] is not None]
        inside = np.mean([a * (1 - 1e-9) <= value <= b * (1 + 1e-9) for a, value, b in seen])
        assert inside >= 0.9, one.series


# Beside the other models -----


@dataclass(frozen=True)
class Given:
    """Fits as `checks` reads them."""

    posteriors: dict[str, xr.Dataset]
    inputs: dict[str, Any]
    settings: Settings


def test_checks_of_a_run_hold_the_schemes_that_were_fitted_and_are_kept(
    inputs: dict[str, Any], priors: dict[str, xr.Dataset], tmp_path: Path
) -> None:
    marked = {name: draws.assign_attrs(hash=f"{i}" * 16) for i, (name, draws) in enumerate(priors.items())}
    found = checks(Given(marked, inputs, Settings()), tmp_path)
    assert list(dict.fromkeys(one.model for one in found)) == ["medical", "unemployment"]
    assert checks(Given(marked, inputs, Settings()), tmp_path) == found
    assert len(list(tmp_path.glob("*.checks.json"))) == 2


def test_every_replica_names_indicators_that_there_are(
    inputs: dict[str, Any], priors: dict[str, xr.Dataset], tables: Tables
) -> None:
    known = set(tables.indicators["indicator"])
    for name in predictive.SCHEMES:
        for one in named(name, priors[name], inputs[name]).values():
            assert one.indicators and set(one.indicators) <= known, one.series
