"""Changes of where files are: links, ``..`` in paths, folders and pipes in the place of files."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.fuzz.judge import Trial
from tests.fuzz.run_files import one_of

FAMILY = "paths"

Random = np.random.Generator


def _data(file: Path, value: str) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"^data = .*$", lambda _: f"data = {value}", text, count=1, flags=re.MULTILINE), "utf-8")


def _table(file: Path, random: Random) -> Path:
    return one_of(sorted((file.parent / "data").glob("*.csv")), random)


def dots(file: Path, random: Random) -> tuple[str, bool]:
    """Name the folder of the tables by a way round: it is the same folder."""
    name = file.parent.name
    way = one_of(["./data", "data/../data", f"../{name}/data", "data/.", f"../{name}/../{name}/data/"], random)
    _of_own(file, way)
    return f"data = {way}", False


def _of_own(file: Path, way: str) -> None:
    """Write a way to the tables in the place of their folder's name, alone or after the bundled ones."""
    several = "bundled" in file.read_text(encoding="utf-8").split("\ndata = ")[1].split("\n")[0]
    _data(file, f'["bundled", "{way}"]' if several else f'"{way}"')


def lost(file: Path, random: Random) -> tuple[str, bool]:
    """Name a folder that is none, or lies outside and holds no tables."""
    way = one_of(
        ["../../..", "/", "..", "nowhere", "data/../../data", "/dev/null", "/etc/passwd", "", "a" * 300], random
    )
    _of_own(file, way)
    return f"data = {way[:40]}", True


def again(file: Path, random: Random) -> tuple[str, bool]:
    """Read one folder twice, by two ways."""
    other = one_of(["data", "./data", "data/../data", "link"], random)
    if other == "link":
        (file.parent / "link").symlink_to("data")
    _data(file, f'["bundled", "data", "{other}"]')
    return f"data and {other}", True


def linked(file: Path, random: Random) -> tuple[str, bool]:
    """Put a link where the folder, a table or the run file is: it is read as what it leads to."""
    what = one_of([file.parent / "data", _table(file, random), file], random)
    moved = what.with_name(f"moved-{what.name}")
    what.rename(moved)
    what.symlink_to(moved.name if random.random() < 0.5 else moved.absolute())
    return f"{what.name} is a link", False


def dangling(file: Path, random: Random) -> tuple[str, bool]:
    """Put a link that leads nowhere, or to itself, where the folder, a table or the run file is."""
    what = one_of([file.parent / "data", file.parent / "data" / "sources.csv", file], random)
    if what.is_dir():
        shutil.rmtree(what)
    else:
        what.unlink()
    target = one_of([what.name, "nowhere", "/nowhere/at/all"], random)
    what.symlink_to(target)
    return f"{what.name} leads to {target}", True


def no_file(file: Path, random: Random) -> tuple[str, bool]:
    """Put a folder, a pipe or a device where a table or the run file is."""
    what = one_of([_table(file, random), file], random)
    what.unlink()
    kind = one_of(["a folder", "a pipe", "a device"], random)
    if kind == "a folder":
        what.mkdir()
    elif kind == "a pipe":
        os.mkfifo(what)
    else:
        what.symlink_to("/dev/zero")
    return f"{what.name} is {kind}", True


def strange(file: Path, random: Random) -> tuple[str, bool]:
    """Put another file beside the tables."""
    name, wrong = one_of(
        [("strange.csv", True), ("..csv", True), ("Population.csv", True), ("notes.txt", False), ("sub", False)], random
    )
    there = file.parent / "data" / name
    if name == "sub":
        there.mkdir()
        (there / "population.csv").write_text("anything", "utf-8")
    else:
        there.write_text("year,value\n2020,1\n", "utf-8")
    return f"data/{name}", wrong


def taken_away(file: Path, random: Random) -> tuple[str, bool]:
    """Take away the run file, the list of sources or the whole folder."""
    what = one_of([file, file.parent / "data" / "sources.csv", file.parent / "data"], random)
    if what.is_dir():
        shutil.rmtree(what)
    else:
        what.unlink()
    return f"{what.name} is gone", True


CHANGES: dict[str, Callable[[Path, Random], tuple[str, bool]]] = {
    "`..` in a path": dots,
    "a path to nowhere": lost,
    "a folder named twice": again,
    "symlinks": linked,
    "symlinks to nowhere and in circles": dangling,
    "folders, pipes and devices for files": no_file,
    "a strange file among the tables": strange,
    "a file taken away": taken_away,
}


def change(kind: str, file: Path, random: Random) -> Trial:
    """Change where the files of a run are."""
    what, wrong = CHANGES[kind](file, random)
    return Trial(FAMILY, kind, what, wrong)
