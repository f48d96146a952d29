"""Assemble the page: one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from actuarial.report import figures, tables
from actuarial.report.blocks import Block, Context
from actuarial.report.money import backcast, money_blocks
from actuarial.report.numbers import Numbers
from actuarial.report.people import people_blocks
from actuarial.report.records import Language, Source
from actuarial.report.results import Results, read_results
from actuarial.report.summary import base_year
from actuarial.report.texts import Texts
from forecasting import artefacts

CITED = 4
"""Sources named under a chart before "and n more"."""


def write_report(folder: Path, language: Language) -> Path:
    """Draw the report of a saved run.

    Parameters
    ----------
    folder : pathlib.Path
        The folder that a run wrote; only its files are read.
    language : {"en", "zh"}
        The language of the page.

    Returns
    -------
    pathlib.Path
        ``report.<language>.html`` in `folder`. Where `language` is the run's own, ``report.html`` is the same page.

    Raises
    ------
    ReportError
        If the saved results are incomplete; lists every fault, and nothing is written.
    """
    results = read_results(folder)
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
    context = Context(results, texts, Numbers(texts, results.manifest.last_year))
    people, money, past = people_blocks(context), money_blocks(context), backcast(context)
    scripts = {"plotly": get_plotlyjs(), "draw": _asset("page.js")}
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            _facts(context),
            people=people,
            money=money,
            past=past,
            numbers={block.id: n for n, block in enumerate([*people, *money, past], start=1)},
            specs=as_json(_specs([*people, *money, past])),
            scripts={name: Markup(text) for name, text in scripts.items()},  # noqa: S704 -- our own files, no data in them
            policy=_policy(scripts.values()),
            style=Markup(_asset("style.css")),  # noqa: S704
        )
    )


def _facts(context: Context) -> dict[str, Any]:
    manifest = context.results.manifest
    return {
        "t": context.texts,
        "free": context.numbers.free,
        "language": context.texts.language,
        "manifest": manifest,
        "title": context.texts.pick(manifest.title, manifest.title_zh),
        "answer": manifest.answer_zh if context.texts.language == "zh" else manifest.answer,
        "warnings": manifest.warnings_zh
        if context.texts.language == "zh" and manifest.warnings_zh
        else manifest.warnings,
        "scenarios": [(context.title(s), context.color(s), one) for s, one in enumerate(manifest.scenarios)],
        "failed": [one.model for one in context.results.diagnostics if not one.passed],
        "sources": context.results.sources,
        "price_year": base_year(context.results.projection["price_index"]),
        "error": f"{100 * 1.96 * 0.5 / manifest.draws**0.5:.0f}",
        "headline": tables.headline(context),
        "differences": tables.differences(context),
        "indicators": [tables.indicators(context, s) for s in range(len(manifest.scenarios))],
        "summary_tables": [tables.actuarial_balance(context), tables.first_years(context)],
        "assumptions": tables.assumptions(context),
        "diagnostics": tables.diagnostics(context),
    }


def as_json(data: Any) -> Markup:
    """Return JSON that is safe inside a script element: no ``<``, ``>``, ``&`` or line separator is left in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 -- escaped above


def web_address(address: str) -> str:
    """Return `address` if a browser may follow it (http or https with a host), else nothing."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return address.strip() if parts.scheme in ("http", "https") and parts.netloc else ""


def anchor(source: Source, sources: list[Source]) -> str:
    """Return the id of a source in the page's list."""
    return f"source-{sources.index(source) + 1}"


def _specs(blocks: list[Block]) -> dict[str, Any]:
    return {panel.id: json.loads(panel.figure.to_json()) for block in blocks for panel in block.panels}


def _policy(scripts: Any) -> str:
    digests = " ".join(f"'sha256-{digest}'" for digest in _digests(scripts))
    rules = ("default-src 'none'", f"script-src {digests}", "style-src 'unsafe-inline'", "img-src data:")
    return "; ".join((*rules, "base-uri 'none'", "form-action 'none'"))


def _digests(scripts: Any) -> Iterator[str]:
    for text in scripts:
        yield base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _asset(name: str) -> str:
    return resources.files("actuarial.report").joinpath("templates", name).read_text(encoding="utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("actuarial.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"web_address": web_address, "anchor": anchor, "cited": CITED, "symbols": figures.SYMBOLS}
    return environment
