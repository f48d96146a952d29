"""The backtest: what is known at an origin and what is not, priors by rule, scores pooled and told, the page."""

from __future__ import annotations

import json
import re
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from actuarial import calibration
from actuarial._calibration_page import Words, render
from actuarial._calibration_priors import priors_at, rules_at
from actuarial._calibration_summary import ratio_to_best, summarise
from actuarial._priors import record
from actuarial.assumptions import Assumptions
from actuarial.report.calibration import read
from actuarial.runfile import RunFile
from forecasting import backtest
from forecasting.baseline import BASELINES
from forecasting.models import economy, fertility, migration, mortality
from forecasting.projection import ORDER, Fits
from forecasting.sources import FigureNotFound, Tables

ORIGINS = backtest.ORIGINS
MODULES = {module.NAME: module for module in (fertility, mortality, migration, economy)}


def read_at(name: str, tables: Tables, year: int) -> Any:
    return MODULES[name].inputs(tables.until(year))


# What is known -----


@pytest.mark.parametrize("origin", ORIGINS)
def test_people_are_known_up_to_the_origin_and_no_further(tables: Tables, origin: int) -> None:
    people = read_at("migration", tables, origin)
    assert int(people["steps"]) == origin - 2000
    assert people["total_steps"].max() == origin - 2000
    assert ("broad_2020" in people) is (origin >= 2020)
    assert (people["old_steps"] <= origin - 2000).all() and (people["birth_steps"] < origin - 2000).all()
    assert read_at("fertility", tables, origin)["tfr_year"][-1] == origin
    deaths = read_at("mortality", tables, origin)
    assert deaths["period"][-1] + deaths["later_e0"].shape[1] == origin


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_figure_of_the_future_changes_nothing_that_is_read(tables: Tables, origin: int) -> None:
    frames = {name: f.assign(value=f["value"].where(f["year"] <= origin, 1.23)) for name, f in tables.frames.items()}
    other = type(tables)(**{f.name: getattr(tables, f.name) for f in fields(tables)} | {"frames": frames})
    for name in ("fertility", "migration"):
        one, two = read_at(name, tables, origin), read_at(name, other, origin)
        assert one.keys() == two.keys()
        for key, values in one.items():
            np.testing.assert_array_equal(values, two[key], err_msg=f"{name} {key}")


def test_the_economy_cannot_be_fitted_before_its_series_begin(tables: Tables) -> None:
    with pytest.raises(FigureNotFound, match="rural_disposable_income_per_head"):
        read_at("economy", tables, 2010)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "origin"), [(n, o) for n in MODULES for o in ORIGINS if (n, o) != ("economy", 2010)])
def test_every_model_has_a_finite_density_on_what_was_known(tables: Tables, name: str, origin: int) -> None:
    known = read_at(name, tables, origin)
    known = MODULES[name].inputs(
        tables.until(origin), priors_at(name, record(name)(), tables.until(origin), origin, known)
    )
    model = MODULES[name].build(known)
    density = model.compile_logp(mode="FAST_COMPILE")(model.initial_point(random_seed=1))
    assert np.isfinite(density)


# Priors -----


@pytest.mark.parametrize("name", ["fertility", "mortality", "migration", "economy"])
def test_the_rules_give_todays_priors_today(tables: Tables, name: str) -> None:
    today = record(name)()
    made = priors_at(name, today, tables, 2025, MODULES[name].inputs(tables))
    # What came of the land market is known today: its two last rules are those of an origin that does not know it.
    ruled = {f.name for f in fields(today)} - {"land_anchor", "land_break"}
    for key in sorted(ruled):
        before, after = np.atleast_1d(getattr(today, key)), np.atleast_1d(getattr(made, key))
        sd = before[1] if before.size > 1 else getattr(today, key.replace("_mean", "_sd"), 0.0)
        sd *= before[0] if key == "land_before" else 1.0
        assert abs(after[0] - before[0]) <= sd / 2, key
        assert (before[1:] == after[1:]).all(), key


@pytest.mark.slow
def test_the_rules_of_membership_give_todays_priors_today(tables: Tables, fits: Fits) -> None:
    today = record("membership")()
    made = priors_at("membership", today, tables, 2025, fits.inputs["membership"])
    for key in ("compliance", "contribution", "basic"):
        sd = getattr(today, f"{key}_sd")
        assert abs(getattr(made, f"{key}_mean") - getattr(today, f"{key}_mean")) <= sd / 2
        # A series whose last figure is derived has a year more than today's prior counts: never narrower for it.
        assert getattr(made, f"{key}_sd") == sd
    assert made.ceiling_mean == today.ceiling_mean and made.memory == today.memory


