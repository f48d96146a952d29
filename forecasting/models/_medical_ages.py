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
    men, women = values["stays_age"] @ HATS.T, (values["stays_age"] + values["stays_women"]) @ HATS.T
    return xp.exp(xp.concatenate([women, men], axis=-1))


def stay_costs(values: Mapping[str, Any], xp: Any) -> Any:
    """Return cost per stay by sex and age, relative, shape (..., sex x age); ``stay_cost_age`` is (..., knot)."""
    both = xp.exp(values["stay_cost_age"] @ HATS.T)
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
    use, cost = stays(values, xp), stay_costs(values, xp)
    ill = prevalence(values, xp)
    return {
        "stays": xp.log(_mean(use, structure)),
        "stay_cost": xp.log(_mean(use * cost, structure)) - xp.log(_mean(use, structure)),
        "visits": xp.log(_mean(visits(values, xp), structure)),
        "chronic": xp.log(_mean(xp.concatenate([ill, ill], axis=-1), structure)),
    }


def _mean(relative: Any, structure: np.ndarray) -> Any:
    """Return means (..., T); a structure of each draw has the axis of draws first."""
    return relative @ structure if structure.ndim == 2 else np.einsum("dc,dct->dt", relative, structure)
