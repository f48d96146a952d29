"""The rules of every scheme under one scenario, and which schemes there are."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from actuarial._careplan_rules import CarePlan
from actuarial._medical_assumptions import MedicalAssumptions
from actuarial._quantity import Section
from actuarial._timebank_rules import TimeBank
from actuarial._unemployment_rules import Unemployment
from actuarial.assumptions import Assumptions

Scheme = Literal["pension", "medical", "unemployment", "time_bank", "care_plan"]

SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
"""Every scheme that can be valued, in the order of the report."""


class Rules(Section):
    """What an actuary chooses for every scheme; the default is today's law, and for what it does not have, the plan."""

    pension: Assumptions = Assumptions()
    medical: MedicalAssumptions = MedicalAssumptions()
    unemployment: Unemployment = Unemployment()
    time_bank: TimeBank = TimeBank()
    care_plan: CarePlan = CarePlan()


class Case(NamedTuple):
    """The rules of a scenario, and the schemes that it has."""

    rules: Rules = Rules()
    schemes: tuple[Scheme, ...] = ("pension",)


def ordered(names: set[Scheme]) -> tuple[Scheme, ...]:
    """Return schemes in the order of :data:`SCHEMES`.

    Examples
    --------
    >>> ordered({"medical", "pension"})
    ('pension', 'medical')
    """
    return tuple(name for name in SCHEMES if name in names)
