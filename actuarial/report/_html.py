"""What every page is made with: templates, charts as JSON, and the policy under which a page runs."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from actuarial.report import figures
from actuarial.report.blocks import Block
from actuarial.report.publications import citations
from actuarial.report.records import Source

CITED = 3
"""Short names of sources under a chart before "and n more"."""


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


def specs(blocks: Sequence[Block]) -> dict[str, Any]:
    """Return the charts of blocks by the id of their panel, as plotly reads them."""
    return {panel.id: json.loads(panel.figure.to_json()) for block in blocks for panel in block.panels}


def policy(scripts: Iterable[str]) -> str:
    """Return a content security policy under which these scripts run and nothing else does, nor loads."""
    digests = " ".join(f"'sha256-{digest}'" for digest in _digests(scripts))
    rules = ("default-src 'none'", f"script-src {digests}", "style-src 'unsafe-inline'", "img-src data:")
    return "; ".join((*rules, "base-uri 'none'", "form-action 'none'"))


def _digests(scripts: Iterable[str]) -> Iterator[str]:
    for text in scripts:
        yield base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def asset(name: str) -> str:
    """Return the text of a file of the templates."""
    return resources.files("actuarial.report").joinpath("templates", name).read_text(encoding="utf-8")


def environment() -> Environment:
    """Return where templates are found, with all that is written into them escaped."""
    environment = Environment(
        loader=PackageLoader("actuarial.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"web_address": web_address, "anchor": anchor, "citations": citations, "cited": CITED}
    environment.globals["symbols"] = figures.SYMBOLS
    return environment
