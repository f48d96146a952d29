"""How fast indices of variance are for many outputs at once: against SALib, output by output, in turn in one run.

    python benchmarks/bench_sobol.py

SALib takes one output at a time; both do the same sums on the same resamples, and their numbers are held against each
other first.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from SALib.analyze.sobol import analyze
from SALib.sample.sobol import sample

from actuarial._sensitivity_indices import Indices, indices

KEYS = ("S1", "S1_conf", "ST", "ST_conf")
SEED = 7


def by_salib(problem: dict[str, object], values: np.ndarray, resamples: int) -> Indices:
    """Ask SALib for every output."""
    options = {"calc_second_order": False, "num_resamples": resamples, "seed": SEED}
    tables = [analyze(problem, column, **options) for column in values.T]
    return Indices(*(np.array([table[key] for table in tables]) for key in KEYS))


def seconds(job: Callable[[], object]) -> float:
    """Return how long a job takes."""
    begin = time.perf_counter()
    job()
    return time.perf_counter() - begin


def main() -> None:
    """Measure, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sizes = {"outputs": 228, "inputs": 8, "points": 512, "resamples": 100, "rounds": 3}
    for name, default in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    problem = {"num_vars": asked.inputs, "names": list(range(asked.inputs)), "bounds": [[-1.0, 1.0]] * asked.inputs}
    x = sample(problem, asked.points, calc_second_order=False, seed=SEED)
    rng = np.random.default_rng(SEED)
    alone, together = rng.standard_normal((2, asked.inputs, asked.outputs))
    values = x @ alone + np.sin(3 * x @ together)
    ours = indices(values, asked.inputs, resamples=asked.resamples, seed=SEED)
    for name, one, other in zip(KEYS, ours, by_salib(problem, values, asked.resamples), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12, err_msg=name)
    rounds = []
    for _ in range(asked.rounds):
        fast = seconds(lambda: indices(values, asked.inputs, resamples=asked.resamples, seed=SEED))
        rounds.append((fast, seconds(lambda: by_salib(problem, values, asked.resamples))))
    ratios = sorted(slow / fast for fast, slow in rounds)
    print(", ".join(f"{value:,} {name}" for name, value in vars(asked).items()) + " in turn")
    print(f"all outputs at once: {statistics.median(fast for fast, _ in rounds):.3f} s (median); equal to 1e-12")
    print(f"SALib takes {statistics.median(ratios):.0f} times as long ({ratios[0]:.0f} to {ratios[-1]:.0f})")


if __name__ == "__main__":
    main()
