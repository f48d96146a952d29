"""Article 37 of the rule on investing basic pension funds: its classes, its limits, and the check against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np

Array = np.ndarray

CLASSES = ("liquid", "fixed_income", "equity", "projects", "borrowed")
"""Classes of article 37 in its order; ``borrowed`` is money owed on bonds sold with a promise to buy them back."""

SIGNS = {name: -1.0 if name == "borrowed" else 1.0 for name in CLASSES}
"""What is held counts for net asset value, what is owed against it."""

ROUNDING = 1e-9
"""Shares that a person types in decimals add up to one within this."""


@dataclass(frozen=True)
class Limit:
    """One limit of the rule on one class.

    Attributes
    ----------
    name : str
        The class, one of :data:`CLASSES`.
    article : str
        Article and item that set it.
    low, high : float
        Least and greatest share of net asset value, both allowed themselves.
    remedy : str
        What brings a portfolio back within it.
    """

    name: str
    article: str
    low: float
    high: float
    remedy: str

    def breach(self, share: float) -> str | None:
        """Say how `share` (of net asset value) breaks the limit and what to do, or ``None`` if it does not."""
        if self.low <= share <= self.high:
            return None
        bound = f"at least {self.low:g}" if share < self.low else f"at most {self.high:g}"
        return f"{self.name} is {share} of net asset value, {self.article} allows {bound}: {self.remedy}"


LIMITS = (
    Limit("liquid", "article 37 (1)", 0.05, inf, "hold more cash, short deposits, bills or money-market funds"),
    Limit("fixed_income", "article 37 (2)", 0.0, 1.35, "hold fewer bonds, long deposits and bond funds"),
    Limit("borrowed", "article 37 (2), second sentence", 0.0, 0.40, "borrow less on bonds sold with repurchase"),
    Limit("equity", "article 37 (3)", 0.0, 0.30, "hold fewer stocks, stock funds and mixed funds"),
    Limit("projects", "article 37 (4)", 0.0, 0.20, "hold less of national projects and key enterprises"),
)
"""Every limit on a class: article 37 of the Measures for the investment of basic pension funds (2015 No. 48)."""


class Constraints(NamedTuple):
    """The rule as linear bounds ``lower <= matrix @ shares <= upper``; shares themselves are not below 0.

    Attributes
    ----------
    matrix : numpy.ndarray, shape (6, 5)
        The first row is net asset value, then one row a limit of :data:`LIMITS`; columns as :data:`CLASSES`.
    lower, upper : numpy.ndarray, shape (6,)
        Shares of net asset value; infinite where the rule sets no bound.
    """

    matrix: Array
    lower: Array
    upper: Array


def constraints() -> Constraints:
    """Write the rule as linear bounds, in the form that optimisers take.

    Returns
    -------
    Constraints
        For instance for ``scipy.optimize.LinearConstraint(*constraints())``.
    """
    own = np.array([[float(name == limit.name) for name in CLASSES] for limit in LIMITS])
    net = np.array([SIGNS[name] for name in CLASSES])
    lower = np.array([1.0, *(limit.low for limit in LIMITS)])
    upper = np.array([1.0, *(limit.high for limit in LIMITS)])
    return Constraints(np.vstack([net, own]), lower, upper)


def check(shares: Mapping[str, float]) -> None:
    """Refuse shares that break the rule, naming every limit broken.

    Parameters
    ----------
    shares : mapping of str to float
        Share of net asset value of every class of :data:`CLASSES`.

    Raises
    ------
    ValueError
        One error, a line for each limit broken, with its article and what to do about it; for each share
        that is below 0 or no number; and if what is held less what is borrowed is not the net asset value.
    """
    faults = [f"{name} is {shares[name]}: give a share of 0 or more" for name in CLASSES if not shares[name] >= 0]
    faults += [text for limit in LIMITS if shares[limit.name] >= 0 and (text := limit.breach(shares[limit.name]))]
    net = sum(SIGNS[name] * shares[name] for name in CLASSES)
    if not abs(net - 1) <= ROUNDING:
        faults.append(
            f"shares held less borrowed come to {net:.12g}: net asset value is 1, give shares that add up to it"
        )
    if faults:
        raise ValueError("State Council 2015 No. 48 refuses this portfolio\n" + "\n".join(faults))
