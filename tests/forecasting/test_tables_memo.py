"""What tables were asked before is answered alike again, and nothing that is done with an answer changes the next."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest

from forecasting.sources import FigureNotFound, Tables, default_data_folder, read_tables

INDICATOR = "contributors"


@pytest.fixture
def fresh() -> Tables:
    return read_tables(default_data_folder())


def test_an_answer_that_was_written_to_leaves_the_next_as_it_was(fresh: Tables) -> None:
    first = fresh.series(INDICATOR)
    known = first.copy(deep=True)
    first.iloc[0] = -1.0
    first.index = first.index + 1
    first.index.name = "elsewhere"
    pd.testing.assert_series_equal(fresh.series(INDICATOR), known)
    rows = fresh.table("asfr")
    whole = rows.copy(deep=True)
    rows["value"] = 0.0
    rows.loc[0, "sex"] = "nobody"
    pd.testing.assert_frame_equal(fresh.table("asfr"), whole)


def test_every_series_holds_the_rows_with_its_labels_in_order_of_time(fresh: Tables) -> None:
    for topic in ("membership", "provinces"):
        frame = fresh.frames[topic]
        for labels, rows in list(frame.groupby(["indicator", "region", "area", "sex", "age"]))[::23]:
            indicator, region, area, sex, age = labels
            told = fresh.series(indicator, region=region, area=area, sex=sex, age=age)
            ordered = rows.sort_values("year")
            np.testing.assert_array_equal(told.to_numpy(), ordered["value"].to_numpy())
            np.testing.assert_array_equal(told.index.to_numpy(), ordered["year"].to_numpy())


def test_a_figure_that_is_not_there_is_refused_in_the_same_words_again(fresh: Tables) -> None:
    said = []
    for _ in range(2):
        with pytest.raises(FigureNotFound) as caught:
            fresh.series(INDICATOR, region="Atlantis")
        with pytest.raises(FigureNotFound, match="no figure for region China, year 1066"):
            fresh.table(INDICATOR, year=1066)
        with pytest.raises(FigureNotFound, match="there is no indicator 'contributers'"):
            fresh.series("contributers")
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert "no figure for region Atlantis" in said[0]


def test_tables_with_other_rows_answer_with_those(fresh: Tables) -> None:
    before = fresh.series(INDICATOR)
    rows = fresh.frames["membership"].copy()
    rows.loc[rows["indicator"] == INDICATOR, "value"] *= 2.0
    other = dataclasses.replace(fresh, frames=fresh.frames | {"membership": rows})
    np.testing.assert_array_equal(other.series(INDICATOR), 2.0 * before)
    last = int(before.index[-1])
    assert int(fresh.until(last - 1).series(INDICATOR).index[-1]) < last
    pd.testing.assert_series_equal(fresh.series(INDICATOR), before)


def test_tables_are_stored_without_what_was_looked_up(fresh: Tables) -> None:
    bare = pickle.dumps(fresh)
    known = fresh.series(INDICATOR)
    assert pickle.dumps(fresh) == bare
    back = pickle.loads(bare)  # noqa: S301
    assert back.hash == fresh.hash
    pd.testing.assert_series_equal(back.series(INDICATOR), known)
