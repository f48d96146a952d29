"""Prior and posterior predictive checks: replicas by hand, against the prior itself, and kept beside the posterior."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import xarray as xr

from forecasting.lifetable import expectancy
from forecasting.models import _replicas, economy, fertility, membership, migration, mortality, predictive
from forecasting.models._replicas import REPLICAS, Replica
from forecasting.models.predictive import LEVELS, Check, check, checks, prior
from forecasting.models.sampling import Settings, stream
from forecasting.projection import Fits
from forecasting.sources import Tables

FEW = 40


@pytest.fixture(scope="module")
def inputs(tables: Tables) -> dict[str, dict[str, np.ndarray]]:
    """What every model reads; membership on the mean people of the prior of migration."""
    found = {m.NAME: m.inputs(tables) for m in (fertility, mortality, migration, economy)}
    people = migration.reconstruct(prior(migration, found["migration"], 1, FEW), found["migration"])["population"]
    mean = people.sum(["area", "sex"]).mean("draw").transpose("age", "year")
    return found | {"membership": membership.inputs(tables, mean)}


@pytest.fixture(scope="module")
def priors(inputs: dict[str, dict[str, np.ndarray]]) -> dict[str, xr.Dataset]:
    """Draws of every model's parameters, none of which has seen a figure."""
    return {name: prior(predictive.MODULES[name], inputs[name], 3, FEW) for name in predictive.MODULES}


@dataclass(frozen=True)
class Given:
    """Fits as `checks` reads them."""

    posteriors: dict[str, xr.Dataset]
    inputs: dict[str, Any]
    settings: Settings


def named(replicas: list[Replica]) -> dict[str, Replica]:
    return {one.series: one for one in replicas}


def rng() -> np.random.Generator:
    return stream(5, "test")


def fixed(draws: xr.Dataset, **values: float) -> xr.Dataset:
    """Return draws with some variables put to one number everywhere."""
    return draws.assign({name: draws[name] * 0.0 + value for name, value in values.items()})


# Replicas of known parameters -----


def test_fertility_without_noise_returns_to_its_long_run(inputs: dict[str, Any], priors: dict[str, xr.Dataset]) -> None:
    draws = fixed(priors["fertility"], long_run=1.0, rho=0.9, sigma=0.0, mean_age_drift=0.1, mean_age_noise=0.0)
    found = named(REPLICAS["fertility"](fixed(draws, spread_drift=0.02, spread_noise=0.0), inputs["fertility"], rng()))
    tfr, age = found["tfr"], found["mean_age"]
    steps = np.arange(tfr.x.size)
    np.testing.assert_allclose(tfr.drawn[0], 1.0 + 0.9**steps * (tfr.observed[0] - 1.0))
    np.testing.assert_allclose(age.drawn[-1], age.observed[0] + 0.1 * np.arange(age.x.size))
    spread = found["spread"]
    np.testing.assert_allclose(spread.drawn[0], spread.observed[0] * np.exp(0.02 * np.arange(spread.x.size)))


def test_fertility_is_that_of_the_country_since_its_rise(inputs: dict[str, Any], tables: Tables) -> None:
    one = named(REPLICAS["fertility"](prior(fertility, inputs["fertility"], 1, 2), inputs["fertility"], rng()))["tfr"]
    published = tables.series("tfr").loc[one.x[0] :]
    assert one.x.tolist() == published.index.tolist()
    np.testing.assert_array_equal(one.observed, published.to_numpy())


def test_mortality_that_repeats_the_log_rates_repeats_life_expectancy(inputs: dict[str, Any]) -> None:
    """Full-rank weights and paths that give the published rates exactly, without noise."""
    data = inputs["mortality"]
    size = data["period"].size
    base = {"K": ("period", "common"), "k": ("period", "difference")}
    draws: dict[str, Any] = {}
    for path, (_, name) in base.items():
        # One factor cannot give all rates: what is left over stands in for the noise.
        left, scale, right = np.linalg.svd(data[name], full_matrices=False)
        weights = left[:, 0] / left[:, 0].sum()
        level = data["basis"] @ (scale[0] * right[0] * left[:, 0].sum())
        draws |= {
            path: (("draw", "period"), level[None]),
            "B" if path == "K" else "b": (("draw", "group"), weights[None]),
        }
        data = data | {name: np.outer(weights, level @ data["basis"])}
    some = xr.Dataset(draws | {f"{name}_noise_sd": ("draw", [0.0]) for name in ("common", "difference")})
    found = named(REPLICAS["mortality"](some, data, rng()))
    published = np.exp(data["published"])
    assert published.shape == (2, size, 101)
    for s, sex in enumerate(("female", "male")):
        np.testing.assert_allclose(found[f"e0_{sex}"].drawn[0], expectancy(published[s]), rtol=1e-12)
    np.testing.assert_allclose(found["rate_67"].drawn[0], published[1, :, 67], rtol=1e-12)


