"""Medical use and cost by sex and age, relative to the mean of those insured; the same formulas for graph and draws."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from forecasting.axes import AGES, SEXES
from forecasting.models._medical_priors import KNOTS

CHILD_YEARS = 3.0
"""Years of age in which the extra visits of the newborn fall to 1/e."""

HATS = np.stack([np.interp(AGES, KNOTS, hat) for hat in np.eye(len(KNOTS))], axis=1)
"""Weights (age, knot) of straight lines between the knots."""

FEMALE = np.array([float(sex == "female") for sex in SEXES])
CELLS = len(SEXES) * len(AGES)
"""Cells of sex and age, sex first."""


def prevalence(values: Mapping[str, Any], xp: Any) -> Any:
    """Return the share with a chronic disease by age: a logistic curve to a ceiling.

    Parameters
    ----------
    values : mapping
        ``prevalence_ceiling``, ``prevalence_middle``, ``prevalence_width``, each (..., 1).
    xp : module
        numpy or pytensor.tensor.

    Returns
    -------
    array, shape (..., age)
    """
    ceiling, middle, width = (values[f"prevalence_{part}"] for part in ("ceiling", "middle", "width"))
    return ceiling / (1.0 + xp.exp((middle - AGES) / width))


def stays(values: Mapping[str, Any], xp: Any) -> Any:
    """Return stays by sex and age, relative, (..., sex x age); ``stays_age`` and ``stays_women`` are (..., knot)."""
    men, apart = (product(values[name], HATS.T, xp) for name in ("stays_age", "stays_women"))
    return xp.exp(xp.concatenate([men + apart, men], axis=-1))


def stay_costs(values: Mapping[str, Any], xp: Any) -> Any:
    """Return cost per stay by sex and age, relative, shape (..., sex x age); ``stay_cost_age`` is (..., knot)."""
    both = xp.exp(product(values["stay_cost_age"], HATS.T, xp))
    return xp.concatenate([both, both], axis=-1)


def visits(values: Mapping[str, Any], xp: Any) -> Any:
    """Return visits by sex and age, relative to a healthy man, shape (..., sex x age).

    A person with a chronic disease has ``chronic_multiple`` more visits than one without; a child has
    ``child_visits`` more, fading with age; women exp(``women_visits``) times the visits of men.
    """
    one = (
        1.0 + values["chronic_multiple"] * prevalence(values, xp) + values["child_visits"] * np.exp(-AGES / CHILD_YEARS)
    )
    return xp.concatenate([one * xp.exp(values["women_visits"]), one], axis=-1)


def mix(values: Mapping[str, Any], structure: np.ndarray, xp: ModuleType | Any = np) -> dict[str, Any]:
    """Return what ages alone do to each series: logs of the means over `structure`.

    Parameters
    ----------
    values : mapping
        Parameters of this module's functions.
    structure : numpy.ndarray, shape (..., sex x age, T)
        Shares of those insured.
    xp : module
        numpy or pytensor.tensor.

    Returns
    -------
    dict of str to array, shape (..., T)
        ``stays``, ``stay_cost`` (mean over stays), ``visits`` and ``chronic``.
    """
    use, ill = stays(values, xp), prevalence(values, xp)
    relative = (use, use * stay_costs(values, xp), visits(values, xp), xp.concatenate([ill, ill], axis=-1))
    mean = xp.log(product(xp.stack(relative, axis=-2), structure, xp))
    of_stays, of_cost, of_visits, of_ill = (mean[..., i, :] for i in range(len(relative)))
    return {"stays": of_stays, "stay_cost": of_cost - of_stays, "visits": of_visits, "chronic": of_ill}


def product(left: Any, right: np.ndarray, xp: ModuleType | Any) -> Any:
    """Return a matrix product.

    Parameters
    ----------
    left : array, shape (..., n)
    right : numpy.ndarray, shape (..., n, T)
    xp : module
        numpy or pytensor.tensor. In a graph the sums are written out: they are short, and every kind of call of a
        matrix routine takes seconds to compile.

    Returns
    -------
    array, shape (..., T)
    """
    return left @ right if xp is np else (left[..., None] * right).sum(axis=-2)
