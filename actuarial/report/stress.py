"""What stress and break-even found: plain lines in either language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import xarray as xr

from actuarial.report.numbers import DASH
from actuarial.report.records import Language
from actuarial.report.texts import Texts, catalogue

PERCENT = 100.0

NONE = "none"


def explain(found: xr.Dataset, language: Language, titles: Mapping[str, str]) -> list[str]:
    """Say in plain lines what shocks do.

    Parameters
    ----------
    found : xarray.Dataset
        From `actuarial._stress_run.run`, or as saved.
    language : {"en", "zh"}
    titles : mapping of str to str
        Title of every scenario in that language.

    Returns
    -------
    list of str
        A line a fund, scenario and year: the probability of an empty fund without a shock and after each. Then, where
        it was asked, how large each shock must be.
    """
    texts = Texts(language)
    lines = [
        _after(texts, found["empty"].sel(fund=fund, scenario=name, at=year), fund, titles.get(name, name), int(year))
        for fund in found["fund"].values.tolist()
        for name in found["scenario"].values.tolist()
        for year in found["at"].values
        if np.isfinite(found["empty"].sel(fund=fund, scenario=name, at=year)).all()
    ]
    return [*lines, *_reverse(texts, found, titles)]


def explain_levers(found: xr.Dataset, language: Language, titles: Mapping[str, str]) -> list[str]:
    """Say in plain lines how far each lever alone must move.

    Parameters
    ----------
    found : xarray.Dataset
        From `actuarial._breakeven_run.run`, or as saved.
    language, titles
        As for :func:`explain`.

    Returns
    -------
    list of str
        What was asked, then a line a lever.
    """
    texts, about = Texts(language), found.attrs
    scenario = str(about["scenario"])
    asked = texts(
        "breakeven.asked",
        fund=_fund(texts, str(about["fund"])),
        scenario=titles.get(scenario, scenario),
        year=int(about["by"]),
        target=_share(float(about["target"])),
        draws=int(about["draws"]),
    )
    return [asked, *(_lever(texts, found.isel(lever=n)) for n in range(found.sizes["lever"]))]


def _after(texts: Texts, empty: xr.DataArray, fund: str, title: str, year: int) -> str:
    without = float(empty.sel(shock=NONE))
    parts = (
        texts(
            "stress.part",
            shock=_shock(texts, name),
            chance=_share(float(empty.sel(shock=name))),
            points=f"{PERCENT * (float(empty.sel(shock=name)) - without):+.1f}",
        )
        for name in empty["shock"].values.tolist()
        if name != NONE
    )
    told = texts("stress.semicolon").join(parts)
    return texts(
        "stress.line", fund=_fund(texts, fund), scenario=title, year=year, none=_share(without), parts=told or DASH
    )


def _reverse(texts: Texts, found: xr.Dataset, titles: Mapping[str, str]) -> Sequence[str]:
    if "reverse_verdict" not in found:
        return []
    about, scenario = found.attrs, str(found.attrs["reverse_scenario"])
    told = texts("stress.semicolon").join(_sizes(texts, found))
    return [
        texts(
            "stress.reverse",
            target=_share(float(about["reverse_target"])),
            year=int(about["reverse_by"]),
            fund=_fund(texts, str(about["reverse_fund"])),
            scenario=titles.get(scenario, scenario),
            parts=told,
        )
    ]


def _sizes(texts: Texts, found: xr.Dataset) -> Iterator[str]:
    """Say how large each shock must be whose size was sought."""
    for name in found["shock"].values.tolist():
        one = found.sel(shock=name)
        verdict = float(one["reverse_verdict"])
        if not np.isfinite(verdict):
            continue
        unit = str(one["size_unit"].item())
        words = {"shock": _shock(texts, name), "unit": texts.known(f"stress.unit.{unit}", unit)}
        if verdict < 0:
            yield texts("stress.below", shock=words["shock"])
        elif verdict > 0:
            yield texts("stress.above", **words, size=_number(float(one["size_severe"])))
        else:
            yield texts("stress.found", **words, size=_number(float(one["size"])))


def _lever(texts: Texts, one: xr.Dataset) -> str:
    key, value, error = str(one["lever"].item()), float(one["value"]), float(one["standard_error"])
    words = {
        "lever": texts(f"mix.lever.{key}") if _named(key) else key,
        **{end: _number(float(one[end])) for end in ("low", "high")},
        **{end: _share(float(one[end])) for end in ("at_low", "at_high")},
    }
    if not bool(one["within"] > 0):
        line = texts("breakeven.not", **words)
    elif not np.isfinite(value):
        line = texts("breakeven.several", **words)
    else:
        beside = texts("breakeven.error", error=f"{error:.2g}") if np.isfinite(error) else ""
        present = _number(float(one["present"]))
        line = texts("breakeven.found", lever=words["lever"], value=_number(value), error=beside, present=present)
    return line if bool(one["monotone"] > 0) else line + texts("breakeven.bends")


def _named(key: str) -> bool:
    return f"mix.lever.{key}" in catalogue()


def _fund(texts: Texts, fund: str) -> str:
    return texts.known(f"household.fund.{fund}", fund)


def _shock(texts: Texts, name: str) -> str:
    return texts.known(f"mix.shock.{name}", name)


def _share(value: float) -> str:
    return f"{PERCENT * value:.1f}%" if np.isfinite(value) else DASH


def _number(value: float) -> str:
    return f"{value:.4g}" if np.isfinite(value) else DASH