def test_higher_mortality_shows_in_the_groups_that_it_is_of(
    inputs: dict[str, Any], priors: dict[str, xr.Dataset]
) -> None:
    """The published groups differ by one in the log at the last period, at 65-69 alone: so does the rate at 67."""
    data = inputs["mortality"]
    at = data["age"].tolist().index(65)
    draws = fixed(priors["mortality"], common_noise_sd=0.0, difference_noise_sd=0.0, B=0.0, b=0.0)
    draws["B"][:, at] = 1.0
    lift = np.where(np.arange(data["period"].size) == data["period"].size - 1, 1.0, 0.0)
    draws = draws.assign(K=draws["K"] * 0.0 + lift)
    flat = named(REPLICAS["mortality"](fixed(draws, B=0.0), data, rng()))
    raised = named(REPLICAS["mortality"](draws, data, rng()))
    ratio = np.log(raised["rate_67"].drawn / flat["rate_67"].drawn)
    # The mean over the periods is no part of the model.
    np.testing.assert_allclose(ratio[0], lift - lift.mean(), atol=1e-12)
    np.testing.assert_allclose(raised["rate_42"].drawn, flat["rate_42"].drawn)


def test_the_measurement_errors_are_those_that_the_model_states(inputs: dict[str, Any]) -> None:
    import pymc as pm

    found = _replicas._scatter(migration.build(inputs["migration"]), ("rural_total", "old_60", "structure_2010"))
    model = migration.build(inputs["migration"])
    for name, sd in found.items():
        node = model[name].owner
        mean = np.log(inputs["migration"][name])
        assert pm.logp(pm.Normal.dist(mean, sd), mean).sum().eval() == pytest.approx(
            -mean.size * np.log(sd * np.sqrt(2 * np.pi))
        )
        assert np.ptp(node.op.dist_params(node)[1].eval()) == 0.0
    assert 0.0 < found["rural_total"] < found["old_60"] < found["structure_2010"] < 0.1


def test_counted_people_scatter_around_the_people_by_the_stated_error(
    inputs: dict[str, Any], priors: dict[str, xr.Dataset]
) -> None:
    data = inputs["migration"]
    one = priors["migration"].isel(draw=np.zeros(400, dtype=int)).assign_coords(draw=np.arange(400))
    found = named(REPLICAS["migration"](one, data, rng()))
    people = migration.reconstruct(one.isel(draw=[0]), data)["population"]
    rural = people.sel(area="rural").sum(["sex", "age"]).sel(year=found["rural"].x[1:])
    sd = _replicas._scatter(migration.build(data), ("rural_total",))["rural_total"]
    away = np.log(found["rural"].drawn[:, 1:] / rural.values)
    assert away.std() == pytest.approx(sd, rel=0.05)
    assert abs(away.mean()) < 4 * sd / np.sqrt(away.size)
    ages = found["rural_ages"]
    assert ages.drawn.sum(axis=1) == pytest.approx(1.0, abs=0.05)
    assert ages.observed.sum() == pytest.approx(1.0)


def test_membership_without_noise_follows_its_equations(inputs: dict[str, Any], priors: dict[str, xr.Dataset]) -> None:
    data = inputs["membership"]
    draws = fixed(priors["membership"], handover_speed=0.1, handover_ceiling=0.7, handover_sd=0.0, basic_sd=0.0,
                  basic_mean=-2.0, basic_persistence=0.5, first_share=0.6, take_up_logit=0.0)  # fmt: skip
    found = named(REPLICAS["membership"](draws, data, rng()))
    share = data["employee_share"][0]
    for drawn in found["employee"].drawn[0]:
        assert drawn == pytest.approx(share)
        share += 0.1 * share * (1 - share / 0.7)
    steps = np.arange(data["basic"].size)
    np.testing.assert_allclose(found["basic"].drawn[0], np.exp(-2.0 + 0.5**steps * (data["basic"][0] + 2.0)))
    expected = 0.6 * data["already_old"] + 0.5 * data["new_cohorts"].sum(axis=1)
    away = np.log(found["pensioners"].drawn / expected)
    assert 0.0 < away.std() < 0.02
    assert np.isnan(found["contribution"].observed[-1]) and np.isfinite(found["contribution"].observed[:-1]).all()


