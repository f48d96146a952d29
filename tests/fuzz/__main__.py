"""``python -m tests.fuzz --trials 1200`` prints what came of that many trials; the manual's table is made by it.

With ``--all FILE`` every trial is kept as it ends, and a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.fuzz.run import FAMILIES, laid_out, trials

MEMORY = 8 * 2**30
"""Bytes that a trial may ask for."""

SHARES = (0.5, 0.4, 0.1)
"""Of the families in all trials."""


def main() -> int:
    """Try as often as is asked for; print failures as they come, then the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", type=Path, help="a file that gets a line for each trial")
    asked = parser.parse_args()
    # One that asks for more is a failure, and not the end of this machine.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    kept = asked.all.read_text(encoding="utf-8").splitlines() if asked.all and asked.all.exists() else []
    counts = Counter(tuple(json.loads(line)) for line in kept)
    with tempfile.TemporaryDirectory() as name:
        examples = laid_out(Path(name))
        for family, share in zip(FAMILIES, SHARES, strict=True):
            done = sum(count for key, count in counts.items() if key[0] == family.FAMILY)
            left = range(done, round(share * asked.trials))
            for verdict in trials(family, examples, Path(name), asked.seed, left):
                key = family.FAMILY, verdict.trial.kind, verdict.ending
                counts[key] += 1
                if asked.all:
                    with asked.all.open("a", encoding="utf-8") as lines:
                        lines.write(json.dumps(key) + "\n")
                if verdict.failure:
                    print(f"{verdict.failure}: {verdict.trial}\n{verdict.text[:600]}", file=sys.stderr, flush=True)
    print(table(counts))
    return int(any(ending == "failure" for *_, ending in counts))


def table(counts: Counter[tuple[str, ...]]) -> str:
    """Return the counts as a table of the manual."""
    lines = [
        "| Changed | How | Trials | Ended in a valid run | In one clear error | Otherwise |",
        "|---|---|---|---|---|---|",
    ]
    ends = ("valid", "refused", "failure")
    for family, kind in dict.fromkeys(key[:2] for key in counts):
        each = [counts[family, kind, end] for end in ends]
        lines.append(f"| {family} | {kind} | {sum(each)} | {' | '.join(map(str, each))} |")
    each = [sum(count for key, count in counts.items() if key[2] == end) for end in ends]
    lines.append(f"| all | | {sum(each):,} | {' | '.join(f'{one:,}' for one in each)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
