"""The published table of a study of the resident medical fund, carried again by our account."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial import medical, solvency
from actuarial.fund import project

# BMC Public Health 2021, 21:1444 (PMC8297716), table 2: the resident medical fund under the one-child policy, billion
# yuan: income, expenditure, accumulated balance, accumulated balance over income in per cent. Later rows are five years
# apart, and the balance before the first is not printed.
TABLE_2 = {
    2021: (1067.362, 1067.839, 527.463, 49.42),
    2022: (1168.377, 1191.951, 509.692, 43.62),
    2023: (1277.936, 1326.617, 466.618, 36.51),
    2024: (1397.312, 1478.187, 390.876, 27.97),
    2025: (1527.287, 1642.343, 280.120, 18.34),
}
RATE = 0.011
"""Not printed in the table: it follows from two rows, if interest is credited on the opening balance alone."""


def carried(convention: str) -> xr.Dataset:
    """Carry the fund of the table from its first printed balance."""
    years = np.array(list(TABLE_2))
    paths = dict(zip(("contributions", "inpatient_care"), np.array(list(TABLE_2.values())).T * 1e9, strict=False))
    flows = {flow.name: np.zeros(years.size) for flow in (*medical.INCOME, *medical.OUTGO)} | paths
    rates = {"deposit_rate": np.full(years.size, RATE), "market_return": np.zeros(years.size)}
    world = xr.Dataset({name: ("year", path) for name, path in (flows | rates).items()}, {"year": years})
    rules = medical.MedicalAssumptions.model_validate(
        {"investment": {"deposit_spread": 0.0, "interest_convention": convention}}
    )
    return project(medical.standard_fund(2021, TABLE_2[2021][2] * 1e9), world, rules)


def test_the_rate_follows_from_every_row_alike() -> None:
    balance = {year: row[2] for year, row in TABLE_2.items()}
    for year, (income, expenditure, *_) in list(TABLE_2.items())[1:]:
        earned = balance[year] - balance[year - 1] - (income - expenditure)
        # Four amounts printed to a thousandth of a billion.
        assert earned / balance[year - 1] == pytest.approx(RATE, abs=0.002 / balance[year - 1])


def test_every_printed_balance_is_reproduced_with_interest_on_the_opening_balance() -> None:
    account = carried("opening_balance")
    for year, (income, _, balance, share) in list(TABLE_2.items())[1:]:
        made = float(account["balance"].sel(year=year)) / 1e9
        # A rounding error of each year is carried on.
        assert made == pytest.approx(balance, abs=0.001 * (year - 2020))
        assert 100 * made / income == pytest.approx(share, abs=0.005 + 0.1 / income)


def test_money_at_mid_year_gives_other_balances() -> None:
    printed, ours = (carried(name)["balance"].sel(year=2025) / 1e9 for name in ("opening_balance", "mid_year"))
    # Half a year's interest on what flows in the year: the fund pays more than it gets, so it keeps less.
    assert float(printed - ours) == pytest.approx(0.0055 * 268.185, rel=0.02)


def test_the_fund_of_the_table_has_not_run_out_in_its_printed_years() -> None:
    account = carried("opening_balance")
    assert np.isnan(solvency.exhaustion_year(account["balance"]))
    assert float(account["shortfall"].max()) == 0.0
