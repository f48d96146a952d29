"""Names of points stand by their points and on nothing else; one without room is left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from actuarial.report._sensitivity_labels import AWAY, HEIGHT, LINE, NARROW, SIZE, WIDTH, named


def room(one: dict[str, Any]) -> tuple[float, float, float, float]:
    """Return left, right, lower and upper edge of a name, worked out from what plotly is told."""
    width = SIZE * sum(NARROW if letter.isascii() else 1.0 for letter in one["text"])
    x, y = one["x"] * WIDTH + one["xshift"], one["y"] * HEIGHT + one["yshift"]
    left = x - {"center": 0.5, "left": 0.0, "right": 1.0}[one["xanchor"]] * width
    return left, left + width, y - 0.5 * LINE, y + 0.5 * LINE


@pytest.mark.parametrize("seed", range(8))
def test_no_name_is_on_another_or_on_a_point_or_its_interval_or_outside(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(0.02, 0.98, (14, 2))
    ends = points[:, :1] + rng.uniform(0.0, 0.2, (14, 1)) * np.array([-1.0, 1.0])
    names = [f"A longer name {n}" if n % 2 else f"土地出让收入{n}" for n in range(14)]
    made = named(points, ends, names, 1.0, range(14))
    boxes = [room(one) for one in made]
    for n, (left, right, low, high) in enumerate(boxes):
        assert left >= -1 and right <= WIDTH + 1 and low >= 0 and high <= HEIGHT
        for other in boxes[:n]:
            assert left >= other[1] - 1 or other[0] >= right - 1 or low >= other[3] or other[2] >= high
        for x, y in points * np.array([WIDTH, HEIGHT]):
            assert not (left < x < right and low < y < high)
        for (start, end), y in zip(ends * WIDTH, points[:, 1] * HEIGHT, strict=True):
            assert not (left < end and start < right and low < y < high)
    assert len(made) >= 5


def test_who_comes_first_is_named_where_two_lie_on_each_other() -> None:
    same = np.full((9, 2), 0.5)
    made = named(same, same, [f"name {n}" for n in range(9)], 1.0, [4, 0, 1, 2, 3, 5, 6, 7, 8])
    assert made[0]["text"] == "name 4"
    apart = np.array([[0.5, 0.5], [0.5, 0.54]])
    two = named(apart, apart[:, :1] + np.zeros(2), ["first", "second"], 1.0, [1, 0])
    assert [one["text"] for one in two] == ["second", "first"]
    assert two[0]["yshift"] == AWAY + 0.5 * LINE and two[1]["yshift"] == -(AWAY + 0.5 * LINE)


def test_a_point_in_a_corner_has_its_name_inside() -> None:
    (one,) = named(np.array([[0.98, 0.97]]), np.array([[0.5, 0.98]]), ["corner"], 1.0, [0])
    assert one["xanchor"] == "right" and one["yshift"] < 0
