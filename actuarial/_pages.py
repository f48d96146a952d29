"""What the command `granary report` does: write the pages of saved results, and print them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from actuarial.progress import Progress
from actuarial.report import read_results, write_brief, write_report
from actuarial.report._chromium import program
from actuarial.report.pdf import write_pdf
from actuarial.report.records import Language

NAMES = {"report": "Report", "brief": "Brief"}


@dataclass(frozen=True)
class Wanted:
    """What is to be written.

    Attributes
    ----------
    language : {"en", "zh"}, optional
        Of the pages; that of the run by default.
    brief : bool
        Whether the brief alone is wanted.
    pdf : bool
        Whether each page is printed too.
    """

    language: Language | None
    brief: bool
    pdf: bool


def write(folder: Path, what: Wanted, progress: Progress) -> list[str]:
    """Write the pages of a run's folder.

    Parameters
    ----------
    folder : pathlib.Path
        Of the results.
    what : Wanted
    progress : Progress
        Told of every step.

    Returns
    -------
    list of str
        A line a file.

    Raises
    ------
    actuarial.report.ReportError
        If the saved results are incomplete, or a PDF is wanted where there is no Chromium; nothing is written.
    """
    if what.pdf:
        program()
    with progress.step("read results"):
        results = read_results(folder)
    language = what.language or results.manifest.language
    makers = {"brief": write_brief} if what.brief else {"report": write_report, "brief": write_brief}
    pages = {}
    for name, make in makers.items():
        with progress.step(f"write the {name}"):
            pages[name] = make(folder, language, results)
    lines = [f"{NAMES[name]}: {page}" for name, page in pages.items()]
    for page in pages.values() if what.pdf else ():
        with progress.step(f"print {page.name}"):
            lines.append(f"PDF: {write_pdf(page, results.manifest.created)}")
    return lines
