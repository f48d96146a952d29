"""Trials one after the other, each with a seed of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType

import numpy as np

from tests.fuzz import places, run_files, tables
from tests.fuzz.judge import Verdict, judged, remembered_tables
from tests.fuzz.run_files import NothingToChange
from tests.real_run import granary

FAMILIES: Sequence[ModuleType] = (run_files, tables, places)

EXAMPLES = {"nation": (), "county": ("--example", "county"), "measures": ("--example", "national")}
"""What is changed: the folders that `granary init` writes."""

TYPED = 20
"""One trial in so many is a process of its own."""


def laid_out(folder: Path) -> dict[str, Path]:
    """Write the examples that are changed."""
    for name, words in EXAMPLES.items():
        assert granary("init", folder / name, *words).returncode == 0
    return {name: folder / name for name in EXAMPLES}


def trials(family: ModuleType, examples: dict[str, Path], work: Path, seed: int, numbers: range) -> Iterator[Verdict]:
    """Change an example again and again, and judge what comes of each.

    Parameters
    ----------
    family : module
        One of `FAMILIES`; its kinds of changes take turns.
    examples : dict of str to pathlib.Path
        From `laid_out`.
    work : pathlib.Path
        Folder to work in.
    seed : int
    numbers : range
        Of the trials: one of a number is always the same.

    Yields
    ------
    Verdict
    """
    kinds = list(family.CHANGES)
    for number in numbers:
        random = np.random.default_rng([seed, FAMILIES.index(family), number])
        while True:
            example = examples[list(examples)[int(random.integers(len(examples)))]]
            folder = work / "trial"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(example, folder)
            try:
                trial = family.change(kinds[number % len(kinds)], folder / "run.toml", random)
            except NothingToChange:
                continue
            break
        with remembered_tables() if family is run_files else nullcontext():
            verdict = judged(trial, folder / "run.toml", typed=number % TYPED == 0)
        yield verdict
