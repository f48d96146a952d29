"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run, and no deadline: a shared machine has slow moments.
settings.register_profile("granary", deadline=None, derandomize=True)
settings.load_profile("granary")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Folder of the checkout."""
    return Path(__file__).resolve().parents[1]
