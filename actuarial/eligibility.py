"""Who draws the pension, and from what age: the rule, its reforms, and the years that members have paid."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial.assumptions import Assumptions, Benefit, Retirement
from forecasting.axes import PENSION_AGE, AxisError, require

Array = np.ndarray

SCHEME_START = 2011
"""Year that stands for the start of the scheme in the whole nation: pilots began in 2009, the last counties in 2012."""


def pension_ages(retirement: Retirement, years: Array) -> Array:
    """Age from which the pension is drawn in each year.

    Parameters
    ----------
    retirement : Retirement
        Last age, year of the first rise, years from one rise to the next.
    years : numpy.ndarray of int, shape (Y,)
        Calendar years.

    Returns
    -------
    numpy.ndarray of int, shape (Y,)
        60 before the first rise; from then on a year of age more at each rise,
        up to the target. Rises are by one whole year of age, so that whoever
        draws the pension goes on drawing it, and nobody starts in a year of a rise.
    """
    rises = (np.asarray(years) - retirement.change_from) // retirement.step_years + 1
    return np.clip(PENSION_AGE + rises, PENSION_AGE, retirement.target_age).astype(np.int64)


def starts(ages: Array) -> Array:
    """Years in which some cohort reaches the pension age.

    Parameters
    ----------
    ages : numpy.ndarray of int, shape (Y,)
        From :func:`pension_ages`.

    Returns
    -------
    numpy.ndarray of bool, shape (Y,)
        False in the years of a rise; the first year counts as one without.
    """
    return np.diff(ages, prepend=ages[:1]) == 0


def members(projection: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Move those who no longer draw the pension at 60 from pensioners to contributors.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``contributors`` and ``pensioners`` over (draw?, sex, age, year).
    assumptions : Assumptions
        Section ``retirement``.

    Returns
    -------
    xarray.Dataset
        `projection` itself where the pension age stays at 60. Otherwise without
        pensioners from 60 to the pension age of the year. A part of them
        (``contributing_share``) contribute; all do in the year before their
        pension starts, when missed years are paid. Doing it twice changes nothing.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing, or the projection begins after a rise.
    """
    require(projection, ["contributors", "pensioners"])
    years, rule = projection["year"].values, assumptions.retirement
    ages = pension_ages(rule, np.append(years, years[-1] + 1))
    if ages[0] > PENSION_AGE:
        raise AxisError([f"retirement.change_from is {rule.change_from}: the first rise must come after {years[0]}"])
    if ages[-2] == PENSION_AGE:
        return projection
    age = projection["age"]
    now, later = (xr.DataArray(a, {"year": years}, ("year",)) for a in (ages[:-1], ages[1:]))
    waiting = (age >= PENSION_AGE) & (age < now)
    share = xr.where((age == now - 1) & (later == now), 1.0, rule.contributing_share)
    pensioners, contributors = projection["pensioners"], projection["contributors"]
    added = (pensioners * share).where(waiting, 0.0).astype(contributors.dtype)
    moved = {"contributors": contributors + added, "pensioners": pensioners.where(~waiting, 0.0)}
    return projection.assign({n: v.transpose(..., *projection[n].dims) for n, v in moved.items()})


def required_years(assumptions: Assumptions, years: Array, *, law: bool = False) -> Array:
    """Paid years that the pension asks of those whose pension starts in a year.

    Parameters
    ----------
    assumptions : Assumptions
        Sections ``benefit`` and ``retirement``.
    years : numpy.ndarray of int, shape (Y,)
        Calendar years in which pensions start.
    law : bool
        Today's law: at most 15 years, counted to 60.

    Returns
    -------
    numpy.ndarray of int, shape (Y,)
        The minimum, or the years since the start of the scheme if they are fewer
        (State Council 2014 No. 8, section 7): none for those of pension age at
        the start, the years up to it for those of 45 and more.
    """
    years = np.asarray(years)
    benefit, least = assumptions.benefit, np.full(years.shape, Benefit().minimum_years)
    possible = years - SCHEME_START
    if law:
        possible = possible - (pension_ages(assumptions.retirement, years) - PENSION_AGE)
    else:
        least = np.where(years >= benefit.minimum_years_from, benefit.minimum_years, least)
    return np.clip(possible, 0, least)