def test_an_earlier_origin_knows_less_and_says_nothing_of_later_years(tables: Tables) -> None:
    then = {
        origin: priors_at(
            "economy", record("economy")(), tables.until(origin), origin, read_at("economy", tables, origin)
        )
        for origin in (2015, 2018)
    }
    assert [p.land_break for p in then.values()] == [(2016.0, 0.0), (2019.0, 0.0)]
    for priors in then.values():
        assert priors.land_anchor[0] == priors.land_before[0]
        assert priors.income_anchor == record("economy")().income_anchor
    young = {"compliance": np.full(4, 0.2)} | {f"{k}_years": np.array([2014, 2015]) for k in ("contribution", "basic")}
    young |= {"contribution": np.array([-4.0, -4.2]), "basic": np.array([-2.3, -2.1])}
    today = record("membership")()
    made = priors_at("membership", today, tables.until(2015), 2015, young)
    assert made.compliance_sd == pytest.approx(today.compliance_sd * (14 / 4) ** 0.5)
    assert made.contribution_sd == pytest.approx(today.contribution_sd * (11 / 2) ** 0.5)
    assert (made.compliance_mean, made.contribution_mean, made.basic_mean) == pytest.approx((0.2, -4.1, -2.2))
    assert made.basic_sd == today.basic_sd


def test_priors_that_a_run_file_sets_are_kept_where_no_rule_speaks(tables: Tables) -> None:
    own = record("migration")(speed_median=0.03, ceiling_mean=0.9)
    made = priors_at("migration", own, tables.until(2015), 2015, {})
    assert made.speed_median == 0.03
    assert made.ceiling_mean == pytest.approx(0.75 + 0.02)
    assert len(astuple(made)) == len(astuple(own))


@pytest.mark.parametrize("origin", [2015, 2018])
def test_rules_of_the_fund_are_those_of_the_time(tables: Tables, origin: int) -> None:
    rules = rules_at(Assumptions(), tables.until(origin), origin)
    assert rules.investment.market_share == 0 and rules.accounts.crediting_spread == 0
    assert rules.money_year == origin
    known = {
        name: tables.series(name).loc[origin] for name in ("fund_income", "individual_contributions", "fiscal_subsidy")
    }
    rest = known["fund_income"] - known["individual_contributions"] - known["fiscal_subsidy"]
    assert 0 <= rules.collective.other_income < rest
    assert rules.benefit == Assumptions().benefit


# Pooled and told -----


def made_of(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, origins: tuple[int, ...] = (2015, 2018)
) -> backtest.Backtest:
    """A backtest whose forecasts are noise about what came, and whose one baseline is the random walk."""
    monkeypatch.setattr(backtest, "BASELINES", {"random_walk": BASELINES["random_walk"]})
    rng = np.random.default_rng(5)
    forecasts: dict[int, dict[str, xr.DataArray]] = {}
    for origin in origins:
        forecasts[origin] = {}
        for name, held in backtest.SERIES.items():
            came = held.of(tables).loc[origin + 1 :]
            paths = came.to_numpy() * np.exp(
                0.05 * rng.standard_normal((200, 1)) + 0.02 * rng.standard_normal((200, 1))
            )
            coords = {"draw": np.arange(200), "year": came.index.to_numpy()}
            forecasts[origin][name] = xr.DataArray(paths, coords, ("draw", "year"))
    del forecasts[2015]["balance"]
    return backtest.backtest(tables, forecasts, draws=50)


