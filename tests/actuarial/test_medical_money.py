"""The medical fund: amounts against sums by hand, what reforms move, and money by age."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial import catastrophic, fund, medical
from actuarial._medical_outgo import county_multiple, equipment
from actuarial._quantity import changed
from actuarial.flow import Recorded
from actuarial.medical import MedicalAssumptions
from actuarial.solvency import start_of_year
from forecasting.axes import AxisError

YEARS = np.arange(2025, 2056)
DRAWS = 2
OUTGO = [flow.name for flow in medical.OUTGO]
INCOME = [flow.name for flow in medical.INCOME]
LAW = MedicalAssumptions()
KINDS = ("inpatient", "outpatient", "chronic")


def invented() -> xr.Dataset:
    """Return a county of 2 draws: fewer insured every year, dearer care; no figure in it is China's."""
    ages, t = np.arange(101), YEARS - 2025.0
    level = np.array([1.0, 1.2])
    alive = np.where(ages < 60, 1000.0, 1000.0 * np.exp(-0.05 * (ages - 60.0)))
    insured = alive[:, None] * 0.99**t * np.array([0.48, 0.52])[:, None, None] * level[:, None, None, None]
    shape, by_age, path = ("draw", "sex", "age", "year"), ("draw", "age"), ("draw", "year")
    growth = np.array([1.05, 1.06])[:, None] ** t
    curve = 0.4 + 0.02 * ages
    return xr.Dataset(
        {
            "insured": (shape, insured),
            "inpatient_age": (("draw", "sex", "age"), curve * np.array([1.1, 0.9])[:, None] * level[:, None, None]),
            "inpatient_level": (path, 0.15 * np.ones((DRAWS, 1)) * 1.01**t),
            "inpatient_cost_age": (by_age, 0.8 + 0.005 * ages * level[:, None]),
            "inpatient_cost": (path, 6000.0 * growth * level[:, None]),
            "outpatient_age": (("draw", "sex", "age"), np.ones((DRAWS, 2, 101)) + 0.01 * ages),
            "outpatient_level": (path, 1.8 * np.ones((DRAWS, 1)) * 1.005**t),
            "outpatient_cost": (path, 110.0 * growth),
            "chronic_outpatient": (path, 230.0 * growth * 1.01**t),
            "chronic_prevalence": (by_age, np.minimum(0.006 * ages * level[:, None], 0.7)),
            "enrolment_rate": (path, np.full((DRAWS, YEARS.size), 0.9) * level[:, None] / 1.3),
            "enrolment_response": (("draw",), np.array([0.5, 1.5])),
            "reimbursed_inpatient": (path, np.full((DRAWS, YEARS.size), 0.55)),
            "reimbursed_outpatient": (path, np.full((DRAWS, YEARS.size), 0.4)),
            "reimbursed_chronic": (path, np.full((DRAWS, YEARS.size), 0.6)),
            "rural_income": (path, 24000.0 * growth * 1.003**t),
            "price_index": (("year",), 1.02**t),
            "budget_revenue": (path, 2e9 * growth),
            "deposit_rate": (("year",), np.full(YEARS.size, 0.015)),
            "market_return": (path, np.array([0.03, 0.05])[:, None] * np.ones(YEARS.size)),
        },
        {"draw": np.arange(DRAWS), "sex": ["female", "male"], "age": ages, "year": YEARS},
    )


@pytest.fixture(scope="module")
def county() -> xr.Dataset:
    return invented()


@cache
def one_draw() -> xr.Dataset:
    return invented().isel(draw=1, drop=True)


def rules(**changes: object) -> MedicalAssumptions:
    """Change today's law; two underlines stand for a dot."""
    return changed(LAW, {key.replace("__", "."): value for key, value in changes.items()})


def account(
    county: xr.Dataset, chosen: MedicalAssumptions = LAW, opening: float = 1e8
) -> tuple[xr.Dataset, xr.Dataset, xr.Dataset]:
    """Return what the flows read, the account, and its indicators."""
    ready = medical.prepared(county, chosen)
    done = fund.project(medical.standard_fund(2025, opening), ready, chosen)  # type: ignore[arg-type]
    return ready, done, medical.indicators(done, ready, chosen)


