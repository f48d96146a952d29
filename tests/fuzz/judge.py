"""What a trial may end in, and whether one did."""

from __future__ import annotations

import math
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

from typer.testing import CliRunner

from actuarial._quantity import describe
from actuarial.cli import app
from actuarial.scenario import read_run
from forecasting import sources
from tests.real_run import command

PATIENCE = 120
"""Seconds in which a check must end: one that waits for ever is a failure."""

LONG = 600
"""Characters of one fault: longer ones are not read."""

_HEAD = re.compile(r"(\d+) faults? in .+:")
_CODE = re.compile(r"Traceback|did not expect|File \"|0x[0-9a-f]{6,}|\bNoneType\b|<class |errors\.pydantic")

_KEPT: dict[str, sources.Tables] = {}


@dataclass(frozen=True)
class Trial:
    """One changed input.

    Attributes
    ----------
    family, kind : str
        What was changed, and how: rows of the table of counts.
    what : str
        The change in words, so that it can be made again by hand.
    wrong : bool
        Whether the change makes the input wrong beyond doubt: to pass over it in silence is a failure then.
    """

    family: str
    kind: str
    what: str
    wrong: bool


@dataclass(frozen=True)
class Verdict:
    """How a trial ended: a valid run, one clear error, or what is wrong with how it ended."""

    trial: Trial
    code: int
    failure: str
    text: str

    @property
    def ending(self) -> str:
        """How it ended, in one word."""
        return "failure" if self.failure else "refused" if self.code else "valid"


@contextmanager
def remembered_tables() -> Iterator[None]:
    """Read tables that nobody changes only once, while run files are tried in this process."""
    read = sources.read_tables

    def reading(folders: Path | Sequence[Path], country: str = sources.COUNTRY) -> sources.Tables:
        try:
            content = [(name, file.read_bytes()) for name, file in sources.files_of(folders).items()]
        except OSError:
            return read(folders, country)
        key = sha256(repr((country, content)).encode()).hexdigest()
        if key not in _KEPT:
            _KEPT[key] = read(folders, country)
        return _KEPT[key]

    with patch.object(sources, "read_tables", reading):
        yield


def _too_long(*_: object) -> None:
    raise TimeoutError(f"no answer in {PATIENCE} s")


def in_process(file: Path) -> tuple[int, str, str]:
    """Check a run file in this process; return exit code, output and errors."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(PATIENCE)
    try:
        done = CliRunner().invoke(app, ["check", str(file)])
    finally:
        signal.alarm(0)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return 1, done.stdout, f"Traceback: {done.exception!r}"
    return done.exit_code, done.stdout, done.stderr


def as_typed(file: Path) -> tuple[int, str, str]:
    """Check a run file as a person does."""
    try:
        done = subprocess.run(command("check", file), capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return 1, "", f"Traceback: no answer in {PATIENCE} s"
    return done.returncode, done.stdout, done.stderr


def judged(trial: Trial, file: Path, *, typed: bool) -> Verdict:
    """Check the run file of a trial, and judge what came of it.

    Parameters
    ----------
    trial : Trial
    file : pathlib.Path
        Run file.
    typed : bool
        Whether as a process of its own, as a person would.

    Returns
    -------
    Verdict
    """
    code, out, err = as_typed(file) if typed else in_process(file)
    said = out + err
    if _CODE.search(said):
        failure = "words of the program"
    elif code == 0:
        failure = "silently accepted" if trial.wrong else _invalid(file, out, err)
    elif code != 2:
        failure = f"exit code {code}"
    else:
        failure = _unclear(out, err)
    return Verdict(trial, code, failure, said)


def _invalid(file: Path, out: str, err: str) -> str:
    """Return what is wrong with an input that was accepted; empty if nothing is."""
    if err or "OK. Next:" not in out:
        return "accepted without saying so"
    run_file = read_run(file)
    for rules in (run_file.rules, *run_file.reformed.values()):
        for key in describe(rules):
            if isinstance(key["value"], float) and not math.isfinite(key["value"]):
                return f"{key['key']} is not finite"
    return ""


def _unclear(out: str, err: str) -> str:
    """Return what is wrong with an error; empty if it can be read and acted on."""
    lines = err.rstrip("\n").split("\n")
    left, blocks = 0, 0
    for line in lines:
        head = _HEAD.fullmatch(line)
        if head:
            if left:
                return "fewer faults than counted"
            left, blocks = int(head[1]), blocks + 1
        elif not left or not line.startswith("  "):
            return f"a line that is no fault: {line[:80]!r}"
        elif len(line) > LONG:
            return "a fault that nobody reads to its end"
        elif ". " not in line or not line.endswith("."):
            return f"a fault that does not say what to do: {line[:80]!r}"
        else:
            left -= 1
    if left or not blocks:
        return "fewer faults than counted"
    return "it prints to both streams" if out else ""
