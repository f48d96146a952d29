"""What moves the cost rate: dependency, coverage, benefit and labour, through time and under a reform.

The cost rate (expenditure over contributors times rural income per head) is the
exact product of four factors: those of pension expenditure over GDP in the European
Commission's Ageing Reports (the latest: 2024, Institutional Paper 279), with the
contributory base in the place of GDP and 60 in the place of 65:

==========  ======================================================================
dependency  people 60+ / people 15-59
coverage    pensioners / people 60+
benefit     expenditure per pensioner / rural income per head
labour      people 15-59 / contributors (the inverse of the coverage of the young)
==========  ======================================================================

A difference of two cost rates is split by the additive logarithmic mean Divisia
index (B. W. Ang, The LMDI approach to decomposition analysis: a practical guide,
Energy Policy 33 (2005) 867-871): nothing is left over, where the Commission's tables
have a column for interaction, and the parts change only their sign when the two
change places. A reform and the law are compared on the same draw.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from actuarial._labels import told
from actuarial.rates import benefit_ratio, over
from forecasting.axes import PENSION_AGE, AxisError, join_years, require

FACTORS = ("dependency", "coverage", "benefit", "labour")
"""Labels of the axis ``factor``; the product of the four is the cost rate."""

UNTIL = (2035, 2050, 2075)
"""Years to which the change since the first year is split, besides the last."""

WORKING_FROM = 15
"""People of working age are 15-59, as China counts them (:mod:`forecasting.dependency`)."""

INDICATORS = {
    "cost_rate_factor": (
        "ratio",
        "Factors of the cost rate: people 60+ per person 15-59; pensioners per person 60+; expenditure per pensioner "
        "over rural income per head; people 15-59 per contributor",
    ),
    "cost_rate_change": (
        "share of rural income",
        "Part of the change of the cost rate since the first year that each factor makes",
    ),
}
"""Unit and meaning of each variable that :func:`decompose` returns."""


def decompose(
    account: xr.Dataset, ready: xr.Dataset, projection: xr.Dataset, years: Iterable[int] = UNTIL
) -> xr.Dataset:
    """Split the cost rate of each year, and its change since the first, into factors.

    Parameters
    ----------
    account : xarray.Dataset
        From :func:`actuarial.fund.project`.
    ready : xarray.Dataset
        Members and income of the same scenario, from :func:`actuarial.pension.with_accounts`.
    projection : xarray.Dataset
        With ``population`` at 31 December over (draw?, area?, sex?, age, year), single
        ages, from the year before the account's first.
    years : iterable of int
        Years to which changes are split; those outside the account are left out, the
        last of the account is always there.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`INDICATORS`: ``cost_rate_factor`` over (draw?, factor,
        year) and ``cost_rate_change`` over (draw?, factor, until), which adds up over
        ``factor`` to the change of the cost rate. NaN where a factor is 0 or unknown.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing.
    """
    factors = cost_rate_factors(account, ready, projection)
    span = factors["year"].values
    ends = sorted({int(y) for y in years if span[0] < y < span[-1]} | {int(span[-1])})
    change = split_difference(factors.isel(year=0, drop=True), factors.sel(year=ends).rename(year="until"))
    values = {"cost_rate_factor": factors, "cost_rate_change": change.transpose(..., "factor", "until")}
    return told(values, INDICATORS)


def cost_rate_factors(account: xr.Dataset, ready: xr.Dataset, projection: xr.Dataset) -> xr.DataArray:
    """Give the four factors whose product is the cost rate.

    Parameters
    ----------
    account, ready, projection
        As in :func:`decompose`.

    Returns
    -------
    xarray.DataArray
        Over (draw?, factor, year); people at mid-year, as members are. NaN where a
        denominator is 0.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing.
    """
    needed = ["contributors_mid_year", "pensioners_mid_year", "rural_income"]
    require(ready, needed)
    now = join_years(ready[needed], account["year"].values)
    old, working = people_at_mid_year(projection, account["year"].values)
    parts = {
        "dependency": over(old, working),
        "coverage": over(now["pensioners_mid_year"], old),
        "benefit": benefit_ratio(account, now),
        "labour": over(working, now["contributors_mid_year"]),
    }
    factor = xr.DataArray(list(FACTORS), dims="factor", name="factor")
    bare = [parts[name].drop_attrs() for name in FACTORS]
    return xr.concat(xr.broadcast(*bare), factor, join="exact").transpose(..., "factor", "year")


def people_at_mid_year(projection: xr.Dataset, years: np.ndarray) -> tuple[xr.DataArray, xr.DataArray]:
    """Count people of 60 and over, and of 15-59, at the middle of each year.

    Parameters
    ----------
    projection : xarray.Dataset
        As in :func:`decompose`.
    years : numpy.ndarray of int

    Returns
    -------
    tuple of xarray.DataArray
        Old and working, persons over (draw?, year): the mean of the counts at the two
        year-ends, all areas and both sexes.

    Raises
    ------
    forecasting.axes.AxisError
        If ``population`` is missing, or a year of `years` or the year before it.
    """
    require(projection, ["population"])
    population = projection["population"]
    ages = population["age"].values
    if not np.array_equal(ages, np.arange(ages.size)) or ages.size <= PENSION_AGE:
        raise AxisError([f"population: ages are not single years from 0 to {PENSION_AGE} or more"])
    counts = [
        _counted(population.isel(age=part)) for part in (slice(PENSION_AGE, None), slice(WORKING_FROM, PENSION_AGE))
    ]
    ends = xr.Dataset({"old": counts[0], "working": counts[1]})
    closing, opening = join_years(ends, years), join_years(ends, np.asarray(years) - 1)
    middle = (closing + opening.assign_coords(year=closing["year"])) / 2
    return middle["old"], middle["working"]


def split_difference(before: xr.DataArray, after: xr.DataArray) -> xr.DataArray:
    """Split the difference of two products into what each factor makes.

    Parameters
    ----------
    before, after : xarray.DataArray, dims (..., factor)
        Factors, above 0; other dimensions broadcast.

    Returns
    -------
    xarray.DataArray
        Adds up over ``factor`` to ``after.prod("factor") - before.prod("factor")``:
        the logarithmic mean of the two products times the logarithm of each factor's
        ratio. NaN where a factor is not above 0.
    """
    known = (before > 0).all("factor") & (after > 0).all("factor")
    ratio = after.where(known) / before.where(known)
    logs = ratio.copy(data=np.log(ratio.values))
    whole = logs.sum("factor", skipna=False)
    product = before.where(known).prod("factor", skipna=False)
    # The logarithmic mean (b - a) / ln(b / a), with its limit a where the two are equal.
    same = whole == 0
    mean = product * xr.where(same, 1.0, np.expm1(whole) / whole.where(~same, 1.0))
    return mean * logs


def compare(factors: xr.DataArray, baseline: str) -> xr.DataArray:
    """Split the difference between each scenario and a baseline, draw by draw and year by year.

    Parameters
    ----------
    factors : xarray.DataArray, dims (scenario, ..., factor, year)
        ``cost_rate_factor`` of scenarios on common draws.
    baseline : str
        A label of ``scenario``, as a rule today's law.

    Returns
    -------
    xarray.DataArray
        Same dims: what each factor adds to the baseline's cost rate; adds up over
        ``factor`` to the difference of the cost rates, and is 0 for the baseline.

    Raises
    ------
    forecasting.axes.AxisError
        If there is no such scenario.
    """
    names = [str(name) for name in factors["scenario"].values]
    if baseline not in names:
        raise AxisError([f"scenario {baseline!r} is missing: there are {', '.join(names)}"])
    split = split_difference(factors.sel(scenario=baseline, drop=True), factors)
    return split.transpose(*factors.dims).assign_attrs(
        unit="share of rural income", meaning=f"Part of the difference of the cost rate to {baseline}"
    )


def probability_below(values: xr.DataArray, others: xr.DataArray) -> xr.DataArray:
    """Share of draws in which `values` is below `others`: reduces over ``draw``.

    Parameters
    ----------
    values, others : xarray.DataArray, dims (..., draw)
        The same draws of two scenarios; equal values are not below.

    Returns
    -------
    xarray.DataArray
        Among the draws in which both are known; NaN if there is none.

    Raises
    ------
    xarray.AlignmentError
        If the draws are not the same.
    """
    left, right = xr.align(values, others, join="exact")
    known = left.notnull() & right.notnull()
    return (left < right).where(known).mean("draw")


def _counted(people: xr.DataArray) -> xr.DataArray:
    return people.sum([d for d in people.dims if d not in ("draw", "year")], dtype=float)
