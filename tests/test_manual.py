"""The manual and the notebooks: nothing is stored that a kernel made, and words agree with the report's own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from actuarial.report.texts import catalogue

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGES = sorted((ROOT / "docs").glob("*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_is_kept_without_outputs(file: Path) -> None:
    book = json.loads(file.read_text(encoding="utf-8"))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None
    assert "widgets" not in book["metadata"]


def test_there_are_seven_notebooks_and_the_manual_shows_each() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert len(NOTEBOOKS) == 7
    assert all(f"notebooks/{file.stem}" in index for file in NOTEBOOKS)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_tells_its_story_in_words_and_ends_with_where_to_read_on(file: Path) -> None:
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    words = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    assert words[0].startswith("# ")
    assert len(words) >= len(cells) / 3
    assert "](../docs/" in words[-1]


def links() -> list[tuple[Path, str]]:
    found = [(page, link) for page in PAGES for link in LINK.findall(page.read_text(encoding="utf-8"))]
    for file in NOTEBOOKS:
        text = "\n".join("".join(cell["source"]) for cell in json.loads(file.read_text(encoding="utf-8"))["cells"])
        found += [(file, link) for link in LINK.findall(text)]
    return found


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page, link in links():
        parts = urlsplit(link)
        if parts.scheme or not parts.path:
            continue
        target = (page.parent / parts.path).resolve()
        if not target.exists() and target.parent != ROOT / "docs" / "notebooks":
            broken.append((page.name, link))
    assert broken == []


def test_addresses_in_the_manual_can_be_followed() -> None:
    for page, link in links():
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme in ("http", "https") and "." in parts.netloc, (page.name, link)


def terms() -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    return [(row[0].strip(), row[1].strip()) for row in rows if row[0].strip() != "English"]


def test_the_glossary_gives_every_term_once() -> None:
    english = [one for one, _ in terms()]
    assert len(english) == len(set(english)) >= 35


@pytest.mark.parametrize(("english", "chinese"), terms(), ids=[one for one, _ in terms()])
def test_the_glossary_uses_the_words_of_the_report(english: str, chinese: str) -> None:
    assert any(chinese in entry.get("zh", "") for entry in catalogue().values()), f"{english}: {chinese}"
