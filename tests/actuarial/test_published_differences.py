"""A published comparison of reforms with a baseline, made again by ours."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial import paired

# China Finance & Economic Review 5 (2017), article 40589-017-0053-3, tables 4 and 5: the pension fund of urban
# employees under the selective and the universal two-child policy. By case: first year of the cumulative deficit (none
# before 2090: infinite), cumulative deficit of 2090 in billion yuan (below 0 it is a balance), printed change of it in
# per cent of that of the one-child policy.
ONE_CHILD = (2076.0, 422365.195)
SELECTIVE = {
    "13 %": (2077.0, 383238.042, -9.26),
    "50 %": (2081.0, 270235.549, -36.02),
    "all": (2085.0, 118879.393, -71.85),
}
UNIVERSAL = {
    "13 %": (2079.0, 322864.423, -23.56),
    "20 %": (2081.0, 268588.514, -36.41),
    "40 %": (2087.0, 109237.064, -74.14),
    "50 %": (2089.0, 27177.871, -93.57),
    "60 %": (np.inf, -56475.435, -113.37),
    "80 %": (np.inf, -228579.784, -154.12),
    "all": (np.inf, -407106.786, -196.39),
}


def table(cases: dict[str, tuple[float, float, float]], column: int) -> xr.DataArray:
    """Lay a column of a table out as scenarios; the study has one path, here on two draws that are the same."""
    values = [ONE_CHILD[column], *(case[column] for case in cases.values())]
    names = ["one child", *cases]
    return xr.DataArray(np.array([values, values]).T, {"scenario": names}, ("scenario", "draw"))


@pytest.mark.parametrize("cases", [SELECTIVE, UNIVERSAL], ids=["selective", "universal"])
def test_every_printed_change_of_the_deficit_is_our_difference_from_the_baseline(
    cases: dict[str, tuple[float, float, float]],
) -> None:
    told = paired.compare(table(cases, 1), "one child", "lower")
    for name, (_, _, printed) in cases.items():
        change = 100 * float(told["mean_difference"].sel(scenario=name)) / ONE_CHILD[1]
        assert change == pytest.approx(printed, abs=0.005), name
        assert float(told["wins"].sel(scenario=name)) == 1.0


@pytest.mark.parametrize("cases", [SELECTIVE, UNIVERSAL], ids=["selective", "universal"])
def test_a_fund_that_runs_dry_later_or_never_wins_over_the_baseline_in_every_case(
    cases: dict[str, tuple[float, float, float]],
) -> None:
    told = paired.compare(table(cases, 0), "one child", "higher")
    assert (told["wins"].drop_sel(scenario="one child") == 1.0).all()
    assert float(told["ties"].sel(scenario="one child")) == 1.0


@pytest.mark.parametrize("cases", [SELECTIVE, UNIVERSAL], ids=["selective", "universal"])
def test_more_second_children_leave_less_of_a_deficit_case_against_case(
    cases: dict[str, tuple[float, float, float]],
) -> None:
    wins = paired.beats(table(cases, 1), "lower")["wins"]
    names = ["one child", *cases]
    for i, name in enumerate(names):
        for j, other in enumerate(names):
            assert float(wins.sel(scenario=name, other=other)) == float(i > j), (name, other)
