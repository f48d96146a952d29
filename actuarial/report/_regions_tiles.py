"""A map of provinces as tiles of one size, each about where it lies, coloured by a probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PLACES = {
    "黑龙江": (1, 9), "内蒙古": (2, 7), "吉林": (2, 9), "新疆": (3, 1), "北京": (3, 7), "辽宁": (3, 8),
    "青海": (4, 2), "甘肃": (4, 3), "宁夏": (4, 4), "陕西": (4, 5), "山西": (4, 6), "河北": (4, 7), "天津": (4, 8),
    "西藏": (5, 1), "四川": (5, 3), "重庆": (5, 4), "湖北": (5, 5), "河南": (5, 6), "山东": (5, 7),
    "贵州": (6, 4), "湖南": (6, 5), "安徽": (6, 6), "江苏": (6, 7), "上海": (6, 8),
    "云南": (7, 3), "广西": (7, 4), "江西": (7, 6), "浙江": (7, 7),
    "广东": (8, 5), "福建": (8, 6), "海南": (9, 5),
}  # fmt: skip
"""Row and column of each province, from the northwest: neighbours stand together as far as a grid of squares lets them.
Our own arrangement; it says nothing of areas or borders."""

LIGHT, DARK = (244, 246, 248), (8, 48, 79)
"""Ends of the colour scale, red, green and blue: none and all of the futures."""

INK, PAPER = "#000000", "#ffffff"
"""Colours of text. No background is so far from both that the better of them has a contrast under 4.58."""

COLUMNS = 9


@dataclass(frozen=True)
class Tile:
    """A tile: its place, what stands in it, its colours, and where it leads."""

    name: str
    value: str
    row: int
    column: int
    background: str
    color: str
    link: str


def tiles(shares: Mapping[str, float], words: Mapping[str, tuple[str, str]], links: Mapping[str, str]) -> list[Tile]:
    """Lay out regions as tiles.

    Parameters
    ----------
    shares : mapping of str to float
        Probability by region, 0 to 1.
    words : mapping of str to tuple of str
        Name and written value of each region.
    links : mapping of str to str
        Where each leads.

    Returns
    -------
    list of Tile
        From the top left to the bottom right. Regions that `PLACES` does not know, such as counties, follow in rows
        below.
    """
    bottom = max((PLACES[name][0] for name in shares if name in PLACES), default=0)
    others = [name for name in shares if name not in PLACES]
    below = {name: (bottom + 1 + n // COLUMNS, n % COLUMNS + 1) for n, name in enumerate(others)}
    made = []
    for name, share in shares.items():
        row, column = PLACES.get(name) or below[name]
        background, color = colours(share)
        made.append(Tile(*words[name], row, column, background, color, links[name]))
    return sorted(made, key=lambda tile: (tile.row, tile.column))


def colours(share: float) -> tuple[str, str]:
    """Return the background of a probability, and the colour of text that is read best on it.

    Examples
    --------
    >>> colours(0.0), colours(1.0)
    (('#f4f6f8', '#000000'), ('#08304f', '#ffffff'))
    """
    mixed = [round(low + share * (high - low)) for low, high in zip(LIGHT, DARK, strict=True)]
    background = "#" + "".join(f"{part:02x}" for part in mixed)
    return background, max((INK, PAPER), key=lambda color: contrast(background, color))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (Web Content Accessibility Guidelines 2.2, success criterion 1.4.3).

    Examples
    --------
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True)))
