"""Closed groups: the monthly present value of pensions in payment, life by life.

A group is plain arrays, one entry a life: months of age, the pension of the first month, and the life table that
holds. A pension is paid at the start of every month while its life is alive, the first one today, to the end of the
table; nobody joins. Amounts are raised, and money is discounted, along paths of yearly rates counted from today.

Within a year of age the force of mortality is constant: of those alive at age x + s, the share (1 - q(x))^u lives for
u more, as long as s + u is at most 1 (Dickson, Hardy and Waters, Actuarial Mathematics for Life Contingent Risks, 2nd
ed. 2013, chapter 3; annuities in chapter 5). Where q(x) is 1, whoever reaches age x is paid on that birthday and not
again. :func:`present_values_reference` is the same calculation in plain numpy, kept to hold the kernel against.
"""

from __future__ import annotations

from numbers import Integral
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Raised", "expected_payments", "present_values", "present_values_reference"]

Array = np.ndarray
Raised = Literal["yearly", "monthly"]
"""A pension is raised once at the end of every year from today, or a twelfth part of the way each month."""


class Lives(NamedTuple):
    """What a caller gives for each life."""

    age_months: ArrayLike
    monthly_amount: ArrayLike
    table: ArrayLike


class Group(NamedTuple):
    """A checked group; n lives, T tables of A ages.

    Attributes
    ----------
    age : numpy.ndarray of int, shape (n,)
        Months.
    amount : numpy.ndarray, shape (n,)
        Yuan of the first month.
    table : numpy.ndarray of int, shape (n,)
        Row of `qx`.
    qx : numpy.ndarray, shape (T, A)
        Probability of death within a year.
    weight : numpy.ndarray, shape (months,)
        What 1 of today is raised to in each month, discounted.
    """

    age: Array
    amount: Array
    table: Array
    qx: Array
    weight: Array


def present_values(
    age_months: ArrayLike,
    monthly_amount: ArrayLike,
    qx: ArrayLike,
    *,
    discount_rate: ArrayLike,
    indexation: ArrayLike = 0.0,
    table: ArrayLike = 0,
    raised: Raised = "yearly",
    threads: int | None = None,
) -> Array:
    """Value every pension in payment today; the same bits on any count of threads.

    Parameters
    ----------
    age_months : array_like of int, shape (n,)
        Age of each life today in completed months.
    monthly_amount : array_like, shape (n,) or one number
        Yuan paid today to each life; 0 or more.
    qx : array_like, shape (A,) or (T, A)
        Probability of death within a year by single age from 0 on, ending in 1; several tables where it has rows.
    discount_rate : array_like, shape (years,) or one number
        Interest rate per year of each year from today, above -1; as long as anyone can be paid.
    indexation : array_like, shape (years,) or one number
        By which share pensions rise in each year from today, above -1; as long as anyone can be paid.
    table : array_like of int, shape (n,) or one number
        Row of `qx` that holds for each life.
    raised : {"yearly", "monthly"}
        Pensions rise at the end of each year from today, or evenly month by month.
    threads : int, optional
        Threads that share the lives; as many as the machine has when left out.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Yuan of today.

    Raises
    ------
    ValueError
        Listing every fault: of shape, range and finiteness, a table that does not end in 1, a path of rates that is
        too short.

    Examples
    --------
    Two months before the end of a table, one payment is certain, and one is made with probability 0.25 ** (1 / 12).
    Nobody lives past the birthday on which the table says 1.

    >>> present_values([11], 100.0, [0.75, 1.0], discount_rate=0.0).round(6)
    array([189.089872])
    """
    rates = {"discount_rate": discount_rate, "indexation": indexation}
    group = _checked(Lives(age_months, monthly_amount, table), qx, rates, raised, threads)
    from actuarial._closed_group_kernel import values  # late: numba takes a third of a second to import

    value: Array = group.amount * values(group.age, group.table, _survival(group.qx), group.weight, threads)
    return value


def expected_payments(
    age_months: ArrayLike,
    monthly_amount: ArrayLike,
    qx: ArrayLike,
    *,
    indexation: ArrayLike = 0.0,
    table: ArrayLike = 0,
    raised: Raised = "yearly",
    threads: int | None = None,
) -> Array:
    """Add up what the whole group is expected to be paid in each month; the same bits on any count of threads.

    Parameters
    ----------
    age_months, monthly_amount, qx, indexation, table, raised, threads
        As in :func:`present_values`.

    Returns
    -------
    numpy.ndarray, shape (months,)
        Yuan at the start of each month, from today to the month in which the youngest life reaches the last age of
        the table. Discounted and added up it is the sum of :func:`present_values`.

    Raises
    ------
    ValueError
        As :func:`present_values`.
    """
    rates = {"discount_rate": 0.0, "indexation": indexation}
    group = _checked(Lives(age_months, monthly_amount, table), qx, rates, raised, threads)
    from actuarial._closed_group_kernel import payments  # late, as above

    paid: Array = payments(group.age, group.amount, group.table, _survival(group.qx), group.weight.size, threads)
    return paid * group.weight