def cost_by_hand(county: xr.Dataset, kind: str) -> np.ndarray:
    """Sum cost of care with loops of sex and age; (draw, year)."""
    c = {name: county[name].values for name in county.data_vars}
    out = np.zeros((DRAWS, YEARS.size))
    if kind == "chronic":
        return np.asarray(c["insured"].sum(axis=(1, 2)) * c["chronic_outpatient"])
    for s in range(2):
        for a in range(101):
            use = c["insured"][:, s, a] * c[f"{kind}_age"][:, s, a, None] * c[f"{kind}_level"]
            dear = c["inpatient_cost_age"][:, a, None] if kind == "inpatient" else 1.0
            out += use * dear * c[f"{kind}_cost"]
    return out


# --- today's law, by hand


@pytest.mark.parametrize("kind", KINDS)
def test_care_is_cost_summed_by_hand_times_its_reimbursement(county: xr.Dataset, kind: str) -> None:
    ready = medical.prepared(county, LAW)
    paid = ready[f"{kind}_care"]
    if kind == "inpatient":
        paid = paid + ready["maternity"] + ready["critical_illness_premium"]
    np.testing.assert_allclose(paid, cost_by_hand(county, kind) * county[f"reimbursed_{kind}"])


def test_contributions_and_subsidy_follow_income_from_the_standards_of_2026(county: xr.Dataset) -> None:
    ready = medical.prepared(county, LAW)
    index = county["rural_income"] / county["rural_income"].sel(year=2026)
    heads = county["insured"].sum(["sex", "age"])
    np.testing.assert_allclose(ready["contributions"], 400 * 1.03 * index * heads)
    np.testing.assert_allclose(ready["fiscal_transfer"], 724 * 1.07 * index * heads)


def test_todays_law_has_no_flow_of_any_reform(county: xr.Dataset) -> None:
    ready = medical.prepared(county, LAW)
    for name in ("second_compensation", "health_management", "equipment", "equipment_grant", "managed_mid_year"):
        assert (ready[name] == 0).all(), name


def test_the_parts_of_cost_that_are_told_are_those_of_the_projection(county: xr.Dataset) -> None:
    ready, _, told = account(county)
    cost = sum(cost_by_hand(county, kind) for kind in KINDS)
    np.testing.assert_allclose(ready["medical_cost"], cost)
    paid = sum(cost_by_hand(county, kind) * county[f"reimbursed_{kind}"].values for kind in KINDS)
    np.testing.assert_allclose(told["actual_reimbursement"], (paid / cost)[:, 1:])
    heads = county["insured"].sum(["sex", "age"]) * county["rural_income"]
    np.testing.assert_allclose(told["out_of_pocket_to_income"], ((cost - paid) / heads.values)[:, 1:])
    np.testing.assert_allclose(told["inpatient_reimbursement"], 0.55)
    np.testing.assert_allclose(told["inside_reimbursement"], 0.66)


def test_published_standards_replace_the_rule_in_their_years(county: xr.Dataset) -> None:
    published = medical.Published({2025: 380.0}, {2025: 700.0})
    ready, plain = medical.prepared(county, LAW, published), medical.prepared(county, LAW)
    heads = county["insured"].sum(["sex", "age"]).sel(year=2025)
    np.testing.assert_allclose(ready["contributions"].sel(year=2025), 380 * 1.03 * heads)
    np.testing.assert_allclose(ready["fiscal_transfer"].sel(year=2025), 700 * 1.07 * heads)
    later = {"year": slice(2026, None)}
    np.testing.assert_allclose(ready["contributions"].sel(later), plain["contributions"].sel(later))


def test_a_projection_without_draws_gives_what_its_draw_gives(county: xr.Dataset) -> None:
    chosen = rules(catastrophic__floor=0.8, health_management__coverage=1.0)
    one = medical.prepared(county.isel(draw=1, drop=True), chosen)
    assert "draw" not in one.dims
    xr.testing.assert_allclose(one, medical.prepared(county, chosen).isel(draw=1, drop=True))


