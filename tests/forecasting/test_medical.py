"""Medical use: published totals are met, ages add up, each cause pushes as it should; backcast and recovery."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import binom

from forecasting import axes
from forecasting.axes import WORKING_AGE, AxisError
from forecasting.models import _medical_ages, medical, sampling
from forecasting.models._medical_data import working_profile
from forecasting.sources import Tables
from tests.forecasting import people_by_hand

DRAWS = 20
LAST = 2045
KNOWN = slice(2018, 2025)
AHEAD = slice(2026, LAST)
FIGURES = ("enrolled", "stays", "visits", "stay_cost", "visit_cost", "chronic", "spent")
SEEN = (
    *("employees_seen", "enrolled_seen", "stays_seen", "visits_seen", "stay_cost_seen", "visit_cost_seen"),
    *("chronic_seen", "spent_seen", "flash_spent_seen", "reimbursed_seen"),
    *("prevalence", "retired_over_working", "old_over_all"),
)


@pytest.fixture(scope="module")
def nation(tables: Tables) -> xr.DataArray:
    return people_by_hand.nation(tables)


@pytest.fixture(scope="module")
def known(tables: Tables, nation: xr.DataArray) -> dict[str, np.ndarray]:
    return medical.inputs(tables, nation)


@pytest.fixture(scope="module")
def prior(known: dict[str, np.ndarray]) -> xr.Dataset:
    """Draws of what is believed before the figures: a posterior for tests of the paths, which costs nothing."""
    return sampling.simulate(medical.build, known, (*medical.KEEP, *SEEN), seed=5, draws=400)


@pytest.fixture(scope="module")
def posterior(prior: xr.Dataset) -> xr.Dataset:
    return prior[list(medical.KEEP)].isel(draw=slice(0, DRAWS))


@pytest.fixture(scope="module")
def projection(tables: Tables, nation: xr.DataArray) -> xr.Dataset:
    """A nation whose people stay as they were in 2025, with pensioners, employees and income typed by hand."""
    years = np.arange(2017, LAST + 1)
    people = nation.sel(year=np.minimum(years, 2025)).assign_coords(year=years)
    scale = xr.DataArray(np.linspace(0.99, 1.01, DRAWS), {"draw": np.arange(DRAWS)}, ("draw",))
    ones = xr.ones_like(scale)
    drawing = xr.where(people["age"] >= 60, 0.57 * people, 0.0)
    share = xr.DataArray(np.interp(years, [2017, 2025, LAST], [0.33, 0.47, 0.6]), {"year": years}, ("year",))
    income = tables.series("rural_disposable_income_per_head", area="rural")
    ahead = income.loc[2025] * 1.05 ** (years[years > 2025] - 2025)
    paid = xr.DataArray(np.append(income.loc[2017:2025], ahead), {"year": years}, ("year",))
    parts = {"population": people, "pensioners": drawing, "employee_share": share, "rural_income": paid}
    return xr.Dataset({name: ones * part for name, part in parts.items()}).assign(population=scale * people)


@pytest.fixture(scope="module")
def paths(posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset) -> xr.Dataset:
    return medical.paths(posterior, known, projection, seed=1)


def insured(paths: xr.Dataset) -> xr.DataArray:
    return paths["insured"].sum(["sex", "age"], dtype=float)


def stays(paths: xr.Dataset) -> xr.DataArray:
    return (paths["insured"] * paths["inpatient_age"]).sum(["sex", "age"]) * paths["inpatient_level"]


def log(data: xr.DataArray) -> xr.DataArray:
    return data.copy(data=np.log(data.values))


def visits(paths: xr.Dataset) -> xr.DataArray:
    return (paths["insured"] * paths["outpatient_age"]).sum(["sex", "age"]) * paths["outpatient_level"]


# What the model reads -------------------------------------------------------------------------------------------


def test_years_without_a_figure_are_not_made_up(known: dict[str, np.ndarray]) -> None:
    assert known["years"].tolist() == list(range(2018, 2026))
    assert np.isnan(known["stay_cost"]).tolist() == [True] + [False] * 7
    assert np.isnan(known["spent"]).tolist() == [True, True] + [False] * 6
    assert np.isfinite(known["employees"]).nonzero()[0].tolist() == [1, 4, 5, 6, 7]
    assert not any(np.isnan(known[name]).any() for name in ("enrolled", "stays", "visits", "contribution", "income"))


def test_employees_are_all_schemes_less_the_resident_one(known: dict[str, np.ndarray], tables: Tables) -> None:
    everyone = tables.series("basic_insurance_enrollees").loc[2022:2025]
    np.testing.assert_allclose(known["employees"][4:] + known["enrolled"][4:], everyone, rtol=1e-5)


def test_the_contribution_is_that_of_the_notice_before_over_the_income_of_its_year(
    known: dict[str, np.ndarray], tables: Tables
) -> None:
    income = tables.series("rural_disposable_income_per_head", area="rural")
    ratio = dict(zip(known["years"].tolist(), known["contribution"].tolist(), strict=True))
    assert ratio[2019] == pytest.approx(220 / income.loc[2018])
    assert ratio[2025] == pytest.approx(400 / income.loc[2024])
    # The notice of 2020 was not found: it stands between those of 2019 and 2021.
    assert ratio[2021] == pytest.approx(np.sqrt(250 * 320) / income.loc[2020])


def test_too_few_years_are_told(tables: Tables, nation: xr.DataArray) -> None:
    with pytest.raises(ValueError, match="3 years of medical enrolment are known from 2018 on: 4 are needed"):
        medical.inputs(tables.until(2020), nation)


def test_the_employee_share_by_age_has_the_mean_of_all_ages(nation: xr.DataArray) -> None:
    counts, share = nation.to_numpy(), np.linspace(0.3, 0.5, nation.sizes["year"])
    working = slice(WORKING_AGE[0], WORKING_AGE[1] + 1)
    inside = counts[:, working].sum(axis=(0, 1))
    profile = working_profile(counts, share)
    np.testing.assert_allclose((profile * counts).sum(axis=(0, 1)) / inside, share)
    assert not profile[:, : WORKING_AGE[0]].any() and not profile[:, WORKING_AGE[1] + 1 :].any()
    assert (np.diff(profile[0, working], axis=0) >= 0).all()


def test_what_is_believed_leaves_room_for_every_figure(prior: xr.Dataset, known: dict[str, np.ndarray]) -> None:
    for name in ("enrolled", "stays", "visits", "stay_cost", "visit_cost", "chronic", "spent", "employees"):
        figures = np.log(known[name][np.isfinite(known[name])])
        low, high = prior[f"{name}_seen"].quantile([0.025, 0.975], dim="draw").values
        assert ((low < figures) & (figures < high)).all(), name


# Identities -----------------------------------------------------------------------------------------------------


def test_paths_are_variables_of_a_projection_with_values_in_their_bounds(paths: xr.Dataset) -> None:
    axes.check(paths)
    assert set(paths.data_vars) == set(axes.MEDICAL)
    assert all(paths[name].attrs["unit"] == axes.MEDICAL[name].unit for name in axes.MEDICAL)
    assert paths["insured"].dims == ("draw", "sex", "age", "year") and paths["insured"].dtype == np.float32
    assert paths["year"].values.tolist() == list(range(2018, LAST + 1))


def test_published_enrolment_is_met_in_every_draw_and_later_years_are_not_known(
    paths: xr.Dataset, known: dict[str, np.ndarray]
) -> None:
    total = insured(paths)
    met = total.sel(year=KNOWN)
    np.testing.assert_allclose(met, np.broadcast_to(known["enrolled"], met.shape), rtol=1e-5)
    assert (total.sel(year=AHEAD).std("draw") > 0).all()


def test_those_insured_are_outside_the_employee_scheme(paths: xr.Dataset, projection: xr.Dataset) -> None:
    people = projection["population"].rolling(year=2).mean().sel(year=paths["year"])
    assert (paths["insured"] <= people * (1 + 1e-5)).all()
    children = (paths["insured"] / people).sel(age=slice(0, WORKING_AGE[0] - 1))
    same = (paths["enrolment_rate"] * xr.ones_like(children)).transpose(*children.dims)
    xr.testing.assert_allclose(children, same, rtol=1e-4)


def test_age_factors_have_mean_one_over_the_insured_of_the_last_year_known(paths: xr.Dataset) -> None:
    people = paths["insured"].sel(year=2025).astype(float)
    np.testing.assert_allclose(
        stays(paths).sel(year=2025), insured(paths).sel(year=2025) * paths["inpatient_level"].sel(year=2025), rtol=1e-5
    )
    np.testing.assert_allclose(
        visits(paths).sel(year=2025),
        insured(paths).sel(year=2025) * paths["outpatient_level"].sel(year=2025),
        rtol=1e-5,
    )
    weight = people * paths["inpatient_age"]
    mean_cost = (weight * paths["inpatient_cost_age"]).sum(["sex", "age"]) / weight.sum(["sex", "age"])
    np.testing.assert_allclose(mean_cost, 1.0, rtol=1e-5)


def test_past_use_and_cost_are_those_of_the_posterior_whatever_the_ages_of_a_draw(
    paths: xr.Dataset, posterior: xr.Dataset, known: dict[str, np.ndarray]
) -> None:
    by_age = np.log(
        _medical_ages.stays({name: posterior[name].values for name in ("stays_age", "stays_women")}, np)
        @ known["structure"]
    )
    covid = np.concatenate([np.zeros((DRAWS, 2)), posterior["covid"].values, np.zeros((DRAWS, 3))], axis=1)
    expected = np.exp(posterior["trend"].values[:, 0] + by_age - by_age[:, [-1]] + covid) * known["enrolled"]
    np.testing.assert_allclose(stays(paths).sel(year=KNOWN), expected, rtol=1e-5)


def test_the_fund_goes_on_paying_the_share_of_the_last_year(paths: xr.Dataset) -> None:
    for name in ("inpatient", "outpatient", "chronic"):
        share = paths[f"reimbursed_{name}"]
        last = share.sel(year=2025)
        assert (share.sel(year=AHEAD) == last).all()
        assert (share.sel(year=2024) != last).all()


# Causes ---------------------------------------------------------------------------------------------------------


def test_a_higher_contribution_means_fewer_insured_by_the_stated_response(
    posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset, paths: xr.Dataset
) -> None:
    years = np.arange(2026, LAST + 1)
    steady = known["contribution"][-1] * projection["rural_income"].sel(year=years - 1).assign_coords(year=years)
    same = medical.paths(posterior, known, projection, 1, contribution=steady)
    xr.testing.assert_allclose(same, paths)
    dearer = medical.paths(posterior, known, projection, 1, contribution=2.0 * steady)
    rate = {name: one["enrolment_rate"].sel(year=AHEAD) for name, one in (("dear", dearer), ("steady", paths))}
    fall = np.log(rate["steady"] / (1 - rate["steady"])) - np.log(rate["dear"] / (1 - rate["dear"]))
    np.testing.assert_allclose(
        fall, np.broadcast_to(np.log(2) * paths["enrolment_response"].values[:, None], fall.shape), rtol=1e-6
    )
    assert (insured(dearer).sel(year=AHEAD) < insured(paths).sel(year=AHEAD)).all()
    xr.testing.assert_identical(dearer.sel(year=KNOWN), paths.sel(year=KNOWN))
    xr.testing.assert_allclose(dearer["inpatient_cost"], paths["inpatient_cost"])


def test_more_employees_mean_fewer_and_older_insured(
    posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset, paths: xr.Dataset
) -> None:
    more = projection["employee_share"] + xr.where(projection["year"] > 2025, 0.1, 0.0)
    moved = medical.paths(posterior, known, projection.assign(employee_share=more), 1)
    assert (insured(moved).sel(year=AHEAD) < insured(paths).sel(year=AHEAD)).all()
    old = [
        (one["insured"].sel(age=slice(60, None)).sum(["sex", "age"]) / insured(one)).sel(year=AHEAD)
        for one in (moved, paths)
    ]
    assert (old[0] > old[1]).all()
    assert (stays(moved) / insured(moved) > stays(paths) / insured(paths)).sel(year=AHEAD).mean() > 0.9


def test_without_shocks_growth_goes_half_way_to_its_anchor_in_every_half_life(
    posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset
) -> None:
    still = {"shock": 0.0, "memory": 1.0, "half_life": 5.0}
    calm = posterior.assign({name: xr.full_like(posterior[name], value) for name, value in still.items()})
    moved = medical.paths(calm, known, projection, 1)
    growth, anchor = posterior["growth"].values, posterior["anchor"].values
    level = log(moved["inpatient_level"])
    ratio = log(moved["inpatient_cost"] / projection["rural_income"].sel(year=moved["year"]))
    for year, part in ((2030, 0.5), (2035, 0.25)):
        for i, path in enumerate((level, ratio)):
            step = (path.sel(year=year) - path.sel(year=year - 1)).values
            np.testing.assert_allclose(step, anchor[:, i] + part * (growth[:, i] - anchor[:, i]), atol=1e-6)


def test_what_a_trend_is_off_its_line_fades_by_its_memory(
    posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset
) -> None:
    none = 0.0 * posterior["growth"]
    flat = posterior.assign(shock=none, growth=none, anchor=none)
    level = log(medical.paths(flat, known, projection, 1)["inpatient_level"])
    trend = posterior["trend"].sel(series="stays").values
    off, memory = trend[:, -1] - trend[:, 0], posterior["memory"].values
    for years in (1, 10):
        moved = (level.sel(year=2025 + years) - level.sel(year=2025)).values
        np.testing.assert_allclose(moved, (memory**years - 1) * off, atol=1e-6)


def test_a_shock_to_use_that_returns_whole_in_cost_leaves_no_trace_in_money(
    posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset
) -> None:
    only = xr.zeros_like(posterior["shock"])
    only[:, 0] = 0.05
    moved = {
        part: medical.paths(
            posterior.assign(shock=only, coupling=part + 0.0 * posterior["coupling"]), known, projection, 1
        )
        for part in (0.0, -1.0)
    }
    calm = medical.paths(posterior.assign(shock=0.0 * only), known, projection, 1)
    money = {part: one["inpatient_level"] * one["inpatient_cost"] for part, one in moved.items()}
    still = calm["inpatient_level"] * calm["inpatient_cost"]
    xr.testing.assert_allclose(money[-1.0], still)
    assert abs(log(money[0.0] / still)).sel(year=LAST).mean() > 0.05


def test_the_new_definition_moves_the_visits_of_2023_and_after_and_nothing_before(
    posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset, paths: xr.Dataset
) -> None:
    wider = posterior.assign(definition=posterior["definition"] + 0.1)
    moved = medical.paths(wider, known, projection, 1)
    step = log(visits(moved) / visits(paths))
    np.testing.assert_allclose(step.sel(year=slice(2018, 2022)), 0.0, atol=1e-9)
    np.testing.assert_allclose(step.sel(year=slice(2023, None)), 0.1)
    xr.testing.assert_identical(moved["inpatient_level"], paths["inpatient_level"])


def test_covid_moves_use_in_its_years_only(
    posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset, paths: xr.Dataset
) -> None:
    worse = medical.paths(posterior.assign(covid=posterior["covid"] - 0.2), known, projection, 1)
    during = paths["year"].isin([2020, 2021, 2022])
    for count in (stays, visits):
        change = log(count(worse) / count(paths))
        assert (change.where(during, drop=True) < -0.01).all()
        np.testing.assert_allclose(change.where(~during, drop=True), 0.0, atol=1e-9)
    np.testing.assert_allclose(log(stays(worse) / stays(paths)).where(during, drop=True), -0.2)


def test_older_people_mean_more_stays_of_each_insured(
    posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset, paths: xr.Dataset
) -> None:
    old = (projection["age"] >= 70) & (projection["year"] > 2025)
    parts = {name: xr.where(old, 1.5 * projection[name], projection[name]) for name in ("population", "pensioners")}
    older = medical.paths(
        posterior, known, projection.assign({n: p.transpose("draw", "sex", "age", "year") for n, p in parts.items()}), 1
    )
    a_head = [(stays(one) / insured(one)).sel(year=slice(2027, None)) for one in (older, paths)]
    assert (a_head[0] > a_head[1]).all()
    xr.testing.assert_allclose(older["inpatient_level"], paths["inpatient_level"])


# Streams and errors ---------------------------------------------------------------------------------------------


def test_a_longer_horizon_leaves_earlier_years_as_they_are(
    posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset, paths: xr.Dataset
) -> None:
    short = medical.paths(posterior, known, projection.sel(year=slice(None, 2032)), 1)
    xr.testing.assert_identical(short, paths.sel(year=short["year"]))
    other = medical.paths(posterior, known, projection, 2)
    assert (other["inpatient_level"] != paths["inpatient_level"]).sel(year=AHEAD).all()


def test_draws_of_people_and_of_use_are_as_many(
    posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset
) -> None:
    with pytest.raises(AxisError, match="20 draws of the medical posterior for 10 of people"):
        medical.paths(posterior, known, projection.isel(draw=slice(0, 10)), 1)


def test_a_projection_that_starts_too_late_is_told(
    posterior: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset
) -> None:
    with pytest.raises(AxisError, match="year 2017 is missing"):
        medical.paths(posterior, known, projection.sel(year=slice(2018, None)), 1)


# Against what happened, and recovery ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted(known: dict[str, np.ndarray]) -> xr.Dataset:
    return sampling.fit(medical, known, sampling.Settings(draws=300, chains=2, tune=300, kept=300), force=True)


@pytest.mark.long
def test_a_backcast_from_2018_covers_what_was_published_since(fitted: xr.Dataset, known: dict[str, np.ndarray]) -> None:
    again = medical.backcast(fitted, known, seed=1)
    seen = {"enrolled": 8, "stays": 8, "visits": 8, "stay_cost": 7, "visit_cost": 7, "chronic": 7, "spent": 7}
    assert set(seen) == set(FIGURES)
    for name, years in seen.items():
        observed = again[f"observed_{name}"].dropna("year")
        low, high = again[name].sel(year=observed["year"]).quantile([0.025, 0.975], dim="draw").values
        assert observed.size == years
        assert ((low < observed) & (observed < high)).all(), name
        # Intervals that held anything would say nothing: half of the figure wide on average at most, to each side.
        assert float(np.mean((high - low) / observed)) < 1.0, name


@pytest.mark.long
def test_the_posterior_gives_back_the_figures_it_learnt_from(
    fitted: xr.Dataset, known: dict[str, np.ndarray], projection: xr.Dataset
) -> None:
    people = projection.isel(draw=np.zeros(300, dtype=int)).assign_coords(draw=np.arange(300))
    made = medical.paths(fitted, known, people, 1)
    first = {"stays": fitted["counted"], "visits": fitted["counted"]}
    for name, count in (("stays", stays(made)), ("visits", visits(made))):
        counted = xr.where(made["year"] == 2018, first[name], 1.0)
        ratio = (count * counted).sel(year=KNOWN).mean("draw") / known[name]
        np.testing.assert_allclose(ratio, 1.0, atol=2 * medical.USE_ERROR)


@pytest.mark.slow
def test_a_few_draws_hold_a_known_truth(prior: xr.Dataset, known: dict[str, np.ndarray]) -> None:
    truth = prior.isel(draw=7)
    settings = sampling.Settings(draws=300, chains=2, tune=300, kept=200)
    found = sampling.fit(medical, known | figures(truth, known), settings, force=True)
    assert share_inside(found, truth) >= binom.ppf(0.005, 40, 0.95) / 40
    # Of these the figures know far more than the prior.
    for name in ("trend", "enrolment_logit", "employee_logit", "covid"):
        narrower = found[name].std("draw") / prior[name].std("draw")
        assert float(narrower.max()) < 0.5, name


@pytest.mark.long
@pytest.mark.parametrize("place", [7, 70, 270])
def test_a_known_truth_is_recovered(prior: xr.Dataset, known: dict[str, np.ndarray], place: int) -> None:
    truth = prior.isel(draw=place)
    found = sampling.fit(medical, known | figures(truth, known), sampling.Settings())
    assert share_inside(found, truth) >= binom.ppf(0.005, 40, 0.95) / 40


def share_inside(found: xr.Dataset, truth: xr.Dataset) -> float:
    """Return the share of all quantities whose truth is in the 95 % interval.

    The intervals of a series' years are one piece of evidence, not eight: some forty are independent.
    """
    inside = []
    for name in medical.KEEP:
        low, high = found[name].quantile([0.025, 0.975], dim="draw").values
        inside += np.atleast_1d((low <= truth[name].values) & (truth[name].values <= high)).ravel().tolist()
    assert len(inside) > 120
    return float(np.mean(inside))


def figures(truth: xr.Dataset, known: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Make the figures that a truth would have left."""
    made = {}
    for name in (*FIGURES, "employees", "flash_spent"):
        values = known[name].copy()
        values[np.isfinite(values)] = np.exp(truth[f"{name}_seen"].values)
        made[name] = values
    # Use and cost were simulated for the people enrolled that are known: the same a head for those simulated.
    for name in (*FIGURES[1:], "flash_spent"):
        made[name] = made[name] * made["enrolled"] / known["enrolled"]
    share = known["reimbursed_stays"].copy()
    share[np.isfinite(share)] = 1 / (1 + np.exp(-truth["reimbursed_seen"].values))
    made["reimbursed_stays"] = share
    made["prevalence"] = 1 / (1 + np.exp(-truth["prevalence"].values))
    return made | {name: np.exp(truth[name].values) for name in ("retired_over_working", "old_over_all")}
