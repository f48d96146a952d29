"""The table of pools in a run file: what it takes, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from actuarial._pooling_rules import Pooling
from actuarial._quantity import describe


def test_nothing_is_compared_unless_levels_are_named() -> None:
    assert Pooling().levels == []
    assert Pooling(levels=["county", "nation"]).levels == ["county", "nation"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"levels": ["village"]}, "county"),
        ({"levels": ["nation", "nation"]}, "more than once"),
        ({"funds": ["unemployment"]}, "pension"),
        ({"draws": 5}, "20"),
        ({"central_subsidy": [0.8, 0.6]}, "2 numbers for 5 classes"),
        ({"central_subsidy": [0.8, 0.6, 0.5, 0.3, 1.1]}, "outside 0 to 1"),
        ({"county_link": -1.0}, "-0.95"),
        ({"spread": 0.1}, "spread"),
    ],
)
def test_what_does_not_fit_is_refused_in_plain_words(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Pooling.model_validate(given)


def test_every_key_has_unit_meaning_and_source() -> None:
    rows = describe(Pooling(), "pooling.")
    assert {row["key"] for row in rows} == {f"pooling.{name}" for name in Pooling.model_fields}
    assert all(row["unit"] and row["meaning"] and row["source"] for row in rows)