# --- money of the fund


EVERYTHING: dict[str, object] = {
    "reimbursement__inpatient": 0.65,
    "reimbursement__chronic": 0.7,
    "catastrophic__floor": 0.8,
    "health_management__coverage": 1.0,
    "enrolment__duplicates_removed": 1.0,
    "financing__member_share_cap": 0.3,
    "county__inside_share": 0.9,
    "equipment__coverage": 0.6,
    "equipment__budget_share": 0.5,
}


@pytest.mark.parametrize("opening", [0.0, 3e8])
@pytest.mark.parametrize("convention", ["mid_year", "opening_balance"])
def test_money_of_the_whole_package_is_conserved(county: xr.Dataset, opening: float, convention: str) -> None:
    chosen = rules(**EVERYTHING, investment__interest_convention=convention)
    _, done, _ = account(county, chosen, opening)
    change = done["balance"] - start_of_year(done["balance"], done["opening_balance"])
    moved = sum(done[n] for n in INCOME) - sum(done[n] for n in OUTGO) + done["interest"] + done["shortfall"]
    assert np.abs(change - moved).max() < 0.01
    assert (done["accounts_balance"] == 0).all()


def test_a_cut_of_benefits_falls_on_reimbursement(county: xr.Dataset) -> None:
    poor = {"financing__subsidy_per_head": 100.0}
    _, paid, _ = account(county, rules(**poor), 0.0)
    _, cut, told = account(county, rules(**poor, valuation__deficit_rule="benefit_cut"), 0.0)
    np.testing.assert_allclose(cut["benefit_cut"], paid["emergency_transfer"])
    assert (cut["benefit_cut"] > 0).all()
    ready = medical.prepared(county, rules(**poor)).sel(year=cut["year"])
    part = 1 - cut["benefit_cut"] / cut["expenditure"]
    np.testing.assert_allclose(told["actual_reimbursement"], ready["care_paid"] * part / ready["medical_cost"])


def test_months_of_reserve_and_the_risk_reserve_are_as_defined(county: xr.Dataset) -> None:
    _, done, told = account(county)
    np.testing.assert_allclose(told["months_of_reserve"], done["balance"] / (done["expenditure"] / 12))
    held = np.minimum(done["balance"], 0.1 * done["income"])
    np.testing.assert_allclose(told["risk_reserve"], held)
    np.testing.assert_allclose(told["months_free"], (done["balance"] - held) / (done["expenditure"] / 12))
    steps = told["risk_reserve_adjustment"]
    np.testing.assert_allclose(steps.sel(year=slice(2027, None)), held.diff("year"))
    inside = (told["months_of_reserve"] >= 6) & (told["months_of_reserve"] <= 9)
    assert 0 < float(inside.mean()) < 1
    np.testing.assert_array_equal(told["months_within"], inside)


@pytest.mark.parametrize("convention", ["mid_year", "opening_balance"])
def test_a_level_surcharge_of_the_actuarial_balance_ends_with_the_target(county: xr.Dataset, convention: str) -> None:
    chosen = rules(investment__interest_convention=convention)
    ready, done, told = account(county, chosen, 1e9)
    lacking = -told["actuarial_balance"].sel(horizon=25, drop=True)
    base = ready["insured_mid_year"] * ready["rural_income"]
    # With interest on the opening balance alone, money of a year counts at its end.
    raised = ready.assign(surcharge=lacking * base)
    standard = medical.standard_fund(2025, 1e9)
    flow = Recorded("surcharge", "pool", "interest", "What the horizon lacks")
    levied = fund.Fund("levied", (*standard.income, flow), standard.outgo, 2025, 1e9)
    end = fund.project(levied, raised, chosen).sel(year=2050)  # type: ignore[arg-type]
    assert (end["shortfall"] == 0).all()
    np.testing.assert_allclose(end["balance"], 0.5 * done["expenditure"].sel(year=2050), rtol=1e-9)


