"""What a data folder of another country must hold: dictionary and manual say what the code cannot do without."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from actuarial import valuation
from forecasting import projection
from forecasting.axes import AGES
from forecasting.sources import FigureNotFound, Tables

Readers = dict[str, Callable[[Tables], object]]


@pytest.fixture(scope="module")
def readers(tables: Tables) -> Readers:
    """Return everything that reads the nation's figures, by name."""
    years = np.arange(projection.FIRST_YEAR, int(tables.series("contributors").index[-1]) + 1)
    shape = np.exp(-0.5 * ((AGES - 40.0) / 25.0) ** 2)[:, None] * np.ones(years.size)
    people = xr.DataArray(2.2e7 * shape, {"age": AGES, "year": years}, ("age", "year"))
    models: Readers = {name: m.inputs for name, m in projection.MODELS.items()}
    models["membership"] = lambda t: projection.MODELS["membership"].inputs(t, people)
    return models | {"money": _money}


def _money(tables: Tables) -> None:
    projection.published_basic_pension(tables)
    valuation.present_share(tables)
    valuation.earned_in_the_past(tables)
    for name in ("participants", "pensioners", "fund_income", "fund_expenditure", "fund_balance"):
        tables.series(name)


def without(tables: Tables, indicator: str) -> Tables:
    frames = {topic: frame[frame["indicator"] != indicator] for topic, frame in tables.frames.items()}
    return dataclasses.replace(tables, frames=frames)


def runs(reader: Callable[[Tables], object], tables: Tables) -> bool:
    try:
        reader(tables)
    except (FigureNotFound, ValueError, IndexError, KeyError):
        return False
    return True


@pytest.fixture(scope="module")
def asked(tables: Tables, readers: Readers) -> dict[str, set[str]]:
    """Return who asks for each indicator."""
    found: dict[str, set[str]] = {"e0": {"mortality"}, "tfr": {"fertility"}}
    rows = Tables._rows
    with pytest.MonkeyPatch.context() as patch:
        for name, reader in readers.items():

            def noted(self: Tables, indicator: str, name: str = name) -> pd.DataFrame:
                found.setdefault(indicator, set()).add(name)
                return rows(self, indicator)

            patch.setattr(Tables, "_rows", noted)
            # Tables remember what they have found; new ones have to look.
            reader(dataclasses.replace(tables))
    return found


def required(tables: Tables) -> set[str]:
    return set(tables.indicators.loc[tables.indicators["required"] == "yes", "indicator"])


def test_what_a_run_cannot_do_without_is_declared_required(
    tables: Tables, readers: Readers, asked: dict[str, set[str]]
) -> None:
    needed = {name for name, who in asked.items() if not all(runs(readers[one], without(tables, name)) for one in who)}
    assert len(needed) > 20
    assert needed - required(tables) == set()


def test_what_is_declared_required_is_read(tables: Tables, asked: dict[str, set[str]]) -> None:
    assert required(tables) - set(asked) == set()


def test_the_manual_lists_what_is_required_and_nothing_else(tables: Tables, checkout: Path) -> None:
    text = (checkout / "docs/bring_your_own.md").read_text(encoding="utf-8")
    listed = text.partition("## Another country")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", listed, flags=re.MULTILINE)) == required(tables)
