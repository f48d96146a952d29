"""The brief: two pages of paper for who decides, from the same results as the report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from actuarial.report._brief_charts import chances_chart, payers_chart
from actuarial.report._brief_table import funds_table
from actuarial.report._brief_words import MOST, answer, decisions, doubts, rests_on, shortened
from actuarial.report._html import as_json, asset, environment, policy, specs
from actuarial.report.blocks import Context
from actuarial.report.numbers import Numbers
from actuarial.report.publications import citations
from actuarial.report.records import Language
from actuarial.report.results import Results, read_results
from actuarial.report.summary import people_of
from actuarial.report.texts import Texts
from forecasting import artefacts

CITED = 5
"""Short names of sources at the end of the brief before "and n more"."""

LONGEST_TITLE, LONGEST_PLACE = 90, 40
"""Letters of a title and of a region's name; the paper has room for no more."""


def write_brief(folder: Path, language: Language, results: Results | None = None) -> Path:
    """Write the brief of a saved run.

    Parameters
    ----------
    folder : pathlib.Path
        The folder that a run wrote; only its files are read.
    language : {"en", "zh"}
        The language of the page.
    results : Results, optional
        What `actuarial.report.read_results` found in `folder`, where it was read already.

    Returns
    -------
    pathlib.Path
        ``brief.<language>.html`` in `folder`: two A4 pages when printed.

    Raises
    ------
    ReportError
        If the saved results are incomplete; lists every fault, and nothing is written.
    """
    results = read_results(folder) if results is None else results
    file, text = folder / f"brief.{language}.html", render_brief(results, language).encode("utf-8")
    artefacts.write_atomically(file, lambda part: part.write_bytes(text))
    return file


def render_brief(results: Results, language: Language) -> str:
    """Return the brief as text; the same results always give the same text.

    Parameters
    ----------
    results : Results
        From `actuarial.report.read_results`.
    language : {"en", "zh"}
        The language of the page.

    Returns
    -------
    str
        HTML with styles, scripts and data inside.
    """
    texts, manifest = Texts(language), results.manifest
    people = people_of(results.projection["population_5y"], manifest.first_year - 1)
    context = Context(_shortened(results), texts, Numbers(texts, manifest.last_year, people))
    blocks = [chances_chart(context), payers_chart(context)]
    scripts = {"plotly": get_plotlyjs(), "draw": asset("page.js")}
    return (
        environment()
        .get_template("brief.html.j2")
        .render(
            _facts(context),
            blocks=blocks,
            numbers={block.id: n for n, block in enumerate(blocks, start=1)},
            specs=as_json(specs(blocks)),
            scripts={name: Markup(text) for name, text in scripts.items()},  # noqa: S704 -- our own files, no data in them
            policy=policy(scripts.values()),
            style=Markup(asset("brief.css")),  # noqa: S704
        )
    )


def _facts(context: Context) -> dict[str, Any]:
    results, texts = context.results, context.texts
    manifest, cited = results.manifest, citations(results.sources)
    return {
        "t": texts,
        "language": texts.language,
        "manifest": manifest,
        "region": shortened(manifest.region, LONGEST_PLACE),
        "title": shortened(texts.pick(manifest.title, manifest.title_zh), LONGEST_TITLE),
        "answer": answer(context),
        "funds": funds_table(context),
        "left_out": max(0, len(manifest.scenarios) - MOST),
        "failed": sum(not one.passed for one in results.diagnostics),
        "rests": rests_on(context),
        "doubts": doubts(context),
        "decisions": decisions(context),
        "cited": [shortened(one.label, 60) for one in cited[:CITED]],
        "others": sum(len(one.sources) for one in cited[CITED:]),
        "version": manifest.versions.get("evergranary", ""),
    }


def _shortened(results: Results) -> Results:
    """Return the results with names of scenarios that fit the legends and the heads of a table."""
    named = [
        one.model_copy(update={"title_en": shortened(one.title_en), "title_zh": shortened(one.title_zh)})
        for one in results.manifest.scenarios
    ]
    return replace(results, manifest=results.manifest.model_copy(update={"scenarios": named}))
