"""Tell a person at the terminal how far a run has come."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import Task as RichTask
    from rich.progress import TaskID


class Step(Protocol):
    """One step that is under way."""

    def advance(self, by: int = 1) -> None:
        """Say that `by` more of the step's parts are done."""

    def note(self, text: str) -> None:
        """Say in a few words how the step ended, such as ``from the cache``."""


class Progress(Protocol):
    """Where a long computation reports its steps."""

    def step(self, name: str, total: int | None = None) -> AbstractContextManager[Step]:
        """Begin a step; it ends with the ``with`` block.

        Parameters
        ----------
        name : str
            What is being done, for a reader: ``fit fertility``.
        total : int, optional
            How many parts the step has; None when that is not known.

        Returns
        -------
        context manager of Step
            Gives the step that is under way.
        """


class _Note:
    def __init__(self) -> None:
        self.text = ""

    def advance(self, by: int = 1) -> None:
        """Do nothing: plain lines show whole steps only."""

    def note(self, text: str) -> None:
        self.text = text


class Silent:
    """A progress that says nothing.

    Examples
    --------
    >>> with Silent().step("reading") as step:
    ...     step.advance()
    """

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Step]:
        """Begin a step and say nothing about it."""
        yield _Note()


class Lines:
    """One plain line for every step that has ended, for logs and pipes.

    Parameters
    ----------
    stream : text file
        Where to write.
    clock : callable
        Seconds since some moment; a test gives its own.

    Examples
    --------
    >>> lines = Lines(sys.stdout, clock=lambda: 0.0)
    >>> with lines.step("fit fertility") as step:
    ...     step.note("from the cache")
    fit fertility: 0.0 s, from the cache
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.perf_counter) -> None:
        self._stream, self._clock = stream, clock

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Step]:
        """Begin a step; its line is written when it ends well."""
        begin, noted = self._clock(), _Note()
        yield noted
        tail = f", {noted.text}" if noted.text else ""
        print(f"{name}: {self._clock() - begin:.1f} s{tail}", file=self._stream, flush=True)


class _Task:
    def __init__(self, bars: RichProgress, task: TaskID) -> None:
        self._bars, self._task = bars, task

    def advance(self, by: int = 1) -> None:
        self._bars.advance(self._task, by)

    def note(self, text: str) -> None:
        self._bars.update(self._task, note=text)


class Bars:
    """Moving bars on a terminal; a finished step stays as one line.

    Use it as a context manager around all steps.
    """

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}[/]"),
        )
        self._bars = Progress(*columns, console=Console(stderr=True))

    @property
    def tasks(self) -> list[RichTask]:
        """Steps so far, as the bars show them."""
        return self._bars.tasks

    def __enter__(self) -> Bars:
        """Begin to draw."""
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop drawing and leave the last state on the screen."""
        self._bars.stop()

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Step]:
        """Begin a step with its own bar."""
        task = self._bars.add_task(name, total=total, note="")
        yield _Task(self._bars, task)
        self._bars.update(task, total=total or 1, completed=total or 1)


@contextmanager
def shown(*, quiet: bool) -> Iterator[Progress]:
    """Choose how to report: bars on a terminal, lines elsewhere, nothing when quiet.

    Parameters
    ----------
    quiet : bool
        Say nothing.

    Yields
    ------
    Progress
        To hand to the computation.
    """
    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        with Bars() as bars:
            yield bars
    else:
        yield Lines(sys.stderr)