def test_every_indicator_has_its_unit_and_meaning_and_a_horizon_too_long_is_empty(county: xr.Dataset) -> None:
    _, _, told = account(county)
    assert list(told.data_vars) == list(medical.INDICATORS)
    assert {(told[n].attrs["unit"], told[n].attrs["meaning"]) for n in told} == set(medical.INDICATORS.values())
    assert told["actuarial_balance"].isnull().any("draw").values.tolist() == [False, True, True]


# --- by age


def test_outgo_by_age_sums_to_the_total_of_every_flow(county: xr.Dataset) -> None:
    chosen = rules(**EVERYTHING)
    ages = medical.medical_outgo_by_age(county, chosen, [2026, 2030, 2050])
    ready = medical.prepared(county, chosen).sel(year=[2026, 2030, 2050])
    assert set(ages.data_vars) == set(OUTGO)
    for name in OUTGO:
        got, expected = xr.broadcast(ages[name].sum(["sex", "age"]), ready[name])
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-6, err_msg=name)


def test_outgo_falls_on_the_ages_where_it_arises(county: xr.Dataset) -> None:
    ages = medical.medical_outgo_by_age(county, rules(**EVERYTHING), [2040]).isel(draw=0, year=0)
    at = county.isel(draw=0).sel(year=2040)
    stays = at["insured"] * at["inpatient_age"] * at["inpatient_cost_age"]
    # Health management takes off the same share at all ages from 65.
    old = {"age": slice(65, None)}
    got, expected = (x.sel(old) / x.sel(old).sum() for x in (ages["inpatient_care"], stays))
    np.testing.assert_allclose(got.transpose("sex", "age"), expected)
    ill = at["insured"] * (at["chronic_prevalence"] + 0.1 * at["chronic_prevalence"].where(at["age"] < 65, 1.0))
    np.testing.assert_allclose(ages["chronic_care"] / ages["chronic_care"].sum(), ill / ill.sum())
    managed = at["insured"] * at["chronic_prevalence"].where(at["age"] < 65, 1.0)
    np.testing.assert_allclose(ages["health_management"] / ages["health_management"].sum(), managed / managed.sum())
    assert (ages["maternity"].sel(sex="male") == 0).all()
    assert (ages["maternity"].sel(age=slice(40, None)) == 0).all()
    heads = at["insured"] / at["insured"].sum()
    np.testing.assert_allclose(ages["equipment"] / ages["equipment"].sum(), heads)


def test_a_year_that_is_missing_is_named(county: xr.Dataset) -> None:
    with pytest.raises(AxisError, match="2099"):
        medical.medical_outgo_by_age(county, LAW, [2099])
    with pytest.raises(AxisError, match="calibration_year") as raised:
        medical.prepared(county, rules(money_year=2020, catastrophic__calibration_year=2015))
    assert len(raised.value.faults) == 2
    with pytest.raises(AxisError, match="chronic_prevalence"):
        medical.prepared(county.drop_vars("chronic_prevalence"), LAW)


# --- reforms, each in the expected direction


def compared(county: xr.Dataset, **changes: object) -> tuple[xr.Dataset, xr.Dataset, xr.Dataset, xr.Dataset]:
    """Return today's amounts and those of a reform, then today's indicators and those of the reform."""
    (before, _, told), (after, _, retold) = account(county), account(county, rules(**changes))
    return before, after, told, retold


def outgo(ready: xr.Dataset) -> xr.DataArray:
    return ready[OUTGO].to_dataarray("flow").sum("flow")


def income(ready: xr.Dataset) -> xr.DataArray:
    return ready[INCOME].to_dataarray("flow").sum("flow")


