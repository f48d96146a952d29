"""The tables of a run file, each key with unit, range and meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from actuarial._priors import record
from actuarial._quantity import CHOICE, Section, describe, quantity
from actuarial.assumptions import Assumptions
from forecasting._faults import Fault
from forecasting.models.sampling import Settings
from forecasting.sources import default_data_folder

BUNDLED = "bundled"
"""Name of the figures that come with Granary."""

COMPARED_WITH = "law"
"""Scenario that the others are compared with; if there is none, the first is."""

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
    data_folder : pathlib.Path, optional
        Folder of the data tables, if that much could be read.
    """

    def __init__(self, name: str, faults: list[Fault], data_folder: Path | None = None) -> None:
        self.name, self.faults, self.data_folder = name, faults, data_folder
        count = len(faults)
        super().__init__("\n".join([f"{count} fault{'' if count == 1 else 's'} in {name}:", *map(str, faults)]))


class Run(Section):
    """What is run: figures, place of the results, seed and length."""

    title: str = quantity(
        "Will China's rural pension last?", unit=TEXT, meaning="Title of the report, in English", source=OURS
    )
    title_zh: str = quantity(
        "农村养老金能够长久支付吗？",
        unit=TEXT,
        meaning="Title of the report, in Chinese; the English one if it is empty",
        source=OURS,
    )
    data: str = quantity(
        BUNDLED,
        unit=TEXT,
        meaning='Folder of the data tables, seen from this file; "bundled" takes the figures that come with Granary',
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


class Scenario(Section):
    """One set of rules for the fund: today's law, or a reform of it."""

    title: str = Field(min_length=1, description="Name for readers, in English")
    title_zh: str = Field("", description="The same in Chinese")
    description: str = Field("", description="One or two sentences for the report, in English")
    description_zh: str = Field("", description="The same in Chinese")
    change: dict[str, Any] = Field(
        default_factory=dict, description="What differs from the [pension] tables, and nothing else"
    )


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
    run, sampling, pension : Run, Sampling, Assumptions
        The tables of the same name.
    scenarios : dict of str to Scenario
        By name, in the order of the file.
    reformed : dict of str to Assumptions
        The assumptions of each scenario, its change applied.
    priors : dict of str to object
        The ``Priors`` of the models that the file names.
    root : pathlib.Path
        Folder from which relative paths are seen.
    """

    run: Run
    sampling: Sampling
    pension: Assumptions
    scenarios: dict[str, Scenario]
    reformed: dict[str, Assumptions]
    priors: dict[str, Any] = field(default_factory=dict)
    root: Path = Path()

    @property
    def out(self) -> Path:
        """Folder of the results."""
        return self.root / self.run.out

    @property
    def data_folder(self) -> Path:
        """Folder of the data tables."""
        return default_data_folder() if self.run.data == BUNDLED else self.root / self.run.data

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
