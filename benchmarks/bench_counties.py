"""How fast many regions are carried and many counties valued: in turn in one run, medians, and the ratios.

    python benchmarks/bench_counties.py

Three tables: the funds of 2,800 made-up counties under three mixes, with exact quantiles, beside the projection alone,
with the memory of the whole; two areas with moves against one; and the kernel of `forecasting.exposures` against plain
numpy at the size of a nation's provinces, in float64 and float32. Sizes can be named, for a short look.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from actuarial import counties
from forecasting.axes import MAX_AGE
from forecasting.exposures import Drivers, Regions, carried, carried_reference, each

SEX_RATIO = 1.06
AGE = np.arange(MAX_AGE + 1)


def regions(count: int, draws: int, areas: int) -> Regions:
    """Return regions with people and rates of a usual size, the same in every run."""
    rng = np.random.default_rng(1)
    hazard = np.append(0.005, np.clip(5e-5 * np.exp(0.09 * AGE), 0, 0.6))
    shape = (count, areas, 2)
    level = hazard * np.exp(0.1 * rng.standard_normal((*shape, 1)))
    start = rng.uniform(1e3, 1e4, (*shape, MAX_AGE + 1)) * np.exp(-((AGE / 80) ** 4))
    ceiling = rng.uniform(0.75, 0.9, (count, draws)) if areas > 1 else None
    return Regions(start, level, rng.uniform(0.8, 1.2, (count, areas)), ceiling)


def drivers(draws: int, years: int, areas: int) -> Drivers:
    """Return draws of mortality and fertility, and of moves where there are two areas."""
    rng = np.random.default_rng(2)
    walk = np.cumsum(0.02 * rng.standard_normal((draws, years, 2, 1)) - 0.01, axis=1)
    mortality = np.exp(walk) * np.ones(MAX_AGE + 2)
    bearing = np.exp(-0.5 * ((AGE - 28) / 5) ** 2) * ((AGE >= 15) & (AGE < 50))
    asfr = bearing / bearing.sum() * rng.uniform(0.9, 1.8, (draws, years, 1))
    if areas == 1:
        return Drivers(mortality, asfr)
    schedule = np.exp(-((AGE - 22) ** 2) / 200) * rng.uniform(0.5, 1.5, (draws, 2, 1))
    return Drivers(mortality, asfr, rng.uniform(0.02, 0.1, (draws, years)), schedule)


def weights(years: int, areas: int) -> np.ndarray:
    """Return the weights of contributors, pensioners and of everybody."""
    out = np.zeros((3, years + 1, areas, 2, MAX_AGE + 1))
    out[0, ..., 16:60] = out[1, ..., 60:] = out[2] = 1
    return out


def money(count: int, draws: int, years: int) -> counties.Money:
    """Return three mixes: members alone, with a fiscal subsidy a pensioner, and with money a head from land."""
    rng = np.random.default_rng(3)
    income = np.exp(np.cumsum(0.03 + 0.02 * rng.standard_normal((years, draws)), axis=0))
    mixes = np.array([[500.0, -1200.0, 0.0], [500.0, -700.0, 0.0], [350.0, -700.0, 60.0]])
    per_head = mixes[:, :, None, None] * income
    rate = rng.normal(0.025, 0.01, (years, draws))
    return counties.Money(per_head, rate, rng.uniform(0.5, 1.5, (count, 3)), rng.uniform(0, 2e8, count))


def problem(count: int, draws: int, years: int, areas: int = 1) -> tuple[Regions, Drivers, np.ndarray]:
    """Return what is carried."""
    return regions(count, draws, areas), drivers(draws, years, areas), weights(years, areas)


def in_turn(jobs: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Run every job once a round, one after the other, and return the seconds of each."""
    out: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            begin = time.perf_counter()
            job()
            out[name].append(time.perf_counter() - begin)
    return out


def show(title: str, times: dict[str, list[float]], base: str, *, slower: bool) -> None:
    """Print a table: seconds, and the ratio to `base` round by round."""
    print(f"\n{title}\n\n| job | seconds, median | {'times as fast' if slower else 'times as long'} | least to most |")
    print("|---|---|---|---|")
    for name, seconds in times.items():
        pairs = zip(times[base], seconds, strict=True)
        ratios = sorted(b / s if slower else s / b for b, s in pairs)
        middle = statistics.median(ratios)
        span = f"{ratios[0]:.1f} to {ratios[-1]:.1f}"
        print(f"| {name} | {statistics.median(seconds):.2f} | {middle:.1f} | {span} |")


def against_numpy(asked: argparse.Namespace) -> None:
    """Measure the kernel against plain numpy; first hold their numbers against each other."""
    given = problem(asked.regions, asked.draws, asked.years)
    options: dict[str, Any] = {"sex_ratio": SEX_RATIO}
    plain = carried_reference(*given, **options)
    np.testing.assert_allclose(carried(*given, **options), plain, rtol=1e-12)
    np.testing.assert_allclose(carried(*given, **options, dtype=np.float32), plain, rtol=1e-4)
    jobs = {
        "plain numpy": lambda: carried_reference(*given, **options),
        "kernel, float64": lambda: carried(*given, **options),
        "kernel, float32": lambda: carried(*given, **options, dtype=np.float32),
    }
    size = f"{asked.regions} regions x {asked.draws} draws x {asked.years} years, one area"
    show(size, in_turn(jobs, asked.rounds), "plain numpy", slower=True)


def two_areas(asked: argparse.Namespace) -> None:
    """Measure two areas with moves against one."""
    jobs = {}
    for areas, name in ((1, "one area"), (2, "two areas with moves")):
        given = problem(asked.regions, asked.draws, asked.years, areas)
        jobs[name] = lambda given=given: carried(*given, sex_ratio=SEX_RATIO)
        jobs[name]()
    size = f"{asked.regions} regions x {asked.draws} draws x {asked.years} years"
    show(size, in_turn(jobs, asked.rounds), "one area", slower=False)


def every_county(asked: argparse.Namespace) -> None:
    """Measure the funds of all counties against their projection alone."""
    given = problem(asked.counties, asked.draws, asked.years)
    funds = money(asked.counties, asked.draws, asked.years)
    first = Regions(given[0].start[:1], given[0].mortality[:1], given[0].bearing[:1])  # compile, or load what was
    one = funds._replace(scale=funds.scale[:1], opening=funds.opening[:1])
    counties.value(first, *given[1:], one, sex_ratio=SEX_RATIO)

    def nothing(place: int, exposures: np.ndarray) -> None:
        """Keep nothing of a county."""

    jobs: dict[str, Callable[[], object]] = {
        "projection alone": lambda: each(*given, nothing, sex_ratio=SEX_RATIO),
        "funds, three mixes, exact quantiles": lambda: counties.value(*given, funds, sex_ratio=SEX_RATIO),
    }
    size = f"{asked.counties:,} counties x {asked.draws:,} draws x {asked.years} years x 2 sexes x 101 ages x 3 mixes"
    show(size, in_turn(jobs, max(1, asked.rounds // 2)), "projection alone", slower=False)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in {"regions": 31, "counties": 2800, "draws": 1000, "years": 75, "rounds": 5}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores; what ran in turn in one process is compared")
    every_county(asked)
    # Plain numpy needs far more memory than the counties, so it comes after.
    print(f"\nmost memory in use: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    two_areas(asked)
    against_numpy(asked)


if __name__ == "__main__":
    main()
