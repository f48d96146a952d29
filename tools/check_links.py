"""Follow every link of the built manual: pages, files and anchors inside it, and whether addresses outside are known.

``python tools/check_links.py docs/_build/html``: lists what is dead and ends with 1, else says how many were
followed. It opens no address: what lies outside must be well-formed, and on a site of `data/sources.csv` or of
:data:`SITES`, by https unless the address stands in `data/sources.csv` or in :data:`PLAIN` as it is.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

SITES = {
    "github.com": "the theme's own page, which its foot names",
    "salib.readthedocs.io": "the library of sensitivity analysis",
    "cfejxufe.magtech.com.cn": "a published study",
    "chinafinanceandeconomicreview.springeropen.com": "a published study",
    "econpapers.repec.org": "published studies",
    "fdokumen.com": "a published study",
    "pubmed.ncbi.nlm.nih.gov": "a published study",
    "search.napstic.cn": "a published study",
    "www.jiemian.com": "a published study, as the press told it",
    "www.mdpi.com": "published studies",
    "www.taokecoco.com": "a published study, as a page quotes it",
}
"""Sites besides those of the sources, and why the manual names them."""

PLAIN = {
    "http://cfejxufe.magtech.com.cn/xb/EN/Y2018/V0/I03/215",
    "http://www.taokecoco.com/page/2023/1009/22869931.shtml",
}
"""Addresses that were read by http, besides those of the sources."""

LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src", "iframe": "src"}
"""What points at something, by element."""


class Page(HTMLParser):
    """One page: the links in it and the anchors that others can point at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = {"", "top"}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the link and the anchor of an element."""
        known = dict(attrs)
        self.anchors |= {one for one in (known.get("id"), known.get("name")) if one}
        if target := known.get(LINKS.get(tag, "")):
            self.links.append(target)


@cache
def page(file: Path) -> Page:
    """Read a page once."""
    return Page(file.read_text(encoding="utf-8"))


def inside(file: Path, link: str) -> str:
    """Return what is wrong with a link inside the manual; empty if nothing is."""
    parts = urlsplit(link)
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return "there is no such page"
    if target.suffix == ".html" and unquote(parts.fragment) not in page(target).anchors:
        return f"{target.name} has no such anchor"
    return ""


def outside(link: str, sources: set[str]) -> str:
    """Return what is wrong with an address outside the manual; empty if nothing is."""
    parts = urlsplit(link)
    sites = {urlsplit(one).hostname for one in sources} | set(SITES)
    if parts.scheme not in ("http", "https") or not parts.hostname or "." not in parts.hostname or " " in link:
        return "this is no address"
    if parts.hostname not in sites:
        return "its site is neither among the sources nor in tools/check_links.py"
    if parts.scheme == "http" and link not in sources | PLAIN:
        return "write it with https"
    return ""


def faults(folder: Path, sources: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield page, link and fault of every link of a built manual; the fault is empty where the link is good."""
    for file in sorted(folder.rglob("*.html")):
        for link in dict.fromkeys(page(file.resolve()).links):
            if link.startswith(("data:", "mailto:")):
                continue
            out = "://" in link or link.startswith("//")
            wrong = outside(link, sources) if out else inside(file.resolve(), link)
            yield str(file.relative_to(folder)), link, wrong


def addresses(table: Path) -> set[str]:
    """Return the addresses of the sources."""
    with table.open(encoding="utf-8", newline="") as file:
        return {row["address"] for row in csv.DictReader(file)}


def main() -> int:
    """Print every dead link."""
    folder = Path(sys.argv[1])
    every = list(faults(folder, addresses(Path(__file__).parents[1] / "data" / "sources.csv")))
    dead = [one for one in every if one[2]]
    for name, link, wrong in dead:
        print(f"{name}: {link}: {wrong}", file=sys.stderr)
    if not every:
        print(f"{folder}: there is no built page", file=sys.stderr)
    else:
        print(f"{len(every):,} links followed, {len(dead)} dead")
    return 1 if dead or not every else 0


if __name__ == "__main__":
    sys.exit(main())