def back_payment_multiple(assumptions: Assumptions, years: Array) -> Array:
    """Give what members pay at once for missed years, over what they would pay under today's law.

    Parameters
    ----------
    assumptions : Assumptions
        Sections ``benefit`` and ``retirement``.
    years : numpy.ndarray of int, shape (Y,)
        Calendar years of the payment; the pension starts in the year after.

    Returns
    -------
    numpy.ndarray of float, shape (Y,)
        Required years over those of the law; 1 where the law asks for none.
    """
    after = np.asarray(years) + 1
    now, law = (required_years(assumptions, after, law=flag) for flag in (False, True))
    return np.divide(now, law, out=np.ones(after.shape), where=law > 0)


def paid_years(projection: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Mean years that members have contributed when their pension starts.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``contributors, pensioners, pensioner_mortality`` over (draw?, sex,
        age, year); from the first year of the scheme.
    assumptions : Assumptions
        Sections ``benefit`` and ``retirement``.

    Returns
    -------
    xarray.Dataset
        Over (draw?, year), `year` being that in which the pension starts and
        ``born`` (year) the year of birth: ``paid_years``, years contributed in
        time by those who contribute in the year before their pension, mean over
        them; ``required_years`` (year). What is paid at once for missed years is
        not in ``paid_years``. Those who leave take their years along, and bring
        them back. NaN in a year in which no pension starts.
    """
    names = ("contributors", "pensioners", "pensioner_mortality")
    require(projection, names)
    people, years = members(projection, assumptions), projection["year"].values
    contributors, rates = (people[n].transpose(..., "sex", "age", "year") for n in (names[0], names[2]))
    q = (rates / (1.0 + 0.5 * rates)).clip(max=1.0)
    ages = pension_ages(assumptions.retirement, years)
    dims = [d for d in contributors.dims if d not in ("sex", "age")]
    paid = xr.DataArray(_paid(contributors.values, q.values, ages), {d: people[d] for d in dims}, dims)
    required = xr.DataArray(required_years(assumptions, years).astype(float), {"year": years}, ("year",))
    begins = xr.DataArray(starts(ages), {"year": years}, ("year",))
    out = xr.Dataset({"paid_years": paid, "required_years": required}).where(begins)
    return out.assign_coords(born=("year", years - ages))


def _paid(contributors: Array, q: Array, ages: Array) -> Array:
    """Mean years paid by those who come to the pension age of each year and contributed in the year before.

    Shapes (draw?, sex, age, year), `q` broadcasting; `ages` (year,). Returns (draw?, year).
    """
    out = np.full((*contributors.shape[:-3], ages.size), np.nan)
    # By age: contributors of the year before who are alive, their years; leavers, their years.
    heads, owned, away, theirs = np.zeros((4, *contributors.shape[:-1]))
    for t, age in enumerate(ages):
        heads, owned, away, theirs = (_older(a) for a in (heads, owned, away, theirs))
        came = heads[..., age].sum(axis=-1)
        np.divide(owned[..., age].sum(axis=-1), came, out=out[..., t], where=came > 0)
        now = contributors[..., t].astype(float)
        left = _ratio(np.maximum(heads - now, 0.0), heads)
        back = np.minimum(_ratio(np.maximum(now - heads, 0.0), away), 1.0)
        moved = back * theirs - left * owned
        away = away * (1.0 - back) + left * heads
        alive = 1.0 - q[..., t]
        heads, owned = now * alive, (owned + moved + now) * alive
        away, theirs = away * alive, (theirs - moved) * alive
    return out


def _older(values: Array) -> Array:
    """Shift values by one age; nobody comes at age 0, and the last age leaves."""
    return np.concatenate([np.zeros_like(values[..., :1]), values[..., :-1]], axis=-1)


def _ratio(over: Array, under: Array) -> Array:
    return np.divide(over, under, out=np.zeros_like(over), where=under > 0)
