"""Money of the unemployment fund in every month, all members together."""

from __future__ import annotations

import xarray as xr

from actuarial._land_share import withdrawal
from actuarial._unemployment_flows import GRANTS, INCOME, OUTGO
from actuarial._unemployment_months import BENEFITS, fixed_index
from actuarial._unemployment_rules import Unemployment

WITH_RATE = (*(flow.name for flow in INCOME), "firm_subsidy")
"""Flows that move in proportion to the contribution rate."""


def monthly(projection: xr.Dataset, months: xr.Dataset, count: xr.DataArray, rules: Unemployment) -> xr.Dataset:
    """Give yuan of every flow in every month.

    Parameters
    ----------
    projection : xarray.Dataset
        As for `actuarial.unemployment.with_members`.
    months : xarray.Dataset
        From `_unemployment_months.per_member`.
    count : xarray.DataArray, dims (draw?, year)
        Members.
    rules : Unemployment

    Returns
    -------
    xarray.Dataset
        Income and outgo at the stated rate of contribution, dims (draw?, year, month). Whoever joined within the year
        has no right to the living allowance yet. The founding grant comes in January, land income in equal parts.
    """
    rule = rules.contribution
    contributions = count * months["contributions"]
    platforms = rules.membership.platform_share * rule.platform_part
    before = count.shift(year=1).fillna(0.0)
    longer = xr.where(before < count, before, count)
    paid = {name: count * months[name] for name in BENEFITS} | {
        "living_allowance": longer * months["living_allowance"],
        "member_contributions": (1.0 - platforms) * contributions,
        "platform_contributions": platforms * contributions,
        "fiscal_match": rule.fiscal_match * contributions,
        "firm_subsidy": rule.firm_subsidy * contributions,
    }
    paid |= _grants(projection, xr.ones_like(months["out_of_work"]), count, rules)
    return xr.Dataset({flow.name: paid[flow.name] for flow in (*INCOME, *GRANTS, *OUTGO)})


def _grants(
    projection: xr.Dataset, each: xr.DataArray, count: xr.DataArray, rules: Unemployment
) -> dict[str, xr.DataArray]:
    """Money beside contributions; `each` is 1 in every month."""
    rule, first = rules.financing, rules.membership.from_year
    begins = (each["year"] == first) & (each["month"] == each["month"][0])
    land = withdrawal(projection, rule.land_share, rule.land_from, rule.land_phase_in_years)
    return {
        "founding_grant": rule.founding_grant * fixed_index(projection, rules) * count * each * begins,
        "land_withdrawal": each * (land / each.sizes["month"]).where(land["year"] >= first, 0.0),
    }
