"""A run of the command on the bundled figures with few draws, which the tests of the whole share."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from forecasting.projection import ALL_MODELS

FEW = {"draws": 60, "chains": 2, "tune": 150, "kept": 100}
"""Sampling of the tests that want a real posterior, however rough: what takes time is to compile the models."""


FITTED = (*ALL_MODELS, "provinces")
"""Models that the bundled run samples: those of the nation, and that of its provinces, on which zones rest."""

LEFT_OUT = ("pooling", "frontier", "breakeven", "stress", "sensitivity", "variance")
"""Kinds of file that it does not leave: it compares no levels of pooling, and questions are put afterwards."""


@dataclass(frozen=True)
class Run:
    """A run with few draws.

    Attributes
    ----------
    file : pathlib.Path
        The run file; the results are in ``out`` beside it, the posteriors in ``posteriors``.
    done : subprocess.CompletedProcess
        How the first run ended, which fitted every model.
    """

    file: Path
    done: subprocess.CompletedProcess[str]

    @property
    def out(self) -> Path:
        """Folder of the results."""
        return self.file.parent / "out"

    @property
    def posteriors(self) -> Path:
        """Folder of the posteriors."""
        return self.file.parent / "posteriors"


def command(*words: str | Path) -> list[str]:
    """Return the command as a person types it."""
    return [str(Path(sys.executable).with_name("granary")), *map(str, words)]


# A process that runs in the background, as one of several test processes does, hands on that it ignores Ctrl-C.
LISTEN = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
LISTENING = (sys.executable, "-c", LISTEN)
"""Words before those of a command that make it listen to Ctrl-C."""


def granary(*words: str | Path, at: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    return subprocess.run(command(*words), capture_output=True, text=True, check=False, cwd=at, timeout=600)


def first_of(folder: Path) -> Run:
    """Lay out a run in a new folder and fit every model: a minute or two, nearly all of it compilation."""
    granary("init", folder)
    file = folder / "run.toml"
    text = file.read_text(encoding="utf-8")
    for key, value in FEW.items():
        text = re.sub(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")
    return Run(file, granary("forecast", file, "--force"))


def shared_first(folders: pytest.TempPathFactory) -> Run:
    """Give the same first run to every process of a test run: the one that asks first makes it, the others wait."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    root = folders.getbasetemp() if alone else folders.getbasetemp().parent
    folder, told = root / "real" / "run", root / "real.json"
    with FileLock(root / "real.lock"):
        if not told.exists():
            done = first_of(folder).done
            told.write_text(json.dumps([done.returncode, done.stdout, done.stderr]), encoding="utf-8")
    code, out, err = json.loads(told.read_text(encoding="utf-8"))
    file = folder / "run.toml"
    return Run(file, subprocess.CompletedProcess(command("forecast", file, "--force"), code, out, err))
