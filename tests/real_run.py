"""A run of the command on the bundled figures with few draws, which the tests of the whole share."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FEW = {"draws": 60, "chains": 2, "tune": 150, "kept": 100}
"""Sampling of the tests that want a real posterior, however rough: what takes time is to compile the models."""


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
