"""Feedback: who is drawn in, who is driven out, what comes back in taxes, and nothing of it under today's law."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import xarray as xr

from actuarial import assessment, participation, pension
from actuarial.assessment import Assessment, Kept
from actuarial.assumptions import Assumptions
from actuarial.rates import paid_share
from forecasting.axes import AxisError
from tests.actuarial.feedback_world import answering, opening, rules

TO_TERMS = {"participation.answers": "to_terms"}
RETURNS = {"feedback.revenue": "answers", "feedback.returned_share": 0.2, "feedback.returned_share_sd": 0.0}
INCOME = {"benefit.income_weight": 1.0, "benefit.indexation_from": 2027}
GENEROUS = INCOME | {"benefit.growth_floor": 0.08}
CUT = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.002, "valuation.deficit_rule": "benefit_cut"}
CERTAIN = {f"participation.{name}_response_sd": 0.0 for name in participation.RESPONSES}


@pytest.fixture(scope="module")
def people(village: xr.Dataset) -> xr.Dataset:
    return answering(village).sel(year=slice(None, 2050))


@pytest.fixture(scope="module")
def known(observed: dict[int, float]) -> assessment.Opening:
    return opening(observed)


def joined(changes: tuple[dict[str, object], ...]) -> Assumptions:
    made: dict[str, object] = {}
    for change in changes:
        made |= change
    return rules(made)


def assessed(people: xr.Dataset, known: assessment.Opening, *changes: dict[str, object]) -> Assessment:
    return assessment.assess(people, joined(changes), known)


def books(
    people: xr.Dataset, known: assessment.Opening, *changes: dict[str, object], reference: xr.Dataset | None = None
) -> Kept:
    return assessment.books(people, joined(changes), known, reference=reference)


def stays(
    people: xr.Dataset, known: assessment.Opening, *changes: dict[str, object], reference: xr.Dataset | None = None
) -> xr.DataArray:
    """Give contributors over those of the projection, by the people on whom the books were kept."""
    kept = books(people, known, TO_TERMS, *changes, reference=reference)
    ratio = kept.people["contributors"] / people["contributors"]
    return ratio.sel(age=40, sex="male", year=kept.account["year"])


def revenue(people: xr.Dataset, kept: Kept) -> xr.DataArray:
    """Give budget revenue over that of the projection."""
    return (kept.ready["budget_revenue"] / people["budget_revenue"]).sel(year=kept.account["year"])


# Today's law -----


def test_under_todays_law_nobody_answers_to_the_bit(people: xr.Dataset, known: assessment.Opening) -> None:
    still, moving = assessed(people, known), assessed(people, known, TO_TERMS, RETURNS)
    xr.testing.assert_identical(moving.account, still.account)
    xr.testing.assert_identical(moving.indicators, still.indicators)
    assert bool((moving.indicators["participation"] == 1.0).all())
    assert bool((moving.indicators["revenue_answer"] == 1.0).all())


def test_a_reform_is_not_answered_to_unless_the_rules_say_so(people: xr.Dataset, known: assessment.Opening) -> None:
    kept = books(people, known, GENEROUS)
    xr.testing.assert_identical(kept.people, people[list(pension.NEEDS)])
    assert bool((revenue(people, kept) == 1.0).all())


def test_what_holds_under_the_rules_themselves_is_no_change(people: xr.Dataset, known: assessment.Opening) -> None:
    own = assessment.terms(people, rules(GENEROUS), known)
    assert bool((stays(people, known, GENEROUS, reference=own) == 1.0).all())
    kept = books(people, known, GENEROUS, TO_TERMS, RETURNS, reference=own)
    assert bool((revenue(people, kept) == 1.0).all())


def test_with_everything_off_the_books_are_kept_once(
    people: xr.Dataset, known: assessment.Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, original = [], pension.with_accounts

    def counted(*args: object, **named: object) -> xr.Dataset:
        kept.append(1)
        return original(*args, **named)

    monkeypatch.setattr(pension, "with_accounts", counted)
    for changes, times in ((GENEROUS, 1), (CUT, 1), (TO_TERMS, 2)):
        kept.clear()
        assessment.books(people, rules(changes), known)
        assert len(kept) == times


# Direction -----


def test_a_better_pension_draws_members_in(people: xr.Dataset, known: assessment.Opening) -> None:
    found = stays(people, known, GENEROUS)
    assert bool((found.sel(year=2026) == 1.0).all())
    assert bool((found.sel(year=slice(2040, None)) > 1.0).all())


def test_a_worse_pension_drives_members_out(people: xr.Dataset, known: assessment.Opening) -> None:
    found = stays(people, known, {"benefit.income_weight": 0.0, "benefit.indexation_from": 2027})
    assert bool((found.sel(year=slice(2040, None)) < 1.0).all())


def test_a_later_pension_drives_members_out(people: xr.Dataset, known: assessment.Opening) -> None:
    found = stays(people, known, {"retirement.target_age": 65, "retirement.change_from": 2030})
    assert bool((found.sel(year=slice(2045, None)) < 1.0).all())


def test_match_in_place_of_contributions_draws_members_in(people: xr.Dataset, known: assessment.Opening) -> None:
    found = stays(people, known, {"accounts.member_share_cap": 0.3, "accounts.member_share_cap_from": 2030})
    assert bool((found.sel(year=2030) == 1.0).all()) and bool((found.sel(year=slice(2031, None)) > 1.0).all())


def test_a_match_twice_as_high_draws_in_few(people: xr.Dataset, known: assessment.Opening) -> None:
    # As Lin and Zhang 2020 find: it is a small part of what a contributor may expect.
    found = stays(people, known, {"accounts.match_multiple": 2.0}).isel(year=slice(1, None))
    assert bool((found > 1.0).all()) and float(found.max()) < 1.02


def test_dearer_contributions_drive_members_out_and_poorer_incomes_too(
    people: xr.Dataset, known: assessment.Opening
) -> None:
    before = assessment.terms(people, rules({}), known)
    alone = {f"participation.{name}_response": 0.0 for name in participation.RESPONSES} | CERTAIN
    for name, factor, response in (("contribution_per_head", 1.5, "contribution"), ("rural_income", 0.8, "income")):
        shocked = people.assign({name: people[name].where(people["year"] < 2030, factor * people[name])})
        key = f"participation.{response}_response"
        some, more = (stays(shocked, known, alone, {key: size}, reference=before) for size in (0.4, 0.8))
        assert bool((some.sel(year=slice(None, 2030)) == 1.0).all())
        assert bool((some.sel(year=slice(2031, None)) < 1.0).all())
        assert bool((more.sel(year=slice(2031, None)) < some.sel(year=slice(2031, None))).all())


def test_draws_that_answer_more_strongly_move_further(people: xr.Dataset, known: assessment.Opening) -> None:
    alone = {"participation.contribution_response": 0.0, "participation.contribution_response_sd": 0.0}
    same = people.isel(draw=[0] * people.sizes["draw"]).assign_coords(draw=people["draw"])
    rising = same.assign(benefit_deviate=("draw", np.linspace(-2.0, 2.0, people.sizes["draw"])))
    found = stays(rising, known, GENEROUS, alone).sel(year=2050)
    assert bool((found.diff("draw") > 0.0).all())


def test_everything_that_is_missing_is_named_at_once(village: xr.Dataset, known: assessment.Opening) -> None:
    doubtful = {"feedback.returned_share_sd": 0.05}
    with pytest.raises(AxisError) as caught:
        books(village, known, TO_TERMS, RETURNS, doubtful)
    missing = ("compliance", "benefit_deviate", "contribution_deviate", "income_deviate", "revenue_deviate")
    assert len(caught.value.faults) == len(missing)
    assert all(any(name in fault for fault in caught.value.faults) for name in missing)


def test_a_reference_of_other_draws_or_years_is_refused(people: xr.Dataset, known: assessment.Opening) -> None:
    law = assessment.terms(people, rules({}), known)
    with pytest.raises(AxisError, match="other draws"):
        books(people, known, TO_TERMS, reference=law.isel(draw=slice(1, None)))
    with pytest.raises(AxisError, match="2050 is missing"):
        books(people, known, TO_TERMS, reference=law.sel(year=slice(None, 2049)))


def test_strengths_that_are_certain_need_no_deviates(people: xr.Dataset, known: assessment.Opening) -> None:
    bare = people.drop_vars([name for name in people if str(name).endswith("_deviate")])
    found = stays(bare, known, GENEROUS, CERTAIN, RETURNS)
    assert bool((found.sel(year=2050) > 1.0).all())


# The vicious circle -----


@pytest.mark.parametrize("answers", ["to_cuts", "to_terms"])
def test_the_circle_ends_and_keeps_fewer_the_stronger_members_answer(
    answers: str, people: xr.Dataset, known: assessment.Opening
) -> None:
    either, near = {"participation.answers": answers}, people.sel(year=slice(None, 2042))
    kept = [stays(near, known, CUT, {"participation.elasticity": e}, either) for e in (0.0, 0.5, 2.0)]
    for weaker, stronger in pairwise(kept):
        assert bool((stronger <= weaker + 1e-9).all())
        assert bool((stronger.sum("year") < weaker.sum("year")).all())
    assert bool((kept[-1] >= 0.0).all())


def test_members_who_answer_to_terms_answer_to_cuts_of_them(people: xr.Dataset, known: assessment.Opening) -> None:
    people = people.sel(year=slice(None, 2042))
    kept = books(people, known, CUT, TO_TERMS)
    found = (kept.people["contributors"] / people["contributors"]).sel(age=40, sex="male", year=kept.account["year"])
    share = paid_share(kept.account)
    cut = share.shift(year=1, fill_value=1.0) < 1.0
    assert bool(cut.any())
    assert bool((found.where(cut, 0.5) < 1.0).all())
    assert bool((found.where(~cut, 1.0) == 1.0).all())


def test_what_is_found_leads_to_itself(people: xr.Dataset, known: assessment.Opening) -> None:
    people = people.sel(year=slice(None, 2042))
    poor = CUT | {"fiscal.capacity_share": 0.01}
    rule = rules(poor | TO_TERMS | RETURNS | GENEROUS | {"participation.elasticity": 0.5})
    law = assessment.terms(people, Assumptions(), known)
    kept = assessment.books(people, rule, known)
    told = assessment.assess(people, rule, known).indicators
    terms = participation.terms(kept.people, kept.ready, kept.account, rule)
    answers = participation.answers(people, rule, law, kept.account["year"].values)
    np.testing.assert_allclose(answers.multiplier(kept.account, terms), told["participation"], atol=1e-8)
    np.testing.assert_allclose(answers.revenue_ratio(terms), told["revenue_answer"], atol=1e-8)
    assert bool((told["benefits_paid_share"] < 1.0).any())
    share = kept.people["contributors"] / people["contributors"]
    years = told["year"]
    np.testing.assert_allclose(share.sel(year=years, age=40, sex="male"), told["participation"], rtol=1e-6)


def test_a_longer_horizon_leaves_the_answers_of_earlier_years(people: xr.Dataset, known: assessment.Opening) -> None:
    changes = (CUT, GENEROUS, RETURNS)
    whole, short = (stays(people.sel(year=slice(None, last)), known, *changes) for last in (2042, 2036))
    assert bool((short.sel(year=2036) < 1.0).any())
    np.testing.assert_allclose(whole.sel(year=short["year"]), short, atol=1e-8)


# Budget revenue -----


def test_revenue_gains_what_comes_back_of_the_year_before(people: xr.Dataset, known: assessment.Opening) -> None:
    law, reform = books(people, known), books(people, known, GENEROUS, RETURNS)

    def received(one: Kept) -> xr.DataArray:
        return one.account["expenditure"] - one.account["benefit_cut"] - one.account["contributions"]

    more = (received(reform) - received(law)).shift(year=1, fill_value=0.0)
    gained = (revenue(people, reform) - 1.0) * people["budget_revenue"]
    assert bool((more.sel(year=2050) > 0.0).all())
    np.testing.assert_allclose(gained.sel(year=more["year"]), 0.2 * more, rtol=1e-6, atol=1.0)


def test_a_share_of_revenue_is_one_of_the_revenue_that_has_answered(
    people: xr.Dataset, known: assessment.Opening
) -> None:
    capacity = {"fiscal.rule": "capacity", "fiscal.capacity_share": 0.02}
    still, moving = (assessed(people, known, capacity, GENEROUS, more) for more in ({}, RETURNS))
    ratio = moving.account["fiscal_transfer"] / still.account["fiscal_transfer"]
    np.testing.assert_allclose(ratio, moving.indicators["revenue_answer"], rtol=1e-12)
    assert bool((ratio.sel(year=2050) > 1.0).all())
    np.testing.assert_allclose(moving.indicators["fiscal_transfer_share"], 0.02, rtol=1e-12)


def test_revenue_that_answers_moves_no_money_where_no_rule_reads_it(
    people: xr.Dataset, known: assessment.Opening
) -> None:
    still, moving = (assessed(people, known, GENEROUS, more) for more in ({}, RETURNS))
    xr.testing.assert_identical(moving.account, still.account)
    less = moving.indicators["fiscal_transfer_share"].sel(year=2050)
    assert bool((less < still.indicators["fiscal_transfer_share"].sel(year=2050)).all())
