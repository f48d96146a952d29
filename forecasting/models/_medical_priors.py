"""What is believed of medical use, its cost and enrolment before the figures are seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

SERIES = ("stays", "stay_cost", "visits", "visit_cost", "chronic")
"""Logs of: stays per insured, cost per stay over income, visits per insured, cost per visit over income, cost of the
chronic programme per insured over income. All at the ages of the last year; income is that of a rural head."""

KNOTS = np.array([0.0, 5.0, 15.0, 25.0, 40.0, 55.0, 70.0, 85.0, 100.0])
"""Ages between which the logs of stays and of their cost run straight."""

COVID_YEARS = (2020, 2021, 2022)
"""Years in which people kept away from hospitals; the measures ended in the first days of 2023."""

DEFINITION_YEAR = 2023
"""From this year the bulletins count outpatient visits in another way."""

Two = tuple[float, float]
Three = tuple[float, float, float]
Five = tuple[float, float, float, float, float]
Nine = tuple[float, float, float, float, float, float, float, float, float]


POSITIVE = frozenset(
    {
        *("age_length", "chronic_multiple", "child_visits", "prevalence_ceiling", "prevalence_middle"),
        *("prevalence_width", "half_life", "shock", "memory", "employee_shock", "enrolment_shock", "persistence"),
        *("counted", "response", "duplicates", "reimbursed_shock", "vaccines"),
    }
)
"""Priors that are a scale, a time, or the median or the shape of what cannot be negative."""


@dataclass(frozen=True)
class Priors:
    """Priors of the model. Rates and growth are logs unless said otherwise.

    Five numbers are of stays per insured, cost per stay over rural income, visits per insured, cost per visit over
    income, and cost of the chronic programme per insured over income; nine are of ages 0, 5, 15, 25, 40, 55, 70, 85
    and 100, between which the line runs straight. No published table gives use by single age and sex: the age
    patterns are judgements with wide errors, which the few published contrasts narrow.

    Attributes
    ----------
    stays_age, stays_age_sd : nine floats, float
        Log stays of men: infants are often admitted, schoolchildren least, then a rise that flattens
        after 80. Retired employees over working ones, published, is in the likelihood.
    stays_women, stays_women_sd : nine floats, float
        Log of women's over men's: births at 20-34, fewer stays in old age.
    stay_cost_age, stay_cost_age_sd : nine floats, float
        Log cost per stay: children's are short and cheap, those of the old are hardly dearer than those of the
        middle-aged. In the employee scheme retired over working is 3.3 for cost a head and 4.0 for stays.
    age_length : float
        Years of age over which the correlation of errors at two knots falls to 1/e.
    chronic_multiple, chronic_multiple_log_sd : float
        Extra visits of a person with a chronic disease, over the visits of one without: three times, 1.4 to 6.
    child_visits, child_visits_log_sd : float
        Extra visits of the newborn over those of a healthy adult; they fade within some years of age.
    women_visits_sd : float
        Women's over men's visits; about one tenth either way.
    prevalence_ceiling : two floats
        Beta (a, b) of the share with a chronic disease that the oldest come near to: 0.6, from 0.38 to 0.8. Survey
        rates of the last groups differ little, so that there is a ceiling; that the model reads the survey itself
        leaves the prior little to say.
    prevalence_middle, prevalence_middle_sd : float
        Age, years, at which half of the ceiling is reached.
    prevalence_width, prevalence_width_log_sd : float
        Years of age over which the log odds of the share over its ceiling rise by one.
    level, level_sd : five floats
        Level in the first year. Wide: the figures decide.
    growth, growth_sd : five floats
        Yearly growth over the years seen, apart from age, COVID and definitions. Use grew before it: hospital stays
        a head from 17.6 to 18.2 % in 2018 (National Health Commission). Cost per stay as income, since prices of
        medicines and payment by case push against it. Outpatient funds and the chronic programme are young.
    anchor, anchor_sd : five floats
        Growth in the far future. Stays stand at 0.21 a head, as high as in Germany and Austria, so that none is
        expected. Prices and intensity exceed income a little: the residual growth of public health spending in
        OECD countries was near 1 % a year and is taken to fade to nothing under cost containment, or to stay
        (de la Maisonneuve and Oliveira Martins 2013, OECD Economics Department Working Paper 1048). A scheme whose
        income is set by the budget has been nearer to the first.
    half_life, half_life_log_sd : float
        Years in which growth comes half way from that seen to its anchor.
    shock, shock_log_sd : five floats, float
        Standard deviation of a year's change apart from growth.
    memory : two floats
        Beta (a, b) of the part of such a change that is left a year later: 0.93, half of it after ten years, from
        five to forty. Contracts, payment rules and referral change within such a time; a walk without return would
        carry stays of a head, in fifty years, to where no country has been.
    coupling_sd : float
        Part of a shock to use that returns in cost per case: lighter cases are cheaper. Around nought.
    covid, covid_sd : float
        Log of use in each COVID year over that without it: one in twelve stayed away, give or take as many.
    covid_visits_log_sd : float
        Effect on visits over that on stays, around one.
    definition, definition_sd : float
        Step of the visits that are counted, from 2023 on. A judgement: bulletins print 22 % more visits in
        2023, of which the end of COVID and growth may be half.
    definition_cost_sd : float
        Step of cost per visit in the same year, around nought.
    employee_ratio, employee_ratio_sd : float
        Long-run logit of employee medical members over the people of the employee pension scheme. They were 0.82 of
        them in 2019 and 0.75 in 2025, as migrants who join the pension stay in the resident medical scheme: 0.75,
        from 0.58 to 0.87.
    employee_shock : float
        Median of the standard deviation of a year's change of this logit.
    enrolment, enrolment_sd : float
        Long-run logit of the share enrolled among those outside the employee scheme, at the contribution of the
        last year: 0.93, from 0.88 to 0.96.
    enrolment_shock : float
        Median of the standard deviation of a year's change of this logit: flight from a contribution that has grown
        fast, and campaigns to enrol, move it more than hand-over moves the other.
    persistence : two floats
        Beta (a, b) of what is left, a year later, of how far either logit is from its line: 0.8, from 0.52 to 0.97.
    shocks_log_sd : float
        Log-sd of both standard deviations of a year's change.
    counted : two floats
        Beta (a, b) of where, between none and all, the part of the rural scheme stands that the counts of use of
        2018 hold: anywhere, the ends least.
    response, response_log_sd : float
        Fall of that logit for a rise of one in the log of contribution over income; at 0.93 enrolled, 1.5 is an
        elasticity of -0.1, and the prior spans -0.03 to -0.25. Households of low income answer to the price of
        subsidised insurance, but little while most of it is paid by others.
    duplicates, duplicates_log_sd : float
        Share counted twice in 2018, gone in 2022, when one national register held all: 0.2 to 2 %, a judgement.
    reimbursed, reimbursed_sd : three floats
        Logit of the share of cost that the fund pays: stays, visits, chronic programme. Published: 59.7 % of
        the cost of stays in 2019, which is in the likelihood. Ordinary visits are paid less, the programme more.
    reimbursed_shock, reimbursed_shock_log_sd : float
        Standard deviation of a year's change of these logits, common to all three.
    vaccines, vaccines_log_sd : float
        Share of expenditure that the fund paid for COVID vaccines in 2021, and half as much in 2022: no cost of
        care in these years. Funds of both schemes paid for three thousand million doses.
    """

    stays_age: Nine = (0.7, -0.2, -1.0, -0.7, -0.3, 0.2, 0.9, 1.2, 1.1)
    stays_age_sd: float = 0.25
    stays_women: Nine = (-0.1, -0.1, 0.0, 0.9, 0.15, 0.0, -0.1, -0.15, -0.15)
    stays_women_sd: float = 0.15
    stay_cost_age: Nine = (-0.5, -0.5, -0.3, -0.2, 0.0, 0.1, 0.1, 0.05, -0.05)
    stay_cost_age_sd: float = 0.15
    age_length: float = 25.0
    chronic_multiple: float = 3.0
    chronic_multiple_log_sd: float = 0.35
    child_visits: float = 1.5
    child_visits_log_sd: float = 0.4
    women_visits_sd: float = 0.1
    prevalence_ceiling: Two = (12.0, 8.0)
    prevalence_middle: float = 50.0
    prevalence_middle_sd: float = 8.0
    prevalence_width: float = 10.0
    prevalence_width_log_sd: float = 0.3
    level: Five = (-1.85, -0.8, 0.5, -5.3, -5.3)
    level_sd: Five = (0.3, 0.3, 0.4, 0.4, 0.4)
    growth: Five = (0.02, 0.0, 0.05, 0.0, 0.06)
    growth_sd: Five = (0.02, 0.03, 0.04, 0.03, 0.04)
    anchor: Five = (0.0, 0.003, 0.003, 0.002, 0.005)
    anchor_sd: Five = (0.003, 0.005, 0.005, 0.005, 0.006)
    half_life: float = 5.0
    half_life_log_sd: float = 0.3
    shock: Five = (0.03, 0.03, 0.05, 0.04, 0.05)
    shock_log_sd: float = 0.4
    memory: Two = (28.0, 2.0)
    coupling_sd: float = 0.4
    covid: float = -0.08
    covid_sd: float = 0.08
    covid_visits_log_sd: float = 0.3
    definition: float = 0.1
    definition_sd: float = 0.1
    definition_cost_sd: float = 0.1
    employee_ratio: float = 1.1
    employee_ratio_sd: float = 0.4
    employee_shock: float = 0.04
    enrolment: float = 2.6
    enrolment_sd: float = 0.3
    enrolment_shock: float = 0.08
    persistence: Two = (8.0, 2.0)
    shocks_log_sd: float = 0.4
    counted: Two = (2.0, 2.0)
    response: float = 1.5
    response_log_sd: float = 0.5
    duplicates: float = 0.006
    duplicates_log_sd: float = 0.6
    reimbursed: Three = (0.3, -0.2, 0.4)
    reimbursed_sd: Three = (0.2, 0.3, 0.3)
    reimbursed_shock: float = 0.06
    reimbursed_shock_log_sd: float = 0.4
    vaccines: float = 0.06
    vaccines_log_sd: float = 0.4

    def __post_init__(self) -> None:
        """List every number that is out of bounds."""
        faults = [
            f"{name!r} is {given}: it must be over 0"
            for name, given in asdict(self).items()
            if (name in POSITIVE or name.endswith("_sd")) and not np.all(np.asarray(given) > 0)
        ]
        if faults:
            raise ValueError("\n".join(faults))


def arrays(priors: Priors) -> dict[str, np.ndarray]:
    """Return the fields of `priors` as arrays, each under ``prior_`` and its name."""
    return {f"prior_{name}": np.asarray(value, dtype=float) for name, value in asdict(priors).items()}
