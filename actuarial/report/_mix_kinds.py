"""The files behind the chapter on the financing mix: what the report reads of each, and what each was computed from."""

from __future__ import annotations

_BY_FUND = ("scenario", "fund")
_SOME = "some"
_PAIRED = ("scenario", "quantity", "at")
_WORTH = ("fund", "statistic", "measure")
_BORN = ("scenario", _SOME, "born")
_ZONE = ("scenario", "fund", "zone", _SOME, "year")
_STRESS = ("shock", "scenario", "fund", "at")

SHAPES: dict[str, dict[str, tuple[str, ...]]] = {
    "payers": {
        "paid": (*_BY_FUND, "payer", _SOME, "year"),
        "paid_mean": (*_BY_FUND, "payer", "year"),
        "present_share": (*_BY_FUND, "payer", _SOME),
    },
    "paired": {
        "difference": (*_PAIRED, "quantile"),
        **dict.fromkeys(
            ("mean_difference", "standard_error", "variance_ratio", "wins", "wins_low", "wins_high"), _PAIRED
        ),
        "empty_difference": (*_BY_FUND, "at"),
        "empty_error": (*_BY_FUND, "at"),
        "depletion_wins": _BY_FUND,
    },
    "attribution": {
        **dict.fromkeys(("alone", "marginal", "shapley", "order_error", "draw_error"), _WORTH),
        "package": ("fund", "statistic"),
        "interaction": (*_WORTH, "other"),
    },
    "generations": {"transfer_in_income": _BORN, "transfer_per_member": _BORN},
    "zones": dict.fromkeys(("benefit_per_head", "transfer_per_head", "central_share"), _ZONE),
    "frontier": {
        "mix": ("target", "lever"),
        **dict.fromkeys(("cost", "reached", "reached_error", "feasible"), ("target",)),
        **dict.fromkeys(("binding", "shadow_price"), ("target", "constraint")),
        **dict.fromkeys(("low", "high"), ("lever",)),
    },
    "breakeven": dict.fromkeys(
        ("value", "low", "high", "standard_error", "within", "monotone", "at_low", "at_high", "present"), ("lever",)
    ),
    "stress": {"empty": _STRESS, "empty_error": _STRESS, "need": _STRESS},
}
"""What the report reads of each netCDF file: variables and their dimensions."""

_FUNDS = ("account", "medical", "unemployment", "time_bank", "care_plan")

PARENTS: dict[str, tuple[str, ...]] = {
    "payers": _FUNDS,
    "paired": ("indicators", *_FUNDS[1:], "household"),
    "attribution": ("projection",),
    "generations": ("account",),
    "zones": ("projection",),
    "frontier": ("projection",),
    "breakeven": ("projection",),
    "stress": ("projection",),
}
"""The files that each netCDF file was computed from."""

ASKED = ("frontier", "breakeven", "stress")
"""Files that a command of their own adds to the folder of a run: read where they are, whatever its manifest names."""