@pytest.fixture
def scored(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> backtest.Backtest:
    return made_of(tables, monkeypatch)


LACKING = {2015: {"membership": "3 years are needed"}, 2018: {}}


def test_years_weigh_alike_and_ratios_are_of_the_best_baseline(scored: backtest.Backtest) -> None:
    found = summarise(scored, LACKING)
    own = scored.scores.xs(backtest.OURS, level="method")
    assert found.all["years"] == own["years"].sum()
    assert found.all["coverage_80"] == pytest.approx((own["coverage_80"] * own["years"]).sum() / own["years"].sum())
    income = scored.scores["crps"].loc["rural income"].unstack()
    ratio = income[backtest.OURS] / income["random_walk"]
    assert found.table.loc["rural income", "ratio"] == pytest.approx(np.exp(np.log(ratio).mean()))
    assert np.isnan(found.table.loc["population 60+", "ratio"])
    over = ratio_to_best(scored.scores)
    assert over["rural income", 2015, backtest.OURS] == pytest.approx(ratio[2015])
    assert over["rural income", 2015, "random_walk"] == 1
    assert found.said()["compared"] == len(backtest.SERIES) - 1


def test_the_lines_tell_every_series_the_goal_and_what_could_not_be_fitted(scored: backtest.Backtest) -> None:
    lines = summarise(scored, LACKING).lines()
    told = [line.split("  ")[0] for line in lines]
    assert set(backtest.SERIES) <= set(told)
    assert any(
        re.fullmatch(
            r"80 % intervals held \d+ % of \d+ held-out years: (within|outside) the goal of 70 to 90 %\.", line
        )
        for line in lines
    )
    assert lines[-1] == "Known to 2015, not fitted: membership (3 years are needed)."
    assert max(map(len, lines)) <= 120


def test_what_was_not_scored_is_listed_with_its_reason(scored: backtest.Backtest) -> None:
    listed = summarise(scored, LACKING).unscored(scored)
    assert ("balance", 2015, backtest.OURS, "membership: 3 years are needed") in listed
    assert ("population 60+", 2018, "random_walk", "3 years are known up to 2018: 5 are needed") in listed


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_has_a_fan_from_every_origin_and_the_figures(
    scored: backtest.Backtest, tables: Tables, language: Any
) -> None:
    page = render(scored, summarise(scored, LACKING), tables, "50 draws", language)
    charts = json.loads(re.search(r'id="charts">(.*?)</script>', page, re.DOTALL)[1])
    assert len(charts) == len(backtest.SERIES) == page.count('class="plot"')
    words = Words(language)
    names = [trace.get("name") for trace in charts["panel-0"]["data"]]
    assert {words("origin", year=2015), words("origin", year=2018), words("best", year=2018), words("observed")} <= set(
        names
    )
    dots = next(trace for trace in charts["panel-0"]["data"] if trace.get("name") == words("observed"))
    came = tables.series("tfr")
    assert dict(zip(dots["x"], dots["y"], strict=True))[2020] == pytest.approx(came[2020], rel=1e-5)
    assert "http" not in page.partition("<script")[0]


def test_a_page_of_another_language_has_every_word(scored: backtest.Backtest, tables: Tables) -> None:
    page = render(scored, summarise(scored, LACKING), tables, "x", "zh").partition("<script")[0]
    assert "区间是否诚实" in page and "Were the intervals" not in page
    assert "总和生育率" in page


# The whole -----


@pytest.mark.slow
def test_a_backtest_from_one_origin_leaves_its_files_and_samples_nothing_twice(
    few: RunFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []

    class Told:
        def note(self, text: str) -> None:
            notes.append(text)

        def advance(self, by: int = 1) -> None: ...

        def __enter__(self) -> Told:
            return self

        def __exit__(self, *_: object) -> None: ...

    class Steps:
        def step(self, name: str, total: int | None = None) -> Told:
            return Told()

    out = tmp_path / "run"
    first = calibration.run(few, out, (2015,), force=True, report=Steps())
    assert notes.count("sampled") == len(ORDER)
    assert sorted(file.name for file in out.iterdir()) == sorted(calibration.FILES)
    assert first.lacking == {2015: {}}
    own = first.scored.scores.xs(backtest.OURS, level="method")
    assert set(own.index.get_level_values("series")) == set(backtest.SERIES)
    assert np.isfinite(own[["coverage_80", "crps", "bias_share"]]).all(axis=None)
    known = read(out / "backtest.csv")
    assert len(known.scores) == len(first.scored.scores)
    paths = pd.read_csv(out / "backtest_paths.csv")
    assert paths["year"].min() == 2016
    assert (paths["q0.1"] <= paths["q0.9"]).all()
    notes.clear()
    again = calibration.run(few, out, (2015,), force=True, report=Steps())
    assert notes.count("from the cache") == len(ORDER)
    pd.testing.assert_frame_equal(first.scored.scores, again.scored.scores)
