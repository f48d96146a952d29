"""How high a text stands in a cell: not every program that opens a workbook works it out."""

from __future__ import annotations

import math
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)
def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of some width."""
    return sum(max(1, math.ceil(breadth(part) / max(width, 1.0))) for part in text.split("\n"))


def breadth(text: str) -> float:
    """Return how many letters wide a text is; a Chinese letter takes the room of two, and a little."""
    return sum(2.1 if unicodedata.east_asian_width(letter) in "WF" else 1.0 for letter in text)
