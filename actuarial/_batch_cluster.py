"""Workers of a batch: processes on this machine, or those of a Dask cluster."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from actuarial._batch_region import Ended, Job, value_region
from actuarial.runfile import RunFaults
from forecasting._faults import Fault

if TYPE_CHECKING:
    from distributed import Client, Future

DEATHS = 3
"""Workers that may die over one region before it counts as failed."""

WAIT = 20
"""Seconds in which a scheduler must answer."""

PATIENCE = 300
"""Seconds in which processes on this machine must answer: where it is busy, they start slowly."""

START = "`dask worker ADDRESS --nthreads 1`"
"""How a worker is started: with one thread, since what it keeps between regions is large."""


@contextlib.contextmanager
def client(workers: int | None, regions: int, scheduler: str) -> Iterator[Client]:
    """Open a client of a cluster, and close what was opened.

    Parameters
    ----------
    workers : int or None
        Processes on this machine; None is one a core.
    regions : int
        How many there are to value: no more processes are started.
    scheduler : str
        Address of a running Dask scheduler, such as ``tcp://10.0.0.1:8786``; empty starts processes here.

    Yields
    ------
    distributed.Client

    Raises
    ------
    RunFaults
        If no scheduler answers at the address.
    """
    import dask

    wait = f"{WAIT if scheduler else PATIENCE}s"
    ours = {"distributed.scheduler.allowed-failures": DEATHS - 1, "distributed.comm.timeouts.connect": wait}
    with dask.config.set(ours):
        yield from _opened(workers, regions, scheduler)


def _opened(workers: int | None, regions: int, scheduler: str) -> Iterator[Client]:
    from distributed import Client, LocalCluster

    if scheduler:
        try:
            opened = Client(scheduler, timeout=WAIT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            do = f"Start one with `dask scheduler` and workers with {START}, or leave --scheduler out"
            what = f"no Dask scheduler answers here ({type(error).__name__})"
            raise RunFaults("the options", [Fault(f"--scheduler {scheduler}", what, do)]) from error
        with opened:
            if not opened.scheduler_info(n_workers=1)["workers"]:
                what, do = "this scheduler has no worker", f"Start some with {START}"
                raise RunFaults("the options", [Fault(f"--scheduler {scheduler}", what, do)])
            yield opened
        return
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cluster = LocalCluster(
        n_workers=min(workers or cores, regions),
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        # The scheduler serves its pages whether they are asked for or not: at any free port, so that two batches at
        # once do not quarrel over one.
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
    )
    with in_the_end(cluster), in_the_end(Client(cluster, set_as_default=False)) as opened:
        yield opened


class _Closes(Protocol):
    def close(self) -> object: ...


@contextlib.contextmanager
def in_the_end[T: _Closes](opened: T) -> Iterator[T]:
    """Close what was opened, and do not mind if that takes too long.

    On a busy machine a worker may not be gone when the cluster stops waiting for it. By then its regions are on disk,
    and what was valued is not to be lost over that; the process ends with this one.

    Parameters
    ----------
    opened : object with a method ``close``

    Yields
    ------
    object
        As given.
    """
    try:
        yield opened
    finally:
        with contextlib.suppress(TimeoutError):
            opened.close()


def ended(opened: Client, job: Job, regions: Sequence[str]) -> Iterator[Ended]:
    """Value regions on the workers of a client, and yield each as it ends.

    Parameters
    ----------
    opened : distributed.Client
    job : Job
    regions : sequence of str

    Yields
    ------
    Ended
        A region whose worker died is tried on another; after `DEATHS` deaths it has failed. A scheduler of your own
        counts deaths by its setting ``allowed-failures``.
    """
    from distributed import as_completed

    # Each task has a key of its own: two batches on one scheduler may value regions of one name.
    futures = {opened.submit(value_region, job, name, pure=False): name for name in regions}
    for future in as_completed(futures, loop=opened.loop):
        if future.status == "finished":
            yield future.result()
        else:
            yield Ended(futures[future], reason=_why(future))


def _why(future: Future) -> str:
    """Say why a region did not come back from its worker."""
    if future.cancelled() or future.status == "lost":
        return "the scheduler was lost before it was valued. Call the batch again"
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return "one worker after another died over it: is there too little memory?"
    return f"{type(error).__name__}: {error}"
