"""The pages of definitions: names, units and meanings of all saved variables, from the tables that the code has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from actuarial import (
    _fiscal_levels,
    _medical_past,
    _sensitivity_outputs,
    _stress_run,
    _variance_outputs,
    _variance_run,
    adequacy,
    balancing,
    benefit,
    burden,
    careplan,
    comparison,
    decomposition,
    frontier,
    fund,
    funding,
    generations,
    household,
    joint,
    liabilities,
    medical,
    paired,
    participation,
    payers,
    pension,
    pooling,
    reconciliation,
    regional,
    sensitivity,
    solvency,
    timebank,
    unemployment,
    zones,
)
from actuarial._breakeven_run import BREAKEVEN
from actuarial._careplan_money import INCOME as CARE_INCOME
from actuarial._careplan_money import OUTGO as CARE_OUTGO
from actuarial._timebank_measures import LIABILITY
from actuarial._timebank_money import MONEY as BANK_MONEY
from actuarial.flow import Flow
from actuarial.report._variables import _UNTOLD
from actuarial.report._workbook_words import key_of
from actuarial.report.texts import catalogue
from forecasting.axes import LABOUR, MEDICAL, VARIABLES

About = Mapping[str, tuple[str, str]]

WORKING = "dependants per person of working age"
OWN_UNIT = "that of what it tells of"
"""Unit where the code leaves it open: that of the lever, of the output or of what is compared."""


class Told(NamedTuple):
    """One saved variable: its unit, its meaning and the public module whose page says how it is computed."""

    unit: str
    meaning: str
    module: str


def _yuan(meanings: Mapping[str, str]) -> About:
    return {name: ("yuan", meaning) for name, meaning in meanings.items()}


def _without(about: About, left_out: Iterable[str]) -> About:
    return {name: one for name, one in about.items() if name not in set(left_out)}


def _flows(flows: Iterable[Flow]) -> About:
    return {flow.name: ("yuan", flow.meaning) for flow in flows}


_ACCOUNT = {name: (unit, meaning) for name, (unit, meaning, *_) in fund.VARIABLES.items()} | _yuan(fund._OPENING)
# What an account says of two ledgers is left out where a fund has one.
_ONE_LEDGER = {name: about for name, about in _ACCOUNT.items() if name not in household.ONE_POOL}

_BY_AGE = (
    *("population", "contributors", "pensioners", "pensioner_mortality", "contribution_per_head", "insured"),
    *("enrolment_response", "inpatient_age", "inpatient_cost_age", "outpatient_age", "chronic_prevalence"),
)
"""Variables of a Projection that no file keeps: most go by single age, and are large."""
_PEOPLE = {name: (one.unit, one.meaning) for name, one in (VARIABLES | MEDICAL | LABOUR).items()}
_MONTHS = ("monthly_net",)

_DEPENDENCY = {
    "youth_ratio": (WORKING, "People aged 0-14 per person aged 15-59"),
    "old_age_ratio_60": (WORKING, "People aged 60 and over per person aged 15-59"),
    "old_age_ratio_65": (WORKING, "People aged 65 and over per person aged 15-64"),
    "total_ratio": (WORKING, "People aged 0-14 or 60 and over per person aged 15-59"),
}
_PUBLISHED = dict.fromkeys(
    ("published_urban_unemployment", "published_migrant_unemployment"),
    ("share", "Surveyed unemployment rate of the month, as printed"),
)
_PER_HEAD = "yuan per contributor and year"
_TIERS = {
    "tier_share": ("share", "Contributors whose regular contribution is of this tier"),
    "regular_contribution": (_PER_HEAD, "Contribution without back payment"),
    "match_per_head": (_PER_HEAD, "Government match"),
}
_OWED = {"accounts_by_age": ("yuan", "Owed to members at 31 December of the year `at`, by age at its mid-year")}
_PAST = {
    "participants": ("persons", "Members at 31 December, contributors and pensioners"),
    "pensioners": ("persons", "People who draw the basic pension"),
    "fund_income": ("yuan", "Income of the fund, interest included"),
    "fund_expenditure": ("yuan", "Scheduled expenditure of the fund"),
    "fund_balance": ("yuan", "All assets of the fund at 31 December"),
}
_BASE = {
    "base": ("", "Statistic of the output with every input at its central value"),
    **dict.fromkeys(("base_low", "base_high"), ("", "End of its 95 per cent interval from the number of draws")),
    "variance": ("square of the output's unit", "Variance of the output over the sample of the indices"),
}
_NEED_OF_FUND = {
    "need_of_fund": ("share of budget revenue", "Fiscal need of each fund over general public budget revenue")
}
_CASES = {f"case_{name}": (timebank.HOURS | timebank.INDICATORS)[name] for name in ("hours_owed", "buying_year")}
_UNTOLD_MEMBERS = {name: _UNTOLD[name] for name in ("paid_years", "required_years")}


def _observed(about: About) -> About:
    return {f"observed_{name}": (unit, f"{meaning}, as published") for name, (unit, meaning) in about.items()}


FILES: Mapping[str, tuple[tuple[str, About], ...]] = {
    "account": (
        ("pension", _flows(pension.standard_fund(2025, 0.0).flows)),
        ("fund", _ACCOUNT),
        ("benefit", _yuan(benefit.PARTS)),
        ("financing", _yuan(_fiscal_levels.LEVELS)),
    ),
    "indicators": (
        ("solvency", solvency.YEARLY),
        ("adequacy", adequacy.INDICATORS),
        ("funding", funding.INDICATORS),
        ("liabilities", liabilities.INDICATORS),
        ("balancing", balancing.INDICATORS),
        ("participation", participation.INDICATORS),
        ("decomposition", decomposition.INDICATORS),
    ),
    "members": (("pension", _OWED), ("eligibility", _UNTOLD_MEMBERS), ("tiers", _TIERS)),
    "medical": (
        ("medical", _flows((*medical.INCOME, *medical.OUTGO))),
        ("fund", _ONE_LEDGER),
        ("medical", medical.MEMOS),
        ("medical", medical.INDICATORS),
    ),
    "unemployment": (
        ("unemployment", _flows((*unemployment.INCOME, *unemployment.OUTGO))),
        ("fund", _ONE_LEDGER),
        ("unemployment", _without(unemployment.MEMO, _MONTHS)),
        ("unemployment", unemployment.INDICATORS),
    ),
    "time_bank": (
        ("timebank", _yuan(BANK_MONEY)),
        ("fund", _ONE_LEDGER),
        ("timebank", timebank.HOURS),
        ("timebank", timebank.INDICATORS),
        ("household", _CASES),
    ),
    "care_plan": (
        ("careplan", _yuan(CARE_INCOME | CARE_OUTGO)),
        ("fund", _ONE_LEDGER),
        ("careplan", careplan.CAPACITY),
        ("careplan", careplan.INDICATORS),
    ),
    "household": (("joint", joint.SHORTAGE), ("joint", joint.NEED), ("household", _NEED_OF_FUND)),
    "projection": (
        ("forecasting.axes", _without(_PEOPLE, _BY_AGE)),
        ("forecasting.projection", _without(_UNTOLD, _UNTOLD_MEMBERS)),
        ("forecasting.dependency", _DEPENDENCY),
        ("forecasting.models.unemployment", _PUBLISHED),
    ),
    "payers": (("payers", payers.ABOUT),),
    "generations": (("generations", generations.GROUPED),),
    "zones": (("zones", zones.ABOUT), ("zones", zones.RATIOS)),
    "pooling": (("pooling", pooling.MEASURES), ("regional", regional.ABOUT)),
    "paired": (("comparison", comparison.COMPARED), ("comparison", comparison.RAN_DRY)),
    "attribution": (("paired", paired.ATTRIBUTED),),
    "frontier": (("frontier", frontier.FRONTIER), ("frontier", frontier.CHOICES)),
    "breakeven": (("breakeven", BREAKEVEN),),
    "stress": (("stress", _stress_run.STRESS), ("stress", _stress_run.REVERSE)),
    "sensitivity": (
        ("sensitivity", sensitivity.TORNADO),
        ("sensitivity", _BASE),
        ("sensitivity", sensitivity.SCENARIOS),
        ("sensitivity", sensitivity.MORRIS),
        ("sensitivity", sensitivity.SOBOL),
    ),
    "variance": (("variance", _variance_run.VARIANCE),),
    "backcast": (("valuation", _PAST), ("valuation", _observed(_PAST))),
    "medical_backcast": (("medical", _medical_past.VARIABLES), ("medical", _observed(_medical_past.VARIABLES))),
}
"""By saved file: the tables of its variables, each with the module that computes them."""

BESIDE: Mapping[str, tuple[str, str, About]] = {
    "Terms of the cost of a mix": ("actuarial.frontier", "Labels of the axis `term` of `frontier.nc`.", frontier.TERMS),
    "Outputs of the sensitivity": (
        "actuarial.sensitivity",
        "Labels of the axis `output` of `sensitivity.nc`.",
        _sensitivity_outputs.OUTPUTS,
    ),
    "Quantities of the variance split": (
        "actuarial.variance",
        "Labels of the axis `output` of `variance.nc`, each after the name of its fund.",
        _variance_outputs.ABOUT,
    ),
    "Reconciliation": (
        "actuarial.reconciliation",
        "Variables of `reconciliation.nc`, which `granary compare` writes.",
        reconciliation.RECONCILIATION,
    ),
    "Burdens": ("actuarial.burden", "Statistics of `attribution.nc`; `actuarial.burden.burdens`.", burden.BURDENS),
    "Life of a cohort": ("actuarial.generations", "`actuarial.generations.lifetime`, in Python.", generations.LIFETIME),
    "Flows of cohorts": (
        "actuarial.generations",
        "`actuarial.generations.cohort_flows`, in Python.",
        generations._FLOWS,
    ),
    "Terms of contributing": (
        "actuarial.participation",
        "`actuarial.participation.terms`, in Python.",
        participation.TERMS,
    ),
    "Worth of the hours owed": ("actuarial.timebank", "`actuarial.timebank.liability`, in Python.", LIABILITY),
    "Months of the unemployment fund": (
        "actuarial.unemployment",
        "`actuarial.unemployment.with_members`, in Python.",
        {name: unemployment.MEMO[name] for name in _MONTHS},
    ),
    "People by age, and patterns of care": (
        "forecasting.axes",
        "`forecasting.projection.forecast` and `for_schemes`, in Python.",
        {name: _PEOPLE[name] for name in _BY_AGE},
    ),
    "Hours by cohort": ("actuarial.timebank", "`actuarial.timebank.hours_by_cohort`, in Python.", timebank.COHORTS),
}
"""What is told under names of its own outside the variables of files: where it stands, and its table."""


@cache
def told() -> dict[str, dict[str, Told]]:
    """Return every variable of every saved file, by file and key; what stands in two tables counts as in the last."""
    return {
        kind: {
            name: Told(unit or OWN_UNIT, meaning, module if "." in module else f"actuarial.{module}")
            for module, about in tables
            for name, (unit, meaning) in about.items()
        }
        for kind, tables in FILES.items()
    }


def names(kind: str, name: str) -> tuple[str, str]:
    """Return the English and the Chinese name of a variable, as the report's catalogue has them."""
    words = catalogue()
    if name.startswith("observed_"):
        whole = words["workbook.variable.observed"]
        english, chinese = names(kind, name.removeprefix("observed_"))
        return whole["en"].format(name=english), whole["zh"].format(name=chinese)
    found = words.get(key_of(name, kind), {})
    return found.get("en", ""), found.get("zh", "")


