"""Saved results as one long table: a number a row, in CSV or Parquet.

The columns are ``table`` (the saved file: account, medical, projection ...), ``scenario``, ``variable``, ``unit``,
``year``, one for every other dimension, then ``statistic`` or ``draw``, and ``value`` in SI units: yuan, persons,
shares. A cell is empty where a variable has no such dimension, and a value where there is none.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Literal

import numpy as np
import pyarrow as pa
import xarray as xr
from pyarrow import csv, parquet

from actuarial.report._variables import SOME, described, other_axes, saved
from actuarial.report.results import Results
from actuarial.report.summary import LEVELS, probability, quantiles
from forecasting import artefacts

Form = Literal["csv", "parquet"]

STATISTICS = ("mean", *(f"q{format(level, '.3f')[2:].removesuffix('0')}" for level in LEVELS), "defined")
"""Mean, quantiles (``q025`` is the 2.5 % quantile), and the share of draws that have a value."""

MOST_ROWS = 500_000
"""Rows of one piece; a piece is all that is in memory at a time."""

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
"""Without it the Excel of a Chinese Windows reads a CSV as GBK and garbles Chinese letters; pandas and R skip it."""

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take the text of a CSV cell for a formula."""

UNSEEN = ("Cc", "Cf")
"""Unicode's categories of control characters and of marks of direction and width, none of which is seen."""

_TEXT = pa.dictionary(pa.int32(), pa.string())


def reduced(values: xr.DataArray) -> xr.DataArray:
    """Reduce draws to the numbers of `STATISTICS`.

    Parameters
    ----------
    values : xarray.DataArray
        With or without draws. What is not finite has no value, and sorts after every number.

    Returns
    -------
    xarray.DataArray
        Dimensions statistic and the others of `values`. The mean is NaN unless every draw has a value; a quantile is
        NaN where it falls on a draw without one.
    """
    known = _known(values)
    middle, bands = average(known), _bands(known)
    rows = [middle.values, *np.where(np.isfinite(bands), bands, np.nan), probability(known.notnull()).values]
    coords = {name: middle.coords[name] for name in middle.dims if name in middle.coords}
    return xr.DataArray(np.stack(rows), coords | {"statistic": list(STATISTICS)}, ("statistic", *middle.dims))


def _bands(known: xr.DataArray) -> np.ndarray:
    """Return quantiles: order statistics only where a draw has no value, and not in the other places of the array."""
    bands = quantiles(known)
    array = known.transpose("draw", ...).values if "draw" in known.dims else known.values[None]
    whole = ~np.isnan(array).any(axis=0)
    if not whole.all():
        bands[:, whole] = quantiles(xr.DataArray(array[:, whole], dims=("draw", "place")))
    return bands


def average(values: xr.DataArray) -> xr.DataArray:
    """Return the mean of the draws; NaN unless every draw has a value."""
    known = _known(values)
    return known.mean("draw", skipna=False) if "draw" in known.dims else known


def _known(values: xr.DataArray) -> xr.DataArray:
    """Return numbers, NaN where there is no finite one; what holds nothing else already is not copied."""
    values = values.rename({SOME: "draw"}) if SOME in values.dims else values
    found = values.values
    sound = found.dtype == np.float64 and not np.isinf(found).any()
    return values if sound else values.copy(data=np.where(np.isfinite(found), found, np.nan).astype(float))


def pieces(results: Results, *, draws: bool = False) -> Iterator[Iterator[pa.Table]]:
    """Give the long table piece by piece.

    Parameters
    ----------
    results : Results
        From `actuarial.report.results.read_results`.
    draws : bool
        A row for every draw in place of one for every statistic.

    Yields
    ------
    iterator of pyarrow.Table
        One for every variable: its pieces, of about `MOST_ROWS` rows at most, all with the same columns.
    """
    schema = columns(results, draws=draws)
    for kind, values in saved(results):
        fixed = {"table": kind, "variable": str(values.name), "unit": described(values)[0]}
        parts = _by_draws(values) if draws else iter([_told(reduced(values))])
        yield (_long(part, fixed, schema) for part in parts)


def columns(results: Results, *, draws: bool = False) -> pa.Schema:
    """Return names and types of the columns; seed, versions and title stand in the metadata."""
    variables = [values for _, values in saved(results)]
    fields = [("table", _TEXT), ("scenario", _TEXT), ("variable", _TEXT), ("unit", _TEXT), ("year", pa.int32())]
    fields += [(name, _type_of(name, variables)) for name in other_axes(variables)]
    few = [(SOME, pa.int32())] if any(SOME in values.dims for values in variables) else []
    fields += [*few, ("draw", pa.int32())] if draws else [("statistic", _TEXT)]
    fields += [("value", pa.float64())]
    run = results.manifest
    told = {"title": run.title, "created": run.created, "seed": run.seed, "draws": run.draws, "versions": run.versions}
    return pa.schema(fields, {"granary": json.dumps(told, ensure_ascii=False, sort_keys=True)})


