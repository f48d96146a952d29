"""The parts of the nation that a run needs: the region that it values, pools that it compares, zones that it tells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from actuarial._placing import zones
from actuarial._pooling_rules import Pooling
from actuarial.progress import Progress
from forecasting import region as regions
from forecasting.sources import Tables

if TYPE_CHECKING:
    from actuarial.runfile import RunFile


@dataclass(frozen=True)
class Place:
    """A province or county that is valued instead of the nation.

    Attributes
    ----------
    region : str
        Its name in the tables.
    fit : forecasting.region.RegionFit
        How it differs from the nation, with all other regions.
    """

    region: str
    fit: regions.RegionFit


def place_of(run_file: RunFile, tables: Tables, cache: Path, report: Progress, *, force: bool) -> Place:
    """Return the region that a run values."""
    return Place(run_file.run.region, provinces_of(run_file, tables, cache, report, force=force))


@dataclass(frozen=True)
class Pools:
    """Levels of pooling that are compared.

    Attributes
    ----------
    rule : Pooling
        Levels, funds and draws.
    fit : forecasting.region.RegionFit
        How provinces differ from the nation.
    """

    rule: Pooling
    fit: regions.RegionFit


def pools_of(run_file: RunFile, tables: Tables, cache: Path, report: Progress, *, force: bool) -> Pools:
    """Return the levels of pooling that a run compares."""
    return Pools(run_file.asked.pooling, provinces_of(run_file, tables, cache, report, force=force))


def parts_of(
    run_file: RunFile, tables: Tables, cache: Path, report: Progress, *, force: bool
) -> regions.RegionFit | None:
    """Fit the provinces where a run of the nation tells its zones."""
    asked = run_file.asked.mix
    if run_file.run.region or not asked.zones or not asked.draws or not zones(tables):
        return None
    return provinces_of(run_file, tables, cache, report, force=force)


def provinces_of(run_file: RunFile, tables: Tables, cache: Path, report: Progress, *, force: bool) -> regions.RegionFit:
    """Fit how provinces differ from the nation."""
    with report.step("fit provinces") as step:
        fit = regions.fit(tables, run_file.settings, run_file.priors_of("provinces"), cache=cache, force=force)
        step.note("from the cache" if fit.posterior.attrs["cached"] == "yes" else "sampled")
    return fit


def provincial(place: Place | None, pools: Pools | None, provinces: regions.RegionFit | None) -> xr.Dataset | None:
    """Return the posterior of the model of provinces, where the run needed it."""
    user = place or pools
    fit = provinces if user is None else user.fit
    return None if fit is None else fit.posterior