HEAD = "| name | 中文 | key | unit | meaning |\n|---|---|---|---|---|"


def row(kind: str, name: str, about: Told) -> str:
    """Return the line of a variable in a table with :data:`HEAD`."""
    english, chinese = names(kind, name)
    return f"| {english} | {chinese} | `{name}` | {about.unit} | {about.meaning} |".replace("|  |", "| |")


def variables() -> Iterator[str]:
    """Yield every variable of every saved file, then what is told beside them."""
    for kind, every in told().items():
        yield f"## {kind}.nc\n"
        for module in dict.fromkeys(one.module for one in every.values()):
            yield f"Computed by {{py:mod}}`{module}`:\n\n{HEAD}"
            yield from (row(kind, name, one) for name, one in every.items() if one.module == module)
            yield ""
    for head, (module, where, about) in BESIDE.items():
        yield f"## {head}\n\n{where} Computed by {{py:mod}}`{module}`.\n\n| key | unit | meaning |\n|---|---|---|"
        yield from (f"| `{name}` | {unit or OWN_UNIT} | {meaning} |" for name, (unit, meaning) in about.items())
        yield ""


MARK = re.compile(r"^<!-- defines (\w+): ([\w, ]+) -->$", re.MULTILINE)
"""Where the page of definitions wants the table of some variables of a saved file."""


def defined(page: str) -> list[tuple[str, str]]:
    """Return what a page defines, as pairs of file and variable."""
    return [(kind, name) for kind, every in MARK.findall(page) for name in every.split(", ")]


def filled(page: str) -> str:
    """Put the tables of variables into a page.

    Raises
    ------
    KeyError
        If the page names a file or a variable that there is not.
    """
    return MARK.sub(lambda mark: _table(mark[1], mark[2].split(", ")), page)


def _table(kind: str, wanted: list[str]) -> str:
    every = told()[kind]
    modules = dict.fromkeys(every[name].module for name in wanted)
    computed = " and ".join(f"{{py:mod}}`{module}`" for module in modules)
    lines = [HEAD, *(row(kind, name, every[name]) for name in wanted)]
    return "\n".join(lines) + f"\n\nIn `{kind}.nc`; computed by {computed}.\n"
