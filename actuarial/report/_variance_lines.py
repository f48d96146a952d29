"""What the split of the forecast variance found, in plain lines for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from actuarial.report.numbers import DASH
from actuarial.report.records import Language
from actuarial.report.texts import Texts

TOLD = 0.01
"""Shares from which on a group is named in a line."""

HALF_A_POINT = 0.005


def explain(found: xr.Dataset, language: Language, titles: Mapping[str, str]) -> list[str]:
    """Say in plain lines what the doubt about each quantity comes from.

    Parameters
    ----------
    found : xarray.Dataset
        From `actuarial._variance_run.run`, or as saved.
    language : {"en", "zh"}
    titles : mapping of str to str
        Title of every scenario in that language.

    Returns
    -------
    list of str
        What was mixed, then a line a quantity: the Shapley effects with their standard errors, the largest first.
    """
    texts, about = Texts(language), found.attrs
    scenario = str(about["scenario"])
    first = texts(
        "variance.asked",
        scenario=titles.get(scenario, scenario),
        draws=int(about["draws"]),
        mixtures=int(about["mixtures"]),
    )
    return [first, *(_line(texts, found.isel(output=n)) for n in range(found.sizes["output"]))]


def _line(texts: Texts, one: xr.Dataset) -> str:
    fund, what = fund_words(texts, str(one["fund"].item())), quantity_words(texts, one)
    shares = one["shapley"].dropna("group")
    if not shares.size:
        return texts("variance.still", fund=fund, quantity=what)
    order = shares["group"].values[np.argsort(-shares.values, kind="stable")].tolist()
    parts = [_part(texts, one.sel(group=name)) for name in order if float(shares.sel(group=name)) >= TOLD]
    return texts("variance.line", fund=fund, quantity=what, parts=texts("variance.semicolon").join(parts))


def _part(texts: Texts, one: xr.Dataset) -> str:
    return texts(
        "variance.part",
        group=group_words(texts, str(one["group"].item())),
        share=f"{100.0 * float(one['shapley']):.0f}",
        error=points(float(one["shapley_error"])),
    )


def points(error: float) -> str:
    """Write a standard error in whole points; what rounds to nothing is not nothing, and what is not known a dash."""
    if not np.isfinite(error):
        return DASH
    return f"{100.0 * error:.0f}" if error >= HALF_A_POINT or error == 0 else "<1"


def fund_words(texts: Texts, fund: str) -> str:
    """Return the words of a fund."""
    return texts.known(f"household.fund.{fund}", fund)


def group_words(texts: Texts, group: str) -> str:
    """Return the words of a group of models."""
    return texts.known(f"variance.group.{group}", group.replace("_", " "))


def quantity_words(texts: Texts, one: xr.Dataset) -> str:
    """Return the words of a quantity, with its year where it has one.

    Parameters
    ----------
    texts : Texts
    one : xarray.Dataset
        One output, with ``quantity`` and ``at``.
    """
    name = str(one["quantity"].item())
    words = texts.known(f"variance.quantity.{name}", name.replace("_", " "))
    year = int(one["at"])
    return texts("variance.of_year", quantity=words, year=year) if year else words


def unit_words(texts: Texts, unit: str) -> str:
    """Return the words of a quantity's unit."""
    return texts.known(f"variance.in.{unit}", unit)
