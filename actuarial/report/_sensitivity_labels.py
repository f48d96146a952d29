"""Where names of points have room in a drawing: by their points, on no other name, no other point and no interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from actuarial.report.figures import INK

WIDTH, HEIGHT = 270.0, 280.0
"""Pixels of the drawing, inside its axes, where it is smallest."""

SIZE = 11
"""Pixels of a letter's height."""

LINE = 14.0
"""Pixels of a line's height."""

AWAY = 7.0
"""Pixels from a point to its name."""

POINT = 4.0
"""Pixels from the middle of a point to its edge."""

THIN = 1.0
"""Pixels from the middle of the line of an interval to its edge."""

NARROW = 0.56
"""Width of a Latin letter over its height; a Chinese one is as wide as high."""

PLACES = tuple((align, side) for align in ("center", "left", "right") for side in (1.0, -1.0))
"""Where a name may stand, the best first: how it lies along x, and above or below its point."""

Box = tuple[float, float, float, float]
"""Left, right, lower and upper edge, pixels."""


def named(
    points: np.ndarray, ends: np.ndarray, names: Sequence[str], reach: float, order: Sequence[int]
) -> list[dict[str, Any]]:
    """Return plotly's annotations that name points, as many as have room.

    Parameters
    ----------
    points : numpy.ndarray, shape (points, 2)
        From 0 to `reach` on both axes.
    ends : numpy.ndarray, shape (points, 2)
        Of the interval of each point along x.
    names : sequence of str
    reach : float
        End of both axes.
    order : sequence of int
        Places of the points to be named; who comes first chooses first. A name without room is left out.

    Returns
    -------
    list of dict
    """
    at = points / reach * np.array([WIDTH, HEIGHT])
    lines = ends / reach * WIDTH
    taken: list[Box] = [(x - POINT, x + POINT, y - POINT, y + POINT) for x, y in at]
    taken += [(low, high, y - THIN, y + THIN) for (low, high), (_, y) in zip(lines, at, strict=True)]
    made = []
    for n in order:
        for align, side in PLACES:
            box = _box(at[n], names[n], align, side)
            if _inside(box) and not any(_meets(box, other) for other in taken):
                taken.append(box)
                made.append(_annotation(points[n], names[n], align, side))
                break
    return made


def _box(at: np.ndarray, name: str, align: str, side: float) -> Box:
    width = SIZE * sum(NARROW if letter.isascii() else 1.0 for letter in name) + 2.0
    left = at[0] + {"center": -0.5 * width, "left": -POINT, "right": -width + POINT}[align]
    middle = at[1] + side * (AWAY + 0.5 * LINE)
    return (left, left + width, middle - 0.5 * LINE, middle + 0.5 * LINE)


def _inside(box: Box) -> bool:
    return box[0] >= 0.0 and box[1] <= WIDTH and box[2] >= 0.0 and box[3] <= HEIGHT


def _meets(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def _annotation(at: np.ndarray, name: str, align: str, side: float) -> dict[str, Any]:
    along = {"center": 0.0, "left": -POINT, "right": POINT}[align]
    return {
        "x": float(f"{at[0]:.4g}"), "y": float(f"{at[1]:.4g}"), "text": name, "showarrow": False,
        "xanchor": align, "yanchor": "middle", "xshift": along, "yshift": side * (AWAY + 0.5 * LINE),
        "font": {"size": SIZE, "color": INK}, "borderpad": 0,
    }  # fmt: skip