def test_compliance_keeps_its_pace_from_the_first_two_years(
    inputs: dict[str, Any], priors: dict[str, xr.Dataset]
) -> None:
    """Roots of .9 and .5 without noise: what is left of the two parts of the deviation after each year."""
    data, level = inputs["membership"], 1.0
    draws = fixed(priors["membership"], compliance_mean=level, compliance_persistence=0.9, compliance_momentum=0.5,
                  compliance_sd=0.0)  # fmt: skip
    made = named(REPLICAS["membership"](draws, data, rng()))["compliance"].drawn[0]
    first, second = data["compliance"][:2] - level
    steps = np.arange(data["compliance"].size)
    slow, fast = np.linalg.solve([[1.0, 1.0], [0.9, 0.5]], [first, second])
    np.testing.assert_allclose(np.log(made / (1 - made)), level + slow * 0.9**steps + fast * 0.5**steps)


def test_a_contribution_that_is_published_is_a_dot(inputs: dict[str, Any], priors: dict[str, xr.Dataset]) -> None:
    data = inputs["membership"] | {"contribution_now_sd": np.array(0.0)}
    one = named(REPLICAS["membership"](priors["membership"], data, rng()))["contribution"]
    np.testing.assert_allclose(np.log(one.observed), data["contribution"])


def test_counts_that_were_not_made_have_no_replica(inputs: dict[str, Any], priors: dict[str, xr.Dataset]) -> None:
    none = {name: inputs["migration"][name][:0] for name in ("births_registered", "birth_steps", "old_60", "old_65")}
    data = inputs["migration"] | none | {"old_steps": inputs["migration"]["old_steps"][:0]}
    found = check(migration, data, priors["migration"], 1)
    assert [one.series for one in found] == ["rural", "rural_ages"]


def test_economy_without_shocks_returns_to_its_anchors(inputs: dict[str, Any], priors: dict[str, xr.Dataset]) -> None:
    data = inputs["economy"]
    draws = fixed(priors["economy"], memory=0.0, shock=0.0)
    found = named(REPLICAS["economy"](draws, data, rng()))
    anchor = dict(zip(economy.ANCHORS, draws["anchor"].values.T, strict=True))
    assert found["land_ratio"].drawn[:, 0] == pytest.approx(anchor["land_before"])
    assert found["land_ratio"].drawn[:, -1] == pytest.approx(anchor["land_anchor"])
    assert found["inflation"].drawn[:, 0] == pytest.approx(np.expm1(anchor["inflation_anchor"]))
    years = found["income_growth"].x
    distance = anchor["income_now"] - anchor["income_anchor"]
    growth = anchor["income_anchor"] + distance * 2.0 ** ((data["years"][-1] - years[0]) / anchor["income_half_life"])
    assert found["income_growth"].drawn[:, 0] == pytest.approx(np.expm1(growth))


def test_the_published_series_of_the_economy_are_those_of_the_tables(inputs: dict[str, Any], tables: Tables) -> None:
    found = named(REPLICAS["economy"](prior(economy, inputs["economy"], 1, 2), inputs["economy"], rng()))
    budget = tables.series("general_budget_revenue")
    growth = (budget / budget.shift() - 1).loc[found["budget_growth"].x]
    np.testing.assert_allclose(found["budget_growth"].observed, growth)
    ratio = tables.series("land_transfer_income") / budget
    np.testing.assert_allclose(found["land_ratio"].observed, ratio.loc[found["land_ratio"].x])
    prices = tables.series("cpi_inflation")
    np.testing.assert_allclose(found["inflation"].observed, prices.reindex(found["inflation"].x))
    assert found["market_return"].x[0] == 2017


# Against the prior itself -----


@pytest.mark.parametrize("name", list(predictive.MODULES))
def test_a_posterior_that_is_the_prior_gives_the_same_bands(
    name: str, inputs: dict[str, Any], priors: dict[str, xr.Dataset]
) -> None:
    """Two samples of one distribution: medians lie within the other's middle half, on the whole."""
    module = predictive.MODULES[name]
    many = prior(module, inputs[name], 8, 400)
    for one in check(module, inputs[name], many, 9):
        before, after = np.array(one.prior), np.array(one.posterior)
        assert before.shape == after.shape == (len(LEVELS), len(one.x))
        assert (np.diff(after, axis=0) >= 0).all()
        middle = LEVELS.index(0.5)
        slack = 1e-9 * np.abs(before[middle]) + 1e-12
        near = (before[2] - slack <= after[middle]) & (after[middle] <= before[4] + slack)
        assert near.all(), one.series
        free = after[-1] > after[0]
        ratio = (after[-1] - after[0])[free] / (before[-1] - before[0])[free]
        assert 0.6 < np.median(ratio) < 1.6, one.series


@pytest.mark.parametrize("name", list(predictive.MODULES))
def test_draws_of_the_prior_cover_a_replica_of_the_prior(
    name: str, inputs: dict[str, Any], priors: dict[str, xr.Dataset]
) -> None:
    """A world drawn from the prior lies inside its 95 % interval about as often as it says."""
    replicas = REPLICAS[name](priors[name], inputs[name], rng())
    known = check(predictive.MODULES[name], inputs[name], priors[name], 1)
    inside = []
    for one, band in zip((r for r in replicas if np.isfinite(r.observed).any()), known, strict=True):
        low, high = np.array(band.prior)[[0, -1]]
        free = high > low
        inside.append(((low <= one.drawn) & (one.drawn <= high))[:, free].mean())
    assert 0.85 < np.mean(inside) <= 1.0