def test_inpatient_reimbursement_of_65_per_cent_costs_its_share_and_what_use_answers(county: xr.Dataset) -> None:
    before, after, told, retold = compared(county, reimbursement__inpatient=0.65)
    assert (outgo(after) == outgo(before)).sel(year=slice(None, 2026)).all()
    assert (outgo(after) > outgo(before)).sel(year=slice(2027, None)).all()
    whole = cost_by_hand(county, "inpatient")[:, 4:] * 0.65 * (0.35 / 0.45) ** -0.15
    cost = outgo(after) - outgo(before)
    expected = whole - 0.55 * cost_by_hand(county, "inpatient")[:, 4:]
    np.testing.assert_allclose(cost.sel(year=slice(2029, None)), expected)
    np.testing.assert_allclose(
        retold["inpatient_reimbursement"].sel(year=[2027, 2028, 2029, 2040])[0],
        [0.55 + 0.1 / 3, 0.55 + 0.2 / 3, 0.65, 0.65],
    )
    later = {"year": slice(2027, None)}
    assert (retold["out_of_pocket_to_income"] < told["out_of_pocket_to_income"]).sel(later).all()
    assert (retold["catastrophic_before"] < told["catastrophic_before"]).sel(later).all()
    assert (retold["months_of_reserve"] <= told["months_of_reserve"]).all()


def test_a_part_of_cost_inside_the_catalogue_moves_the_whole_in_proportion(county: xr.Dataset) -> None:
    inside = medical.prepared(county, rules(reimbursement__inpatient_inside=0.78))
    whole = medical.prepared(county, rules(reimbursement__inpatient=0.55 * 0.78 / 0.66))
    xr.testing.assert_allclose(inside, whole)
    with pytest.raises(ValueError, match="Give one"):
        rules(reimbursement__inpatient_inside=0.78, reimbursement__inpatient=0.65)


@pytest.mark.parametrize(("kind", "target"), [("chronic", 0.7), ("outpatient", 0.6)])
def test_outpatient_reimbursement_costs_the_fund_and_spares_patients(
    county: xr.Dataset, kind: str, target: float
) -> None:
    before, after, told, retold = compared(county, **{f"reimbursement__{kind}": target})
    today = float(county[f"reimbursed_{kind}"].isel(draw=0, year=0))
    ratio = target / today * ((1 - target) / (1 - today)) ** -0.2
    np.testing.assert_allclose((after[f"{kind}_care"] / before[f"{kind}_care"]).sel(year=slice(2029, None)), ratio)
    later = {"year": slice(2027, None)}
    assert (outgo(after) > outgo(before)).sel(later).all()
    assert (retold["out_of_pocket_to_income"] < told["out_of_pocket_to_income"]).sel(later).all()


def test_second_compensation_costs_the_integral_and_takes_households_out(county: xr.Dataset) -> None:
    before, after, told, retold = compared(county, catastrophic__floor=0.8)
    later = {"year": slice(2027, None)}
    assert (after["second_compensation"].sel(year=slice(None, 2026)) == 0).all()
    assert (retold["catastrophic_after"] < told["catastrophic_after"]).sel(later).all()
    assert (retold["actual_reimbursement"] > told["actual_reimbursement"]).sel(later).all()
    others = [name for name in OUTGO if name != "second_compensation"]
    xr.testing.assert_identical(after[others], before[others])
    expected = _second_by_hand(county.isel(draw=1), 2040)
    assert float(after["second_compensation"].isel(draw=1).sel(year=2040)) == pytest.approx(expected)
    _, layer, *_ = compared(county, catastrophic__floor=0.8, catastrophic__form="layer")
    assert (layer["second_compensation"] < after["second_compensation"]).sel(later).all()


