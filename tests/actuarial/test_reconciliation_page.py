"""The page of a reconciliation: its numbers are those of the table, in both languages, and no name breaks out of it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from actuarial import reconciliation as whole
from actuarial._reconciliation_experience import COLUMNS
from actuarial._reconciliation_states import KINDS, Step
from actuarial.report import reconciliation as page
from actuarial.report._reconciliation_figures import Course, waterfall
from actuarial.report._reconciliation_panels import columns_of, panels
from actuarial.report._reconciliation_words import step_name
from actuarial.report.texts import Texts, catalogue
from forecasting.models.sampling import stream
from tests.actuarial.browsing import NEEDS, opened, started
from tests.actuarial.test_pages_accessible import faults

HOSTILE = "=1+1<script>alert(1)</script>"
DRAWS = 40


@pytest.fixture(scope="module")
def found() -> page.Reconciled:
    rng = np.random.default_rng(1)
    names = {"data": "mortality", "model": "fertility", "assumptions": "pension.land"}
    steps = [Step("opening"), *(Step(kind, names.get(kind, "")) for kind in KINDS)]
    own = {"pension": "cost_rate", "medical": "cost_share"}
    draws: whole.Draws
    made = {}
    for n, step in enumerate(steps):
        draws = {}
        for scenario in ("law", "package"):
            for fund, rate in own.items():
                for year in (2035, 2050):
                    draws[scenario, fund, year] = {
                        "empty": (rng.random(DRAWS) < 0.3 + 0.02 * n).astype(float),
                        "depletion_year": np.full(DRAWS, 2050.0 + n) + rng.normal(size=DRAWS),
                        "reserve": rng.normal(2.0, 0.5, DRAWS),
                        rate: rng.normal(0.2, 0.01, DRAWS),
                        "need": rng.normal(0.04, 0.01, DRAWS),
                    }
        made[step] = draws
    table = whole._table(made, [2035, 2050], stream(1, "page"))
    came = pd.DataFrame(
        [
            ("tfr", 2025, "children per woman", 0.95, 0.9, 1.0, 1.1, 0.3),
            ("balance", 2025, "yuan", 3e12, 1e12, 2e12, 2.5e12, 1.0),
        ],
        columns=list(COLUMNS),
    )  # fmt: skip
    about = {"draws": [DRAWS, DRAWS], "base_year": [2024, 2025], "last_year": [2100, 2100]}
    titles = {"law": ("Law", "法律"), "package": (HOSTILE, "")}
    return page.Reconciled(table.assign_attrs(about), came, titles, [HOSTILE], ["new"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_text_is_used_in_both_languages(found: page.Reconciled, language: Any) -> None:
    texts = Texts(language)
    page.render(found, texts)
    none = page.Reconciled(
        found.table.assign(change=0.0 * found.table["change"]), found.experience[:0], found.titles, [], []
    )
    page.render(none, texts)
    keys = {key for key in catalogue() if key.startswith("reconciliation.")}
    assert keys - texts.used == {
        "reconciliation.unit.persons",
        "reconciliation.unit.income",
        "reconciliation.unit.years",
    }
    assert all(set(catalogue()[key]) == {"en", "zh"} for key in keys)


def test_lines_tell_both_ends_and_what_moved_most(found: page.Reconciled) -> None:
    one = found.table.sel(scenario="law", fund="pension", output="empty", at=2050)
    line = next(iter(page.lines(found, Texts("en"))))
    old, new = (f"{100 * float(one['value'][n]):.1f}%" for n in (0, -1))
    assert line.startswith(f"Pension, “Law”: probability of an empty pool by 2050 {old} → {new}: ")
    most = str(one["step"].values[int(np.abs(one["change"].values).argmax())])
    assert f"{step_name(Texts('en'), found.table, most)} " in line


def test_rows_of_the_table_are_the_changes_between_the_two_values(found: page.Reconciled) -> None:
    panel = next(iter(panels(found.table, found.titles, Texts("en"))))
    names = [name for name, _ in panel.rows]
    assert (names[0], names[-1]) == ("Previous valuation", "This valuation")
    assert len(names) == found.table.sizes["step"] + 1
    fund = found.table.sel(scenario="law", fund="pension")
    reserve = columns_of(fund).index(("reserve", 2050))
    assert (
        panel.heads[reserve] == "Reserve at the end of 2050"
        and "Expenditure in 2050 over rural income" not in panel.heads
    )
    one = fund.sel(output="reserve", at=2050)
    told = [float(cells[reserve][0].replace("\N{MINUS SIGN}", "-")) for _, cells in panel.rows]
    np.testing.assert_allclose(told, [one["value"][0], *one["change"].values[1:], one["value"][-1]], atol=0.006)
    low, high = one["change_low"].values[3], one["change_high"].values[3]
    assert panel.rows[3][1][reserve][1] == f"{low:+.2f} to {high:+.2f}".replace("-", "\N{MINUS SIGN}")


def test_bars_begin_where_the_one_before_ends() -> None:
    value, change = np.array([40.0, 55.0, 50.0]), np.array([0.0, 15.0, -5.0])
    told = ["40", "+15", "-5", "50"]
    course = Course("x", value, change, change - 1.0, change + 2.0, told, "%")
    bars, words = waterfall([course], ["old", "a", "b", "new"]).data
    assert list(bars.base) == [0.0, 40.0, 55.0, 0.0] and list(bars.x) == [40.0, 15.0, -5.0, 50.0]
    assert list(bars.error_x["array"]) == [0.0, 2.0, 2.0, 0.0] and list(bars.error_x["arrayminus"]) == [
        0.0,
        1.0,
        1.0,
        0.0,
    ]
    written = dict(zip(words.text, zip(words.x, words.y, strict=True), strict=True))
    # Right of the bar and of its interval.
    assert written["  +15"] == (57.0, 1) and written["  -5"] == (55.0, 2)


def test_no_name_breaks_out_of_the_page_or_the_tables(found: page.Reconciled, tmp_path: Path) -> None:
    text = page.write(tmp_path, found, "en").read_text(encoding="utf-8")
    assert "<script>alert" not in text and "&lt;script&gt;alert" in text
    for name in (page.STEPS, page.CAME):
        with (tmp_path / name).open(encoding="utf-8-sig", newline="") as stream:
            assert not any(cell[:1] in {"=", "+", "@"} for row in csv.reader(stream) for cell in row)
    assert {file.name for file in tmp_path.iterdir()} == set(page.FILES)


def test_the_same_reconciliation_gives_the_same_bytes(found: page.Reconciled, tmp_path: Path) -> None:
    made = []
    for _ in range(2):
        page.write(tmp_path, found, "zh")
        made.append({name: (tmp_path / name).read_bytes() for name in page.FILES if not name.endswith(".nc")})
    assert made[0] == made[1]
    assert made[0]["reconciliation.html"] == made[0]["reconciliation.zh.html"] != made[0]["reconciliation.en.html"]


@pytest.mark.slow
@NEEDS
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_accessible_and_its_buttons_change_what_is_drawn(
    found: page.Reconciled, tmp_path: Path, language: Any
) -> None:
    with started(tmp_path / "profile") as browser:
        opened(browser, page.write(tmp_path / "out", found, language).with_name(f"reconciliation.{language}.html"))
        assert faults(browser) == []
        shown = "return document.querySelector('.plot').data.map(one => one.visible)"
        ranged = "return document.querySelector('.plot').layout.xaxis.range"
        assert browser.execute_script(shown)[:4] == [True, True, False, False]
        before = browser.execute_script(ranged)
        browser.execute_script("document.querySelectorAll('.choices')[0].children[1].click()")
        assert browser.execute_script(shown)[:4] == [False, False, True, True]
        assert browser.execute_script(ranged) != before
