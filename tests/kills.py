"""Batches killed at random moments, each resumed and compared with one that nobody disturbed.

``python -m tests.kills --kills 100`` makes a folder, fits the models with few draws, and prints what it counted; the
figures in the manual's page on robustness come from there. With ``--all FILE`` every kill is kept as it ends, and a run
that was stopped goes on where it was; with ``--folder DIR`` the folder stays, and with it whatever differed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from tests.real_run import FEW, command, granary

REGIONS = ("北京", "四川", "浙江")

STRUCK = REGIONS[1:]
"""Regions of a batch that is to be killed."""

PATIENCE = 600
"""Seconds in which a batch must end."""


@dataclass(frozen=True)
class Killed:
    """One kill: after how many seconds, of what, what stood there then, and whether all came out the same."""

    seconds: float
    whole_group: bool
    finished: int
    same: bool
    differs: str = ""


def small(text: str, draws: int) -> str:
    """Return a run file with few draws, a near end and one scenario, so that a region takes seconds."""
    short = FEW | {"draws": draws, "last_year": 2036}
    for key, value in short.items():
        text = re.sub(rf"^{key} = \d+$", f"{key} = {value}", text, count=1, flags=re.MULTILINE)
    law = text.index("[scenarios.law]")
    end = text.find("\n[scenarios.", law + 1)
    return text[: text.index("[measures.")] + text[law : end if end > 0 else len(text)] + "\n"


def batch_command(file: Path, out: Path, *more: str, regions: Sequence[str] = REGIONS) -> list[str]:
    """Return the command that values regions in a folder."""
    return command("batch", file, "--regions", ",".join(regions), "--out", out, "--force", "--quiet", *more)


def contents(out: Path) -> dict[str, str]:
    """Return the hash of every file of a batch that a person sees; hidden ones are not part of it."""
    return {
        str(file.relative_to(out)): sha256(file.read_bytes()).hexdigest()
        for file in sorted(out.rglob("*"))
        if file.is_file() and not file.name.startswith(".")
    }


def left_over(out: Path) -> list[str]:
    """Return what is neither a region's folder, nor a file of the overview, nor the lock."""
    return [file.name for file in out.iterdir() if file.name.startswith(".") and file.name != ".lock"]


def killed_after(seconds: float, file: Path, out: Path, *, whole_group: bool) -> int:
    """Begin a batch and kill it after some seconds; return how many regions it had finished."""
    process = subprocess.Popen(
        batch_command(file, out, regions=STRUCK),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        if whole_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
    return sum((out / region).is_dir() for region in STRUCK) if out.exists() else 0


def kills(file: Path, folder: Path, count: int, seed: int, done: int = 0) -> Iterator[Killed]:
    """Kill `count` batches, one after the other, each in a folder of its own.

    Parameters
    ----------
    file : pathlib.Path
        Run file; posteriors are taken from ``posteriors`` in `folder`.
    folder : pathlib.Path
    count : int
    seed : int
        Of the moments.
    done : int
        How many of them were killed before.

    Yields
    ------
    Killed
    """
    random = np.random.default_rng(seed)
    calm, seconds = folder / "calm", []
    for _ in range(2):  # the first may have to fit the models, which is no part of what is struck
        shutil.rmtree(calm, ignore_errors=True)
        begin = time.perf_counter()
        assert told_of(file, calm) == []
        seconds.append(time.perf_counter() - begin)
    length, expected = seconds[-1], contents(calm)
    for number in range(count):
        out, moment, whole = folder / "struck", float(random.uniform(0, length)), bool(random.random() < 0.5)
        if number < done:
            continue
        shutil.rmtree(out, ignore_errors=True)
        finished = killed_after(moment, file, out, whole_group=whole)
        # Whatever has a name is whole, even before anything is resumed.
        broken = [name for name, found in _regions_only(out).items() if expected.get(name) != found]
        told = told_of(file, out)
        found = contents(out)
        differs = [name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)]
        why = {"half written": broken, "ended badly": told, "differs": sorted(differs), "left over": left_over(out)}
        text = "; ".join(f"{what}: {', '.join(names)}" for what, names in why.items() if names)
        if text:
            out.replace(folder / f"struck-{seed}-{number}")
        yield Killed(moment, whole, finished, not text, text)


def told_of(file: Path, out: Path) -> list[str]:
    """Let a batch run to its end; return what it said if that was not a good one."""
    words = batch_command(file, out, regions=STRUCK)
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return [] if done.returncode == 0 else [f"exit code {done.returncode}: {done.stderr[-500:]}"]


def _regions_only(out: Path) -> dict[str, str]:
    found = contents(out) if out.exists() else {}
    return {name: value for name, value in found.items() if name.split(os.sep)[0] in STRUCK}


def table(killed: Sequence[Killed]) -> str:
    """Return the counts as a table of the manual."""
    counts = Counter((one.finished, one.whole_group, one.same) for one in killed)
    lines = ["| Regions finished at the kill | Killed | Kills | Same bytes after resuming |", "|---|---|---|---|"]
    for finished, whole in sorted({key[:2] for key in counts}):
        good, bad = counts[finished, whole, True], counts[finished, whole, False]
        what = "all processes" if whole else "the command alone"
        lines.append(f"| {finished} | {what} | {good + bad} | {good} |")
    lines.append(f"| all | | {len(killed)} | {sum(one.same for one in killed)} |")
    return "\n".join(lines)


def main() -> int:
    """Kill as many batches as are asked for, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--all", type=Path, help="a file that gets a line for each kill")
    parser.add_argument("--folder", type=Path, help="where to work; it stays")
    asked = parser.parse_args()
    kept = asked.all.read_text(encoding="utf-8").splitlines() if asked.all and asked.all.exists() else []
    killed = [Killed(**json.loads(line)) for line in kept]
    with tempfile.TemporaryDirectory() as name:
        folder = asked.folder or Path(name) / "run"
        file = folder / "run.toml"
        if not file.exists():
            granary("init", folder)
            file.write_text(small(file.read_text(encoding="utf-8"), asked.draws), encoding="utf-8")
        for one in kills(file, folder, asked.kills, asked.seed, len(killed)):
            killed.append(one)
            if asked.all:
                with asked.all.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
            print(f"{len(killed)}: {one}", file=sys.stderr, flush=True)
    print(table(killed))
    return int(not all(one.same for one in killed))


if __name__ == "__main__":
    sys.exit(main())
