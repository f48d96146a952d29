"""Membership: ages add up to the totals, what is known stays, the causes push as they should; recovery."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import binom

from forecasting import projection
from forecasting.axes import PENSION_AGE, WORKING_AGE
from forecasting.models import membership, sampling
from forecasting.models.membership_data import DERIVED_SD, FIRST_YEAR, remembered
from forecasting.projection import Fits
from forecasting.sources import Tables

pytestmark = pytest.mark.slow

SERIES = membership.SERIES
YEARS = slice(2010, 2060)


@pytest.fixture(scope="module")
def known(fits: Fits) -> dict[str, np.ndarray]:
    return dict(fits.inputs["membership"])


@pytest.fixture(scope="module")
def posterior(fits: Fits) -> xr.Dataset:
    return fits.posteriors["membership"]


@pytest.fixture(scope="module")
def nation(projected: xr.Dataset) -> xr.DataArray:
    return projected["population"].sum("area").sel(year=YEARS)


@pytest.fixture(scope="module")
def history(tables: Tables) -> membership.History:
    return projection.history(tables)


@pytest.fixture(scope="module")
def members(
    posterior: xr.Dataset, known: dict[str, np.ndarray], history: membership.History, nation: xr.DataArray
) -> xr.Dataset:
    return membership.forecast(posterior, known, history, nation, np.random.default_rng(1))


def ahead(data: xr.Dataset | xr.DataArray, history: membership.History) -> xr.Dataset | xr.DataArray:
    return data.sel(year=slice(int(history.years[-1]) + 1, None))


# Ages and totals ------------------------------------------------------------------------------------------------


def test_contributors_by_age_add_up_to_the_totals(
    members: xr.Dataset, history: membership.History, nation: xr.DataArray
) -> None:
    total = members["contributors"].sum(["sex", "age"], dtype=float)
    observed = total.sel(year=history.years)
    np.testing.assert_allclose(observed, np.broadcast_to(history.contributors, observed.shape), rtol=1e-5)
    working = nation.sel(age=slice(*WORKING_AGE)).sum(["sex", "age"])
    made = members["compliance"] * (1 - members["employee_share"]) * working
    xr.testing.assert_allclose(ahead(total, history), ahead(made, history), rtol=1e-5)


def test_shares_of_people_lie_within_zero_and_one_and_members_only_at_their_ages(
    members: xr.Dataset, nation: xr.DataArray
) -> None:
    ages = {"contributors": slice(*WORKING_AGE), "pensioners": slice(PENSION_AGE, None)}
    for name, inside in ages.items():
        share = members[name] / nation
        assert float(share.min()) >= 0 and float(share.max()) <= 1 + 1e-6
        outside = ~members["age"].isin(members["age"].sel(age=inside))
        assert not members[name].where(outside, drop=True).any()
        assert (members[name].sel(age=inside).sum(["sex", "year"]) > 0).all()
    for name in ("employee_share", "compliance", "take_up"):
        assert float(members[name].min()) > 0 and float(members[name].max()) < 1


def test_pensioners_add_up_to_the_observed_totals(members: xr.Dataset, history: membership.History) -> None:
    total = members["pensioners"].sum(["sex", "age"], dtype=float).sel(year=history.years)
    np.testing.assert_allclose(total, np.broadcast_to(history.pensioners, total.shape), rtol=1e-5)


def test_a_cohort_keeps_the_share_that_took_the_pension_up(
    members: xr.Dataset, history: membership.History, nation: xr.DataArray
) -> None:
    share = (members["pensioners"] / nation).sum("sex") / 2
    first = int(history.years[-1]) + 1
    taken = share.sel(age=PENSION_AGE)
    np.testing.assert_allclose(taken.sel(year=first), members["take_up"].sel(year=first), rtol=1e-5)
    for later in (1, 10, 30):
        kept = share.sel(age=PENSION_AGE + later, year=first + later)
        np.testing.assert_allclose(kept, taken.sel(year=first), rtol=1e-5)


# What is known --------------------------------------------------------------------------------------------------


def test_published_years_are_as_published_and_later_ones_are_not_known(
    members: xr.Dataset, known: dict[str, np.ndarray], history: membership.History
) -> None:
    last = int(history.years[-1])
    years = np.arange(FIRST_YEAR, last + 1)
    share = members["employee_share"].sel(year=years)
    np.testing.assert_allclose(share, np.broadcast_to(known["employee_share"], share.shape))
    logit = np.log(members["compliance"] / (1 - members["compliance"])).sel(year=years)
    np.testing.assert_allclose(logit, np.broadcast_to(known["compliance"], logit.shape))
    basic = members["basic_ratio"].sel(year=known["basic_years"])
    np.testing.assert_allclose(np.log(basic), np.broadcast_to(known["basic"], basic.shape))
    for name in ("employee_share", "compliance", "take_up", "basic_ratio"):
        assert (ahead(members[name], history).std("draw") > 0).all()


def test_a_shorter_history_ends_what_is_known_earlier(
    posterior: xr.Dataset, known: dict[str, np.ndarray], history: membership.History, nation: xr.DataArray
) -> None:
    hindcast = membership.forecast(posterior, known, history.until(2018), nation, np.random.default_rng(1))
    totals = hindcast["contributors"].sum(["sex", "age"], dtype=float)
    assert (totals.std("draw").sel(year=slice(2010, 2018)) < 1e-3 * totals.mean("draw")).all()
    assert (totals.std("draw").sel(year=slice(2019, 2025)) > 1e-3 * totals.mean("draw")).all()


def test_the_derived_contribution_has_the_stated_error(
    posterior: xr.Dataset, known: dict[str, np.ndarray], members: xr.Dataset
) -> None:
    with pytest.warns(UserWarning, match="Potentials"):
        prior = sampling.simulate(membership.build, known, ("contribution_now",), seed=1, draws=2000)
    assert float(prior["contribution_now"].std()) == pytest.approx(DERIVED_SD, rel=0.1)
    log = np.log(members["contribution_ratio"]).sel(year=known["contribution_years"])
    np.testing.assert_array_equal(log[:, -1], posterior["contribution_now"])
    # The series around it narrows the error, and no other year has one.
    assert 0.3 * DERIVED_SD < float(log[:, -1].std()) < 1.2 * DERIVED_SD
    np.testing.assert_allclose(log[:, :-1], np.broadcast_to(known["contribution"][:-1], log[:, :-1].shape))


def test_the_remembered_share_lags_and_reaches_a_lasting_one() -> None:
    jump = np.append(np.zeros(5), np.ones(400))
    trace = remembered(jump, 15.0)
    assert (trace[:5] == 0).all() and trace[5] == pytest.approx(1 / 15)
    assert (np.diff(trace) >= 0).all() and trace[-1] == pytest.approx(1.0, abs=1e-9)


# Order ----------------------------------------------------------------------------------------------------------


def test_a_faster_hand_over_means_fewer_contributors_and_a_lower_take_up(
    posterior: xr.Dataset,
    known: dict[str, np.ndarray],
    history: membership.History,
    nation: xr.DataArray,
    members: xr.Dataset,
) -> None:
    faster = posterior.assign(
        handover_speed=1.3 * posterior["handover_speed"], handover_ceiling=posterior["handover_ceiling"] + 0.05
    )
    moved = membership.forecast(faster, known, history, nation, np.random.default_rng(1))
    assert (ahead(moved["employee_share"], history) > ahead(members["employee_share"], history)).all()
    assert (ahead(moved["take_up"], history) < ahead(members["take_up"], history)).all()
    for name in ("contributors", "pensioners"):
        one, other = (ahead(m[name], history).sum(["sex", "age"], dtype=float) for m in (moved, members))
        assert (one < other).all()


def test_more_compliance_means_more_contributors_and_as_many_pensioners(
    posterior: xr.Dataset,
    known: dict[str, np.ndarray],
    history: membership.History,
    nation: xr.DataArray,
    members: xr.Dataset,
) -> None:
    willing = posterior.assign(compliance_mean=posterior["compliance_mean"] + 0.5)
    moved = membership.forecast(willing, known, history, nation, np.random.default_rng(1))
    one, other = (ahead(m["contributors"], history).sum(["sex", "age"], dtype=float) for m in (moved, members))
    assert (one > other).all()
    xr.testing.assert_identical(moved["pensioners"], members["pensioners"])


def test_compliance_goes_on_at_its_pace_which_fades(
    posterior: xr.Dataset, known: dict[str, np.ndarray], history: membership.History, nation: xr.DataArray
) -> None:
    calm = posterior.assign(compliance_sd=0.0 * posterior["compliance_sd"])
    paths = membership.forecast(calm, known, history, nation, np.random.default_rng(1))["compliance"].values
    logit = np.log(paths / (1 - paths))[:, nation["year"].values > int(history.years[-1]) - 2]
    mean, kept, momentum = (posterior[f"compliance_{part}"].values for part in ("mean", "persistence", "momentum"))
    off, before = logit[:, 1] - mean, logit[:, 0] - mean
    np.testing.assert_allclose(logit[:, 2] - mean, kept * off + momentum * (off - kept * before))


def test_a_longer_horizon_leaves_earlier_years_as_they_are(
    posterior: xr.Dataset,
    known: dict[str, np.ndarray],
    history: membership.History,
    nation: xr.DataArray,
    members: xr.Dataset,
) -> None:
    short = membership.forecast(posterior, known, history, nation.sel(year=slice(None, 2035)), np.random.default_rng(1))
    xr.testing.assert_identical(short, members.sel(year=short["year"]))


# Against what happened ------------------------------------------------------------------------------------------


def test_a_hindcast_from_2014_covers_what_was_observed_since(fits: Fits, tables: Tables) -> None:
    hindcast = projection.hindcast(fits, 2014)
    for name in ("contributors", "pensioners"):
        observed = tables.series(name).loc[2015:2025]
        low, high = hindcast[f"{name}_year_end"].sel(year=observed.index).quantile([0.025, 0.975], dim="draw").values
        assert len(observed) == 11
        assert ((low < observed) & (observed < high)).all(), name


# Recovery -------------------------------------------------------------------------------------------------------


def autoregression(truth: xr.Dataset, name: str, start: float, size: int, rng: np.random.Generator) -> np.ndarray:
    level, memory, sd = (float(truth[f"{name}_{part}"]) for part in ("mean", "persistence", "sd"))
    momentum = float(truth["compliance_momentum"]) if name == "compliance" else 0.0
    out, pace = [start], 0.0
    for _ in range(size - 1):
        off = out[-1] - level
        out.append(level + memory * off + momentum * pace + sd * rng.standard_normal())
        pace = out[-1] - level - memory * off
    return np.array(out)


def figures(truth: xr.Dataset, known: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Make the series that a truth would have left, from the first figure of each on."""
    made = {name: autoregression(truth, name, known[name][0], known[name].size, rng) for name in SERIES}
    # The last contribution is seen with its stated error.
    truth["contribution_now"] = made["contribution"][-1]
    made["contribution"][-1] += DERIVED_SD * rng.standard_normal()
    share = [known["employee_share"][0]]
    for _ in range(known["employee_share"].size - 1):
        growth = float(truth["handover_speed"]) * share[-1] * (1 - share[-1] / float(truth["handover_ceiling"]))
        share.append(share[-1] + growth + float(truth["handover_sd"]) * rng.standard_normal())
    drawing = float(truth["first_share"]) * known["already_old"]
    drawing = drawing + known["new_cohorts"] @ (1 / (1 + np.exp(-truth["take_up_logit"].values)))
    made["pensioners"] = drawing * np.exp(0.007 * rng.standard_normal(drawing.size))
    return made | {"employee_share": np.array(share)}


def test_a_known_truth_is_recovered(known: dict[str, np.ndarray]) -> None:
    with pytest.warns(UserWarning, match="Potentials"):
        truth = sampling.simulate(membership.build, known, membership.KEEP, seed=3).isel(draw=0)
    made = known | figures(truth, known, np.random.default_rng(3))
    settings = sampling.Settings(draws=600, chains=2, tune=400, kept=500)
    found = sampling.fit(membership, made, settings, force=True)
    inside = []
    for name in membership.KEEP:
        low, high = found[name].quantile([0.025, 0.975], dim="draw").values
        inside += np.atleast_1d((low <= truth[name].values) & (truth[name].values <= high)).tolist()
    # Thirty-one intervals of 95 %: were they independent, fewer hits would have a chance of half a percent (binomial).
    assert len(inside) == 31
    assert sum(inside) >= binom.ppf(0.005, len(inside), 0.95)
