"""Evaluations kept on disk, each as soon as it is made, so that an analysis that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

Outputs = dict[str, np.ndarray]


class Memory:
    """What was evaluated, in one file of a line each.

    Parameters
    ----------
    file : pathlib.Path
        Its name says on what the evaluations rest; its folder is made with the first of them.

    Attributes
    ----------
    found, made : int
        Evaluations that were read, and that were worked out.
    """

    def __init__(self, file: Path) -> None:
        self.found = self.made = 0
        self._file = file
        self._known = _read(file)

    def of(
        self, part: str, evaluate: Callable[[Mapping[str, float]], Mapping[str, ArrayLike]]
    ) -> Callable[[Mapping[str, float]], Outputs]:
        """Return the same function, which remembers.

        Parameters
        ----------
        part : str
            What the function rests on besides its inputs.
        evaluate : callable

        Returns
        -------
        callable
        """

        def remembered(at: Mapping[str, float]) -> Outputs:
            key = _key(part, at)
            if key in self._known:
                self.found += 1
                return {name: np.asarray(values, dtype=float) for name, values in self._known[key].items()}
            made = {name: np.asarray(values, dtype=float) for name, values in evaluate(at).items()}
            self.made += 1
            self._keep(key, made)
            return made

        return remembered

    def _keep(self, key: str, made: Outputs) -> None:
        self._known[key] = {name: values.tolist() for name, values in made.items()}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # The line feed stands first: a line that a kill cut short spoils none but itself.
        line = "\n" + json.dumps({"key": key, "outputs": self._known[key]})
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(line)


def _key(part: str, at: Mapping[str, float]) -> str:
    told = json.dumps([part, {name: float(at[name]) for name in sorted(at)}])
    return hashlib.sha256(told.encode()).hexdigest()


def _read(file: Path) -> dict[str, dict[str, list[float]]]:
    """Read the whole lines of a file; what a kill cut short is worked out again."""
    known = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else ():
        try:
            one = json.loads(line)
            known[str(one["key"])] = one["outputs"]
        except (ValueError, KeyError, TypeError):
            continue
    return known
