"""The mix of money of a run: who pays, scenarios against the baseline, and what measures, generations and zones get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import xarray as xr

from actuarial import comparison, generations, payers, trial, zones
from actuarial._placing import by_zone
from actuarial.progress import Progress

if TYPE_CHECKING:
    from actuarial.runfile import RunFile
    from forecasting.projection import Fits
    from forecasting.region import RegionFit


@dataclass(frozen=True)
class Made:
    """What a run has made when its mixes are asked for.

    Attributes
    ----------
    world : actuarial.trial.World
        All draws of the run.
    account, indicators : xarray.Dataset
        Of the pension, over scenarios.
    others : mapping of str to xarray.Dataset
        Saved kinds of other funds.
    """

    world: trial.World
    account: xr.Dataset
    indicators: xr.Dataset
    others: Mapping[str, xr.Dataset]

    @property
    def accounts(self) -> dict[str, xr.Dataset]:
        """The account of every fund, by scheme."""
        return {"pension": self.account, **self.others}


def told(
    run_file: RunFile, fits: Fits, made: Made, provinces: RegionFit | None, report: Progress
) -> dict[str, xr.Dataset]:
    """Tell what the mixes of money of all scenarios come to.

    Parameters
    ----------
    run_file : RunFile
        Its measures hold where they say.
    fits : forecasting.projection.Fits
        The nation's.
    made : Made
    provinces : forecasting.region.RegionFit or None
        How they differ from the nation; None where zones are not told, as in a run of a region.
    report : Progress

    Returns
    -------
    dict of str to xarray.Dataset
        By kind of file: ``payers``; ``paired`` where there are two scenarios; ``attribution``, ``generations`` and
        ``zones`` where the run file asks for them.
    """
    world, asked = made.world, run_file.asked.mix
    out: dict[str, xr.Dataset] = {}
    with report.step("tell who pays"):
        central = payers.medical_central_share(world.tables, run_file.asked.pooling.central_subsidy, world.region)
        out["payers"] = payers.across(world.projection, run_file.cases, made.accounts, medical_central=central)
        if made.indicators.sizes["scenario"] > 1:
            paired = {"pension": made.indicators, **made.others}
            out["paired"] = comparison.against(paired, run_file.compared_with)
    if asked.draws:
        out |= _measures(run_file, world.thinned(asked.draws), report)
        out |= _generations(run_file, world.thinned(asked.draws), report)
    if asked.draws and provinces is not None:
        out["zones"] = zones.across(
            fits,
            provinces,
            world.projection,
            own=world.own,
            cases=by_zone(run_file),
            accounts=made.accounts,
            rule=run_file.asked.pooling,
            draws=asked.draws,
            report=report,
        )
    return out


def _measures(run_file: RunFile, world: trial.World, report: Progress) -> dict[str, xr.Dataset]:
    """Tell the measures of the package apart, where there is one."""
    package = run_file.asked.mix.package
    if package not in run_file.scenarios or len(run_file.scenarios[package].measures) < 2:
        return {}
    with report.step("tell measures apart", total=comparison.sets_of(run_file, package)) as step:
        found = comparison.attributed(run_file, world, package, step.advance)
    return {"attribution": found} if found else {}


def _generations(run_file: RunFile, world: trial.World, report: Progress) -> dict[str, xr.Dataset]:
    """Tell what every generation gets from the pension."""
    with report.step("compare generations"):
        rules = {name: world.filled(one) for name, one in run_file.reformed.items()}
        kept = {name: trial.kept(world, one) for name, one in rules.items()}
        return {"generations": generations.across(kept, {name: one.pension for name, one in rules.items()})}
