"""Time the fit of every model: for the first time, with compiled code at hand, and with its posterior at hand.

    python benchmarks/bench_fits.py

Three processes, one after the other, share one new folder of compiled code; the third finds the posteriors of the
second. Each fits all models in their order on the bundled figures with the default settings.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STAGES = ("first", "compiled code cached", "posterior cached")


class Silent:
    """Hears how a model was fitted, and says nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""


def fit_all(posteriors: Path) -> dict[str, float]:
    """Fit every model and return the seconds of each; beside them what it takes to start."""
    begin = time.perf_counter()
    from forecasting import projection
    from forecasting.sources import default_data_folder, read_tables

    tables = read_tables(default_data_folder())
    seconds = {"start": time.perf_counter() - begin}

    @contextmanager
    def timed(name: str) -> Iterator[Silent]:
        start = time.perf_counter()
        yield Silent()
        seconds[name] = time.perf_counter() - start

    projection.fit(tables, cache=posteriors, report=timed)
    return seconds


def stage(folder: Path) -> dict[str, float]:
    """Run `fit_all` in a process of its own whose compiled code lies in `folder`."""
    code = folder / "code"
    flags = f"base_compiledir={code / 'pytensor'}"
    place = {"NUMBA_CACHE_DIR": str(code / "numba"), "PYTENSOR_FLAGS": flags}
    command = [sys.executable, __file__, str(folder / "posteriors")]
    done = subprocess.run(command, env=os.environ | place, capture_output=True, text=True, check=True)  # noqa: S603
    return {name: float(value) for name, value in json.loads(done.stdout.splitlines()[-1]).items()}


def main() -> None:
    """Print the table."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(len(STAGES)):
            if number == 1:
                shutil.rmtree(folder / "posteriors")
            found.append(stage(folder))
    print(f"seconds, {os.cpu_count()} cores; in brackets the ratio to the first time")
    print("| model | " + " | ".join(STAGES) + " |")
    print("|---|---|---|---|")
    for row in [*found[0], "all"]:
        times = [sum(one.values()) if row == "all" else one[row] for one in found]
        print(f"| {row} | " + " | ".join(f"{t:.1f} ({t / times[0]:.2f})" for t in times) + " |")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(fit_all(Path(sys.argv[1]))))
    else:
        main()
