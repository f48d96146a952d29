"""The axes of the invented run in `report_fixture`."""

from __future__ import annotations

import numpy as np

DRAWS = 40
YEARS = np.arange(2026, 2101)
SCENARIOS = ("law", "capacity", "package")
