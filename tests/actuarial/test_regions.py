"""The overview of a batch: every number is the regions' own, in both languages, and no name breaks out of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import xarray as xr

from actuarial.report import regions
from actuarial.report._regions_numbers import found
from actuarial.report._regions_page import render
from actuarial.report.texts import Texts, catalogue
from forecasting import artefacts

HOSTILE = '=HYPERLINK("http://x")<script>alert(1)</script>'
NAMES = ["四川", "浙江", HOSTILE]
ZONES = {"四川": "west", "浙江": "east"}
DRAWS, YEARS = 50, np.arange(2026, 2081)


def region(folder: Path, shift: float) -> None:
    """Write the two files that the overview reads."""
    folder.mkdir()
    rng = np.random.default_rng(int(10 * shift))
    need = 0.01 * (shift + rng.normal(0.0, 0.5, (2, DRAWS, len(YEARS))))
    emptied = np.where(rng.random((2, DRAWS)) < 0.2 * shift, 2040.0, np.nan)
    dims = ("scenario", "draw", "year")
    data = xr.Dataset(
        {
            "fiscal_need_share": (dims, need),
            "cost_rate": (dims, 0.2 + need),
            "pool_depletion_year": (dims[:2], emptied),
        },
        {"scenario": ["law", "package"], "draw": np.arange(DRAWS), "year": YEARS},
    )
    artefacts.save(data, folder / "indicators.nc", "indicators")
    titles = [
        {"name": "law", "title_en": "Law", "title_zh": "法律"},
        {"name": "package", "title_en": "P<b>", "title_zh": ""},
    ]
    manifest = {"scenarios": titles, "draws": DRAWS, "seed": 1, "created": "2026-11-23"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    out = tmp_path_factory.mktemp("batch")
    named = {name: f"folder {n}" for n, name in enumerate(NAMES)}
    for n, folder in enumerate(named.values()):
        region(out / folder, 1.0 + n)
    return out, named


def test_probabilities_and_intervals_are_those_of_the_draws(folders: tuple[Path, dict[str, str]]) -> None:
    out, named = folders
    table = found(out, named, ZONES).table.set_index(["region", "scenario"])
    for name, folder in named.items():
        data = artefacts.load(out / folder / "indicators.nc", "indicators").sel(scenario="law")
        row = table.loc[(name, "law")]
        assert row["empty_2050"] == pytest.approx(float((data["pool_depletion_year"] <= 2050).mean()))
        need = data["fiscal_need_share"].sel(year=2050)
        assert row["fiscal_need_share_median"] == pytest.approx(float(need.median()))
        assert row["fiscal_need_share_low"] == pytest.approx(float(need.quantile(0.1)))
    assert table["depletion_year_high"].map(np.isinf).all()


def test_the_greatest_need_ranks_first_and_ranks_add_up(folders: tuple[Path, dict[str, str]]) -> None:
    out, named = folders
    law = found(out, named, ZONES).table.query("scenario == 'law'").set_index("region")
    assert law["rank_median"].to_dict() == {"四川": 3.0, "浙江": 2.0, HOSTILE: 1.0}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_text_is_used_in_both_languages(
    folders: tuple[Path, dict[str, str]], language: Any, tmp_path: Path
) -> None:
    out, named = folders
    texts = Texts(language)
    render(found(out, named, ZONES), named, {"x": "why"}, texts)
    keys = {key for key in catalogue() if key.startswith("regions.")}
    in_the_workbook = {"regions.sheet_failed", *(key for key in keys if key.startswith("regions.end_"))}
    assert keys - texts.used == in_the_workbook
    assert all(set(catalogue()[key]) == {"en", "zh"} for key in keys)


def test_no_name_breaks_out_of_the_page_the_table_or_the_workbook(folders: tuple[Path, dict[str, str]]) -> None:
    out, named = folders
    page = regions.write(out, named, {HOSTILE + "2": "<i>why</i>"}, ZONES, "en")
    text = page.read_text(encoding="utf-8")
    assert "<script>alert" not in text and "<i>why" not in text and "P<b>" not in text
    assert "&lt;i&gt;why&lt;/i&gt;" in text
    with (out / "overview.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["region"] for row in rows} == {"四川", "浙江", "'" + HOSTILE}
    book = openpyxl.load_workbook(out / "overview.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == HOSTILE for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)


def test_the_same_regions_give_the_same_bytes(folders: tuple[Path, dict[str, str]]) -> None:
    out, named = folders
    made = []
    for _ in range(2):
        regions.write(out, named, {}, ZONES, "zh")
        made.append({name: (out / name).read_bytes() for name in regions.FILES})
    assert made[0] == made[1]
    assert made[0]["overview.html"] == made[0]["overview.zh.html"] != made[0]["overview.en.html"]
