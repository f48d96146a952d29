"""Pictures that the notebooks share: medians with intervals, from draws."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes

COLORS = ("#0067a8", "#b3541e", "#007a5e", "#8a3b8f")
LEVELS = {95: 0.15, 80: 0.2, 50: 0.3}


def fan(
    values: xr.DataArray | Mapping[str, xr.DataArray], title: str, unit: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw medians with their 50, 80 and 95 % intervals.

    Parameters
    ----------
    values : xarray.DataArray or mapping of str to xarray.DataArray
        With ``draw`` and ``year``; of several, by their names.
    title, unit, source : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = plt.subplots(figsize=(7.5, 3.6))[1] if ax is None else ax
    named = dict(values) if isinstance(values, Mapping) else {"median": values}
    for color, (name, one) in zip(COLORS, named.items(), strict=False):
        years = one["year"].values
        for level, opacity in LEVELS.items():
            low, high = (one.quantile(0.5 + side * level / 200, "draw").values for side in (-1, 1))
            ax.fill_between(years, low, high, color=color, alpha=opacity / len(named), linewidth=0)
        ax.plot(years, one.median("draw").values, color=color, label=name)
    ax.set_title(title, loc="left", weight="bold")
    ax.set_ylabel(unit)
    ax.legend(frameon=False, title="bands: 50, 80, 95 %", fontsize=8, title_fontsize=8)
    ax.spines[["top", "right"]].set_visible(False)
    ax.annotate(source, (0, -0.2), xycoords="axes fraction", fontsize=8, color="#555555")
    return ax


def whiskers(table: xr.Dataset, title: str, unit: str, source: str) -> Axes:
    """Draw a dot and an interval a row.

    Parameters
    ----------
    table : xarray.Dataset
        Variables ``low``, ``middle``, ``high`` over one dimension, whose labels name the rows.
    title, unit, source : str

    Returns
    -------
    matplotlib.axes.Axes
    """
    (row,) = table["middle"].dims
    names = [str(name) for name in table[row].values]
    places = np.arange(len(names))[::-1]
    _, ax = plt.subplots(figsize=(7.5, 0.35 * len(names) + 1.2))
    middle = table["middle"].values
    ax.errorbar(
        middle, places, xerr=[middle - table["low"].values, table["high"].values - middle], fmt="o", color=COLORS[0]
    )
    ax.axvline(0, color="#555555", linewidth=0.8)
    ax.set_yticks(places, names)
    ax.set_title(title, loc="left", weight="bold")
    ax.set_xlabel(unit)
    ax.spines[["top", "right"]].set_visible(False)
    ax.annotate(source, (0, -0.55), xycoords="axes fraction", fontsize=8, color="#555555")
    return ax
