"""What the terminal says of a frontier: every number in it is one that was found."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial import frontier
from actuarial.frontier import Caps, Outcome
from actuarial.report.frontier import explain, show, table

SCORES = np.linspace(-2.0, 2.0, 200)
CAPS = Caps(("pension.land.share", "pension.investment.market_share"), (0.0, 0.0), (0.3, 0.6), ("share", "share"))
TARGETS = (0.01, 0.05, 0.5)


def found(loss: float = 0.5) -> xr.Dataset:
    """Return an invented frontier with a bad case in which the first lever brings half."""

    def economy(part: float) -> frontier.Measure:
        def of(mix: np.ndarray) -> Outcome:
            margin = part * mix[0] + mix[1] - loss + 0.1 * SCORES
            return Outcome(margin, {"fiscal": np.full(200, 0.1 * mix[0] + 0.2 * mix[1] ** 2)})

        return of

    searches = {
        name: frontier.search(economy(part), CAPS, {"fiscal": 1.0}, np.random.default_rng(3))
        for name, part in (("central", 1.0), ("bad", 0.5))
    }
    data = frontier.trace(searches["central"], TARGETS, economy(0.9))
    data = data.merge(frontier.robust(searches, TARGETS, 0.05), join="exact", combine_attrs="override")
    return data.assign_attrs(
        fund="pension", scenario="law", by=2060, asked=0.05, draws=200, weights="1 fiscal", bad_case="market_crash"
    )


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return found()


def test_the_lines_tell_the_mix_its_cost_and_both_probabilities(data: xr.Dataset) -> None:
    asked, mix, binds, curve, bad, robust = explain(data, "en", "Today's law")
    one = data.sel(target=0.05)
    assert "Pension fund" in asked
    assert "Today's law" in asked
    assert "200 futures" in asked
    for value in one["mix"].values:
        assert f" {value:.4g}" in mix
    assert f"{100 * float(one['cost']):.3f}%" in mix
    assert f"{100 * float(one['reached']):.1f}%" in mix
    assert f"{100 * float(one['checked']):.1f}% ± {100 * float(one['checked_error']):.1f}%" in mix
    assert f"{100 * float(one['shadow_price'].sel(constraint='target')):.3f}% a percentage point" in binds
    assert all(f"{100 * cost:.3f}%" in curve for cost in data["cost"].values)
    assert "Market crash" in bad
    assert f"{100 * float(data['choice_probability'].sel(choice='central', economy='bad')):.1f}%" in bad
    assert f"{100 * float(data['regret'].sel(choice='robust', economy='central')):.3f}% more" in robust


def test_a_cap_that_binds_is_told_with_what_a_hundredth_of_it_saves(data: xr.Dataset) -> None:
    one = data.sel(target=0.05)
    assert float(one["binding"].sel(constraint="pension.land.share high")) == 1
    price = 0.01 * float(one["shadow_price"].sel(constraint="pension.land.share high"))
    assert f"upper cap of Land withdrawal ({100 * price:.3f}% for each 0.01 up)" in explain(data, "en")[2]


def test_the_lines_in_chinese_have_no_word_of_english(data: xr.Dataset) -> None:
    lines = explain(data, "zh", "现行制度")
    assert len(lines) == 6
    assert not [line for line in lines if any("a" <= letter.lower() <= "z" for letter in line)]


def test_a_target_that_is_out_of_reach_is_said_to_be(data: xr.Dataset) -> None:
    poor = found(loss=0.95)
    lines = explain(poor, "en")
    assert lines[1].startswith("No mix inside the caps")
    assert f"{100 * float(poor['reached'].sel(target=0.05)):.1f}%" in lines[1]
    assert "out of reach" in lines[2]
    assert "No mix keeps the target" in lines[-1]
    assert "out of reach" in table(poor, "en")[1]
    assert not [cell for row in table(data, "en") for cell in row if cell == "out of reach"]


def test_the_table_has_a_row_for_each_probability_and_a_column_for_each_lever(data: xr.Dataset) -> None:
    heads, *rows = table(data, "en")
    assert heads[-2:] == ["Land withdrawal", "Market share of assets"]
    assert [row[0] for row in rows] == ["1.0%", "5.0%", "50.0%"]
    assert [row[3] for row in rows] == [f"{100 * cost:.3f}%" for cost in data["cost"].values]
    assert all(len(row) == len(heads) for row in rows)


def test_the_terminal_gets_table_and_lines(data: xr.Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    show(data, "en", "Today's law")
    told = capsys.readouterr().out
    assert all(line in told for line in explain(data, "en", "Today's law"))
    assert all(cell in told for row in table(data, "en") for cell in row)
