"""The whole run on the bundled figures: what is conserved, what is shared, what moves what."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from actuarial import pension, valuation
from actuarial.assumptions import Assumptions, changed
from actuarial.progress import Lines
from actuarial.rules import Case, Rules
from actuarial.runfile import Models, RunFile
from actuarial.saving import Results
from actuarial.scenario import read_run
from actuarial.solvency import start_of_year
from forecasting import projection as people
from forecasting.models.sampling import fingerprint, thin
from forecasting.projection import Fits
from forecasting.sources import Tables
from tests.real_run import FEW, FITTED, Run

pytestmark = pytest.mark.slow

LAW = Assumptions()


@pytest.fixture(scope="module")
def projection(fits: Fits) -> xr.Dataset:
    return people.forecast(fits, 2060)


@pytest.fixture(scope="module")
def law(valued: Results) -> Assumptions:
    return valued.rules["law"].pension


def within_rounding(left: xr.DataArray, right: xr.DataArray, *terms: xr.DataArray) -> bool:
    """Compare yuan to four steps of float64 at the largest amount of each draw and year.

    A step is 0.016 yuan, a fen and a half, at 100 trillion yuan, and 0.25 at the 1,900 trillion that the package
    holds in its richest draw of 2100: no float64 account can be kept finer.
    """
    step = np.spacing(np.maximum.reduce([abs(term).values for term in xr.broadcast(left, right, *terms)]))
    return bool((abs(left - right).transpose(*left.dims).values <= 4 * step).all())


# What is conserved -----


def test_people_are_conserved_in_every_draw_area_and_year(projection: xr.Dataset) -> None:
    stock = projection["population"].sum(["sex", "age"])
    change = stock.diff("year")
    flows = (projection["births"] - projection["deaths"] + projection["moves"]).sel(year=change["year"])
    # Some 4e8 people an area, added up from 202 cells: float64 gives a millionth of a person.
    np.testing.assert_allclose(change.values, flows.transpose(*change.dims).values, rtol=0, atol=1e-5)
    assert float(abs(projection["moves"].sum("area")).max()) == 0.0


def test_money_is_conserved_in_every_scenario_draw_and_year(valued: Results) -> None:
    a = valued.account
    opening = start_of_year(a["balance"], a["opening_balance"])
    closing = opening + a["income"] + a["interest"] + a["shortfall"] - a["expenditure"]
    inside = (a["accounts_balance"], a["income"], a["expenditure"], a["shortfall"])
    assert within_rounding(closing, a["balance"], opening, *inside)


def test_each_ledger_is_conserved(valued: Results) -> None:
    a = valued.account
    owed = start_of_year(a["accounts_balance"], a["opening_accounts"])
    came = a["contributions"] + a["match"] + a["collective_accounts"] + a["credited_interest"] + a["portability_in"]
    left = a["account_pension"] + a["inheritance"] + a["portability_out"]
    assert within_rounding(owed + came - left, a["accounts_balance"], owed, came)
    pool = start_of_year(a["pool_balance"], a["opening_balance"] - a["opening_accounts"])
    closing = pool + a["pool_income"] + a["pool_interest"] + a["shortfall"] - a["pool_outgo"]
    assert within_rounding(closing, a["pool_balance"], pool, a["pool_outgo"], a["interest"], a["balance"], owed)


def test_pool_and_accounts_are_the_fund_and_never_owe_more_than_there_is(valued: Results) -> None:
    a = valued.account
    xr.testing.assert_equal(a["pool_balance"] + a["accounts_balance"], a["balance"])
    assert float(a["balance"].min()) >= 0.0
    assert bool((a["shortfall"] >= 0).all())
    # Money is missing only where nothing is left.
    assert float(a["balance"].where(a["shortfall"] > 0, 0.0).max()) == 0.0


def test_lending_explains_every_yuan_that_the_pool_owes_the_accounts(valued: Results) -> None:
    a = valued.account
    debt = (-a["pool_balance"]).clip(min=0.0)
    before = (-(a["opening_balance"] - a["opening_accounts"])).clip(min=0.0)
    lent = before + a["lending"].cumsum("year")
    assert within_rounding(lent, debt, a["lending"], abs(a["lending"]).cumsum("year"))
    assert float(debt.max()) > 0.0


def test_the_ledger_of_the_accounts_is_the_sum_of_the_members_accounts(
    valued: Results, projection: xr.Dataset, law: Assumptions, tables: Tables
) -> None:
    ready = pension.with_accounts(projection[list(pension.NEEDS)], law, people.published_basic_pension(tables))
    a = valued.account.sel(scenario="law", year=slice(2026, 2060))
    of_members = ready["accounts_balance"].sel(year=a["year"])
    np.testing.assert_allclose(a["accounts_balance"].values, of_members.transpose("draw", "year").values, rtol=1e-9)
    # The published balance holds all of it: nothing was cut off where the pool opened.
    assert float((a["opening_balance"] - a["opening_accounts"]).min()) > 0.0


# Common draws -----


def test_the_same_rules_twice_differ_in_nothing(fits: Fits) -> None:
    twins = valuation.value(fits, {"law": Case(), "twin": Case()}, 2060)
    for data in (twins.account, twins.indicators):
        xr.testing.assert_equal(data.sel(scenario="law", drop=True), data.sel(scenario="twin", drop=True))


def test_scenarios_share_people_and_economy_draw_by_draw(valued: Results) -> None:
    law, capacity, package = (valued.account.sel(scenario=name, drop=True) for name in ("law", "capacity", "package"))
    same = ("contributions", "match", "account_pension", "inheritance", "basic_pension", "funeral_grant")
    for name in (*same, "rate_earned", "other_income"):
        xr.testing.assert_equal(law[name], capacity[name])
    # A cap on the members' share moves money from member to match; persons are float32, seven digits.
    paid = law["contributions"] + law["match"]
    xr.testing.assert_allclose(paid, package["contributions"] + package["match"], rtol=1e-6)
    xr.testing.assert_equal(law["funeral_grant"], package["funeral_grant"])


def test_the_past_and_the_near_future_do_not_know_where_the_run_ends(fits: Fits, valued: Results) -> None:
    shorter = valuation.value(fits, {"law": Case()}, 2060)
    longer = valued.account.sel(scenario=["law"], year=slice(2026, 2060))
    assert shorter.account["year"].values.tolist() == list(range(2026, 2061))
    np.testing.assert_allclose(shorter.account["balance"].values, longer["balance"].values, rtol=1e-9)
    assert bool(shorter.indicators["actuarial_balance"].sel(horizon=[50, 75]).isnull().all())
    assert bool(shorter.indicators["actuarial_balance"].sel(horizon=25).notnull().all())


# Scenarios -----


def test_the_statutory_transfer_is_the_basic_pension_and_the_match(valued: Results) -> None:
    a = valued.account.sel(scenario="law")
    assert valued.rules["law"].pension.fiscal.rule == "statutory"
    xr.testing.assert_allclose(a["fiscal_transfer"], a["basic_pension"] + a["match"], rtol=1e-14)


def test_the_transfer_within_capacity_is_the_present_share_of_budget_revenue(valued: Results, tables: Tables) -> None:
    a = valued.account.sel(scenario="capacity")
    revenue = valued.projection["budget_revenue"].sel(year=a["year"])
    assert valued.rules["capacity"].pension.fiscal.rule == "capacity"
    due = valuation.present_share(tables) * revenue
    np.testing.assert_allclose(a["fiscal_transfer"].values, due.transpose("draw", "year").values, rtol=1e-14)
    share = valued.indicators["fiscal_transfer_share"].sel(scenario="capacity")
    np.testing.assert_allclose(share.values, valuation.present_share(tables), rtol=1e-12)


def test_the_transfer_of_the_package_stays_within_the_present_share(valued: Results, tables: Tables) -> None:
    share = valued.indicators["fiscal_transfer_share"].sel(scenario="package")
    assert float(share.max()) <= valuation.present_share(tables) * (1 + 1e-12)


def test_the_package_caps_the_members_share_from_its_first_year(valued: Results) -> None:
    share = valued.indicators["member_share"]
    start = valued.rules["package"].pension.accounts.member_share_cap_from
    # Persons are float32, seven digits.
    assert float(share.sel(scenario="package", year=slice(start, None)).max()) <= 0.4 * (1 + 1e-6)
    before = {"year": slice(None, start - 1)}
    package, law = (share.sel(scenario=name, drop=True).sel(before) for name in ("package", "law"))
    xr.testing.assert_allclose(package, law, rtol=1e-12)
    assert float(share.sel(scenario="law").max()) > 0.4


def test_the_package_withdraws_a_tenth_of_land_income_from_its_first_year(valued: Results) -> None:
    land = valued.account["land_withdrawal"].sel(scenario="package")
    start = valued.rules["package"].pension.land.from_year
    income = valued.projection["land_income"].sel(year=slice(start, None)).transpose("draw", "year")
    np.testing.assert_allclose(land.sel(year=slice(start, None)).values, 0.1 * income.values, rtol=1e-14)
    assert float(land.sel(year=slice(None, start - 1)).max()) == 0.0
    assert float(valued.account["land_withdrawal"].sel(scenario=["law", "capacity"]).max()) == 0.0


def test_a_larger_transfer_never_hastens_depletion(fits: Fits) -> None:
    shares = (0.015, 0.02, 0.025, 0.03)
    rules = {
        f"share {share}": Case(
            changed(Rules(), {"pension.fiscal.rule": "capacity", "pension.fiscal.capacity_share": share})
        )
        for share in shares
    }
    found = valuation.value(fits, rules, 2080).indicators
    for name in ("pool_empty", "fund_empty"):
        # Draw by draw and year by year, so that it holds of every probability too.
        steps = found[name].diff("scenario")
        assert float(steps.max()) <= 0.0
        assert float(steps.min()) < 0.0


def test_the_present_share_is_that_of_the_last_year_with_both_figures(tables: Tables) -> None:
    subsidy, revenue = people.fiscal_subsidy(tables), tables.series("general_budget_revenue")
    last = max(set(subsidy.index) & set(revenue.index))
    assert valuation.present_share(tables) == pytest.approx(subsidy.loc[last] / revenue.loc[last])
    assert valuation.with_figures(LAW, tables).fiscal.capacity_share == valuation.present_share(tables)
    filled = {"fiscal.central_share_of_minimum": 0.8, "adequacy.subsistence_allowance": 7000.0}
    given = changed(LAW, {"fiscal.capacity_share": 0.01} | filled)
    assert valuation.with_figures(given, tables) is given


# Against what was published -----


def test_account_pensions_are_those_of_the_final_accounts(
    projection: xr.Dataset, tables: Tables, law: Assumptions
) -> None:
    ready = pension.with_accounts(projection[list(pension.NEEDS)], law, people.published_basic_pension(tables))
    published = tables.series("account_pension_paid").loc[2020:2024]
    draws = ready["account_pension"].sel(year=published.index.to_numpy()).transpose("draw", "year").values
    middle = np.median(draws, axis=0)
    # Within 5 per cent, and two standard errors of the median of these few draws (1.25 sd / sqrt n, normal).
    doubt = 2 * 1.25 * draws.std(axis=0) / np.sqrt(len(draws))
    assert published.size == 5
    assert (abs(middle - published) <= 0.05 * published + doubt).all()


def test_the_backcast_covers_what_came(valued: Results) -> None:
    past = valued.backcast
    names = [str(name) for name in past.data_vars if f"observed_{name}" in past]
    inside = 0
    for name in names:
        low, high = np.quantile(past[name].transpose("draw", "year").values, (0.025, 0.975), axis=0)
        seen = past[f"observed_{name}"].values
        inside += int(((low <= seen) & (seen <= high)).sum())
    assert len(names) == 5 and past["year"].values.tolist() == list(range(2015, 2025))
    # 47.5 of 50 are expected. The end of an interval is the second of 60 draws, so a path near it may lie on either
    # side, and the ten years of a series go together: two series may each lose three years more.
    assert inside >= 42


def test_the_backcast_knows_nothing_after_its_origin(fits: Fits, law: Assumptions, valued: Results) -> None:
    later = dataclasses.replace(fits.tables, frames=dict(fits.tables.frames))
    rows = later.frames["membership"].copy()
    judged = rows["indicator"].isin(["contributors", "pensioners"]) & (rows["year"] > valuation.BACKCAST_ORIGIN)
    rows.loc[judged, "value"] *= 1.5
    later.frames["membership"] = rows
    blind = valuation.check_against_the_past(dataclasses.replace(fits, tables=later), law)
    for name in ("participants", "pensioners", "fund_expenditure"):
        xr.testing.assert_equal(blind[name], valued.backcast[name])


# Every key of the run file -----


@pytest.fixture(scope="module")
def nation(projection: xr.Dataset) -> xr.DataArray:
    """Return people for models to take as known."""
    return projection["population"].sum("area").mean("draw").transpose("sex", "age", "year")


def inputs_of(model: str, tables: Tables, nation: xr.DataArray, priors: Any = None) -> dict[str, np.ndarray]:
    known = {"membership": [nation.sum("sex")], "medical": [nation], "unemployment": [nation.sum("sex")]}.get(model, [])
    return dict(people.ALL_MODELS[model].inputs(tables, *known, priors))


def prints(run_file: RunFile, tables: Tables, nation: xr.DataArray) -> dict[str, str]:
    """Return the fingerprint that each model would have under a run file, which names its posterior in the cache."""
    return {
        name: fingerprint(module, inputs_of(name, tables, nation, run_file.priors_of(name)), run_file.settings)
        for name, module in people.ALL_MODELS.items()
    }


@pytest.mark.parametrize("key", ["seed", "draws"])
def test_a_key_of_the_sampler_makes_every_posterior_anew(
    first_run: Run, few: RunFile, tables: Tables, nation: xr.DataArray, key: str
) -> None:
    other = read_run(first_run.file, {key: getattr(few.run, key) - 1})
    before, after = (prints(run_file, tables, nation) for run_file in (few, other))
    assert all(before[name] != after[name] for name in people.ALL_MODELS)


def test_the_number_of_draws_is_that_of_every_result(valued: Results) -> None:
    for data in (valued.projection, valued.account, valued.indicators, valued.backcast):
        assert data.sizes["draw"] == FEW["draws"]
    chains = xr.Dataset({"x": (("chain", "draw"), np.arange(20.0).reshape(2, 10))})
    assert thin(chains, 7).sizes["draw"] == 7


def test_another_seed_gives_other_paths_on_the_same_posterior(fits: Fits, projection: xr.Dataset) -> None:
    reseeded = dataclasses.replace(fits, settings=dataclasses.replace(fits.settings, seed=1))
    other = people.forecast(reseeded, 2030)
    for name in ("tfr", "rural_income", "contributors_year_end"):
        assert not np.array_equal(other[name].sel(year=2030), projection[name].sel(year=2030))


@pytest.mark.parametrize(
    ("model", "key", "value"),
    [
        ("fertility", "long_run_mean", 1.6),
        ("mortality", "rural_gap", 2.5),
        ("migration", "ceiling_mean", 0.8),
        ("membership", "ceiling_mean", 0.7),
        ("economy", "market_premium", [0.03, 0.01]),
        ("medical", "response_log_sd", 0.4),
        ("unemployment", "mean_sd", 0.2),
    ],
)
def test_a_prior_of_the_run_file_moves_its_own_model_alone(
    first_run: Run, few: RunFile, tables: Tables, nation: xr.DataArray, tmp_path: Path, model: str, key: str, value: Any
) -> None:
    file = tmp_path / "run.toml"
    text = first_run.file.read_text(encoding="utf-8").replace('data = "data"', 'data = "bundled"')
    file.write_text(f"{text}\n[priors.{model}]\n{key} = {value}\n", encoding="utf-8")
    before, after = (prints(run_file, tables, nation) for run_file in (few, read_run(file)))
    assert [name for name in people.ALL_MODELS if before[name] != after[name]] == [model]


def test_other_people_make_what_counts_on_them_anew(few: RunFile, tables: Tables, nation: xr.DataArray) -> None:
    # So a prior of migration reaches those, through the people that it reconstructs.
    before, after = (prints(few, tables, known) for known in (nation, nation * 1.01))
    moved = [name for name in people.ALL_MODELS if before[name] != after[name]]
    assert moved == ["membership", "medical", "unemployment"]


PRIORS = [(name, part.name) for name, module in people.ALL_MODELS.items() for part in dataclasses.fields(module.Priors)]


def nudged(value: Any) -> Any:
    """Return a value a little beside `value`, of the same kind."""
    match value:
        case tuple():
            return (nudged(value[0]), *value[1:])
        case int():
            return value + 1
    return value * 1.01 if value else 0.01


@pytest.fixture(scope="module")
def plain_inputs(tables: Tables, nation: xr.DataArray) -> dict[str, dict[str, np.ndarray]]:
    return {name: inputs_of(name, tables, nation) for name in people.ALL_MODELS}


@pytest.mark.parametrize(("model", "field"), PRIORS, ids=[".".join(pair) for pair in PRIORS])
def test_a_prior_that_is_accepted_changes_what_its_model_reads(
    model: str, field: str, tables: Tables, nation: xr.DataArray, plain_inputs: dict[str, dict[str, np.ndarray]]
) -> None:
    kind = people.ALL_MODELS[model].Priors
    changed_priors = dataclasses.replace(kind(), **{field: nudged(getattr(kind(), field))})
    before, after = plain_inputs[model], inputs_of(model, tables, nation, changed_priors)
    assert any(not np.array_equal(before[name], after[name]) for name in before)


# Steps -----


def test_a_run_tells_its_steps_in_order(
    few: RunFile, first_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(first_run.posteriors, tmp_path / "posteriors")
    outcome = valuation.run(few, tmp_path / "out", force=True, report=Lines(sys.stdout, clock=lambda: 0.0))
    told = [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()]
    fitted = [f"fit {name}" for name in FITTED]
    after = ["project people", "value scenarios", "value other funds", "check against the past", "tell who pays"]
    after += ["tell measures apart", "compare generations", "add provinces up to zones", "compare zones"]
    after.append("write results and report")
    assert told == ["read figures", *fitted, *after]
    assert outcome.answer == first_run.done.stdout.splitlines()[:-2]
    assert outcome.report.exists()


def test_a_method_of_the_run_file_stands_in_for_its_model_alone(
    few: RunFile, first_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(first_run.posteriors, tmp_path / "posteriors")
    classical = dataclasses.replace(few, models=Models(economy="random_walk"))
    valuation.run(classical, tmp_path / "out", force=True, report=Lines(sys.stdout, clock=lambda: 0.0))
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(", ")[2] for line in told if line.startswith("fit ")] == [
        *["from the cache"] * 4, "random_walk, not sampled", *["from the cache"] * 3,
    ]  # fmt: skip
    ours, theirs = (xr.load_dataset(folder / "projection.nc") for folder in (first_run.out, tmp_path / "out"))
    xr.testing.assert_equal(ours["population_5y"], theirs["population_5y"])
    assert not np.array_equal(ours["rural_income"], theirs["rural_income"])
