"""The file of the split variance: what the report reads of it, and what it was computed from."""

from __future__ import annotations

_EFFECT = ("output", "group")

EFFECTS = ("shapley", "first_order", "total", "frozen")
"""Effects of a group on a quantity, each with its standard error."""

SHAPES: dict[str, dict[str, tuple[str, ...]]] = {
    "variance": {
        **{f"{name}{end}": _EFFECT for name in EFFECTS for end in ("", "_error")},
        "enters": _EFFECT,
        **dict.fromkeys(("mean", "deviation", "lasting"), ("output",)),
    }
}
"""Variables of the file and their dimensions."""

PARENTS: dict[str, tuple[str, ...]] = {"variance": ("projection",)}

ASKED = ("variance",)
"""Files that a command of their own adds to the folder of a run."""
