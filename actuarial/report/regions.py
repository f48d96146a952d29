"""The overview of a batch: a map of tiles, a ranking with intervals, what failed, and the way to each report."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import xlsxwriter

from actuarial.report._regions_numbers import Found, found
from actuarial.report._regions_page import columns_of, heads, render
from actuarial.report.records import Language
from actuarial.report.texts import Texts
from actuarial.report.tidy import BOM, quoted
from forecasting import artefacts

__all__ = ["FILES", "LANGUAGES", "write"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")

PAGE, CSV, BOOK = "overview.html", "overview.csv", "overview.xlsx"

FILES = (*(f"overview.{language}.html" for language in LANGUAGES), PAGE, CSV, BOOK)
"""What :func:`write` leaves."""


def write(
    out: Path, folders: Mapping[str, str], failed: Mapping[str, str], zones: Mapping[str, str], language: Language
) -> Path:
    """Write the overview of the regions that have been valued.

    Parameters
    ----------
    out : pathlib.Path
        Folder of the batch.
    folders : mapping of str to str
        Folder of each region that is finished, seen from `out`; at least one.
    failed : mapping of str to str
        Why others are not.
    zones : mapping of str to str
        Zone of each region that has one.
    language : {"en", "zh"}
        That of ``overview.html`` and of the workbook.

    Returns
    -------
    pathlib.Path
        ``overview.html``; beside it are the other `FILES`. The same regions always give the same bytes.

    Raises
    ------
    forecasting.artefacts.ArtefactError
        If the saved results of a region are missing or broken.
    """
    told = found(out, folders, zones)
    for one in LANGUAGES:
        page = render(told, folders, failed, Texts(one)).encode("utf-8")
        names = [f"overview.{one}.html"] + ([PAGE] if one == language else [])
        for name in names:
            artefacts.write_atomically(out / name, functools.partial(Path.write_bytes, data=page))
    table = told.table.map(lambda cell: quoted(cell) if isinstance(cell, str) else cell)
    text = table.to_csv(index=False, lineterminator="\n", na_rep="", float_format="%.6g")
    artefacts.write_atomically(out / CSV, lambda part: part.write_bytes(BOM + text.encode("utf-8")))
    artefacts.write_atomically(out / BOOK, lambda part: _book(part, told, failed, Texts(language)))
    return out / PAGE


def _book(file: Path, told: Found, failed: Mapping[str, str], texts: Texts) -> None:
    """Write one sheet a scenario, and one of what failed; every text stays a text."""
    options = dict.fromkeys(("strings_to_numbers", "strings_to_formulas", "strings_to_urls"), False)
    with xlsxwriter.Workbook(file, options | {"nan_inf_to_errors": False}) as book:
        created = datetime.datetime.fromisoformat(told.created)
        book.set_properties({"title": texts("regions.title"), "author": "Granary", "created": created})
        looks = {
            "head": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E8EEF4", "valign": "top"}),
            "text": book.add_format({"quote_prefix": True}),
            "share": book.add_format({"num_format": "0.0%"}),
            "year": book.add_format({"num_format": "0"}),
        }
        for number, (scenario, titles) in enumerate(told.titles.items(), start=1):
            sheet = book.add_worksheet(f"{number}")
            sheet.write_string(0, 0, texts.pick(*titles), looks["text"])
            rows = told.table[told.table["scenario"] == scenario]
            _sheet(sheet, rows, told, texts, looks)
        sheet = book.add_worksheet(texts("regions.sheet_failed"))
        for at, head in enumerate((texts("regions.head_region"), texts("regions.head_reason"))):
            sheet.write_string(0, at, head, looks["head"])
        for row, pair in enumerate(failed.items(), start=1):
            for at, cell in enumerate(pair):
                sheet.write_string(row, at, cell, looks["text"])
        sheet.set_column(0, 1, 40)


def _sheet(
    sheet: xlsxwriter.worksheet.Worksheet,
    rows: pd.DataFrame,
    told: Found,
    texts: Texts,
    looks: Mapping[str, xlsxwriter.format.Format],
) -> None:
    """Write a head and one row a region; a year beyond the forecast is a text that says so."""
    sheet.freeze_panes(2, 1)
    sheet.set_column(0, 1, 18)
    sheet.set_column(2, 40, 12)
    for at, head in enumerate(heads(told, texts)):
        sheet.write_string(1, at, head, looks["head"])
    for line, (_, row) in enumerate(rows.iterrows(), start=2):
        sheet.write_string(line, 0, texts.known(f"pooling.place.{row['region']}", row["region"]), looks["text"])
        sheet.write_string(line, 1, texts.known(f"mix.zone.{row['zone']}", row["zone"]), looks["text"])
        for at, name in enumerate(columns_of(told), start=2):
            value = float(row[name])
            kind = "year" if name.startswith(("depletion_year", "rank")) else "share"
            if value == float("inf"):
                sheet.write_string(line, at, texts("never", year=told.last), looks["text"])
            else:
                sheet.write_number(line, at, value, looks[kind])