def _second_by_hand(world: xr.Dataset, when: int) -> float:
    """Work the compensation of one draw out from what each band pays itself in two years."""

    def band(year: int, old: bool) -> tuple[float, float, float]:
        at = world.sel(year=year)
        ill = (at["insured"] * at["chronic_prevalence"]).sum()
        cost = {
            "inpatient": at["insured"]
            * at["inpatient_age"]
            * at["inpatient_level"]
            * at["inpatient_cost_age"]
            * at["inpatient_cost"],
            "outpatient": at["insured"] * at["outpatient_age"] * at["outpatient_level"] * at["outpatient_cost"],
            "chronic": at["insured"] * at["chronic_prevalence"] / ill * at["chronic_outpatient"] * at["insured"].sum(),
        }
        chosen = slice(60, None) if old else slice(None, 59)
        whole = {k: float(v.sel(age=chosen).sum()) for k, v in cost.items()}
        own = sum(v * (1 - float(at[f"reimbursed_{k}"])) for k, v in whole.items())
        burden = own / float(at["insured"].sel(age=chosen).sum()) / float(at["rural_income"])
        return own, sum(whole.values()), burden

    base = band(2025, True)[2]
    published = catastrophic.from_incidence(0.31, 0.4 * 0.57, 1.1)
    paid = 0.0
    for old in (False, True):
        own, cost, burden = band(when, old)
        moved = published.moved(burden / base)
        paid += own * float(catastrophic.compensated_share(moved, 0.4, 1 - own / cost, 0.8))
    return paid


def test_the_old_have_the_published_incidence_in_the_year_of_calibration(county: xr.Dataset) -> None:
    old = county.assign(insured=county["insured"].where(county["age"] >= 60, 0.0))
    chosen = rules(catastrophic__threshold=0.4 * 0.57)
    ready = medical.prepared(old, chosen)
    np.testing.assert_allclose(ready["catastrophic_before"].sel(year=2025), 0.31)


def test_health_management_costs_80_yuan_a_head_at_once_and_spares_stays_later(county: xr.Dataset) -> None:
    before, after, *_ = compared(county, health_management__coverage=1.0)
    people = county["insured"] * county["chronic_prevalence"].where(county["age"] < 65, 1.0)
    heads = people.sum(["sex", "age"])
    assert (after["health_management"].sel(year=slice(None, 2026)) == 0).all()
    np.testing.assert_allclose(after["health_management"].sel(year=2030), (80 * 1.02**4 * heads).sel(year=2030))
    np.testing.assert_allclose(after["health_management"].sel(year=2027), (80 * 1.02 * heads / 3).sel(year=2027))
    assert (after["chronic_care"] > before["chronic_care"]).sel(year=slice(2027, None)).all()
    same = slice(None, 2029)
    np.testing.assert_allclose(after["inpatient_care"].sel(year=same), before["inpatient_care"].sel(year=same))
    assert (after["inpatient_care"] < before["inpatient_care"]).sel(year=slice(2030, None)).all()


def test_outgo_falls_with_stays_avoided_and_rises_where_early_finding_leads_to_more(county: xr.Dataset) -> None:
    values = (-0.1, 0.0, 0.1, 0.3)
    range_of = medical.sensitivity(
        county, rules(health_management__coverage=1.0), "health_management.stays_avoided", values
    )
    assert range_of["value"].values.tolist() == list(values)
    later = range_of.sel(year=slice(2030, None))
    assert (later.diff("value") < 0).all()
    assert (range_of.sel(year=slice(None, 2029)).diff("value") == 0).all()


def test_removed_double_enrolment_takes_income_and_hardly_any_use(county: xr.Dataset) -> None:
    share = {"enrolment__duplicate_share": 0.05}
    before, after, *_ = compared(county, **share, enrolment__duplicates_removed=1.0)
    later = {"year": slice(2027, None)}
    heads = (after["insured_mid_year"] / before["insured_mid_year"]).sel(later)
    np.testing.assert_allclose(heads, 0.95)
    np.testing.assert_allclose((after["fiscal_transfer"] / before["fiscal_transfer"]).sel(later), 0.95)
    use = 0.95 / (0.95 + 0.05 * 0.1)
    np.testing.assert_allclose((after["outpatient_care"] / before["outpatient_care"]).sel(later), use)
    assert (income(before) - income(after) > outgo(before) - outgo(after)).sel(later).all()


