"""How the page of sliders looks: its style sheets, its legend, and the table behind its charts."""

from __future__ import annotations

from html import escape

from actuarial._explore_charts import BEHIND, FONT, MINE
from actuarial._explore_desk import Picture
from actuarial.report.figures import INK, MUTED
from actuarial.report.numbers import Numbers
from actuarial.report.texts import Texts

PAGE = f"""
:host, :host * {{ font-family: {FONT}; }}
h1 {{ font-size: clamp(1.3rem, 3vw, 1.8rem); line-height: 1.25; margin: 8px 0 4px; color: {INK}; }}
h2 {{ font-size: 1.1rem; margin: 14px 0 2px; color: {INK}; }}
p {{ font-size: .95rem; line-height: 1.5; margin: 0 0 6px; color: {INK}; max-width: 88ch; overflow-wrap: anywhere; }}
p.source, p[data-draws] {{ font-size: .85rem; color: {MUTED}; }}
p[role=alert] {{ color: #a01313; font-weight: 700; }}
pre {{ font: .82rem/1.45 ui-monospace, Menlo, Consolas, monospace; background: #f5f7f9; padding: 10px 12px;
  overflow-x: auto; white-space: pre; max-width: 100%; box-sizing: border-box; }}
summary {{ cursor: pointer; color: {MINE}; font-weight: 700; font-size: .95rem; padding: 4px 0; width: fit-content; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: right; padding: 2px 10px; border-bottom: 1px solid #e3e7ec; }}
a {{ color: {MINE}; }}
:focus-visible {{ outline: 3px solid {MINE}; outline-offset: 2px; }}
"""

LEGEND = (
    PAGE
    + f"""
ul {{ list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0; padding: 0;
  font-size: .88rem; color: {INK}; }}
li::before {{ content: ""; display: inline-block; width: 26px; margin-right: 6px; vertical-align: middle; }}
li.mine::before {{ border-top: 3px solid {MINE}; box-shadow: 0 -6px 0 -1px {MINE}33, 0 5px 0 0 {MINE}33; }}
li.start::before {{ border-top: 3px dashed {BEHIND}; }}
"""
)

SLIDER = f"""
:host {{ font-family: {FONT}; margin: 5px 0; }}
.bk-slider-title {{ font-size: .88rem; color: {INK}; white-space: normal; }}
.noUi-handle:focus {{ outline: 3px solid {MINE}; outline-offset: 1px; }}
"""

CHOOSER = f":host {{ font-family: {FONT}; margin: 5px 0; }} label {{ font-size: .88rem; color: {INK}; }}"

READY = """
document.documentElement.lang = tongue;
const screen = document.createElement("meta");
screen.name = "viewport";
screen.content = "width=device-width, initial-scale=1";
document.head.append(screen);
const watched = new WeakSet();
const name = root => {
  if (!watched.has(root)) {
    watched.add(root);
    new MutationObserver(() => name(root)).observe(root, { childList: true, subtree: true });
  }
  for (const one of root.querySelectorAll("*")) if (one.shadowRoot) name(one.shadowRoot);
  const handle = root.querySelector(".noUi-handle"), title = root.querySelector(".bk-slider-title");
  if (!handle || !title) return;
  const value = title.querySelector("span")?.textContent ?? "";
  const label = title.textContent.slice(0, title.textContent.length - value.length);
  handle.setAttribute("aria-label", label.replace(/[:：\\s]+$/, ""));
  if (value) handle.setAttribute("aria-valuetext", value);
};
name(document);
"""
"""Run when the page is there: its language, its width on a phone, and of each slider the name and the value in words.

A slider of bokeh has a title that no handle is bound to, and tells a screen reader the bare number. Every widget sits
in a shadow tree of its own, so that each tree is watched: the sliders are others when another fund is picked."""


def legend(texts: Texts) -> str:
    """Say what colour and grey are."""
    mine, start = escape(texts("explore.legend_mine")), escape(texts("explore.legend_start"))
    return f"<ul><li class='mine'>{mine}</li><li class='start'>{start}</li></ul>"


def table(numbers: Numbers, mine: Picture, unit: str) -> str:
    """Write the numbers behind the charts, folded."""
    texts = numbers.texts
    heads = [texts(f"explore.table_{name}") for name in ("year", "low", "middle", "high", "empty")]
    rows = (
        [
            str(year),
            *(numbers.write(float(v), "money") for v in mine.reserve[:, n]),
            numbers.chance(float(mine.empty[n])),
        ]
        for n, year in enumerate(mine.years)
    )
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    title = escape(texts("explore.table"))
    return (
        f"<details><summary>{title}</summary><div class='scroll' tabindex='0'><table><caption>{escape(unit)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )
