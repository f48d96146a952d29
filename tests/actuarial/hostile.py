"""Texts that try to leave their place: in HTML, in the data of a chart, in a cell of a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEXTS = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "'><svg/onload=alert(3)>",
    "</title></style><iframe srcdoc='<script>parent.alert(4)</script>'>",
    "<a href=javascript:alert(5)>%{x}</a>",
    '=HYPERLINK("http://example.invalid","x")',
    "+1",
    "-1",
    "@SUM(1,1)",
    "\t=1+1",
    " \u200b=1+1",
    "line\nbreak\r\nand\ttab",
    "\u202eright to left\u2066 isolate\ufeff",
    "zero\x00byte\x1b[31m",
    "\u2028\u2029{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp; ]]> --> <!--",
    "long " * 2000,
)

KEPT = {"language", "name", "key", "sources", "created", "axis", "model", "address", "series", "kind", "date_read"}
"""Keys whose values are looked up, not shown, or have a form of their own."""


def poisoned(folder: Path) -> Path:
    """Put a hostile text in place of every text of the records of a run's folder, each in its turn."""
    count = 0

    def poison(value: Any, key: str = "") -> Any:
        nonlocal count
        if isinstance(value, dict):
            return {name: poison(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [poison(item, key) for item in value]
        if not isinstance(value, str) or key in KEPT:
            return value
        count += 1
        return TEXTS[count % len(TEXTS)]

    for name in ("manifest", "sources", "assumptions", "observed"):
        file = folder / f"{name}.json"
        content = json.loads(file.read_text(encoding="utf-8"))
        spoiled = poison(content)
        if name == "manifest":
            # The hashes are held against the files.
            spoiled |= {"inputs": content["inputs"], "posteriors": content["posteriors"]}
        file.write_text(json.dumps(spoiled), encoding="utf-8")
    assert count > len(TEXTS)
    return folder
