"""The page of the overview of a batch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from actuarial.report._html import as_json, asset, environment, policy
from actuarial.report._pooling_figures import Dots, dot_figure
from actuarial.report._regions_numbers import Found
from actuarial.report._regions_tiles import COLUMNS, Tile, colours, tiles
from actuarial.report.blocks import plain
from actuarial.report.figures import PALETTE
from actuarial.report.numbers import DASH, MINUS
from actuarial.report.scales import padded
from actuarial.report.texts import Texts

SCALE = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Probabilities that the key of the map shows."""

ENDS = ("low", "median", "high")


@dataclass(frozen=True)
class Map:
    """The map of a scenario: its title, a sentence on what it shows, and its tiles."""

    title: str
    alt: str
    tiles: list[Tile]
    rows: int


@dataclass(frozen=True)
class Ranking:
    """The ranking of a scenario: the figure, and the table behind."""

    id: str
    title: str
    alt: str
    figure: go.Figure
    rows: list[list[tuple[str, str, str]]]


def columns_of(told: Found) -> list[str]:
    """Return the columns of numbers of the table, in order."""
    threes = [f"{name}_{end}" for name in ("depletion_year", "cost_rate", "fiscal_need_share", "rank") for end in ENDS]
    return [f"empty_{year}" for year in told.years] + threes


def heads(told: Found, texts: Texts) -> list[str]:
    """Return the heads of the table that is written into the workbook."""
    found = [texts("regions.head_region"), texts("regions.head_zone")]
    found += [texts("regions.head_empty", year=year) for year in told.years]
    for name in ("depletion_year", "cost_rate", "fiscal_need_share", "rank"):
        head = texts(f"regions.head_{name}", year=told.at)
        found += [f"{head}, {texts(f'regions.end_{end}')}" for end in ENDS]
    return found


def render(told: Found, folders: Mapping[str, str], failed: Mapping[str, str], texts: Texts) -> str:
    """Return the page as text.

    Parameters
    ----------
    told : Found
        What the regions came to.
    folders : mapping of str to str
        Folder of each region, seen from the page.
    failed : mapping of str to str
        Why others have none.
    texts : Texts

    Returns
    -------
    str
        HTML with styles, scripts and data inside; the reports of regions are linked.
    """
    links = {region: f"{quote(folder)}/report.{texts.language}.html" for region, folder in folders.items()}
    rankings = list(_rankings(told, links, texts))
    scripts = {"plotly": get_plotlyjs(), "draw": asset("page.js")}
    return (
        environment()
        .get_template("overview.html.j2")
        .render(
            t=texts,
            language=texts.language,
            told=told,
            count=len(folders),
            maps=list(_maps(told, links, texts)),
            columns=COLUMNS,
            scale=[(f"{100 * share:.0f}%", *colours(share)) for share in SCALE],
            rankings=rankings,
            heads=_short_heads(told, texts),
            failed=[(_place(texts, region), reason) for region, reason in failed.items()],
            specs=as_json({one.id: json.loads(one.figure.to_json()) for one in rankings}),
            scripts={name: Markup(text) for name, text in scripts.items()},  # noqa: S704 -- our own files, no data in them
            policy=policy(scripts.values()),
            style=Markup(asset("style.css") + asset("overview.css")),  # noqa: S704
        )
    )


def _place(texts: Texts, region: str) -> str:
    return texts.known(f"pooling.place.{region}", region)


def _maps(told: Found, links: Mapping[str, str], texts: Texts) -> Iterator[Map]:
    shown = f"empty_{told.at}" if told.at in told.years else f"empty_{told.years[-1]}"
    for scenario, titles in told.titles.items():
        rows = told.table[told.table["scenario"] == scenario]
        shares = {str(region): float(share) for region, share in zip(rows["region"], rows[shown], strict=True)}
        words = {region: (_place(texts, region), f"{100 * share:.0f}%") for region, share in shares.items()}
        made = tiles(shares, words, links)
        most, least = max(shares, key=lambda name: shares[name]), min(shares, key=lambda name: shares[name])
        alt = texts(
            "regions.map_alt",
            title=texts.pick(*titles), year=int(shown.split("_")[1]),
            most=words[most][0], high=words[most][1], least=words[least][0], low=words[least][1],
        )  # fmt: skip
        yield Map(texts.pick(*titles), alt, made, max(tile.row for tile in made))


def _rankings(told: Found, links: Mapping[str, str], texts: Texts) -> Iterator[Ranking]:
    """Yield a ranking a scenario, the region with the greatest need first, all on one scale."""
    needs = told.table[[f"fiscal_need_share_{end}" for end in ENDS]].to_numpy() * 100.0
    span = padded(min(float(needs.min()), 0.0), max(float(needs.max()), 0.0))
    for place, (scenario, titles) in enumerate(told.titles.items()):
        rows = told.table[told.table["scenario"] == scenario].sort_values(
            ["fiscal_need_share_median", "region"], ascending=[False, True]
        )
        names = [_place(texts, str(region)) for region in rows["region"]]
        bands = rows[[f"fiscal_need_share_{end}" for end in ENDS]].to_numpy().T[:, ::-1] * 100.0
        shown = [plain(name) for name in reversed(names)]
        figure = dot_figure(Dots(shown, bands, span, "%", 1, PALETTE[place % len(PALETTE)], 80))
        alt = texts(
            "regions.ranking_alt",
            title=texts.pick(*titles), year=told.at, first=names[0], last=names[-1],
            most=f"{bands[1, -1]:.1f}%", least=f"{bands[1, 0]:.1f}%",
        )  # fmt: skip
        table = [_cells(row, told, links, texts) for _, row in rows.iterrows()]
        yield Ranking(f"ranking-{place}", texts.pick(*titles), alt, figure, table)


def _short_heads(told: Found, texts: Texts) -> list[str]:
    found = [texts("regions.head_region"), texts("regions.head_zone")]
    found += [texts("regions.head_empty", year=year) for year in told.years]
    return found + [
        texts(f"regions.head_{name}", year=told.at)
        for name in ("depletion_year", "cost_rate", "fiscal_need_share", "rank")
    ]


def _cells(row: pd.Series, told: Found, links: Mapping[str, str], texts: Texts) -> list[tuple[str, str, str]]:
    """Return the cells of a region: text, interval below it, link."""
    region = str(row["region"])
    cells = [(_place(texts, region), "", links[region]), (texts.known(f"mix.zone.{row['zone']}", row["zone"]), "", "")]
    cells += [(f"{100 * row[f'empty_{year}']:.0f}%", "", "") for year in told.years]
    cells.append(_three(row, "depletion_year", lambda year: _year(year, told.last, texts)))
    cells += [_three(row, name, _percent) for name in ("cost_rate", "fiscal_need_share")]
    return [*cells, _three(row, "rank", lambda rank: f"{rank:g}")]


def _three(row: pd.Series, name: str, written: Any) -> tuple[str, str, str]:
    low, middle, high = (written(float(row[f"{name}_{end}"])) for end in ENDS)
    return middle, low if low == high else f"{low} {DASH} {high}", ""


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%".replace("-", MINUS)


def _year(year: float, last: int, texts: Texts) -> str:
    return f"{year:.0f}" if np.isfinite(year) else texts("never", year=last)