def test_drawing_the_prior_says_nothing(inputs: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    """Warnings are errors in tests; what pymc logs would stand among the progress of a run."""
    prior(economy, inputs["economy"], 1, 2)
    prior(membership, inputs["membership"], 1, 2)
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


def test_the_same_seed_gives_the_same_checks(inputs: dict[str, Any], priors: dict[str, xr.Dataset]) -> None:
    first, again, other = (check(economy, inputs["economy"], priors["economy"], seed) for seed in (1, 1, 2))
    assert first == again != other


# Kept beside the posterior -----


@pytest.fixture
def given(inputs: dict[str, Any], priors: dict[str, xr.Dataset]) -> Given:
    """Two models, with hashes as a fit gives them."""
    names = ("membership", "economy")
    marked = {name: priors[name].assign_attrs(hash=f"{i}" * 16) for i, name in enumerate(names)}
    return Given(marked, {name: inputs[name] for name in names}, Settings())


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every model that is checked anew."""
    made: list[str] = []
    real: Callable[..., list[Check]] = predictive.check

    def noted(module: ModuleType, *rest: Any) -> list[Check]:
        made.append(module.NAME)
        return real(module, *rest)

    monkeypatch.setattr(predictive, "check", noted)
    return made


def test_checks_are_made_once_and_read_ever_after(
    given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = counted(monkeypatch)
    first = checks(given, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        f"economy-{'1' * 16}.checks.json",
        f"membership-{'0' * 16}.checks.json",
    ]
    assert checks(given, tmp_path) == first
    assert made == ["membership", "economy"]
    assert checks(given) == first


def test_another_posterior_or_another_code_is_checked_anew(
    given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = counted(monkeypatch)
    checks(given, tmp_path)
    other = given.posteriors | {"economy": given.posteriors["economy"].assign_attrs(hash="f" * 16)}
    checks(replace(given, posteriors=other), tmp_path)
    assert made == ["membership", "economy", "economy"]
    monkeypatch.setattr(predictive, "_source", lambda: "changed")
    checks(given, tmp_path)
    assert made[3:] == ["membership", "economy"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"key": "KEY"}', '{"key": "KEY", "checks": [{}]}', '{"key": "KEY", "checks": 3}']
)
def test_a_spoilt_file_is_made_again(given: Given, tmp_path: Path, content: str) -> None:
    given = replace(given, posteriors={"economy": given.posteriors["economy"]})
    first = checks(given, tmp_path)
    file = tmp_path / f"economy-{'1' * 16}.checks.json"
    whole = file.read_text()
    file.write_text(content.replace("KEY", json.loads(whole)["key"]))
    assert checks(given, tmp_path) == first
    assert file.read_text() == whole


def test_a_model_that_was_not_sampled_is_passed_over(given: Given) -> None:
    only = replace(given, posteriors={"economy": given.posteriors["economy"]})
    assert {one.model for one in checks(only)} == {"economy"}


def test_a_series_that_nobody_published_is_left_out(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = np.arange(6.0).reshape(3, 2)

    def two(*_: Any) -> list[Replica]:
        seen = {"lacking": np.array([np.nan, np.nan]), "known": np.array([np.nan, 1.0])}
        return [
            Replica(name, "ratio", "year", np.array([2020, 2021]), values, drawn, ()) for name, values in seen.items()
        ]

    monkeypatch.setitem(REPLICAS, "economy", two)
    (one,) = check(economy, given.inputs["economy"], given.posteriors["economy"], 1)
    assert (one.series, one.observed, one.posterior[3]) == ("known", (None, 1.0), (2.0, 3.0))


# After a fit -----


@pytest.mark.slow
def test_figures_narrow_what_the_models_believe(fits: Fits) -> None:
    found = checks(fits)
    assert list(dict.fromkeys(one.model for one in found)) == list(fits.posteriors)
    narrower = []
    for one in found:
        before, after = np.array(one.prior), np.array(one.posterior)
        free = before[-1] > before[0]
        narrower.append(((after[-1] - after[0])[free] < (before[-1] - before[0])[free]).mean())
    assert np.mean(np.array(narrower) > 0.5) > 0.8
    wide = {one.series: one for one in found}["rural"]
    inside = [
        low <= float(seen or 0) <= high
        for low, seen, high in zip(wide.posterior[0], wide.observed, wide.posterior[-1], strict=True)
    ]
    assert np.mean(inside) > 0.9
