"""The file behind the chapter on sensitivity: what the report reads of it, and what it was computed from."""

from __future__ import annotations

_CELL = ("output", "input", "end")
_EACH = ("output", "input")
_SET = ("output", "set")

SHAPES: dict[str, dict[str, tuple[str, ...]]] = {
    "sensitivity": {
        **dict.fromkeys(("base", "base_low", "base_high"), ("output",)),
        **dict.fromkeys(
            ("value", "value_low", "value_high", "difference", "difference_low", "difference_high"), _CELL
        ),
        **dict.fromkeys(
            ("set_value", "set_value_low", "set_value_high", "set_difference", "set_difference_low",
             "set_difference_high"),
            _SET,
        ),
        "distribution": (*_SET, "quantile"),
        **dict.fromkeys(("mu", "mu_star", "mu_star_error", "sigma"), _EACH),
        **dict.fromkeys(("first", "first_error", "total", "total_error"), _EACH),
    }
}  # fmt: skip
"""What the report reads: variables and their dimensions."""

PARENTS: dict[str, tuple[str, ...]] = {"sensitivity": ("projection",)}
"""The files that it was computed from."""

ASKED = ("sensitivity",)
"""Files that a command of their own adds to the folder of a run."""
