"""How long a lever of `granary explore` takes to be worked out, beside a trial that keeps nothing; medians of one run.

The desk keeps each step of an account until something that it reads moves: a lever that touches money alone leaves
members and benefits where they are. Run after `make forecast`: it reads the posteriors of the national run.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from actuarial import explore, questions, trial
from actuarial._explore_rules import LEVERS, scheme_of
from actuarial._quantity import changed
from actuarial.progress import Silent
from actuarial.scenario import read_run


def main() -> None:
    """Measure every lever of the pension and the medical fund, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    run = explore.checked(read_run(None))
    one = questions.asked(run, Path("out/national"), Silent(), force=True)
    desk = explore.desk(one)
    desk.warm()
    print(f"{'lever':<50} {'all draws, ms':>14} {'200 draws, ms':>14} {'over a plain trial':>20}")
    for key, (low, high) in LEVERS.items():
        fund = scheme_of(key)
        if fund not in ("pension", "medical"):
            continue
        whole = isinstance(low, int)
        places = [low + (high - low) * (n + 1) / (rounds + 1) for n in range(rounds)]
        times: dict[int, list[float]] = {desk.draws: [], run.asked.explore.moving_draws: []}
        plain = []
        for place in places:
            value = round(place) if whole else place
            for count, found in times.items():
                begin = time.perf_counter()
                desk.picture(fund, "capacity", {key: value}, draws=count)
                found.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            trial.account(one.world, fund, changed(run.cases["capacity"].rules, {key: value}))
            plain.append(time.perf_counter() - begin)
        full, some = (1000 * statistics.median(found) for found in times.values())
        print(f"{key:<50} {full:>14.0f} {some:>14.0f} {full / (1000 * statistics.median(plain)):>20.2f}", flush=True)


if __name__ == "__main__":
    main()
