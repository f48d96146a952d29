"""One region of a batch: valued in a worker, and its folder put in place whole."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from actuarial import _region, saving, valuation
from actuarial._command import told
from actuarial._parts import Place, provinces_of
from actuarial._placing import placed
from actuarial.progress import Silent
from forecasting import projection as people
from forecasting.sources import read_tables

if TYPE_CHECKING:
    import xarray as xr

    from actuarial.runfile import RunFile
    from forecasting import region as regions

MARK = "batch.json"
"""File in a region's folder that says of which batch it is; it is there as soon as the folder is, or not at all."""

_UNSAFE = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Job:
    """What every region of a batch has in common.

    Attributes
    ----------
    run_file : RunFile
        As read, for the nation; a region is put into it.
    key : str
        Of everything that the results rest on; equal keys, equal results.
    out : pathlib.Path
        Folder of the batch.
    work : pathlib.Path
        Folder in it that regions are written in before they are put in place.
    cache : pathlib.Path
        Folder of the posteriors.
    force : bool
        Go on where a model did not converge.
    """

    run_file: RunFile
    key: str
    out: Path
    work: Path
    cache: Path
    force: bool = False

    def folder(self, region: str) -> Path:
        """Return the folder of a region."""
        return self.out / folder_name(region)

    def is_done(self, region: str) -> bool:
        """Tell whether a region was finished in this very batch."""
        return mark_of(self.folder(region)) == {"key": self.key, "region": region}


@dataclass(frozen=True)
class Ended:
    """How a region ended: after how many seconds, and why it failed; an empty reason is success."""

    region: str
    seconds: float = 0.0
    reason: str = ""


def folder_name(region: str) -> str:
    """Return a name for a region's folder that is no path, hides nothing and differs from that of other regions.

    Examples
    --------
    >>> folder_name("四川")
    '四川'
    >>> folder_name("../x").startswith("_")
    True
    """
    plain = _UNSAFE.sub("_", region)[:60].strip()
    return plain if plain and plain == region else f"{plain.strip() or '_'}-{sha256(region.encode()).hexdigest()[:8]}"


def mark_of(folder: Path) -> dict[str, str] | None:
    """Return what a folder says of its batch; None where it says nothing that can be read."""
    try:
        found = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def value_region(job: Job, region: str) -> Ended:
    """Value one region, and put its folder in place.

    Parameters
    ----------
    job : Job
    region : str

    Returns
    -------
    Ended
        With the reason where it failed: one region that cannot be valued does not stop the others.
    """
    begin = time.perf_counter()
    reason = ""
    if not job.is_done(region):
        try:
            with _one_thread():
                _write(job, region)
        except Exception as error:  # whatever a region meets is told of that region alone
            reason = told(error)[0]
    return Ended(region, time.perf_counter() - begin, reason)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Let kernels and files be worked on by one thread, since there is a worker for every core."""
    import dask
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        # Else whatever asks for Dask's scheduler, such as the writing of a file, opens a client in the worker.
        with dask.config.set(scheduler="synchronous"):
            yield
    finally:
        numba.set_num_threads(before)


def _write(job: Job, region: str) -> None:
    ground = _ground_of(job)
    run_file = in_region(job.run_file, region)
    _region.check_region(run_file, ground.fits.tables)
    run_file = placed(run_file, ground.fits.tables)
    place = Place(region, ground.provinces)
    last_year = run_file.run.last_year
    results = valuation.value(
        ground.fits, run_file.cases, last_year, Silent(), place=place, mix=run_file, nation=ground.nation
    )
    with tempfile.TemporaryDirectory(dir=job.work) as name:
        made = Path(name) / job.folder(region).name
        saving.save(results, run_file, made, cache=job.cache)
        (made / MARK).write_text(json.dumps({"key": job.key, "region": region}), encoding="utf-8")
        _put_in_place(made, job, region)


def in_region(run_file: RunFile, region: str) -> RunFile:
    """Return a run file that values a region, under its own title."""
    return replace(run_file, run=run_file.run.of(region))


def _put_in_place(made: Path, job: Job, region: str) -> None:
    """Rename a finished folder into the batch: a folder that has its final name is whole."""
    final = job.folder(region)
    if final.exists():
        if job.is_done(region):
            return  # a worker that was thought dead has finished it: the same results
        old = Path(tempfile.mkdtemp(dir=job.work))
        final.replace(old / final.name)
        shutil.rmtree(old)
    try:
        made.replace(final)
    except OSError:
        if not job.is_done(region):  # two workers that end at once: the same results
            raise


@dataclass(frozen=True)
class Ground:
    """What a worker keeps from one region to the next: models, how provinces differ, and the people of the nation."""

    fits: people.Fits
    provinces: regions.RegionFit
    nation: xr.Dataset


_GROUNDS: dict[str, Ground] = {}
_MAKING = threading.Lock()


def _ground_of(job: Job) -> Ground:
    """Return the ground of a job; a worker makes it once, from the cached posteriors."""
    with _MAKING:
        return _kept_ground(job)


def _kept_ground(job: Job) -> Ground:
    if job.key not in _GROUNDS:
        _GROUNDS.clear()
        run_file = job.run_file
        tables = read_tables(run_file.data_folders, run_file.run.country)
        fits = people.fit(
            tables,
            run_file.settings,
            {name: run_file.priors_of(name) for name in people.ALL_MODELS},
            methods=run_file.models.model_dump(),
            schemes=("pension",),
            cache=job.cache,
            force=job.force,
        )
        provinces = provinces_of(run_file, tables, job.cache, Silent(), force=job.force)
        _GROUNDS[job.key] = Ground(fits, provinces, people.forecast(fits, run_file.run.last_year))
    return _GROUNDS[job.key]
