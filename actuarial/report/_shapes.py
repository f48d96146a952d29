"""What the report reads of each file of a run: variables, their dimensions, and which file was made from which."""

from __future__ import annotations

from actuarial.report import _mix_kinds, _sensitivity_kinds, _variance_kinds

INCOME = (
    "fiscal_transfer",
    "land_withdrawal",
    "collective_pool",
    "donations",
    "platform",
    "other_income",
    "contributions",
    "collective_accounts",
    "portability_in",
    "interest",
)
"""What enters the fund from outside, interest included; the match moves inside the fund and is not counted."""

OUTGO = ("basic_pension", "longevity_tail", "funeral_grant", "account_pension", "inheritance", "portability_out")
"""What leaves the fund."""

STOCKS = ("pool_balance", "accounts_balance", "balance")

BY_YEAR = (
    "income_rate",
    "cost_rate",
    "annual_balance",
    "reserve_ratio",
    "pool_reserve_ratio",
    "payable_share",
    "fiscal_transfer_share",
    "fiscal_need_share",
    "replacement_rate",
    "member_share",
)
"""Indicators of every scenario, draw and year."""

FIRST_YEARS = ("pool_depletion_year", "fund_depletion_year", "pool_first_negative", "fund_first_negative")
"""First years of every scenario and draw; NaN where it does not happen within the horizon."""

BACKCAST = ("participants", "pensioners", "fund_income", "fund_expenditure", "fund_balance")

_MONEY = ("scenario", "draw", "year")
_PATH = ("draw", "year")

SHAPES: dict[str, dict[str, tuple[str, ...]]] = {
    "projection": {
        "population_5y": ("draw", "area", "sex", "age", "year"),
        "tfr": _PATH,
        "e0_national": ("draw", "sex", "year"),
        "contributors_total": _PATH,
        "pensioners_total": _PATH,
        "system_ratio": _PATH,
        "old_age_ratio_60": ("draw", "place", "year"),
        "price_index": _PATH,
    },
    "account": dict.fromkeys((*INCOME, *OUTGO, *STOCKS, "match", "lending", "shortfall"), _MONEY),
    "indicators": {
        **dict.fromkeys((*BY_YEAR, "pool_empty", "fund_empty"), _MONEY),
        **dict.fromkeys(FIRST_YEARS, ("scenario", "draw")),
        "actuarial_balance": ("scenario", "draw", "horizon"),
    },
    "members": {
        "accounts_by_age": ("scenario", "draw", "sex", "age", "at"),
        "paid_years": _MONEY,
        "tier_share": ("scenario", "draw", "tier", "year"),
    },
    "backcast": {**dict.fromkeys(BACKCAST, _PATH), **{f"observed_{name}": ("year",) for name in BACKCAST}},
}
"""What the report reads of each netCDF file: variables and their dimensions (``draw`` may be absent)."""

_CARRIED = dict.fromkeys(("income", "expenditure", "interest", "balance", "shortfall"), _MONEY)
_EMPTY = {"fund_empty": _MONEY, "fund_depletion_year": ("scenario", "draw")}
_POOLED = (
    *("people_depleted", "paid_share", "transfer_volume"),
    *("theil_paid", "gini_paid", "highest_over_lowest"),
)
_PAST = ("enrolled", "stays", "visits", "stay_cost", "visit_cost", "chronic", "spent")

SHAPES |= {
    "medical": {
        **_CARRIED,
        **_EMPTY,
        **dict.fromkeys(("contributions", "fiscal_transfer", "months_of_reserve", "actual_reimbursement"), _MONEY),
        "actuarial_balance": ("scenario", "draw", "horizon"),
    },
    "unemployment": {**_CARRIED, **_EMPTY, **dict.fromkeys(("members", "emergency_called", "reserve_ratio"), _MONEY)},
    "time_bank": {
        **_CARRIED,
        **dict.fromkeys(("hours_owed", "hours_redeemed", "hours_bought"), _MONEY),
        "buying_year": ("scenario", "draw"),
    },
    "care_plan": {
        **_CARRIED,
        **dict.fromkeys(("plan_cost_share", "funding_gap_share", "beds_per_thousand", "village_cover"), _MONEY),
        "short_year": ("scenario", "draw"),
    },
    "household": {
        **dict.fromkeys(("joint_probability", "chance_probability"), ("scenario", "year")),
        "short_probability": ("scenario", "fund", "year"),
        "need_share": _MONEY,
        "need_of_fund": ("scenario", "fund", "draw", "year"),
    },
    "medical_backcast": {**dict.fromkeys(_PAST, _PATH), **{f"observed_{name}": ("year",) for name in _PAST}},
    "pooling": {
        **dict.fromkeys(_POOLED, ("fund", "scenario", "level", "draw", "year")),
        "depletion_probability": ("fund", "scenario", "level", "region", "year"),
        "transfer": ("fund", "scenario", "level", "quantile", "region", "year"),
        "central_share": ("fund", "scenario", "region", "year"),
    },
    **_mix_kinds.SHAPES,
    **_variance_kinds.SHAPES,
    **_sensitivity_kinds.SHAPES,
}

PARENTS: dict[str, tuple[str, ...]] = {
    "projection": (),
    "account": ("projection",),
    "indicators": ("projection", "account"),
    "members": ("projection",),
    "backcast": (),
    "medical": ("projection",),
    "unemployment": ("projection",),
    "time_bank": ("projection",),
    "care_plan": ("projection",),
    "household": ("account", "medical", "unemployment", "time_bank", "care_plan"),
    "medical_backcast": (),
    "pooling": ("projection",),
    **_mix_kinds.PARENTS,
    **_variance_kinds.PARENTS,
    **_sensitivity_kinds.PARENTS,
}
"""The files that each netCDF file was computed from; all rest on the posteriors."""


OTHERS = (
    *("medical", "unemployment", "time_bank", "care_plan", "household", "medical_backcast", "pooling"),
    *_mix_kinds.SHAPES,
    *_variance_kinds.SHAPES,
    *_sensitivity_kinds.SHAPES,
)
"""Files of schemes besides the pension, of all schemes together, of regions, and of mixes of money: as far as the run
file asks."""

NOT_ALWAYS = {"backcast": True, "members": False, **dict.fromkeys(OTHERS, False)}
"""Files that a run may lack (a region has no backcast, an older run no members), and whether one that does not say
what it left is held to them."""
