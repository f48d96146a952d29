"""The JSON records of a saved run, with the type of every field."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from actuarial.report.summary import LEVELS

Language = Literal["en", "zh"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Change(_Record):
    """One value that a scenario changes: its key, from what, to what."""

    key: str
    before: Any = Field(alias="from")
    after: Any = Field(alias="to")


class Scenario(_Record):
    """One scenario: its name, its titles and descriptions, and what it changes."""

    name: str
    title_en: str
    title_zh: str
    description_en: str
    description_zh: str
    changes: list[Change]


class Manifest(_Record):
    """What was run: seed, draws, years, versions, hashes, scenarios and the answer in plain lines.

    `region` is empty for the nation; `methods` names the models whose future a classical method foretells.
    """

    title: str
    title_zh: str = ""
    region: str = ""
    created: str
    seed: int
    draws: int = Field(gt=0)
    first_year: int
    last_year: int
    language: Language
    versions: dict[str, str]
    inputs: dict[str, str]
    posteriors: dict[str, str]
    methods: dict[str, str] = Field(default_factory=dict)
    warnings: list[str]
    warnings_zh: list[str] = Field(default_factory=list)
    scenarios: list[Scenario] = Field(min_length=1)
    answer: list[str]
    answer_zh: list[str]


class Observed(_Record):
    """A published series: values by year in `unit`, the keys of its sources, and what was noted of single years.

    `notes` is None in older results, which kept none.
    """

    unit: str
    years: list[int]
    values: list[float]
    sources: list[str]
    notes: dict[int, str] | None = None


class Diagnosis(_Record):
    """The sampling diagnostics of one model and the gate's verdict."""

    model: str
    max_rhat: float
    worst_parameter: str
    min_ess_bulk: float
    min_ess_tail: float
    divergences: int
    min_bfmi: float
    chains: int
    kept: int
    seconds: float
    cached: bool
    passed: bool


class Check(_Record):
    """A published series beside its quantiles (a row for each of `LEVELS`) under the prior and the posterior."""

    model: str
    series: str
    unit: str
    axis: Literal["year", "age"]
    x: list[int] = Field(min_length=1)
    observed: list[float | None]
    prior: list[list[float]]
    posterior: list[list[float]]
    sources: list[str]

    @model_validator(mode="after")
    def _of_one_length(self) -> Self:
        sizes = {len(self.observed), *(len(row) for row in (*self.prior, *self.posterior))}
        if {len(self.prior), len(self.posterior)} != {len(LEVELS)} or sizes != {len(self.x)}:
            raise ValueError(f"{self.series} of {self.model} needs {len(LEVELS)} quantiles of every one of its x")
        return self


class Assumption(_Record):
    """A number that someone chose: value, unit, range, meaning, source; `scenarios` holds values that differ."""

    key: str
    value: Any
    unit: str
    low: Any = None
    high: Any = None
    meaning: str
    source: str
    scenarios: dict[str, Any] = Field(default_factory=dict)


class Source(_Record):
    """One publication and the indicators read from it."""

    key: str
    title: str
    publisher: str
    address: str
    licence: str
    date_read: str
    indicators: list[str]


SCHEMAS: dict[str, TypeAdapter[Any]] = {
    "manifest": TypeAdapter(Manifest),
    "observed": TypeAdapter(dict[str, Observed]),
    "diagnostics": TypeAdapter(list[Diagnosis]),
    "assumptions": TypeAdapter(list[Assumption]),
    "sources": TypeAdapter(list[Source]),
    "checks": TypeAdapter(list[Check]),
}
"""One schema for each JSON file of a run."""

LATER: dict[str, Any] = {"checks": []}
"""Files that older results lack, and what is read in their stead."""
