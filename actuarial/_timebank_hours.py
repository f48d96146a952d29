"""From a projection to the hours of the time bank: shares by age, plain arrays for the loops, labels for what comes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import xarray as xr

from actuarial import _timebank_kernel as kernel
from actuarial._labels import plain, told
from actuarial._timebank_rules import Health, TimeBank
from forecasting.axes import AxisError, join_years, require

Array = np.ndarray

HOURS = {
    "hours_supply": ("hours", "Hours that the working members can give"),
    "hours_worked": ("hours", "Hours that the working members give"),
    "hours_earned": ("hours", "Hours credited to members"),
    "hours_given_away": ("hours", "Hours given beyond the most that a member may be owed"),
    "hours_needed": ("hours", "Hours wanted by all people of the area, members or not"),
    "hours_claimed": ("hours", "Hours that members ask for out of what they are owed"),
    "hours_redeemed": ("hours", "Hours paid back to members"),
    "hours_bought": ("hours", "Hours of care that the bank buys, because members ask for more than can be given"),
    "hours_lapsed_by_death": ("hours", "Hours that lapse at death"),
    "hours_lapsed_by_leaving": ("hours", "Hours that lapse because the member leaves the area"),
    "hours_owed": ("hours", "Hours owed to members at 31 December"),
    "members": ("persons", "People with an account at 31 December"),
}
"""Unit and meaning of each variable that :func:`hours` returns, in the order of the loops."""

COHORTS = {
    "hours_earned": ("hours", "Hours credited to members of the cohort, all years"),
    "hours_redeemed": ("hours", "Hours paid back to members of the cohort, all years"),
    "hours_lapsed_by_death": ("hours", "Hours of the cohort that lapsed at death, all years"),
    "hours_lapsed_by_leaving": ("hours", "Hours of the cohort that lapsed because the member left, all years"),
    "hours_owed": ("hours", "Hours owed to the cohort at the end of the last year"),
    "hours_back": ("share", "Part of the hours of the cohort that were paid back, of those no longer owed"),
}
"""Unit and meaning of each variable that :func:`hours_by_cohort` returns."""

DEVIATES = ("healthy_deviate", "help_deviate")
"""What a projection may have over (draw): standard normal doubts about the two shares."""

_AGES = {"healthy": (60.0, 70.0), "help": (65.0, 85.0)}
"""Ages whose shares are stated in :class:`Health`."""


def shares(health: Health, projection: xr.Dataset, years: Array, from_year: int) -> xr.Dataset:
    """Give the parts of each age that are healthy and that need help.

    Parameters
    ----------
    health : Health
        Shares at two ages, shifts, trend and doubt.
    projection : xarray.Dataset
        Its ages; and, if it has them, ``healthy_deviate`` and ``help_deviate`` over
        (draw), standard normal: the doubt of each draw. Without them all draws have
        the stated shares.
    years : numpy.ndarray of int, shape (T,)
    from_year : int
        Year from which the trend runs.

    Returns
    -------
    xarray.Dataset
        ``healthy`` over (draw?, age) and ``help`` over (draw?, age, year), shares.
    """
    ages = projection["age"]
    able = _line(ages, _AGES["healthy"], (health.healthy_at_60, health.healthy_at_70)) + health.healthy_shift
    needy = _line(ages, _AGES["help"], (health.help_at_65, health.help_at_85)) + health.help_shift
    if DEVIATES[0] in projection:
        able = able + health.healthy_error * projection[DEVIATES[0]]
    if DEVIATES[1] in projection:
        needy = needy + health.help_error * projection[DEVIATES[1]]
    since = xr.DataArray(np.maximum(years - from_year, 0), {"year": years}, ("year",))
    needy = needy + health.help_trend * since
    both = {"healthy": able.transpose(..., "age"), "help": needy.transpose(..., "age", "year")}
    return xr.Dataset({name: odds.copy(data=1 / (1 + np.exp(-odds.values))) for name, odds in both.items()})


def hours(projection: xr.Dataset, bank: TimeBank, *, closed_after: int | None = None) -> xr.Dataset:
    """Carry the hours of the bank through a projection.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``population`` at 31 December over (draw?, area?, sex, age, year), of which
        the rural area counts where there are areas, from the year before the bank's
        first, and ``pensioner_mortality`` over (draw?, sex, age, year). It may have the
        deviates of :func:`shares`.
    bank : TimeBank
        Rules.
    closed_after : int, optional
        Last year in which members work: what is owed then runs off, and all that is
        asked for later is bought.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`HOURS` over (draw?, year), all years of the projection;
        0 before the bank's first year.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a year is missing, or ages are not single years.
    """
    carried = _carried(projection, bank, closed_after, ())
    template = carried.template
    made = {name: template.copy(data=carried.flows[:, place]) for place, name in enumerate(HOURS)}
    out = told(made, HOURS).reindex(year=projection["year"].values, fill_value=0.0)
    return out if "draw" in template.coords else out.squeeze("draw")


def hours_by_age(projection: xr.Dataset, bank: TimeBank, years: Iterable[int]) -> xr.DataArray:
    """Give the hours owed to each sex and age: a cohort is a year less an age.

    Parameters
    ----------
    projection, bank
        As in :func:`hours`.
    years : iterable of int
        Years of the bank, each once.

    Returns
    -------
    xarray.DataArray
        Hours owed at 31 December over (draw?, sex, age, year) by age at mid-year; adds
        up over sex and age to ``hours_owed``.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`hours`, or if a year is not one of the bank.
    """
    wanted = [int(y) for y in years]
    carried = _carried(projection, bank, None, wanted)
    labels = {"draw": carried.draws, "sex": projection["sex"].values, "age": projection["age"].values, "year": wanted}
    about = {"unit": "hours", "meaning": "Hours owed to members at 31 December, by sex and age"}
    out = xr.DataArray(carried.by_age, labels, tuple(labels), "hours_owed_by_age", about)
    return out if "draw" in carried.template.coords else out.squeeze("draw", drop=True)


def hours_by_cohort(projection: xr.Dataset, bank: TimeBank) -> xr.Dataset:
    """Add up what each birth cohort earned, got back and lost over all years of the bank.

    Parameters
    ----------
    projection, bank
        As in :func:`hours`.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`COHORTS` over (draw?, born), both sexes. Those of the
        open age count as born in its first year. Cohorts that still are owed hours in
        the last year are not finished: ``hours_back`` is that of what has left the books.

    Raises
    ------
    forecasting.axes.AxisError
        As :func:`hours`.
    """
    carried = _carried(projection, bank, None, ())
    years, oldest = carried.template["year"].values, int(projection["age"][-1])
    born = np.arange(years[0] - oldest, years[-1] + 1)
    earned, redeemed, died, left = (carried.by_cohort[:, place] for place in range(4))
    gone = redeemed + died + left
    back = np.divide(redeemed, gone, out=np.full(gone.shape, np.nan), where=gone > 0)
    values = (earned, redeemed, died, left, np.maximum(earned - gone, 0.0), back)
    data = {name: (("draw", "born"), array) for name, array in zip(COHORTS, values, strict=True)}
    made = told(xr.Dataset(data, {"draw": carried.draws, "born": born}), COHORTS)
    out = made.isel(born=earned.any(axis=0))
    return out if "draw" in carried.template.coords else out.squeeze("draw", drop=True)


def _line(ages: xr.DataArray, at: tuple[float, float], given: tuple[float, float]) -> xr.DataArray:
    """Log odds, a straight line in age through two given shares."""
    low, high = (np.log(share / (1 - share)) for share in given)
    return low + (high - low) * (ages - at[0]) / (at[1] - at[0])


class _Carried(NamedTuple):
    """What the loops give, and zeros over (draw, year) with the labels of both."""

    flows: Array
    by_age: Array
    by_cohort: Array
    draws: Array
    template: xr.DataArray


def _carried(projection: xr.Dataset, bank: TimeBank, closed_after: int | None, keep: Iterable[int]) -> _Carried:
    """Run the loops; `keep` are the years whose hours are wanted by age."""
    population, mortality, years = _people(projection, bank)
    parts = shares(bank.health, projection, years, bank.from_year)
    able, needy = (_in_memory(parts[n], *dims) for n, dims in (("healthy", ("age",)), ("help", ("age", "year"))))
    draws = _draws(projection)
    labels = {"year": years} | ({} if draws is None else {"draw": draws})
    draws = np.arange(1) if draws is None else draws
    places = {int(year): place for place, year in enumerate(keep)}
    strange = sorted(set(places) - set(years.tolist()))
    if strange:
        raise AxisError(f"year {y} is not one of the bank: it has {years[0]}-{years[-1]}" for y in strange)
    kept = np.array([places.get(int(y), -1) for y in years])
    flows = np.zeros((draws.size, len(HOURS), years.size))
    by_age = np.zeros((draws.size, *population.shape[1:3], len(places)))
    by_cohort = np.zeros((draws.size, 4, population.shape[2] + years.size - 1))
    law = _law(bank, years, closed_after)
    kernel.carry(population, mortality, able, needy, law, kept, flows, by_age, by_cohort)
    template = xr.DataArray(np.zeros((draws.size, years.size)), labels, ("draw", "year"))
    return _Carried(flows, by_age, by_cohort, draws, template)


def _people(projection: xr.Dataset, bank: TimeBank) -> tuple[Array, Array, Array]:
    """Return population (year before the first included), mortality, and the years of the bank."""
    require(projection, ["population", "pensioner_mortality"])
    ages = projection["age"].values
    if not np.array_equal(ages, np.arange(ages.size)) or ages.size <= bank.earn_to_age:
        raise AxisError([f"population: ages are not single years from 0 to {bank.earn_to_age + 1} or more"])
    last = int(projection["year"][-1])
    years = np.arange(min(bank.from_year, last), last + 1)
    ends = join_years(projection[["population"]], np.append(years[0] - 1, years))["population"]
    if "area" in ends.dims:
        ends = ends.sel(area="rural", drop=True)
    rates = join_years(projection[["pensioner_mortality"]], years)["pensioner_mortality"]
    dims = ("sex", "age", "year")
    return _in_memory(ends, *dims), _in_memory(rates, *dims), years


def _in_memory(values: xr.DataArray, *dims: str) -> Array:
    """Lay values out in the order of memory too, so that the loops are compiled once."""
    return np.require(plain(values, *dims), requirements=["C", "W"])


def _draws(projection: xr.Dataset) -> Array | None:
    """Return the labels of the draws; none if nothing that the bank reads has draws."""
    read = [n for n in ("population", "pensioner_mortality", *DEVIATES) if n in projection]
    return projection["draw"].values if "draw" in projection[read].dims else None


def _law(bank: TimeBank, years: Array, closed_after: int | None) -> kernel.Rules:
    steps = np.clip(years - bank.from_year + 1, 0, bank.phase_in_years) / bank.phase_in_years
    open_ = years <= (years[-1] if closed_after is None else closed_after)
    return kernel.Rules(
        joined=bank.participation * steps * open_,
        earn_from=bank.earn_from_age,
        earn_to=bank.earn_to_age,
        company_from=bank.company_from_age,
        given=bank.hours_given,
        helped=bank.hours_helped,
        company=bank.hours_company,
        cap=bank.hours_cap,
        leaving=bank.extra_leaving,
        lapsing=bank.lapse_on_leaving,
        buying=(bank.shortage_rule == "buy") | ~open_,
    )
