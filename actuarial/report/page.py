"""Assemble the page: one HTML file that needs nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from actuarial.report import assumed, heldout, tables
from actuarial.report._html import as_json, asset, environment, policy, specs, web_address
from actuarial.report.appendix import check_blocks
from actuarial.report.blocks import Block, Context
from actuarial.report.chapters import chapters
from actuarial.report.money import backcast, money_blocks
from actuarial.report.numbers import Numbers
from actuarial.report.opinion import opinion
from actuarial.report.people import people_blocks
from actuarial.report.publications import by_publisher
from actuarial.report.records import Language, Source
from actuarial.report.results import Results, read_results
from actuarial.report.summary import base_year, people_of
from actuarial.report.texts import Texts
from forecasting import artefacts

__all__ = ["answer_parts", "as_json", "render", "web_address", "write_report"]

_TOGETHER = re.compile(r"[(（][^()（）]{1,24}[)）]|[<>]?\d[\d.%]*(?: / [<>]?\d[\d.%]*)+")
"""Parts of an answer that should not be broken over two lines: an interval, a row of shares."""

_HEAD_ENDS = re.compile(r":\s|：")


def write_report(folder: Path, language: Language, results: Results | None = None) -> Path:
    """Draw the report of a saved run.

    Parameters
    ----------
    folder : pathlib.Path
        The folder that a run wrote; only its files are read.
    language : {"en", "zh"}
        The language of the page.
    results : Results, optional
        What `read_results` found in `folder`, where it was read already.

    Returns
    -------
    pathlib.Path
        ``report.<language>.html`` in `folder`. Where `language` is the run's own, ``report.html`` is the same page.

    Raises
    ------
    ReportError
        If the saved results are incomplete; lists every fault, and nothing is written.
    """
    results = read_results(folder) if results is None else results
    page = render(results, language).encode("utf-8")
    names = [f"report.{language}.html"] + (["report.html"] if results.manifest.language == language else [])
    for name in names:
        artefacts.write_atomically(folder / name, lambda part: part.write_bytes(page))
    return folder / names[0]


def render(results: Results, language: Language) -> str:
    """Return the page as text; the same results always give the same text.

    Parameters
    ----------
    results : Results
        From `read_results`.
    language : {"en", "zh"}
        The language of the page.

    Returns
    -------
    str
        HTML with styles, scripts and data inside.
    """
    texts = Texts(language)
    people = people_of(results.projection["population_5y"], results.manifest.first_year - 1)
    context = Context(results, texts, Numbers(texts, results.manifest.last_year, people))
    who, money, models = people_blocks(context), money_blocks(context), check_blocks(context)
    past = [] if results.backcast is None else [backcast(context, results.backcast)]
    others = chapters(context)
    blocks = [*who, *money, *(block for one in others for block in one.blocks), *past, *models]
    scripts = {"plotly": get_plotlyjs(), "draw": asset("page.js")}
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            _facts(context),
            people=who,
            shelves=_shelves(context, blocks),
            money=money,
            chapters=others,
            past=past,
            models=models,
            numbers={block.id: n for n, block in enumerate(blocks, start=1)},
            specs=as_json(specs(blocks)),
            scripts={name: Markup(text) for name, text in scripts.items()},  # noqa: S704 -- our own files, no data in them
            policy=policy(scripts.values()),
            style=Markup(asset("style.css") + asset("opinion.css") + asset("folds.css")),  # noqa: S704
        )
    )


def _facts(context: Context) -> dict[str, Any]:
    manifest, chinese = context.results.manifest, context.texts.language == "zh"
    held = context.results.calibration
    return {
        "t": context.texts,
        "language": context.texts.language,
        "manifest": manifest,
        "title": context.texts.pick(manifest.title, manifest.title_zh),
        "answer": [answer_parts(line) for line in (manifest.answer_zh if chinese else manifest.answer)],
        "warnings": manifest.warnings_zh if chinese and manifest.warnings_zh else manifest.warnings,
        "scenarios": [
            (context.title(s), context.color(s), one, assumed.changes(context, s))
            for s, one in enumerate(manifest.scenarios)
        ],
        "failed": [
            context.texts.known(f"model.{one.model}", one.model)
            for one in context.results.diagnostics
            if not one.passed
        ],
        "sources": context.results.sources,
        "price_year": base_year(context.results.projection["price_index"]),
        "error": f"{100 * 1.96 * 0.5 / manifest.draws**0.5:.0f}",
        "headline": tables.headline(context),
        "differences": tables.differences(context),
        "indicators": [tables.indicators(context, s) for s in range(len(manifest.scenarios))],
        "summary_tables": [tables.actuarial_balance(context), tables.first_years(context)],
        "rules": assumed.rules(context),
        "priors": assumed.priors(context),
        "diagnostics": tables.diagnostics(context),
        "replaced": tables.replaced(context),
        "calibration": None if held is None else heldout.section(context, held),
        "opinion": opinion(context),
    }


def _shelves(context: Context, blocks: list[Block]) -> list[tuple[str, list[Source]]]:
    """Return the sources under their heads: those of the charts first, then the others by publisher."""
    shown = {source.key for block in blocks for source in block.sources}
    charts = [source for source in context.results.sources if source.key in shown]
    others = by_publisher([source for source in context.results.sources if source.key not in shown])
    named = [(name or context.texts("page.sources_other"), group) for name, group in others]
    return [(context.texts("page.sources_charts"), charts), *named] if charts else named


def answer_parts(line: str) -> tuple[str, list[tuple[str, bool]]]:
    """Split a line of the answer for setting.

    Parameters
    ----------
    line : str
        As printed on a terminal.

    Returns
    -------
    head : str
        What stands before the first colon, colon included; empty where there is none.
    rest : list of (str, bool)
        The other parts in order; true where a part should stay on one line. All parts together are the line.
    """
    colon = _HEAD_ENDS.search(line)
    end = colon.end() if colon else 0
    rest, place = [], end
    for found in _TOGETHER.finditer(line, end):
        rest += [(line[place : found.start()], False), (found[0], True)]
        place = found.end()
    return line[:end], [part for part in [*rest, (line[place:], False)] if part[0]]