def test_a_cap_on_the_members_share_moves_money_from_members_to_budgets(county: xr.Dataset) -> None:
    before, after, told, retold = compared(county, financing__member_share_cap=0.25)
    later = {"year": slice(2027, None)}
    np.testing.assert_allclose(retold["member_share"].sel(later), 0.25)
    assert (told["member_share"] > 0.25).all()
    both = ("contributions", "fiscal_transfer")
    per_head = [sum(ready[n] for n in both) / ready["insured_mid_year"] for ready in (before, after)]
    np.testing.assert_allclose(*per_head)
    assert (after["fiscal_transfer"] > before["fiscal_transfer"]).sel(later).all()
    # Cheaper for members, more of them enrol.
    assert (after["insured_mid_year"] > before["insured_mid_year"]).sel(later).all()


def test_enrolment_answers_to_the_contribution_by_its_logit_and_the_healthy_leave(county: xr.Dataset) -> None:
    before, after, *_ = compared(county, financing__contribution_per_head=600.0)
    rate, response = county["enrolment_rate"], county["enrolment_response"]
    odds = rate / (1 - rate) * np.exp(-response * np.log(1.5))
    stay = odds / (1 + odds) / rate
    np.testing.assert_allclose(after["insured_mid_year"] / before["insured_mid_year"], stay)
    np.testing.assert_allclose(after["outpatient_care"] / before["outpatient_care"], 1 - (1 - stay) / 2)


def test_a_larger_share_inside_the_county_makes_stays_cheaper(county: xr.Dataset) -> None:
    before, after, *_ = compared(county, county__inside_share=0.9)
    ratio = (after["inpatient_cost_total"] / before["inpatient_cost_total"]).sel(year=slice(2031, None))
    # A seventh of all stays move, each at two thirds of its cost outside.
    np.testing.assert_allclose(ratio, 1 - 0.15 * 2.3 * (1 - 0.66) / (0.75 + 0.25 * 2.3))
    assert (outgo(after) < outgo(before)).sel(year=slice(2027, None)).all()


def test_a_higher_critical_illness_premium_costs_what_it_adds(county: xr.Dataset) -> None:
    before, after, *_ = compared(county, provisions__premium_per_head=120.0)
    more = (outgo(after) - outgo(before)).sel(year=slice(2027, None))
    np.testing.assert_allclose(more, before["critical_illness_premium"].sel(year=more["year"]) * 30 / 90)
    assert (outgo(after) == outgo(before)).sel(year=slice(None, 2026)).all()


def test_stays_that_move_out_and_in_again_cost_what_they_did(county: xr.Dataset) -> None:
    years = county["year"]
    out_of = county_multiple(years, medical.County(inside_share=0.65, phase_years=1)).sel(year=2030)
    today = 0.75 + 0.25 * 2.3
    # The mean after they moved out, of which a stay costs 1 / 0.66 of what it cost inside.
    assert float(out_of) == pytest.approx((today + 0.1 * (1 / 0.66 - 1)) / today)
    assert float(county_multiple(years, medical.County()).max()) == 1.0


def test_the_equipment_plan_buys_keeps_and_renews_its_scanners(county: xr.Dataset) -> None:
    chosen = rules(equipment__coverage=0.6, equipment__budget_share=0.25)
    ready = medical.prepared(county, chosen)
    real = ready["equipment"] / (2.5e6 * 1.02 ** (YEARS - 2026.0))
    all_of_them = 0.45 * 33753
    third = all_of_them / 3
    np.testing.assert_allclose(real.sel(year=[2026, 2027]), [0.0, third])
    np.testing.assert_allclose(real.sel(year=[2028, 2029]), [third * 1.1, third * 1.2])
    np.testing.assert_allclose(real.sel(year=[2030, 2036, 2040, 2050]), 0.1 * all_of_them)
    np.testing.assert_allclose(real.sel(year=[2037, 2039, 2047]), third + 0.1 * all_of_them)
    np.testing.assert_allclose(ready["equipment_grant"], 0.25 * ready["equipment"])


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12))
def test_every_scanner_is_bought_once_in_each_life(years: int, life: int) -> None:
    rule = medical.Equipment(coverage=1.0, running_share=0.0, price=1.0, years=years, life_years=life)
    flat = xr.DataArray(np.ones(60), {"year": np.arange(2026, 2086)}, ("year",))
    bought = equipment(flat, rule, 2026).sel(year=slice(2027, 2027 + years - 1 + 3 * life))
    # From the end of the plan on, any stretch of one life holds each scanner once.
    later = bought.isel(year=slice(years, years + 2 * life)).sum()
    assert float(later) == pytest.approx(2 * 0.85 * 33753)


