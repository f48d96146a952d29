"""Sources of the pool besides members and budgets, and the order in which they pay: what an actuary chooses of them."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, model_validator

from actuarial._quantity import CHOICE, Section, quantity, year

Source = Literal["land", "collective", "donations", "platform", "fiscal"]
"""Sources of the pool that may be called on only as far as they are needed."""

_PER_HEAD = "yuan per contributor and year, in money of money_year"
_FIRST = "Granary's choice: the first year a reform can bind"


def _cap(what: str) -> Any:
    return quantity(
        None,
        unit="share of the pool's outgo",
        low=0.0,
        high=1.0,
        meaning=f"Most of the pool's scheduled outgo of a year, match included, that {what} may pay; no cap if empty",
        source="Granary's choice: no cap in today's law",
    )


def _phase_in(what: str) -> Any:
    return quantity(
        0,
        unit="calendar years",
        low=0,
        high=50,
        meaning=f"Years over which {what} grows in equal steps to the whole; 0: the first year pays the whole",
        source="Granary's choice: at once",
    )


def _volatility(value: float, what: str, source: str) -> Any:
    return quantity(
        value,
        unit="log points",
        low=0.0,
        high=2.0,
        meaning=f"Standard deviation of the log of {what} of a year about its path; the mean stays",
        source=source,
    )


def _persistence(value: float, what: str) -> Any:
    return quantity(
        value,
        unit="share",
        low=0.0,
        high=0.99,
        meaning=f"Part of a year's log deviation of {what} that is left in the next year",
        source="Granary's choice: no series is published",
    )


class Land(Section):
    """Withdrawal from income of land-use-right transfers; the income itself is a path of the projection."""

    share: float = quantity(
        0.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of land-transfer income withdrawn for rural social funds",
        source="Today's law withdraws none for this fund",
    )
    fund_share: float = quantity(
        1.0,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of the withdrawal that goes to this fund",
        source="Granary's choice: all of it; other funds are not valued here",
    )
    from_year: int = year(2027, meaning="First year of the withdrawal", source=_FIRST)
    phase_in_years: int = _phase_in("the withdrawal")
    cap_share: float | None = _cap("the withdrawal")


class Collective(Section):
    """Collective subsidies, donations and other income."""

    pool_per_head: float = quantity(
        0.0,
        unit=_PER_HEAD,
        low=0.0,
        high=2000.0,
        meaning="Collective subsidy into the pool; grows with nominal rural income",
        source="Granary's choice: final accounts show no national total apart from other income",
    )
    accounts_per_head: float = quantity(
        0.0,
        unit=_PER_HEAD,
        low=0.0,
        high=2000.0,
        meaning="Collective subsidy into the accounts; grows with nominal rural income",
        source="Granary's choice: final accounts show no national total apart from other income",
    )
    from_year: int = year(2027, meaning="First year of both collective subsidies", source=_FIRST)
    phase_in_years: int = _phase_in("each collective subsidy")
    cap_share: float | None = _cap("the collective subsidy into the pool")
    volatility: float = _volatility(
        0.2,
        "both collective subsidies",
        "Granary's choice: what villages have to give swings more than income; no national series is published",
    )
    persistence: float = _persistence(0.5, "collective subsidies")
    donations: float = quantity(
        0.0,
        unit="yuan per year, in money of money_year",
        low=0.0,
        high=1e12,
        meaning="Donations into the pool; grow with nominal rural income",
        source="Granary's choice: no national total is published",
    )
    donations_from: int = year(2027, meaning="First year of donations", source=_FIRST)
    donations_phase_in_years: int = _phase_in("the flow of donations")
    donations_cap_share: float | None = _cap("the flow of donations")
    donations_volatility: float = _volatility(
        0.4,
        "donations",
        "Granary's choice: twice that of collective subsidies, for nobody is bound to give; no national series is "
        "published",
    )
    donations_persistence: float = _persistence(0.0, "donations")
    other_income: float = quantity(
        12.801e9,
        unit="yuan per year, in money of money_year",
        low=0.0,
        high=1e12,
        meaning="Other income of the pool; grows with nominal rural income",
        source="Final accounts of local funds 2024, Ministry of Finance: income less contributions, subsidy, interest "
        "and entrusted return; that it grows with rural income is Granary's choice",
    )


class Platform(Section):
    """What platform companies pay into the pool for members who work through them: an option, not today's law."""

    covered_share: float = quantity(
        0.21,
        unit="share",
        low=0.0,
        high=1.0,
        meaning="Part of contributors who work through platforms that pay for them",
        source="84 of 402 million workers were in new forms of employment (ninth survey of the All-China Federation of "
        "Trade Unions, People's Daily, 27 March 2023); that the part is the same among members of this scheme is "
        "Granary's choice",
    )
    rate: float = quantity(
        0.0,
        unit="share of rural income per head",
        low=0.0,
        high=0.5,
        meaning="What a platform pays into the pool in a year for each of them",
        source="Today's law asks platforms for none; what they earn per worker is not published, so the base is rural "
        "income per head",
    )
    from_year: int = year(2027, meaning="First year in which platforms pay", source=_FIRST)
    phase_in_years: int = _phase_in("what platforms pay")
    cap_share: float | None = _cap("platforms together")
    volatility: float = _volatility(
        0.1,
        "what platforms pay",
        "Granary's choice: orders swing with the economy, less than what villages have to give",
    )
    persistence: float = _persistence(0.5, "what platforms pay")


# A run file has lists; what is read is a tuple, as of numbers.
Names = Annotated[tuple[Source, ...], BeforeValidator(lambda given: tuple(given) if isinstance(given, list) else given)]


class Sources(Section):
    """In what order the sources of the pool are called on."""

    as_needed: Names = quantity(
        (),
        unit=CHOICE,
        meaning="Sources that pay only what the pool lacks in the year after the others have paid, one after the other "
        "in this order, each at most what its rule and its cap give: land, collective, donations, platform, fiscal. "
        "Those not named pay by their rule; fiscal.rule within_capacity stands last where fiscal is not named",
        source="Granary's choice: none waits for another in today's law",
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        twice = [name for name, count in Counter(self.as_needed).items() if count > 1]
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice in as_needed. Name each source once")
        return self
