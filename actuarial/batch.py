"""Many regions under one run file: one worker a core or a Dask cluster, resumable, with one overview of all."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from actuarial import _batch_plan as plan
from actuarial._batch_cluster import client, ended
from actuarial._batch_region import Ended, Job
from actuarial._placing import zones
from actuarial.progress import Progress, Silent
from actuarial.report import regions as overview
from actuarial.runfile import RunFaults
from forecasting._faults import Fault
from forecasting.sources import Tables, read_tables

if TYPE_CHECKING:
    from actuarial.runfile import RunFile

__all__ = ["ALL", "FILES", "HERE", "Ended", "Outcome", "Where", "run"]

ALL = plan.ALL
"""Stands for every province."""

FILES = overview.FILES
"""What a batch leaves in its folder besides the folder of each region."""


@dataclass(frozen=True)
class Where:
    """Which workers value the regions.

    Attributes
    ----------
    workers : int, optional
        Processes on this machine; one a core unless given.
    scheduler : str
        Address of a Dask scheduler to work on instead; its workers must see the same files under the same names.
    """

    workers: int | None = None
    scheduler: str = ""


NOT_HERE = "its worker has finished, but its folder is not here: workers must see this disk under the same names"

HERE = Where()
"""One process a core of this machine."""


@dataclass(frozen=True)
class Outcome:
    """Where a batch ended.

    Attributes
    ----------
    folder, page : pathlib.Path
        Folder of the batch, and its overview; None where no region has been valued.
    regions : list of str
        What was asked for.
    done : list of str
        Regions that are finished, in this call or an earlier one.
    failed : dict of str to str
        Why others are not, by region.
    """

    folder: Path
    page: Path | None
    regions: list[str]
    done: list[str]
    failed: dict[str, str]


def run(
    run_file: RunFile,
    regions: Sequence[str],
    out: Path,
    where: Where = HERE,
    *,
    force: bool = False,
    report: Progress | None = None,
) -> Outcome:
    """Value regions one by one on several workers, and write the overview of those that are finished.

    Parameters
    ----------
    run_file : RunFile
        Its region is set to each of `regions` in turn.
    regions : sequence of str
        Names in the column region of the tables; :data:`ALL` is every province.
    out : pathlib.Path
        Folder of the batch: a folder for each region and the overview. Posteriors are kept beside it.
    where : Where
        Which workers.
    force : bool
        Go on where a model did not converge.
    report : Progress, optional
        Told of every step and region.

    Returns
    -------
    Outcome

    Raises
    ------
    forecasting.sources.DataFaults
        Listing every fault of the data folders.
    RunFaults
        Listing regions that are not in the tables, or if the folder is in use or holds something else.
    forecasting.models.sampling.GateError
        If a model did not converge and `force` is false.

    Notes
    -----
    A region's folder appears under its name when it is whole. Regions that an earlier call finished with the same run
    file, figures and posteriors are left as they are, so that a batch that was stopped goes on where it was.
    """
    report = report or Silent()
    with report.step("read figures"):
        tables = read_tables(run_file.data_folders, run_file.run.country)
    names = plan.named(regions, tables)
    plan.check_folder(out, names)
    failed = plan.lacking(run_file, names, tables)
    with _held(out):
        key = plan.fitted(run_file, tables, out.parent / "posteriors", report, force=force)
        job = _begun(run_file, key, out, force=force)
        try:
            waiting = [name for name in names if name not in failed and not job.is_done(name)]
            for one in _valued(job, waiting, len(names), where, report):
                if one.reason:
                    failed[one.region] = one.reason
        finally:
            _clear(out)  # also what a worker of a batch that was killed may have written since this one began
        done = [name for name in names if job.is_done(name)]
        failed |= dict.fromkeys((name for name in names if name not in {*done, *failed}), NOT_HERE)
        with report.step("write the overview"):
            page = _write_overview(run_file, job, done, failed, tables)
    return Outcome(out, page, names, done, failed)


def _valued(job: Job, waiting: Sequence[str], every: int, where: Where, report: Progress) -> Iterator[Ended]:
    """Value what is waiting of `every` region, and tell of each as it ends."""
    if not waiting:
        return
    count = every - len(waiting)
    with contextlib.ExitStack() as stack:
        with report.step("start workers") as step:
            opened = stack.enter_context(client(where.workers, len(waiting), where.scheduler))
            step.note(
                f"{len(opened.scheduler_info()['workers'])} {'at ' + where.scheduler if where.scheduler else 'here'}"
            )
        for one in ended(opened, job, waiting):
            count += 1
            with report.step(f"{count} of {every}, {one.region}") as step:
                step.note(one.reason.splitlines()[0] if one.reason else f"{one.seconds:.0f} s in its worker")
            yield one


def _begun(run_file: RunFile, key: str, out: Path, *, force: bool) -> Job:
    """Clear away what a stopped batch left half written, and make a place to write in."""
    _clear(out)
    work = Path(tempfile.mkdtemp(dir=out, prefix=".work-"))
    return Job(run_file, key, out.absolute(), work.absolute(), (out.parent / "posteriors").absolute(), force)


def _clear(out: Path) -> None:
    """Take away what is half written: places to work in, and files of the overview under their first names."""
    for left in out.glob(".work-*"):
        shutil.rmtree(left, ignore_errors=True)
    for name in FILES:
        for part in out.glob(f".{name}.*.part"):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def _held(out: Path) -> Iterator[None]:
    """Keep other batches out of a folder; a batch that is killed lets go of it."""
    lock = FileLock(out / ".lock", timeout=0)
    try:
        with lock:
            yield
    except Timeout:
        fault = Fault(str(out), "another batch is writing here", "Wait for it, or name another folder with --out")
        raise RunFaults("the folder of the batch", [fault]) from None


def _write_overview(
    run_file: RunFile, job: Job, done: Sequence[str], failed: dict[str, str], tables: Tables
) -> Path | None:
    """Write the overview of what is finished, in both languages."""
    if not done:
        for name in FILES:  # an older overview is not of this batch
            (job.out / name).unlink(missing_ok=True)
        return None
    folders = {name: job.folder(name).name for name in done}
    return overview.write(job.out, folders, failed, zones(tables), run_file.run.language)
