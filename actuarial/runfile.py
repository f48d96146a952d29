"""The tables of a run file, each key with unit, range and meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, ValidatorFunctionWrapHandler, field_validator

from actuarial._plain import Places
from actuarial._priors import record
from actuarial._quantity import CHOICE, Section, describe, quantity
from actuarial._toml import value
from actuarial.assumptions import Assumptions
from forecasting._faults import Fault
from forecasting.models.sampling import Settings
from forecasting.sources import BUNDLED, COUNTRY, default_data_folder

COMPARED_WITH = "law"
"""Scenario that the others are compared with; if there is none, the first is."""

OF_NATION = {"title": "Will China's rural pension last?", "title_zh": "农村养老金能够长久支付吗？"}
OF_REGION = {"title": "Will the rural pension of {} last?", "title_zh": "{}的农村养老金能够长久支付吗？"}
"""Titles of a run that is given none: what is valued should not be mistaken."""

OURS = "Granary's choice"
TEXT = "text"
_DEFAULT = Settings()


class RunFaults(ValueError):
    """Every fault of a run file at once.

    Parameters
    ----------
    name : str
        Name of the file.
    faults : list of Fault
        In the order of the file.
    data : tuple of list of pathlib.Path and str, optional
        Folders of the data tables and name of the country, if that much could be read.
    """

    def __init__(self, name: str, faults: list[Fault], data: tuple[list[Path], str] | None = None) -> None:
        self.name, self.faults, self.data = name, faults, data
        count = len(faults)
        super().__init__("\n".join([f"{count} fault{'' if count == 1 else 's'} in {name}:", *map(str, faults)]))


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

    def titled(self) -> Run:
        """Return the run with titles that name its region, where the file leaves those of the nation."""
        named = self.region or self.country
        left = {key: text.format(named) for key, text in OF_REGION.items() if getattr(self, key) == OF_NATION[key]}
        return self.model_copy(update=left) if self.region or self.country != COUNTRY else self


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
    change: dict[str, Any] = Field(
        default_factory=dict, description="What differs from the [pension] tables, and nothing else"
    )


def folders_of(data: str | list[str], root: Path) -> list[Path]:
    """Return the folders that ``run.data`` names, seen from the folder of the run file."""
    names = [data] if isinstance(data, str) else data
    return [default_data_folder() if name == BUNDLED else root / name for name in names]


@dataclass(frozen=True)
class Change:
    """One assumption that a scenario changes.

    Attributes
    ----------
    key : str
        Dotted key, such as ``fiscal.rule``.
    before, after : object
        Value in the ``[pension]`` tables and in the scenario.
    """

    key: str
    before: object
    after: object


@dataclass(frozen=True)
class RunFile:
    """Everything that a run depends on besides the figures.

    Attributes
    ----------
    run, sampling, models, pension : Run, Sampling, Models, Assumptions
        The tables of the same name.
    scenarios : dict of str to Scenario
        By name, in the order of the file.
    reformed : dict of str to Assumptions
        The assumptions of each scenario, its change applied.
    priors : dict of str to object
        The ``Priors`` of the models that the file names.
    root : pathlib.Path
        Folder from which relative paths are seen.
    name : str
        Name of the file.
    places : Places
        Where its keys stand, for faults that show later.
    """

    run: Run
    sampling: Sampling
    models: Models
    pension: Assumptions
    scenarios: dict[str, Scenario]
    reformed: dict[str, Assumptions]
    priors: dict[str, Any] = field(default_factory=dict)
    root: Path = Path()
    name: str = "run.toml"
    places: Places = field(default_factory=lambda: Places({}, {}))

    @property
    def out(self) -> Path:
        """Folder of the results."""
        return self.root / self.run.out

    @property
    def data_folders(self) -> list[Path]:
        """Folders of the data tables, in the order in which they are laid over each other."""
        return folders_of(self.run.data, self.root)

    @property
    def compared_with(self) -> str:
        """Name of the scenario that the others are compared with."""
        return COMPARED_WITH if COMPARED_WITH in self.scenarios else next(iter(self.scenarios))

    @property
    def settings(self) -> Settings:
        """How to sample every model."""
        return Settings(draws=self.run.draws, seed=self.run.seed, **self.sampling.model_dump())

    def priors_of(self, model: str) -> Any:
        """Return the ``Priors`` of a model: those of the file, else its own."""
        return self.priors[model] if model in self.priors else record(model)()

    def changes(self, name: str) -> list[Change]:
        """List what a scenario changes, in the order of the ``[pension]`` tables."""
        pairs = zip(describe(self.pension), describe(self.reformed[name]), strict=True)
        return [Change(str(a["key"]), a["value"], b["value"]) for a, b in pairs if a["value"] != b["value"]]
