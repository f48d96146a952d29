"""The time bank against a slow restatement, against its books, against sums on paper, and against published shares."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from actuarial import timebank
from actuarial._quantity import changed, describe
from actuarial.assumptions import Assumptions
from actuarial.fund import project
from actuarial.solvency import start_of_year
from actuarial.timebank import Health, TimeBank
from forecasting.axes import AxisError
from forecasting.sources import Tables

Array = np.ndarray

MONEY_YEAR = 2026
SEEDS = st.integers(0, 2**32 - 1)


def village(
    seed: int = 1, *, years: int = 12, ages: int = 72, draws: int | None = 2, deaths: float = 0.3, trend: float = 0.0
) -> xr.Dataset:
    """Invent a rural population; `trend` is its growth a year, and no `draws` is one certain path."""
    rng = np.random.default_rng(seed)
    span = np.arange(2026, 2026 + years)
    size = 1 if draws is None else draws
    people = rng.uniform(100.0, 200.0, (size, 2, 2, ages, years)) * (1 + trend) ** np.arange(years)
    rates = rng.uniform(0.0, deaths, (size, 2, ages, years)).astype(np.float32)
    growth = np.cumprod(1 + rng.normal(0.05, 0.02, (size, years)), axis=1)
    data = xr.Dataset(
        {
            "population": (("draw", "area", "sex", "age", "year"), people),
            "pensioner_mortality": (("draw", "sex", "age", "year"), rates),
            "rural_income": (("draw", "year"), 24000.0 * growth),
            "price_index": (("year",), 1.02 ** np.arange(years)),
            "budget_revenue": (("draw", "year"), 1e9 * growth),
            "deposit_rate": (("year",), np.full(years, 0.015)),
            "market_return": (("draw", "year"), rng.normal(0.04, 0.03, (size, years))),
        },
        {"draw": np.arange(size), "area": ["rural", "urban"], "sex": ["female", "male"]}
        | {"age": np.arange(ages), "year": span},
    )
    return data.isel(draw=0, drop=True) if draws is None else data


def closed(*, years: int = 40, ages: int = 101, entrants: float = 1000.0) -> xr.Dataset:
    """Return a village in which nobody dies below 100 or moves: those born to 1970 are `entrants` of each sex."""
    projection = village(years=years, ages=ages, draws=None)
    born = projection["year"] - projection["age"]
    there = (projection["age"] >= 60) & (born <= 2030 - 60)
    people = xr.where(there, entrants, 0.0) * xr.ones_like(projection["population"])
    last, dims = projection["age"] == ages - 1, projection["pensioner_mortality"].dims
    return projection.assign(
        population=people.where(~last, 0.0).transpose(*projection["population"].dims),
        pensioner_mortality=(2.0 * last + 0.0 * projection["pensioner_mortality"]).transpose(*dims).astype(np.float32),
    )


def bank(**changes: object) -> TimeBank:
    """Return the stated rules with some changes; keys of health with two underscores."""
    return changed(TimeBank(), {key.replace("__", "."): value for key, value in changes.items()})


any_bank = st.builds(
    bank,
    participation=st.floats(0, 1),
    phase_in_years=st.integers(1, 6),
    hours_given=st.floats(1, 1500),
    hours_cap=st.floats(10, 3000),
    hours_helped=st.floats(0, 2000),
    hours_company=st.floats(0, 500),
    company_from_age=st.integers(60, 72),
    earn_from_age=st.integers(55, 62),
    earn_to_age=st.integers(63, 70),
    extra_leaving=st.floats(0, 0.2),
    lapse_on_leaving=st.floats(0, 1),
    shortage_rule=st.sampled_from(["buy", "wait"]),
    health__help_shift=st.floats(-2, 2),
    health__help_trend=st.floats(-0.05, 0.05),
)


@settings(max_examples=40)
@given(SEEDS, any_bank, st.floats(0, 1.9), st.sampled_from([None, 2030]))
def test_hours_are_conserved(seed: int, rules: TimeBank, deaths: float, closed_after: int | None) -> None:
    made = timebank.hours(village(seed, deaths=deaths), rules, closed_after=closed_after)
    size = 1e-9 * float(made["hours_worked"].sum() + 1)
    change = made["hours_owed"] - start_of_year(made["hours_owed"], xr.zeros_like(made["draw"], dtype=float))
    lapsed = made["hours_lapsed_by_death"] + made["hours_lapsed_by_leaving"]
    assert np.abs(change - (made["hours_earned"] - made["hours_redeemed"] - lapsed)).max() < size
    assert np.abs(made["hours_worked"] - made["hours_earned"] - made["hours_given_away"]).max() < size
    assert all(float(made[name].min()) >= -size for name in made)


@settings(max_examples=40)
@given(SEEDS, any_bank, st.floats(0, 0.5))
def test_no_hour_is_earned_where_nobody_is_cared_for(seed: int, rules: TimeBank, deaths: float) -> None:
    made = timebank.hours(village(seed, deaths=deaths), rules)
    size = 1e-9 * float(made["hours_needed"].sum() + 1)
    assert (made["hours_worked"] <= made["hours_supply"] + size).all()
    most = np.maximum(made["hours_needed"], made["hours_claimed"])
    assert (made["hours_worked"] + made["hours_bought"] <= most + size).all()
    if rules.shortage_rule == "buy":
        np.testing.assert_allclose(made["hours_redeemed"], made["hours_claimed"], atol=size)
        bought = np.maximum(made["hours_claimed"] - made["hours_supply"], 0.0)
        np.testing.assert_allclose(made["hours_bought"], bought, atol=size)
    else:
        assert not made["hours_bought"].any()
        np.testing.assert_allclose(
            made["hours_redeemed"], np.minimum(made["hours_claimed"], made["hours_supply"]), atol=size
        )


def restated(projection: xr.Dataset, rules: TimeBank) -> tuple[Array, Array]:
    """Carry one draw by whole arrays of (sex, age); return hours owed in the last year, and bought in each."""
    ages, years = projection["age"].values, projection["year"].values[1:]
    parts = timebank.shares(rules.health, projection, years, rules.from_year)
    ends = projection["population"].sel(area="rural").values
    people = (ends[..., :-1] + ends[..., 1:]) / 2
    rates = projection["pensioner_mortality"].values[..., 1:].astype(float)
    died = rates / (1 + rates / 2)
    works, old = (ages >= rules.earn_from_age) & (ages <= rules.earn_to_age), ages >= rules.company_from_age
    hours, members, stayed = np.zeros((3, 2, ages.size))
    stayed += 1
    bought = np.zeros(years.size)
    for t, year in enumerate(years):
        q, left = died[..., t], np.zeros((2, ages.size))
        if t:
            reached = stayed[:, -2].copy()
            hours, members, stayed, lived = (
                _older(a)
                for a in (
                    hours,
                    members,
                    stayed,
                    people[..., t - 1] * (1 - died[..., t - 1]) / (1 - died[..., t - 1] / 2),
                )
            )
            # Of the open age all count as those who have just reached it.
            stayed[:, 0], stayed[:, -1] = 1, reached
            left[:, 1:] = np.maximum(1 - people[:, 1:, t] / (lived * (1 - q / 2))[:, 1:], 0)
        lost = rules.lapse_on_leaving * (1 - (1 - left) * (1 - rules.extra_leaving * works))
        hours, members, stayed = hours * (1 - lost), members * (1 - lost), stayed * (1 - rules.extra_leaving * works)
        need = parts["help"].values[:, t]
        each = need * rules.hours_helped + (1 - need) * old * rules.hours_company
        asked = np.minimum(members * each, hours * np.where(old, 1.0, need))
        joined = rules.participation * np.clip((year - rules.from_year + 1) / rules.phase_in_years, 0, 1)
        workers = people[..., t] * stayed * parts["healthy"].values * joined * works
        supply, claims = workers.sum() * rules.hours_given, (asked * (1 - q / 2)).sum()
        wanted = (people[..., t] * stayed * each)[:, ages >= rules.earn_from_age].sum()
        buys = rules.shortage_rule == "buy"
        served = asked * (1.0 if buys or claims <= supply else supply / claims)
        bought[t] = max(claims - supply, 0) * buys
        joint = np.maximum(members * (1 - q / 2), workers)
        credit = workers * rules.hours_given * (min(1, max(wanted, claims) / supply) if supply else 0)
        credit = np.minimum(credit, np.maximum(rules.hours_cap * joint - hours, 0))
        # Who lives through the year keeps all; who dies in it has earned half a year, which lapses.
        hours, members = (1 - q) * (hours - served) + (1 - q / 2) * credit, joint * (1 - q) / (1 - q / 2)
    return hours, bought


def _older(values: Array) -> Array:
    """Move everybody on by a year of age; the last age is open."""
    moved = np.roll(values, 1, axis=-1)
    moved[..., 0] = 0
    moved[..., -1] += values[..., -1]
    return moved


# A difference is told as it is found: to make the example smaller takes minutes.
@settings(max_examples=12, phases=[Phase.generate])
@given(SEEDS, any_bank)
def test_the_compiled_bank_is_the_slow_one(seed: int, rules: TimeBank) -> None:
    projection = village(seed, years=8)
    last = int(projection["year"][-1])
    made = timebank.hours(projection, rules)
    by_age = timebank.hours_by_age(projection, rules, [last]).sel(year=last)
    for draw in range(2):
        one = projection.isel(draw=draw)
        owed, bought = restated(one, rules)
        np.testing.assert_allclose(by_age.isel(draw=draw), owed, rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(made["hours_bought"].isel(draw=draw)[1:], bought, rtol=1e-7, atol=1e-5)
    np.testing.assert_allclose(by_age.sum(("sex", "age")), made["hours_owed"].sel(year=last))


@settings(max_examples=20)
@given(SEEDS, any_bank)
def test_every_hour_belongs_to_a_cohort(seed: int, rules: TimeBank) -> None:
    projection = village(seed, ages=95)
    made, cohorts = timebank.hours(projection, rules), timebank.hours_by_cohort(projection, rules)
    for name in ("hours_earned", "hours_redeemed", "hours_lapsed_by_death", "hours_lapsed_by_leaving"):
        np.testing.assert_allclose(cohorts[name].sum("born"), made[name].sum("year"), rtol=1e-9, atol=1e-6)
    last = int(projection["year"][-1])
    owed = timebank.hours_by_age(projection, rules, [last]).sel(year=last).sum("sex")
    by_birth = owed.assign_coords(age=last - owed["age"]).rename(age="born").sel(born=cohorts["born"])
    open_age = cohorts["born"] <= last - 94
    np.testing.assert_allclose(
        cohorts["hours_owed"].where(~open_age, 0), by_birth.where(~open_age, 0), rtol=1e-6, atol=1e-4
    )


def test_a_village_without_death_or_moves_pays_back_every_hour() -> None:
    rules = bank(phase_in_years=1, hours_cap=20000.0, health__help_shift=1.0)
    projection = closed(years=30)
    made, cohorts = timebank.hours(projection, rules), timebank.hours_by_cohort(projection, rules)
    assert float(made["hours_earned"].sum()) > 1e5
    np.testing.assert_allclose(made["hours_lapsed_by_death"], 0.0)
    np.testing.assert_allclose(made["hours_lapsed_by_leaving"], 0.0, atol=1e-6)
    np.testing.assert_allclose(cohorts["hours_back"], 1.0)
    # Those born in 1958 worked one year, were owed 100 hours a head, and are 97 at the end.
    first = cohorts.sel(born=1958)
    assert float(first["hours_owed"]) < 1e-6 * float(first["hours_earned"])


def test_the_first_two_years_can_be_done_on_paper() -> None:
    """1,000 of each sex and age 60-69, half of them healthy, a fifth in need: twenty groups of fifty members."""
    projection = village(years=4, ages=80, draws=None, deaths=0.0)
    there = ((projection["age"] >= 60) & (projection["age"] <= 69)).broadcast_like(projection["population"])
    projection["population"] = (1000.0 * there).transpose(*projection["population"].dims)
    health = {"health__healthy_at_60": 0.5, "health__healthy_at_70": 0.5}
    health |= {"health__help_at_65": 0.2, "health__help_at_85": 0.2}
    made = timebank.hours(projection, bank(phase_in_years=1, participation=0.1, hours_helped=50.0, **health))
    first, second = made.sel(year=2027), made.sel(year=2028)
    told = {"hours_supply": 1e5, "hours_needed": 2e5, "hours_claimed": 0, "hours_earned": 1e5, "members": 1000}
    for name, value in told.items():
        assert float(first[name]) == pytest.approx(value)
    # Two groups turn 70 and are gone with 10,000 hours; eighteen ask for fifty hours for a fifth of fifty members.
    told = {"hours_lapsed_by_leaving": 1e4, "hours_claimed": 9e3, "hours_redeemed": 9e3, "hours_owed": 181e3}
    for name, value in told.items():
        assert float(second[name]) == pytest.approx(value)


def test_earlier_years_do_not_know_how_long_the_projection_is() -> None:
    long = village(3, years=20)
    short = long.sel(year=slice(None, 2035))
    made, again = (timebank.hours(p, bank()) for p in (long, short))
    xr.testing.assert_identical(made.sel(year=slice(None, 2035)), again)


def shrinking(*, years: int = 45, ages: int = 95, fall: float = 0.04) -> xr.Dataset:
    """Invent a village without moves whose births fall: two draws of its size, Gompertz deaths."""
    projection = village(7, years=years, ages=ages)
    rates = 2e-5 * np.exp(0.1 * projection["age"]) + 0.0 * projection["pensioner_mortality"]
    alive = xr.ones_like(rates).where(projection["age"] == 0, 1 - (rates / (1 + rates / 2)).shift(age=1)).cumprod("age")
    born = projection["year"] - projection["age"]
    size = xr.DataArray([1e4, 2e4], dims="draw")
    people = size * alive * (1 - fall) ** (born - 1960)
    there = people.expand_dims(area=["rural", "urban"]).transpose(*projection["population"].dims)
    return projection.assign(
        population=there, pensioner_mortality=rates.transpose("draw", "sex", "age", "year").astype(np.float32)
    )


every_age = xr.Dataset(coords={"age": np.arange(101)})

ageing = shrinking()
"""In this village the bank buys care in the end."""


def test_a_village_that_shrinks_buys_care_and_one_that_grows_does_not() -> None:
    falls, grows = (timebank.hour_indicators(timebank.hours(shrinking(fall=fall), bank())) for fall in (0.04, -0.01))
    assert (falls["buying_year"] > 2035).all()
    assert grows["buying_year"].isnull().all()
    before = falls["claims_to_supply"].where(falls["year"] < falls["buying_year"])
    assert float(before.max()) <= 1.000001


@pytest.mark.parametrize("record", [r for r in describe(TimeBank()) if r["unit"] != "choice"], ids=lambda r: r["key"])
def test_every_number_moves_the_money_or_the_hours(record: dict[str, object]) -> None:
    deviates = {n: ("draw", np.array([-1.0, 1.0])) for n in timebank.DEVIATES}
    projection = ageing.assign(deviates)
    cap = 300.0 if record["key"] == "hours_cap" else 1500.0
    start = bank(participation=0.5, hours_cap=cap, guarantee_share=0.1)
    low, high = float(record["low"]), float(record["high"])  # type: ignore[arg-type]
    value = dict((str(r["key"]), r["value"]) for r in describe(start))[str(record["key"])]
    other = low + (high - low) * 0.6 if value != low + (high - low) * 0.6 else high
    if isinstance(value, int):
        other = 2030 if record["unit"] == "calendar year" else value + 2
    plain, moved = (
        timebank.with_money(projection, rules, MONEY_YEAR)
        for rules in (start, changed(start, {str(record["key"]): other}))
    )
    names = [*timebank.HOURS, *timebank.MONEY]
    assert any(float(np.abs(moved[n] - plain[n]).max()) > 0 for n in names)


def test_hours_wait_where_they_are_not_bought() -> None:
    waiting, buying = (timebank.hours(ageing, bank(shortage_rule=rule)) for rule in ("wait", "buy"))
    assert float(buying["hours_bought"].sum()) > 0
    assert (waiting["hours_owed"] > buying["hours_owed"]).isel(year=-1).all()
    assert (waiting["hours_owed"] >= buying["hours_owed"] - 1e-6).all()


def test_worse_health_and_leavers_move_the_bank_as_expected() -> None:
    told = timebank.sensitivity(ageing, bank(lapse_on_leaving=0.5))
    last = told.isel(year=-1)
    stated = last.sel(case="stated")
    assert (last["claims_to_supply"].sel(case="worse_health") > stated["claims_to_supply"]).all()
    assert (last["claims_to_supply"].sel(case="better_health") < stated["claims_to_supply"]).all()
    assert (
        told["hours_bought"].sum("year").sel(case="more_need") > told["hours_bought"].sum("year").sel(case="stated")
    ).all()
    assert (last["hours_owed"].sel(case="leaving_3_percent") < stated["hours_owed"]).all()
    kept = last.sel(case="leaving_3_percent_hours_kept")
    assert (kept["hours_owed"] > last["hours_owed"].sel(case="leaving_3_percent")).all()
    assert (kept["claims_to_supply"] > stated["claims_to_supply"]).all()


def test_stated_need_is_that_of_the_surveys(tables: Tables) -> None:
    """18.3 % of those aged 60 and over (survey of 2015) and 40 % of those aged 80 and over, on the ages of 2015."""
    people = tables.table("population")
    people = people[(people["year"] == 2015) & (people["age_from"] >= 60)].groupby("age_from")["value"].sum()
    middle = np.minimum(people.index.to_numpy().astype(int) + 2, 100)
    aged = middle > 80
    means = {}
    for errors in (-1.96, 0.0, 1.96):
        health = Health(help_shift=errors * Health().help_error)
        need = timebank.shares(health, every_age, np.array([2027]), 2027)["help"].sel(year=2027).values
        told = (need[middle] + need[np.minimum(middle + 1, 100)]) / 2
        means[errors] = np.average(told, weights=people)
        if errors == 0:
            assert np.average(told[aged], weights=people[aged]) == pytest.approx(0.40, abs=0.01)
    assert means[0.0] == pytest.approx(0.183, abs=0.003)
    assert (means[-1.96], means[1.96]) == pytest.approx((0.12, 0.28), abs=0.006)


def test_stated_health_lies_between_census_and_survey() -> None:
    """Towns of Shanghai, census 2010, table 8-2b: healthy of all aged 60, 65 and 70."""
    healthy = timebank.shares(TimeBank().health, every_age, np.array([2027]), 2027)["healthy"].values
    census = {60: 1807 / 2486, 65: 1027 / 1684, 70: 470 / 1002}
    survey = {60: 1 - 0.389, 65: 1 - 0.5399, 70: 1 - 0.5399}
    for age, high in census.items():
        assert survey[age] - 0.01 < healthy[age] < high


def test_doubt_about_health_is_that_of_the_draw() -> None:
    deviates = {n: ("draw", np.array([-1.0, 1.0])) for n in timebank.DEVIATES}
    parts = timebank.shares(TimeBank().health, ageing.assign(deviates), np.array([2027, 2028]), 2027)
    odds = np.log(parts / (1 - parts))
    for name in ("healthy", "help"):
        np.testing.assert_allclose(odds[name].isel(draw=1) - odds[name].isel(draw=0), 0.6)
    certain = timebank.hours(ageing.isel(draw=0, drop=True), bank())
    doubtful = timebank.hours(ageing.isel(draw=0, drop=True).assign(deviates), bank())
    assert "draw" not in certain.dims
    assert float(doubtful["hours_supply"].isel(draw=0)[-1]) < float(certain["hours_supply"][-1])
    assert float(doubtful["hours_supply"].isel(draw=1)[-1]) > float(certain["hours_supply"][-1])


def test_the_guarantee_rate_pays_for_all_care_and_leaves_nothing() -> None:
    start = bank()
    ready = timebank.with_money(ageing, start, MONEY_YEAR)
    fund = timebank.fund(2026)
    unfunded = project(fund, ready, Assumptions())
    told = timebank.indicators(unfunded, ready, start, MONEY_YEAR)
    # Money market returns keep: with nothing set aside all care is a shortfall, less the rounding of half years.
    np.testing.assert_allclose(unfunded["shortfall"], unfunded["care_purchased"] * np.sqrt(1 + unfunded["rate_earned"]))
    for draw in range(2):
        rules = bank(guarantee_share=float(told["guarantee_rate"][draw]))
        account = project(fund, timebank.with_money(ageing.isel(draw=[draw]), rules, MONEY_YEAR), Assumptions())
        assert float(account["shortfall"].isel(year=slice(None, -1)).sum()) == 0.0
        most = float(account["balance"].max())
        assert most > 0
        assert abs(float(account["balance"].isel(draw=0, year=-1)) - float(account["shortfall"].sum())) < 1e-9 * most


def test_what_is_owed_is_worth_what_will_be_redeemed() -> None:
    rules = bank(wage_per_hour=20.0, purchase_loading=0.25)
    projection = village(7, years=60, ages=101, draws=2, deaths=0.1).assign(
        rural_income=xr.DataArray(np.ones(60), dims="year")
    )
    nothing = xr.zeros_like(projection["rural_income"])
    told = timebank.liability(projection, rules, nothing, [2035, 2040], MONEY_YEAR)
    made = timebank.hours(projection, rules)["hours_owed"].sel(year=[2035, 2040])
    np.testing.assert_allclose(told["liability"], 25.0 * made * told["redeemed_part"])
    assert (told["redeemed_part"] > 0.1).all()
    assert (told["redeemed_part"] + told["open_part"] < 1.0).all()
    dearer = timebank.liability(projection, rules, nothing + 0.05, [2035, 2040], MONEY_YEAR)
    assert (dearer["liability"] < told["liability"]).all()


def test_indicators_carry_unit_and_meaning() -> None:
    ready = timebank.with_money(ageing, bank(), MONEY_YEAR)
    told = timebank.indicators(project(timebank.fund(2026), ready, Assumptions()), ready, bank(), MONEY_YEAR)
    assert set(told.data_vars) == set(timebank.INDICATORS)
    assert all(told[n].attrs == {"unit": u, "meaning": m} for n, (u, m) in timebank.INDICATORS.items())
    share = told["care_purchased_share"] * ready["budget_revenue"]
    np.testing.assert_allclose(share, ready["care_purchased"].sel(year=share["year"]), atol=1e-9)
    assert float(share.max()) > 0


def test_faults_are_told() -> None:
    with pytest.raises(AxisError, match="population"):
        timebank.hours(ageing.drop_vars("population"), bank())
    with pytest.raises(AxisError, match="year 2025 is missing"):
        timebank.hours(ageing, bank(from_year=2026))
    with pytest.raises(AxisError, match="single years"):
        timebank.hours(ageing.sel(age=slice(5, None)), bank())
    with pytest.raises(AxisError, match="2020 is not one of the bank"):
        timebank.hours_by_age(ageing, bank(), [2020])
    with pytest.raises(AxisError, match="nothing is known after it"):
        timebank.liability(ageing, bank(), ageing["deposit_rate"], [2070], MONEY_YEAR)
    with pytest.raises(ValidationError, match="elixir"):
        timebank.sensitivity(ageing, bank(), {"magic": {"health.elixir": 1.0}})
