"""Read the files of one data folder, or of several laid over each other; every row keeps its place."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting._faults import Fault

__all__ = ["BUNDLED", "Layer", "default_data_folder", "file_of", "layers_of", "line_of", "lines", "read"]

BUNDLED = "bundled"
"""Name of the figures that come with Granary."""


_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
"""Characters that nobody sees, and that make a name another one."""


@dataclass(frozen=True)
class Layer:
    """One data folder of those that are read together.

    Parameters
    ----------
    folder : Path
        Where its files are.
    prefix : str
        What stands before a file's name in a fault: empty where one folder is read, else its name and a slash.
    """

    folder: Path
    prefix: str

    def named(self, file: str) -> str:
        """Return how a fault names one of the files."""
        return f"{self.prefix}{file}"

    def files(self) -> list[str]:
        """Return the names of its CSV files in order."""
        return sorted(path.name for path in self.folder.glob("*.csv"))


def default_data_folder() -> Path:
    """Return the folder with the figures that come with Granary.

    Returns
    -------
    Path
        The bundled folder of an installed package, or ``data`` of a checkout.
    """
    package = Path(__file__).resolve().parent
    bundled = package / "_bundled"
    return bundled if bundled.is_dir() else package.parent / "data"


def layers_of(folders: Path | Sequence[Path]) -> list[Layer]:
    """Name the folders that are read together.

    Parameters
    ----------
    folders : Path or sequence of Path
        One folder, or several in order.

    Returns
    -------
    list of Layer
        Several are told apart by their last names, or by their whole paths where the last names are the same.
    """
    paths = [Path(folder) for folder in ([folders] if isinstance(folders, str | Path) else folders)]
    if len(paths) == 1:
        return [Layer(paths[0], "")]
    ours = default_data_folder().resolve()
    short = [BUNDLED if path.resolve() == ours else path.name for path in paths]
    count = Counter(short)
    return [Layer(p, f"{name if count[name] == 1 else p}/") for p, name in zip(paths, short, strict=True)]


def file_of(place: str) -> str:
    """Return the file of a place such as ``data/population.csv, line 5``."""
    return place.rpartition(", line ")[0]


def line_of(place: str) -> str:
    """Return the line of a place, such as ``line 5``."""
    return place.rpartition(", ")[2]


def lines(places: Iterable[str]) -> str:
    """Return the first and the last of several places of one file, such as ``population.csv, lines 2 to 9``."""
    first, *_, last = places
    return f"{file_of(first)}, lines {line_of(first).removeprefix('line ')} to {line_of(last).removeprefix('line ')}"


def read(
    layers: Iterable[Layer],
    file: str,
    columns: Sequence[str],
    faults: list[Fault],
    *,
    numbers: Sequence[str] = (),
    optional: Sequence[str] = (),
    needed: Callable[[Layer], bool],
) -> pd.DataFrame | None:
    """Read one file of every folder that holds it, as text with its numbers parsed.

    Parameters
    ----------
    layers : iterable of Layer
        The folders.
    file : str
        Name of the file.
    columns : sequence of str
        Columns that it must have.
    faults : list of Fault
        Faults are added to it as they are met.
    numbers : sequence of str
        Columns that are parsed as numbers.
    optional : sequence of str
        Columns that the file may have; then it has them in every folder.
    needed : callable
        Tells of a folder whether the file must be there.

    Returns
    -------
    DataFrame or None
        Rows of all folders in order, indexed by place: file and line. None if a file is not there or cannot be read.
    """
    kept = (*columns, *optional)
    found = {
        layer.named(file): _read(layer, file, columns, faults)
        for layer in layers
        if file in layer.files() or needed(layer)
    }
    frames = {name: f[[c for c in f if c in kept]] for name, f in found.items() if f is not None}
    if not frames or len(frames) < len(found):
        return None
    extra = {name: {column for column in optional if column in frame} for name, frame in frames.items()}
    first = next(iter(extra))
    odd = [name for name in extra if extra[name] != extra[first]]
    for name in odd:
        differs = ", ".join(sorted(extra[name] ^ extra[first]))
        what = f"column {differs} stands in only one of this file and {first}"
        faults.append(Fault(f"{name}, line 1", what, "Give both files the same columns"))
    whole = pd.concat(frames.values())
    for column in numbers:
        if column in whole and not odd:
            whole[column] = _numbers(whole[column], faults)
    return None if odd else whole


def _read(layer: Layer, file: str, columns: Iterable[str], faults: list[Fault]) -> pd.DataFrame | None:
    """Read one file as text, indexed by place; note faults as they are met."""
    name = layer.named(file)
    text = _text(layer.folder / file, name, faults)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [cell.strip() for cell in next(reader, [])]
    missing = [column for column in columns if column not in header]
    doubled = sorted({column for column in header if header.count(column) > 1})
    if missing or doubled:
        what = "; ".join(f"{kind} {', '.join(c)}" for kind, c in (("no column", missing), ("twice", doubled)) if c)
        faults.append(Fault(f"{name}, line 1", what, f"Begin the file with the columns {', '.join(columns)}"))
        return None
    rows: dict[str, list[str]] = {}
    for row in reader:
        place = f"{name}, line {reader.line_num}"
        if any("\n" in cell or "\r" in cell for cell in row):
            faults.append(Fault(place, "a cell goes on over several lines", "Close its quote, or write it on one line"))
        elif len(row) == len(header):
            rows[place] = [cell.strip() for cell in row]
        elif row:
            what = f"{len(row)} cells where the header has {len(header)}"
            faults.append(Fault(place, what, "Quote a cell that holds a comma"))
    return pd.DataFrame(rows.values(), index=list(rows), columns=header, dtype="str")


def _text(path: Path, name: str, faults: list[Fault]) -> str | None:
    if path.exists() and not path.is_file():  # a pipe or a device may never end
        faults.append(Fault(name, "this is no file that can be read to its end", "Put the table in its place"))
        return None
    if not path.is_file():
        faults.append(Fault(name, "the file is missing", "Put it into the data folder"))
        return None
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        faults.append(Fault(f"{name}, line {line}", "the text is not UTF-8", "Save the file again as UTF-8"))
        return None
    if unseen := _UNSEEN.search(text):
        line = text.count("\n", 0, unseen.start()) + 1
        what = f"the line holds the unseen character U+{ord(unseen[0]):04X}"
        faults.append(Fault(f"{name}, line {line}", what, "Take it out"))
        return None
    if text and not text.endswith(("\n", "\r")):
        # Every program that writes tables ends the last line: what follows may be lost, and nothing else would show it.
        line = text.count("\n") + 1
        do = "Look whether rows are lacking; if not, end the last line"
        faults.append(Fault(f"{name}, line {line}", "the file ends within a line, as one that was cut does", do))
    return text


def _numbers(column: pd.Series, faults: list[Fault]) -> pd.Series:
    """Parse a column; what is no finite number becomes NaN and a fault."""
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    numbers = numbers.where(np.isfinite(numbers))
    for place in numbers.index[numbers.isna()]:
        what = f"{column[place]!r} is not a finite number" if column[place].strip() else "the number is missing"
        do = "Write a plain number, or leave the whole row out: gaps stay gaps"
        faults.append(Fault(f"{place}, column {column.name}", what, do))
    return numbers
