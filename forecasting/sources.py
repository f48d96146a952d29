"""Read and check the tables of a data folder; every figure keeps its source.

A data folder holds one small CSV file a topic, all in one layout, with ``sources.csv`` (where each figure was
published) and ``indicators.csv`` (its meaning, unit and bounds). Folders can be laid over each other: a later one
adds figures, as those of a county. :func:`read_tables` names every fault at once, and asks of figures that cannot be
right beside the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from forecasting import _schema
from forecasting._faults import DataFaults, Fault, FigureNotFound
from forecasting._layers import BUNDLED, Layer, default_data_folder, layers_of, read
from forecasting._plausible import implausible
from forecasting._schema import nearest
from forecasting._tables import COUNTRY, Tables

__all__ = [
    "BUNDLED",
    "COUNTRY",
    "DataFaults",
    "Fault",
    "FigureNotFound",
    "Tables",
    "default_data_folder",
    "files_of",
    "nearest",
    "read_tables",
]

TABLE_COLUMNS = ("year", "region", "area", "sex", "age", "indicator", "value", "unit", "source", "note")
SOURCE_COLUMNS = ("key", "title", "publisher", "address", "licence", "date_read")
INDICATOR_COLUMNS = ("indicator", "table", "unit", "low", "high", "time", "required", "contiguous", "meaning")
SOURCES, INDICATORS = "sources.csv", "indicators.csv"


def read_tables(folders: Path | Sequence[Path], country: str = COUNTRY) -> Tables:
    """Read a data folder, or several laid over each other, and check all of it.

    Parameters
    ----------
    folders : Path or sequence of Path
        The first holds ``sources.csv``, ``indicators.csv`` and the topic tables that the latter names. A later one
        holds what it adds: tables, their sources, and ``indicators.csv`` where it declares new indicators. No
        figure, source or indicator may stand twice.
    country : str
        Region of the nation's rows.

    Returns
    -------
    Tables
        The checked tables.

    Raises
    ------
    DataFaults
        If anything is wrong; it lists every fault with file, line and column. Files are named with their folder
        where several are read.
    """
    layers = layers_of(folders)
    faults = _strange_folders(layers)
    if faults:
        raise DataFaults(faults)
    sources = read(
        layers, SOURCES, SOURCE_COLUMNS, faults, needed=lambda layer: layer is layers[0] or _tables_in(layer)
    )
    indicators = read(
        layers, INDICATORS, INDICATOR_COLUMNS, faults, numbers=("low", "high"), needed=lambda layer: layer is layers[0]
    )
    if sources is None or indicators is None:
        raise DataFaults(faults)
    faults += _schema.check_sources(sources) + _schema.check_indicators(indicators)
    frames: dict[str, pd.DataFrame] = {}
    for topic in dict.fromkeys(t for t in indicators["table"] if t):
        frame = _topic(topic, layers, indicators, faults)
        if frame is not None:
            faults += _schema.check_table(frame, topic, indicators, sources)
            frames[topic] = frame
    faults += _schema.check_whole(frames, indicators, country) + _strange_files(layers, indicators)
    faults += _schema.check_regions(frames)
    faults += implausible(frames, indicators, {fault.where.partition(", column ")[0] for fault in faults})
    if faults:
        raise DataFaults(faults)
    typed = {topic: _typed(frame) for topic, frame in frames.items()}
    return Tables(typed, sources.reset_index(drop=True), indicators.reset_index(drop=True), _hash(layers), country)


def files_of(folders: Path | Sequence[Path]) -> dict[str, Path]:
    """Return the CSV files of the folders by the names that faults and records give them.

    Parameters
    ----------
    folders : Path or sequence of Path
        As for `read_tables`.

    Returns
    -------
    dict of str to Path
        In order; names begin with the folder's where there are several folders.
    """
    return {layer.named(file): layer.folder / file for layer in layers_of(folders) for file in layer.files()}


def _topic(topic: str, layers: list[Layer], indicators: pd.DataFrame, faults: list[Fault]) -> pd.DataFrame | None:
    """Read one table; it may stand in any of the folders, and must in the one that declares it if in no other."""
    file = f"{topic}.csv"
    somewhere = any(file in layer.files() for layer in layers)
    declared = indicators.index[indicators["table"] == topic][0]
    return read(
        layers,
        file,
        TABLE_COLUMNS,
        faults,
        numbers=("year", "month", "value"),
        optional=("month",),
        needed=lambda layer: not somewhere and declared.startswith(f"{layer.named(INDICATORS)}, "),
    )


def _strange_folders(layers: Iterable[Layer]) -> list[Fault]:
    """Find folders that are read twice, and later ones that add nothing: a wrong name is likely."""
    faults, seen = [], set()
    for number, layer in enumerate(layers):
        folder = str(layer.folder)
        if layer.folder.resolve() in seen:
            faults.append(Fault(folder, "this folder is read twice", "Name it once"))
        elif number > 0 and not layer.files():
            faults.append(Fault(folder, "this folder holds no table", "Put tables into it, or read it no more"))
        seen.add(layer.folder.resolve())
    return faults


def _tables_in(layer: Layer) -> bool:
    return bool(set(layer.files()) - {SOURCES, INDICATORS})


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    whole = {column: "int64" for column in ("year", "month") if column in frame}
    return frame.astype(whole).reset_index(drop=True)


def _strange_files(layers: Iterable[Layer], indicators: pd.DataFrame) -> list[Fault]:
    known = {SOURCES, INDICATORS, *(indicators["table"] + ".csv")}
    do = "Declare its indicators in indicators.csv, or take the file away"
    return [
        Fault(layer.named(file), "no indicator is declared for this table", do)
        for layer in layers
        for file in layer.files()
        if file not in known
    ]


def _hash(layers: Iterable[Layer]) -> str:
    digest = hashlib.sha256()
    for layer in layers:
        for file in layer.files():
            digest.update(file.encode() + b"\0" + (layer.folder / file).read_bytes() + b"\0")
    return digest.hexdigest()
