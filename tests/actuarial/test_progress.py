"""What a person sees while a run goes on."""

from __future__ import annotations

import io

import pytest

from actuarial import progress


def lines(times: list[float]) -> tuple[progress.Lines, io.StringIO]:
    stream, clock = io.StringIO(), iter(times)
    return progress.Lines(stream, clock=lambda: next(clock)), stream


def test_a_step_that_ends_well_is_one_plain_line() -> None:
    shown, stream = lines([1.0, 3.5, 4.0, 4.0])
    with shown.step("fit fertility") as step:
        step.advance()
        step.note("from the cache")
    with shown.step("write", total=3):
        pass
    assert stream.getvalue() == "fit fertility: 2.5 s, from the cache\nwrite: 0.0 s\n"


def test_a_step_that_fails_is_not_called_done() -> None:
    shown, stream = lines([1.0, 3.5])
    with pytest.raises(RuntimeError), shown.step("fit fertility"):
        raise RuntimeError
    assert stream.getvalue() == ""


def test_quiet_says_nothing_and_a_pipe_gets_lines(capsys: pytest.CaptureFixture[str]) -> None:
    for quiet in (True, False):
        with progress.shown(quiet=quiet) as shown, shown.step("read"):
            pass
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("read: ")
    assert told.err.count("\n") == 1


def test_a_terminal_gets_bars_that_end_full() -> None:
    with progress.Bars() as bars:
        with bars.step("project", total=2) as step:
            step.advance()
            step.note("1,000 draws")
        with bars.step("write"):
            pass
        states = [(task.description, task.finished) for task in bars.tasks]
    assert states == [("project", True), ("write", True)]
