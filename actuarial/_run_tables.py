"""What a run file says of the run itself: its tables besides those of the schemes."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field, ValidatorFunctionWrapHandler, field_validator

from actuarial._quantity import CHOICE, Section, quantity
from actuarial._toml import value
from actuarial.rules import Scheme
from forecasting.models.sampling import Settings
from forecasting.sources import BUNDLED, COUNTRY

OF_NATION = {
    "title": "Will China's rural pension and medical funds last?",
    "title_zh": "农村养老和医疗保险基金能够长久支付吗？",
}
OF_PENSION = {"title": "Will China's rural pension last?", "title_zh": "农村养老金能够长久支付吗？"}
OF_REGION = {"title": "Will the rural pension of {} last?", "title_zh": "{}的农村养老金能够长久支付吗？"}
"""Titles of a run that is given none: what is valued should not be mistaken."""

OURS = "Granary's choice"
TEXT = "text"
_DEFAULT = Settings()


class Run(Section):
    """What is run: figures, country and region, place of the results, seed and length."""

    title: str = quantity(
        OF_NATION["title"],
        unit=TEXT,
        meaning="Title of the report, in English; of a region it names the region unless you write another",
        source=OURS,
    )
    title_zh: str = quantity(
        OF_NATION["title_zh"],
        unit=TEXT,
        meaning="Title of the report, in Chinese; the English one if it is empty",
        source=OURS,
    )
    data: str | list[str] = quantity(
        BUNDLED,
        unit=TEXT,
        meaning='Folder of the data tables, seen from this file; "bundled" takes the figures that come with Granary. '
        'Or several, each of which adds figures to those before it: ["bundled", "data"]',
        source=OURS,
    )
    country: str = quantity(
        COUNTRY, unit=TEXT, meaning="Name that the nation has in the column region of the tables", source=OURS
    )
    region: str = quantity(
        "",
        unit=TEXT,
        meaning="What is valued: a province, or a county of your own, by its name in the column region; "
        "empty is the whole nation",
        source=OURS,
    )
    schemes: list[Scheme] = quantity(
        ["pension", "medical"],
        unit=CHOICE,
        meaning="Funds of today's law that are valued, on the same people: pension, which is always one of them, and "
        "medical. A scenario may found others (its key founds). Of a region the pension alone is valued",
        source=OURS,
    )
    out: str = quantity("out/national", unit=TEXT, meaning="Folder of the results, seen from this file", source=OURS)
    seed: int = quantity(
        _DEFAULT.seed,
        unit="whole number",
        low=0,
        high=2**32 - 1,
        meaning="Seed of all random numbers: the same seed gives the same result",
        source=OURS,
    )
    draws: int = quantity(
        _DEFAULT.draws,
        unit="draws",
        low=2,
        high=20_000,
        meaning="Joint draws that are carried through every step",
        source=OURS,
    )
    last_year: int = quantity(
        2100, unit="calendar year", low=2030, high=2100, meaning="Last year of the forecast", source=OURS
    )
    language: Literal["en", "zh"] = quantity(
        "en", unit=CHOICE, meaning="Language of the report: en English, zh Chinese", source=OURS
    )

    @field_validator("data", mode="wrap")
    @classmethod
    def _folders(cls, given: object, handler: ValidatorFunctionWrapHandler) -> Any:
        # Told as one fault, where pydantic tells one for each kind that the value is not.
        folders = given if isinstance(given, list) and given else [given]
        if not all(isinstance(folder, str) for folder in folders):
            raise ValueError(f"{value(given)} names no folder. Give a text in quotes, or a list of texts")
        return handler(given)

    @field_validator("schemes")
    @classmethod
    def _with_pension(cls, given: list[Scheme]) -> list[Scheme]:
        if "pension" not in given:
            raise ValueError("the pension is not in the list. Name it: its members and their incomes carry the others")
        return _once(given)

    def titled(self) -> Run:
        """Return the run with titles that name what is valued, where the file leaves the default ones."""
        named = self.region or self.country
        texts = OF_REGION if self.region or self.country != COUNTRY else OF_NATION
        if texts is OF_NATION and "medical" not in self.schemes:
            texts = OF_PENSION
        left = {key: text.format(named) for key, text in texts.items() if getattr(self, key) == OF_NATION[key]}
        return self.model_copy(update=left)

    def of(self, region: str) -> Run:
        """Return the run of a region in place of this one, its titles named after it; one of your own stays before."""
        given = {key: getattr(self, key) for key in OF_REGION}
        ours = [texts[key] for texts in (OF_NATION, OF_PENSION) for key in texts]
        titles = {
            key: text.format(region)
            if given[key] in ours or given[key] == text.format(self.region)
            else given[key] and f"{given[key]}: {region}"
            for key, text in OF_REGION.items()
        }
        return self.model_copy(update=titles | {"region": region, "schemes": ["pension"]})


def _once[T: str](given: list[T]) -> list[T]:
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands in the list more than once. Name it once")
    return given


class Sampling(Section):
    """How the models are sampled."""

    chains: int = quantity(
        _DEFAULT.chains, unit="chains", low=2, high=16, meaning="Markov chains of each model", source=OURS
    )
    tune: int = quantity(
        _DEFAULT.tune,
        unit="draws",
        low=100,
        high=20_000,
        meaning="Warm-up draws of a chain, thrown away",
        source=OURS,
    )
    kept: int = quantity(
        _DEFAULT.kept, unit="draws", low=100, high=20_000, meaning="Kept draws of a chain", source=OURS
    )
    target_accept: float = quantity(
        _DEFAULT.target_accept,
        unit="share",
        low=0.5,
        high=0.999,
        meaning="Acceptance that the sampler aims for; nearer to 1 is slower and safer",
        source=OURS,
    )


Method = Literal["bayesian", "random_walk", "ets", "arima", "local_linear_trend"]
"""How a model goes on after the last figure; the same as `forecasting.projection.METHODS`."""

CHOICES = ", ".join(get_args(Method)[:-1]) + f" or {get_args(Method)[-1]}"


def _method(what: str) -> Any:
    return quantity("bayesian", unit=CHOICE, meaning=f"How {what} go on after the last figure: {CHOICES}", source=OURS)


class Models(Section):
    """How each part of the future is forecast: by Granary's Bayesian model, or by a classical method in its stead.

    A classical method sees the published series alone and knows no priors; its draws are those of its errors. What
    only a model can tell of the past stays Bayesian.
    """

    fertility: Method = _method("births per woman and the ages of mothers")
    mortality: Method = _method("death rates")
    migration: Method = _method("moves from country to town")
    membership: Method = _method("contributors, pensioners and what a head pays and gets")
    economy: Method = _method("income, prices, budget revenue, land income, deposit rate and market return")


class Scenario(Section):
    """One set of rules for the fund: today's law, or a reform of it."""

    title: str = Field(min_length=1, description="Name for readers, in English")
    title_zh: str = Field("", description="The same in Chinese")
    description: str = Field("", description="One or two sentences for the report, in English")
    description_zh: str = Field("", description="The same in Chinese")
    founds: list[Scheme] = Field(
        default_factory=list, description="Funds that this scenario has besides those of ``run.schemes``"
    )
    measures: list[str] = Field(
        default_factory=list, description="Measures that it combines, by the names of their tables"
    )
    change: dict[str, Any] = Field(
        default_factory=dict, description="What differs from the tables of the schemes besides, and nothing else"
    )

    @field_validator("measures")
    @classmethod
    def _no_measure_twice(cls, given: list[str]) -> list[str]:
        return _once(given)

    @field_validator("founds")
    @classmethod
    def _each_once(cls, given: list[Scheme]) -> list[Scheme]:
        return _once(given)
