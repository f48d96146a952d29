"""How much faster the cohort kernel is than plain numpy: both in turn in one run, medians, and the ratio.

Times differ from machine to machine and from hour to hour; the ratio is what to quote.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from forecasting.axes import MAX_AGE
from forecasting.cohort import project, project_reference


def world(draws: int, years: int) -> dict[str, Any]:
    """Return arguments of a projection with rates of a usual size, the same in every run."""
    rng = np.random.default_rng(1)
    age = np.arange(MAX_AGE + 2)
    death = np.clip(5e-5 * np.exp(0.09 * age), 0.0, 0.6)
    noise = np.exp(0.1 * rng.standard_normal((draws, 2, 2, 1, years)))
    bearing = np.exp(-0.5 * ((np.arange(MAX_AGE + 1) - 28) / 5) ** 2) * 1.5 / (5 * np.sqrt(2 * np.pi))
    return {
        "start": rng.uniform(1e6, 1e7, (draws, 2, 2, MAX_AGE + 1)),
        "survival": np.exp(-death[:, None] * noise),
        "asfr": np.broadcast_to(bearing[:, None], (draws, 2, MAX_AGE + 1, years)),
        "speed": rng.uniform(0.02, 0.1, (draws, years)),
        "ceiling": rng.uniform(0.75, 0.9, draws),
        "schedule": np.exp(-((np.arange(MAX_AGE + 1) - 22) ** 2) / 200) * np.ones((draws, 2, 1)),
        "sex_ratio": 1.06,
    }


def seconds(function: Callable[..., object], arguments: dict[str, Any]) -> float:
    """Return how long one call takes."""
    begin = time.perf_counter()
    function(**arguments)
    return time.perf_counter() - begin


def main() -> None:
    """Measure, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--years", type=int, default=75)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    arguments = world(chosen.draws, chosen.years)
    fast, plain = project(**arguments), project_reference(**arguments)
    for name, left, right in zip(fast._fields, fast, plain, strict=True):
        # Moves are a small difference of large numbers: judge them on the scale of the people.
        np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-6 * float(np.abs(plain.births).max()), err_msg=name)
    rounds = [(seconds(project, arguments), seconds(project_reference, arguments)) for _ in range(chosen.rounds)]
    ratios = sorted(slow / quick for quick, slow in rounds)
    cells = fast.population[..., 1:].size
    median = statistics.median(quick for quick, _ in rounds)
    print(f"{chosen.draws} draws x {chosen.years} years, {chosen.rounds} rounds in turn")
    print(f"kernel: {cells / median / 1e6:.0f} million cells a second (median)")
    print(f"plain numpy takes {statistics.median(ratios):.1f} times as long ({ratios[0]:.1f} to {ratios[-1]:.1f})")


if __name__ == "__main__":
    main()