# --- caps and weights


def test_the_subsidy_never_grows_faster_than_its_cap(county: xr.Dataset) -> None:
    before, after, *_ = compared(county, financing__subsidy_growth_cap=0.03)
    a_head = after["fiscal_transfer"] / after["insured_mid_year"]
    growth = (a_head / a_head.shift(year=1)).sel(year=slice(2027, None)) - 1
    np.testing.assert_allclose(growth, 0.03)
    assert (after["fiscal_transfer"] < before["fiscal_transfer"]).sel(year=slice(2027, None)).all()
    assert (after["fiscal_transfer"] == before["fiscal_transfer"]).sel(year=slice(None, 2026)).all()


def test_the_subsidy_never_takes_more_of_the_budget_than_its_cap(county: xr.Dataset) -> None:
    _, _, told, retold = compared(county, financing__subsidy_budget_cap=0.02)
    assert (told["fiscal_transfer_share"] > 0.02).sel(year=2027).all()
    assert (retold["fiscal_transfer_share"] <= 0.02 + 1e-12).sel(year=slice(2027, None)).all()


@pytest.mark.parametrize("who", ["contribution", "subsidy"])
def test_growth_per_head_is_the_weighted_growth_of_income_prices_and_cost(county: xr.Dataset, who: str) -> None:
    weights = {"income": 0.3, "price": 0.4, "cost": 0.5}
    # Nobody answers to the contribution here, so that heads stay.
    still = county.assign(enrolment_response=0.0 * county["enrolment_response"])
    ready = medical.prepared(still, rules(**{f"financing__{who}_{k}_weight": w for k, w in weights.items()}))
    flow = ready["contributions" if who == "contribution" else "fiscal_transfer"]
    a_head = flow / ready["insured_mid_year"]
    paths = {
        "income": county["rural_income"],
        "price": county["price_index"],
        "cost": ready["medical_cost"] / ready["insured_mid_year"],
    }
    expected = sum(w * (paths[k] / paths[k].shift(year=1) - 1) for k, w in weights.items())
    later = {"year": slice(2027, None)}
    np.testing.assert_allclose((a_head / a_head.shift(year=1) - 1).sel(later), expected.sel(later))


# --- properties


@settings(max_examples=10, deadline=None)
@given(
    st.floats(0.3, 0.95),
    st.floats(0.3, 0.95),
    st.floats(0.0, 1.0),
    st.floats(0.3, 0.95),
    st.floats(0.0, 1.0),
    st.floats(200.0, 1500.0),
)
def test_no_flow_is_negative_and_nobody_is_paid_more_than_the_cost(
    inpatient: float, chronic: float, coverage: float, floor: float, inside: float, contribution: float
) -> None:
    chosen = rules(
        reimbursement__inpatient=inpatient,
        reimbursement__chronic=chronic,
        health_management__coverage=coverage,
        catastrophic__floor=floor,
        county__inside_share=inside,
        financing__contribution_per_head=contribution,
    )
    ready = medical.prepared(one_draw(), chosen)
    for name in (*OUTGO, *INCOME):
        assert (ready[name] >= 0).all(), name
    assert (ready["care_paid"] + ready["second_compensation"] <= ready["medical_cost"] * (1 + 1e-12)).all()


@settings(max_examples=6, deadline=None)
@given(st.floats(0.3, 0.9), st.floats(0.01, 0.09))
def test_more_reimbursement_never_costs_the_fund_less(county_share: float, more: float) -> None:
    low, high = (
        medical.prepared(one_draw(), rules(reimbursement__inpatient=share, reimbursement__phase_years=1))
        for share in (county_share, min(county_share + more, 0.95))
    )
    assert (outgo(high) >= outgo(low)).all()