def present_values_reference(
    age_months: ArrayLike,
    monthly_amount: ArrayLike,
    qx: ArrayLike,
    *,
    discount_rate: ArrayLike,
    indexation: ArrayLike = 0.0,
    table: ArrayLike = 0,
    raised: Raised = "yearly",
) -> Array:
    """Do what :func:`present_values` does in plain numpy: slower, and easier to read.

    Parameters and results are those of :func:`present_values`. All months of all lives are held at once.
    """
    rates = {"discount_rate": discount_rate, "indexation": indexation}
    group = _checked(Lives(age_months, monthly_amount, table), qx, rates, raised, None)
    # The last age of a table is also that of later months: it leaves nobody alive.
    age = np.minimum((group.age[:, None] + np.arange(group.weight.size - 1)) // 12, group.qx.shape[1] - 1)
    month = (1 - group.qx[group.table[:, None], age]) ** (1 / 12)
    alive = np.cumprod(np.column_stack([np.ones(group.age.size), month]), axis=1)
    value: Array = group.amount * (alive * group.weight).sum(axis=1)
    return value


def _survival(qx: Array) -> Array:
    """Probability to live from a birthday to each month of the year of age, and to the next birthday: (T, 13, A)."""
    return (1 - qx[:, None, :]) ** (np.arange(13) / 12)[:, None]


def _growth(rate: Array, *, even: bool) -> Array:
    """Grow 1 of today to the start of each month: evenly, or in one step at the end of each year."""
    start = np.cumprod(np.append(1.0, 1 + rate[:-1]))
    within = (1 + rate[:, None]) ** (np.arange(12) / 12) if even else np.ones((rate.size, 12))
    return (start[:, None] * within).ravel()


def _checked(lives: Lives, qx: ArrayLike, rates: dict[str, ArrayLike], raised: str, threads: int | None) -> Group:
    """Return the group as the kernel reads it, or raise one error that lists every fault."""
    tables = np.atleast_2d(np.asarray(qx, dtype=float))
    age, amount, row = (np.asarray(given, dtype=float) for given in lives)
    paths = {name: np.asarray(rate, dtype=float) for name, rate in rates.items()}
    faults = _table_faults(tables)
    if age.ndim != 1 or not age.size:
        faults.append(f"age_months has shape {age.shape}: give one number a life, of one life or more")
    for name, array in (("monthly_amount", amount), ("table", row)):
        if array.shape not in ((), age.shape):
            faults.append(f"{name} has shape {array.shape}: give one number, or one a life as in age_months")
    end = 12 * tables.shape[-1]
    for name, array, count in (("age_months", age, end), ("table", row, len(tables))):
        faults += _lives_faults(name, array, _below(array, count), f"give whole numbers from 0 to {count - 1}")
    faults += _lives_faults("monthly_amount", amount, np.isfinite(amount) & (amount >= 0), "give 0 or more, finite")
    if raised not in get_args(Raised):
        faults.append(f"raised is {raised!r}: give one of {', '.join(get_args(Raised))}")
    if threads is not None and not (isinstance(threads, Integral) and threads >= 1):
        faults.append(f"threads is {threads!r}: give a whole number from 1 on, or leave it out")
    # The last payment is made on the birthday on which the table says 1.
    months = max(end - 12 - int(np.min(age[_below(age, end)], initial=end)), 0) + 1
    faults += [fault for name, path in paths.items() for fault in _path_faults(name, path, months)]
    if faults:
        raise ValueError("\n".join(faults))
    amount, row = (np.broadcast_to(a, age.shape) for a in (amount, row))
    weight = _weight(months, raised == "monthly", **paths)
    whole = [np.ascontiguousarray(a, dtype=np.int64) for a in (age, row)]
    return Group(whole[0], np.ascontiguousarray(amount), whole[1], tables, weight)


def _weight(months: int, even: bool, *, discount_rate: Array, indexation: Array) -> Array:
    """Give what 1 of today is raised to in each month, discounted."""
    years = -(-months // 12)
    discount, index = (np.broadcast_to(p[:years] if p.ndim else p, years) for p in (discount_rate, indexation))
    with np.errstate(all="ignore"):
        weight: Array = (_growth(index, even=even) / _growth(discount, even=True))[:months]
    if not np.isfinite(weight).all():
        raise ValueError(
            "indexation and discount_rate pass the largest number that can be held before the table ends: "
            "give rates per year, 0.03 for 3 per cent"
        )
    return weight


def _table_faults(tables: Array) -> list[str]:
    """List what is wrong with the life tables."""
    if tables.ndim != 2 or not tables.size:
        return [f"qx has shape {tables.shape}: give one number an age, in one row a table where there are several"]
    faults = []
    wrong = np.argwhere(~((tables >= 0) & (tables <= 1)))
    if wrong.size:
        row, age = (int(i) for i in wrong[0])
        found = f"first at age {age} of table {row}: {tables[row, age]:g}"
        faults.append(f"qx is no probability at {len(wrong)} ages, {found}: give numbers from 0 to 1")
    if (tables[:, -1] != 1).any():
        faults.append("qx leaves people alive at the end of the table: let its last age have 1")
    return faults


def _below(array: Array, end: int) -> Array:
    """Mark the whole numbers from 0 to below `end`."""
    return (np.floor(array) == array) & (array >= 0) & (array < end)


def _lives_faults(name: str, array: Array, good: Array, allowed: str) -> list[str]:
    """Tell of the lives whose number is not good."""
    wrong = np.flatnonzero(~good)
    if not wrong.size:
        return []
    return [f"{name} is wrong for {wrong.size} lives, first at place {wrong[0]}: {array.flat[wrong[0]]:g}: {allowed}"]


def _path_faults(name: str, path: Array, months: int) -> list[str]:
    """List what is wrong with one path of rates that must last for so many months."""
    if path.ndim > 1:
        return [f"{name} has shape {path.shape}: give one rate, or one for each year from today"]
    faults, years = [], -(-months // 12)
    if path.ndim and path.size < years:
        faults.append(f"{name} ends after {path.size} years: give {years}, as long as anyone can be paid")
    wrong = np.flatnonzero(~(np.isfinite(path) & (path > -1)))
    if wrong.size:
        found = f"first in year {wrong[0]}: {path.flat[wrong[0]]:g}"
        faults.append(f"{name} is wrong in {wrong.size} years, {found}: give finite rates above -1")
    return faults
