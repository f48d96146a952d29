"""The tables of a run file, each key with unit, range and meaning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from actuarial._asked import Asked
from actuarial._measures import Measure, Tree, merged, together
from actuarial._plain import Places
from actuarial._priors import record
from actuarial._quantity import describe
from actuarial._run_tables import OURS, Method, Models, Run, Sampling, Scenario
from actuarial.assumptions import Assumptions
from actuarial.rules import Case, Rules, Scheme, ordered
from forecasting._faults import Fault
from forecasting.models.sampling import Settings
from forecasting.sources import BUNDLED, default_data_folder

__all__ = [
    "COMPARED_WITH",
    "OURS",
    "Change",
    "Method",
    "Models",
    "Run",
    "RunFaults",
    "RunFile",
    "Sampling",
    "Scenario",
    "folders_of",
]

COMPARED_WITH = "law"
"""Scenario that the others are compared with; if there is none, the first is."""


class RunFaults(ValueError):
    """Every fault of a run file at once.

    Parameters
    ----------
    name : str
        Name of the file.
    faults : sequence of Fault or str
        In the order of the file.
    data : tuple of list of pathlib.Path and str, optional
        Folders of the data tables and name of the country, if that much could be read.
    """

    def __init__(self, name: str, faults: Sequence[Fault | str], data: tuple[list[Path], str] | None = None) -> None:
        self.name, self.faults, self.data = name, faults, data
        count = len(faults)
        super().__init__("\n".join([f"{count} fault{'' if count == 1 else 's'} in {name}:", *map(str, faults)]))


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
        Dotted key, such as ``pension.fiscal.rule``.
    before, after : object
        Value in the tables of the schemes and in the scenario.
    """

    key: str
    before: object
    after: object


@dataclass(frozen=True)
class RunFile:
    """Everything that a run depends on besides the figures.

    Attributes
    ----------
    run, sampling, models : Run, Sampling, Models
        The tables of the same name.
    rules : Rules
        The tables of the schemes.
    asked : Asked
        The tables that ask for more than accounts.
    measures : dict of str to Measure
        By name, in the order of the file.
    scenarios : dict of str to Scenario
        By name, in the order of the file.
    reformed : dict of str to Rules
        The rules of each scenario: those of the schemes, changed by its measures, then by its own change. Until
        `actuarial.valuation` has placed the run, every measure holds everywhere.
    priors : dict of str to object
        The ``Priors`` of the models that the file names.
    root : pathlib.Path
        Folder from which relative paths are seen.
    name : str
        Name of the file.
    places : Places
        Where its keys stand, for faults that show later.
    text : str
        As it was read.
    """

    run: Run
    sampling: Sampling
    models: Models
    rules: Rules
    scenarios: dict[str, Scenario]
    reformed: dict[str, Rules]
    priors: dict[str, Any] = field(default_factory=dict)
    asked: Asked = field(default_factory=Asked)
    measures: dict[str, Measure] = field(default_factory=dict)
    root: Path = Path()
    name: str = "run.toml"
    places: Places = field(default_factory=lambda: Places({}, {}))
    text: str = field(default="", repr=False)

    @property
    def pension(self) -> Assumptions:
        """The ``[pension]`` tables."""
        return self.rules.pension

    @property
    def cases(self) -> dict[str, Case]:
        """Rules and schemes of every scenario."""
        return {name: Case(rules, self.schemes(name)) for name, rules in self.reformed.items()}

    def schemes(self, scenario: str) -> tuple[Scheme, ...]:
        """Return the schemes that a scenario has: of a region the pension alone."""
        if self.run.region:
            return ("pension",)
        chosen = self.scenarios[scenario]
        return ordered(
            {*self.run.schemes, *chosen.founds, *(f for m in chosen.measures for f in self.measures[m].founds)}
        )

    @property
    def all_schemes(self) -> tuple[Scheme, ...]:
        """Return the schemes of any scenario."""
        return ordered({scheme for name in self.scenarios for scheme in self.schemes(name)})

    def rules_with(self, changes: Iterable[Tree]) -> Rules:
        """Return the tables of the schemes with changes laid over them, the later over the earlier."""
        return Rules.model_validate(merged(Rules, self.rules.model_dump(), together(changes)))

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
        """List what a scenario changes, in the order of the tables of the schemes."""
        pairs = zip(describe(self.rules), describe(self.reformed[name]), strict=True)
        changed = [Change(str(a["key"]), a["value"], b["value"]) for a, b in pairs if a["value"] != b["value"]]
        return [change for change in changed if change.key.split(".")[0] in self.schemes(name)]
