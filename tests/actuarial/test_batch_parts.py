"""Parts of a batch that need no run: folders, tiles, ranks, what a region's own run is called."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from actuarial import _batch_cluster
from actuarial._batch_region import MARK, folder_name, mark_of
from actuarial._run_tables import Run
from actuarial.report import _regions_tiles as grid
from actuarial.report._regions_numbers import _ranks
from forecasting.sources import Tables

HOSTILE = ["../x", "..", ".", "", "/etc/passwd", "a\x00b", "<b>x</b>", "=1+1", "con\n", " 四川", "x" * 300]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_folder_is_never_a_path_nor_hidden(name: str, tmp_path: Path) -> None:
    made = folder_name(name)
    assert Path(made).name == made
    assert not made.startswith(".")
    (tmp_path / made).mkdir()
    assert [path.name for path in tmp_path.iterdir()] == [made]


@given(st.lists(st.text(max_size=80), min_size=2, max_size=2, unique=True))
def test_two_regions_never_share_a_folder(names: list[str]) -> None:
    assert folder_name(names[0]) != folder_name(names[1])


def test_every_province_of_the_tables_has_a_tile_of_its_own(tables: Tables) -> None:
    provinces = set(tables.frames["provinces"]["region"]) - {tables.country}
    assert provinces == set(grid.PLACES)
    assert len(set(grid.PLACES.values())) == len(grid.PLACES)


@pytest.mark.parametrize(
    ("west", "east"), [("四川", "湖北"), ("西藏", "四川"), ("新疆", "北京"), ("广西", "广东"), ("陕西", "山西")]
)
def test_tiles_keep_west_and_east(west: str, east: str) -> None:
    assert grid.PLACES[west][1] <= grid.PLACES[east][1]


@pytest.mark.parametrize(
    ("north", "south"), [("黑龙江", "吉林"), ("吉林", "辽宁"), ("北京", "河南"), ("湖北", "广东"), ("广东", "海南")]
)
def test_tiles_keep_north_and_south(north: str, south: str) -> None:
    assert grid.PLACES[north][0] < grid.PLACES[south][0]


@given(st.floats(0, 1))
def test_text_on_a_tile_has_the_contrast_that_readers_need(share: float) -> None:
    background, color = grid.colours(share)
    assert grid.contrast(background, color) >= 4.5


def test_regions_without_a_place_stand_below_the_map_and_do_not_overlap() -> None:
    names = [*grid.PLACES, *(f"县{n}" for n in range(12))]
    made = grid.tiles(dict.fromkeys(names, 0.5), {n: (n, "50%") for n in names}, dict.fromkeys(names, "x"))
    assert len({(tile.row, tile.column) for tile in made}) == len(names)
    lowest = max(row for row, _ in grid.PLACES.values())
    assert all(tile.row > lowest for tile in made if tile.name.startswith("县"))


def test_ranks_are_counted_in_every_draw_and_the_greatest_need_is_first() -> None:
    def of(values: list[float]) -> xr.Dataset:
        data = (("scenario", "draw", "year"), np.array(values)[None, :, None])
        return xr.Dataset({"fiscal_need_share": data}, {"scenario": ["law"], "year": [2050]})

    table = _ranks({"a": of([3, 3, 1]), "b": of([1, 2, 2]), "c": of([2, 1, 3])}, 2050).set_index("region")
    assert table.loc["a", ["rank_low", "rank_median", "rank_high"]].tolist() == [1, 1, 3]
    assert table.loc["b", ["rank_low", "rank_median", "rank_high"]].tolist() == [2, 2, 3]
    assert table.loc["c", ["rank_low", "rank_median", "rank_high"]].tolist() == [1, 2, 3]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"'])
def test_a_mark_that_cannot_be_read_marks_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / MARK).write_text(text)
    assert mark_of(tmp_path) is None
    (tmp_path / MARK).write_text(json.dumps({"key": "k", "region": "r"}))
    assert mark_of(tmp_path) == {"key": "k", "region": "r"}


def test_a_title_of_ones_own_stays_before_the_name_of_the_region() -> None:
    ours = Run(title="Our plan", title_zh="我们的方案").titled().of("四川")
    assert ours.region == "四川"
    assert ours.title == "Our plan: 四川"
    assert "四川" in Run().titled().of("四川").title
    assert Run().titled().of("四川").of("浙江") == Run().titled().of("浙江")


class Slow:
    """A cluster that is not gone when one stops waiting for it."""

    def __init__(self, error: type[Exception]) -> None:
        self.error, self.asked = error, False

    def close(self) -> None:
        self.asked = True
        raise self.error


def test_a_cluster_that_is_slow_to_end_does_not_take_the_answer_with_it():
    with _batch_cluster.in_the_end(Slow(TimeoutError)) as cluster:
        assert not cluster.asked
    assert cluster.asked


def test_other_errors_of_a_cluster_that_ends_are_told():
    with pytest.raises(OSError), _batch_cluster.in_the_end(Slow(OSError)):
        pass
    with pytest.raises(TimeoutError, match="of the work"), _batch_cluster.in_the_end(Slow(TimeoutError)):
        raise TimeoutError("of the work")
