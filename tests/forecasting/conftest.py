"""What the tests of people share."""

from __future__ import annotations

import pytest
import xarray as xr

from forecasting import projection
from forecasting.projection import Fits


@pytest.fixture(scope="session")
def projected(fits: Fits) -> xr.Dataset:
    """The Projection of the shared fits, to 2100."""
    return projection.forecast(fits)
