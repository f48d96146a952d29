"""The pages of a run as PDF, printed by Chromium from the same HTML."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from actuarial.report import _chromium
from actuarial.report._errors import ReportError
from forecasting import artefacts

_DATE = re.compile(rb"/(CreationDate|ModDate) \(D:(\d{14})(\+00'00'|Z)?\)")

_NODE = re.compile(rb"\(node(\d{8})\)")
"""What a browser calls the cells of tables: numbers that it counts on from whatever it did before."""


def write_pdf(page: Path, created: str) -> Path:
    """Print a page beside itself.

    Parameters
    ----------
    page : pathlib.Path
        An HTML file that `actuarial.report` wrote.
    created : str
        Day of the run, ISO 8601; the file bears it, so that the same results give the same file.

    Returns
    -------
    pathlib.Path
        ``<name>.pdf``, whole or not at all.

    Raises
    ------
    ReportError
        Where there is no page, no Chromium, or it does not answer; nothing is written.
    """
    if not page.is_file():
        raise ReportError([f"{page.name} is missing in {page.parent}: run `granary report` first"])
    file = page.with_suffix(".pdf")
    paper = numbered(dated(_chromium.printed(page), created))
    artefacts.write_atomically(file, lambda part: part.write_bytes(paper))
    return file


def dated(paper: bytes, created: str) -> bytes:
    """Return a PDF with another day in place of the hour of printing.

    Parameters
    ----------
    paper : bytes
        As Chromium printed it.
    created : str
        ISO 8601.

    Returns
    -------
    bytes
        As long as before: a PDF knows its parts by their places.
    """
    day = datetime.datetime.fromisoformat(created).strftime("%Y%m%d%H%M%S").encode()
    return _DATE.sub(lambda found: b"/%s (D:%s%s)" % (found[1], day, found[3] or b""), paper)


def numbered(paper: bytes) -> bytes:
    """Return a PDF whose table cells are counted from one, in the order of the browser's own numbers.

    Parameters
    ----------
    paper : bytes
        As Chromium printed it.

    Returns
    -------
    bytes
        As long as before, and the same whatever else the browser had to do.
    """
    places = {name: place for place, name in enumerate(sorted(set(_NODE.findall(paper))), start=1)}
    return _NODE.sub(lambda found: b"(node%08d)" % places[found[1]], paper)
