"""Another country by a data folder alone: what the models read is the figures, never a name in the code."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import xarray as xr

from forecasting import projection
from forecasting.axes import AGES
from forecasting.sources import COUNTRY, Tables, default_data_folder, read_tables

ELSEWHERE = "Freedonia"


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Return the bundled figures as those of a country with another name."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for path in default_data_folder().glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with (folder / path.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            for row in rows:
                writer.writerow(row | ({"region": ELSEWHERE} if row.get("region") == COUNTRY else {}))
    return read_tables(folder, ELSEWHERE)


@pytest.fixture(scope="module")
def people(tables: Tables) -> xr.DataArray:
    """Return some people for the membership model to take as known."""
    years = np.arange(projection.FIRST_YEAR, int(tables.series("contributors").index[-1]) + 1)
    shape = np.exp(-0.5 * ((AGES - 40.0) / 25.0) ** 2)
    some = 2.2e7 * shape[:, None] * np.linspace(1.0, 1.02, years.size)
    return xr.DataArray(some, {"age": AGES, "year": years}, ("age", "year"))


@pytest.mark.parametrize("model", projection.ORDER)
def test_the_same_figures_under_another_name_are_the_same_to_every_model(
    tables: Tables, renamed: Tables, people: xr.DataArray, model: str
) -> None:
    known = [people] if model == "membership" else []
    ours, theirs = (projection.MODELS[model].inputs(t, *known) for t in (tables, renamed))
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        expected = np.where(array == COUNTRY, ELSEWHERE, array) if array.dtype.kind == "U" else array
        np.testing.assert_array_equal(theirs[name], expected, err_msg=name)


def test_the_same_figures_under_another_name_give_the_same_series_to_the_money(tables: Tables, renamed: Tables) -> None:
    xr.testing.assert_equal(projection.published_basic_pension(tables), projection.published_basic_pension(renamed))
    assert projection.fiscal_subsidy(tables).equals(projection.fiscal_subsidy(renamed))
    assert projection.history(renamed).pensioners.tolist() == projection.history(tables).pensioners.tolist()


def test_a_figure_of_the_country_is_asked_for_by_no_name(renamed: Tables) -> None:
    assert renamed.series("tfr").equals(renamed.series("tfr", region=ELSEWHERE))
    assert set(renamed.table("mx")["region"]) == {ELSEWHERE}