def write_tidy(
    results: Results,
    file: Path,
    form: Form,
    *,
    draws: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> int:
    """Write the long table, whole or not at all.

    Parameters
    ----------
    results : Results
        From `actuarial.report.results.read_results`.
    file : pathlib.Path
        Where to; its folder is made if it is missing.
    form : {"csv", "parquet"}
        A CSV is in UTF-8 with a byte-order mark, and a text in it that a spreadsheet would run as a formula gets an
        apostrophe before it. Parquet keeps types, and is small enough for draws.
    draws : bool
        A row for every draw in place of one for every statistic.
    advance : callable
        Called after every variable.

    Returns
    -------
    int
        How many rows were written.
    """
    counted = []

    def fill(part: Path) -> None:
        schema = columns(results, draws=draws)
        with part.open("wb") as stream, _writer(stream, form, schema) as writer:
            for tables in pieces(results, draws=draws):
                for table in tables:
                    writer.write_table(_harmless(table) if form == "csv" else table)
                    counted.append(table.num_rows)
                advance()

    artefacts.write_atomically(file, fill)
    return sum(counted)


def _writer(stream: IO[bytes], form: Form, schema: pa.Schema) -> AbstractContextManager:
    if form == "parquet":
        return parquet.ParquetWriter(stream, schema, compression="zstd")
    stream.write(BOM)
    return csv.CSVWriter(stream, pa.schema([(field.name, _plain(field.type)) for field in schema]))


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_dictionary(kind) else kind


def _harmless(table: pa.Table) -> pa.Table:
    """Return a piece with plain texts, none of which a spreadsheet takes for a formula."""
    return pa.table([_harmless_column(column) for column in table.columns], names=table.column_names)


def _harmless_column(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    if not pa.types.is_dictionary(found.type):
        return found
    words = pa.array([quoted(word) for word in found.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(found.indices, words).dictionary_decode()


def quoted(text: str) -> str:
    """Return a text for a cell of a CSV: with an apostrophe before it where it would start a formula.

    Spreadsheets pass over blanks and letters that are not seen, so that what comes after them counts (OWASP, *CSV
    Injection*).
    """
    seen = "".join(sign for sign in text if not sign.isspace() and unicodedata.category(sign) not in UNSEEN)
    return f"'{text}" if text.startswith(STARTS_FORMULA) or seen.startswith(STARTS_FORMULA) else text


def _told(statistics: xr.DataArray) -> xr.DataArray:
    """Leave out the share of draws with a value where that is all of them."""
    complete = bool((statistics.sel(statistic="defined") == 1.0).all())
    return statistics.drop_sel(statistic="defined") if complete else statistics


def _by_draws(values: xr.DataArray) -> Iterator[xr.DataArray]:
    if "draw" not in values.dims:
        yield values
        return
    count = values.sizes["draw"]
    step = max(1, MOST_ROWS * count // max(values.size, 1))
    for start in range(0, count, step):
        yield values.isel(draw=slice(start, start + step))


def _type_of(name: str, variables: list[xr.DataArray]) -> pa.DataType:
    found = [_labels(values, name).dtype for values in variables if name in values.dims]
    if all(np.issubdtype(kind, np.integer) for kind in found):
        return pa.int32()
    return pa.float64() if all(np.issubdtype(kind, np.number) for kind in found) else _TEXT


def _labels(values: xr.DataArray, dim: str) -> np.ndarray:
    return values[dim].values


def _long(values: xr.DataArray, fixed: dict[str, str], schema: pa.Schema) -> pa.Table:
    """Return an array as rows, in the order of its dimensions."""
    count, made = values.size, []
    for field in schema:
        if field.name == "value":
            made.append(pa.array(values.values.astype(float).ravel(), field.type, from_pandas=True))
        elif field.name in fixed:
            made.append(_repeated(np.array([fixed[field.name]]), np.zeros(count, dtype=np.int32), field.type))
        elif field.name in values.dims:
            axis = values.get_axis_num(field.name)
            shape = [-1 if place == axis else 1 for place in range(values.ndim)]
            steps = np.arange(values.shape[axis], dtype=np.int32).reshape(shape)
            places = np.broadcast_to(steps, values.shape).ravel()
            made.append(_repeated(_labels(values, field.name), places, field.type))
        else:
            made.append(pa.nulls(count, field.type))
    return pa.Table.from_arrays(made, schema=schema)


def _repeated(labels: np.ndarray, places: np.ndarray, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(pa.array(places), pa.array([str(x) for x in labels], pa.string()))
    return pa.array(labels[places], kind)
