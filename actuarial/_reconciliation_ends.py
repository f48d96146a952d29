"""Both ends of a reconciliation: run files, models, and what lies between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from actuarial._placing import placed
from actuarial._reconciliation_saved import FUNDS
from actuarial._reconciliation_states import Ends, base_year
from actuarial.runfile import RunFaults, RunFile
from forecasting import projection as people
from forecasting._faults import Fault
from forecasting.sources import Tables, read_tables

if TYPE_CHECKING:
    from actuarial.progress import Progress

BOTH = "the two runs"


def ends_of(old: RunFile, new: RunFile, folders: tuple[Path, Path], report: Progress, *, force: bool) -> Ends:
    """Read the figures of two runs and fit, or find in the cache, every model that the way between them needs.

    Parameters
    ----------
    old, new : RunFile
        As they were read.
    folders : tuple of pathlib.Path
        Of their results; posteriors are kept beside each.
    report : Progress
    force : bool
        Go on where a model did not converge.

    Returns
    -------
    Ends

    Raises
    ------
    RunFaults
        Listing all that keeps the two from being compared.
    forecasting.sources.DataFaults
        Listing every fault of the kept tables.
    forecasting.models.sampling.GateError
        If a model did not converge and `force` is false.
    """
    figures = read_tables(old.data_folders, old.run.country), read_tables(new.data_folders, new.run.country)
    years = base_year(figures[0]), base_year(figures[1])
    faults = list(_faults(old, new, years))
    if faults:
        raise RunFaults(BOTH, faults)
    old, new = placed(old, figures[0]), placed(new, figures[1])
    caches = [folder.absolute().parent / "posteriors" for folder in folders]

    def fitted(tables: Tables, priors: RunFile, settings: RunFile, cache: Path) -> people.Fits:
        return people.fit(
            tables,
            settings.settings,
            {name: priors.priors_of(name) for name in people.ALL_MODELS},
            methods=priors.models.model_dump(),
            schemes=FUNDS,
            cache=cache,
            force=force,
            report=lambda name: report.step(f"fit {name}"),
        )

    before = fitted(figures[0], old, old, caches[0])
    resampled = before if old.settings == new.settings else fitted(figures[0], old, new, caches[1])
    revised = learned = resampled
    if figures[0].hash != figures[1].hash:
        longer = years[1] > years[0]
        revised = fitted(figures[1].until(years[0]) if longer else figures[1], old, new, caches[1])
        learned = fitted(figures[1], old, new, caches[1]) if longer else revised
    after = fitted(figures[1], new, new, caches[1])
    return Ends(old, new, before, after, resampled, revised, learned)


def _faults(old: RunFile, new: RunFile, years: tuple[int, int]) -> Iterator[Fault]:
    if old.run.region or new.run.region:
        yield Fault("run.region", "a run of a region is not reconciled", "Name runs of the whole nation")
    if old.run.country != new.run.country:
        what = f"one run is of {old.run.country}, the other of {new.run.country}"
        yield Fault("run.country", what, "Name two runs of one country")
    if not set(old.scenarios) & set(new.scenarios):
        what = f"no scenario of one ({', '.join(old.scenarios)}) is in the other ({', '.join(new.scenarios)})"
        yield Fault("scenarios", what, "Give scenarios that mean the same the same name")
    if years[1] < years[0]:
        what = f"the old run begins after {years[0]}, the new one after {years[1]}"
        yield Fault("NEW", what, "Name the earlier valuation first")
