"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from actuarial import valuation
from actuarial.runfile import RunFile
from actuarial.saving import Results
from actuarial.scenario import read_run
from forecasting import projection, region
from forecasting.projection import Fits
from forecasting.sources import Tables, default_data_folder, read_tables
from tests.real_run import Run, shared_first

# The same examples in every run, and no deadline: a shared machine has slow moments.
settings.register_profile("granary", deadline=None, derandomize=True)
settings.load_profile("granary")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Folder of the checkout."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def tables() -> Tables:
    """The bundled figures."""
    return read_tables(default_data_folder())


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Every model fitted once, through the command; tests that run side by side share it."""
    return shared_first(tmp_path_factory)


@pytest.fixture(scope="session")
def few(first_run: Run) -> RunFile:
    """The run file of `first_run`, read."""
    return read_run(first_run.file)


@pytest.fixture(scope="session")
def fits(first_run: Run, few: RunFile, tables: Tables) -> Fits:
    """All models, fitted by `first_run` with few draws: rough, and not for tests of precision."""
    assert first_run.done.returncode == 0, first_run.done.stderr
    return projection.fit(tables, few.settings, schemes=few.all_schemes, cache=first_run.posteriors, force=True)


@pytest.fixture(scope="session")
def valued(fits: Fits, few: RunFile, first_run: Run) -> Results:
    """Every scenario of the bundled run, valued on `fits`."""
    provinces = region.fit(
        fits.tables, few.settings, few.priors_of("provinces"), cache=first_run.posteriors, force=True
    )
    return valuation.value(fits, few.cases, few.run.last_year, mix=few, provinces=provinces)
