"""Tables of a run file that ask for more than accounts: pools compared, mixes of money, questions put afterwards."""

from __future__ import annotations

from actuarial._breakeven_rules import BreakEvenRules
from actuarial._explore_rules import Explore
from actuarial._frontier_rules import Frontier
from actuarial._mix_rules import Mix
from actuarial._pooling_rules import Pooling
from actuarial._quantity import Section
from actuarial._sensitivity_rules import Sensitivity
from actuarial._stress_rules import Stress
from actuarial._variance_rules import Variance


class Asked(Section):
    """What a run file asks for besides the accounts of its scenarios."""

    pooling: Pooling = Pooling()
    mix: Mix = Mix()
    frontier: Frontier = Frontier()
    breakeven: BreakEvenRules = BreakEvenRules()
    stress: Stress = Stress()
    variance: Variance = Variance()
    sensitivity: Sensitivity = Sensitivity()
    explore: Explore = Explore()


ASKED: dict[str, type[Section]] = {
    "pooling": Pooling,
    "mix": Mix,
    "frontier": Frontier,
    "breakeven": BreakEvenRules,
    "stress": Stress,
    "variance": Variance,
    "sensitivity": Sensitivity,
    "explore": Explore,
}
"""Each table by its name."""
