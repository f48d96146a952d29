"""Catastrophic second compensation: what a floor to reimbursement costs, as an integral over out-of-pocket cost.

The rule (`whole`, as it is announced). Let a household have medical cost ``c``, of which the fund has paid the share
``r``, and yearly income ``y``. Its burden is ``x = (1 - r) c / y``, what it pays itself over its income. If ``x``
passes the threshold ``t``, the fund pays on until it has paid the floor ``f`` of the **whole** cost,

    compensation = max(f - r, 0) c = k x y,    k = max(f - r, 0) / (1 - r),

so that a household just past the threshold ends below one just before it: the rule has a cliff. The other reading
(`layer`) pays the floor only of the cost that lies beyond the threshold, ``k (x - t) y``: no cliff, but total
reimbursement stays below the floor.

Burdens are log-normal, ``log x ~ N(m, s^2)``, and independent of income. Then, with the normal distribution ``F``,

    P(x > t)          = F((m - log t) / s),
    E[x; x > t]       = exp(m + s^2 / 2) F((m + s^2 - log t) / s),
    E[max(x - t, 0)]  = E[x; x > t] - t P(x > t),

so that the cost is a share of all that households pay themselves, ``k E[x; x > t] / E[x]`` or
``k E[max(x - t, 0)] / E[x]``. The poor have the larger burdens: where burden and income move against each other, money
beyond the threshold is a smaller part of the whole than households beyond it suggest, and this is an upper estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

Array = np.ndarray
Form = Literal["whole", "layer"]


@dataclass(frozen=True)
class Burden:
    """Distribution of what a household pays itself over its yearly income: log-normal.

    Attributes
    ----------
    log_mean : float or numpy.ndarray
        Mean of the logarithm.
    spread : float or numpy.ndarray
        Standard deviation of the logarithm, above 0; broadcasts with `log_mean`.
    """

    log_mean: float | Array
    spread: float | Array

    @property
    def mean(self) -> Array:
        """Mean burden."""
        return np.exp(np.asarray(self.log_mean) + np.square(self.spread) / 2)

    def moved(self, ratio: float | Array) -> Burden:
        """Multiply every burden by `ratio`, above 0."""
        return Burden(self.log_mean + np.log(ratio), self.spread)


def from_incidence(incidence: float | Array, threshold: float | Array, spread: float | Array) -> Burden:
    """Give the burdens of which a published share passes a threshold.

    Parameters
    ----------
    incidence : float or numpy.ndarray
        Part of households whose burden passes `threshold`, between 0 and 1.
    threshold : float or numpy.ndarray
        Out-of-pocket cost over income, above 0.
    spread : float or numpy.ndarray
        Standard deviation of the log of the burden, above 0.

    Returns
    -------
    Burden
        With ``P(x > threshold) = incidence``.

    Raises
    ------
    ValueError
        If a value is out of bounds.
    """
    if not (np.all(np.greater(incidence, 0)) and np.all(np.less(incidence, 1))):
        raise ValueError(f"incidence {incidence}: give a share between 0 and 1, neither of them")
    if not (np.all(np.greater(threshold, 0)) and np.all(np.greater(spread, 0))):
        raise ValueError(f"threshold {threshold} and spread {spread}: give both above 0")
    return Burden(np.log(threshold) + spread * ndtri(incidence), spread)


def incidence(burden: Burden, threshold: float | Array) -> Array:
    """Return the part of households whose burden passes `threshold`."""
    return np.asarray(ndtr((burden.log_mean - np.log(threshold)) / burden.spread))


def share_of_those_above(burden: Burden, threshold: float | Array) -> Array:
    """Return ``E[x; x > t] / E[x]``: the part of all out-of-pocket cost that falls on those past the threshold."""
    reach = burden.log_mean + np.square(burden.spread) - np.log(threshold)
    return np.asarray(ndtr(reach / burden.spread))


def share_beyond(burden: Burden, threshold: float | Array) -> Array:
    """Return ``E[max(x - t, 0)] / E[x]``: the part of all out-of-pocket cost that lies beyond the threshold."""
    above = share_of_those_above(burden, threshold)
    # The difference of two numbers close to each other may round to just below nothing.
    return np.asarray(np.maximum(above - threshold * incidence(burden, threshold) / burden.mean, 0.0))


def topped_up(reimbursed: float | Array, floor: float) -> Array:
    """Return ``k``: the part of out-of-pocket cost that is paid when reimbursement is lifted to the floor.

    Parameters
    ----------
    reimbursed : float or numpy.ndarray
        Part of cost paid before, 0 to 1.
    floor : float
        Part paid after, 0 to below 1.

    Returns
    -------
    numpy.ndarray
        ``max(floor - reimbursed, 0) / (1 - reimbursed)``.
    """
    paid = np.minimum(reimbursed, floor)
    return np.asarray((floor - paid) / (1 - paid))


def compensated_share(
    burden: Burden, threshold: float | Array, reimbursed: float | Array, floor: float, form: Form = "whole"
) -> Array:
    """Give the compensation as part of all that households pay themselves.

    Parameters
    ----------
    burden : Burden
        Before compensation.
    threshold : float or numpy.ndarray
        Burden past which a household is compensated, above 0.
    reimbursed : float or numpy.ndarray
        Part of cost paid before, the same for all households.
    floor : float
        Part of cost paid after, below 1.
    form : {"whole", "layer"}
        Whether the floor holds for the whole cost or for what lies beyond the threshold.

    Returns
    -------
    numpy.ndarray
        Between 0 and 1.
    """
    part = share_of_those_above if form == "whole" else share_beyond
    return np.asarray(topped_up(reimbursed, floor) * part(burden, threshold))


def incidence_after(
    burden: Burden, threshold: float | Array, reimbursed: float | Array, floor: float, form: Form = "whole"
) -> Array:
    """Return the part of households whose burden passes `threshold` even after compensation.

    Parameters
    ----------
    burden, threshold, reimbursed, floor, form
        As in :func:`compensated_share`.

    Returns
    -------
    numpy.ndarray
        Under `whole` those with ``(1 - k) x > t``; under `layer` all who passed it before, since the layer is never
        paid in full.
    """
    left = 1 - topped_up(reimbursed, floor) if form == "whole" else 1.0
    return incidence(burden, threshold / left)
