"""The way from one valuation to the next, one thing at a time: figures, models, assumptions, law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from actuarial._placing import reformed
from actuarial.rules import SCHEMES, Case, Rules
from actuarial.runfile import RunFaults, RunFile
from forecasting.projection import ALL_MODELS, Fits

if TYPE_CHECKING:
    from forecasting.sources import Tables


class Step(NamedTuple):
    """What moved: its kind, and the model or the table of assumptions where there is one."""

    kind: str
    name: str = ""

    @property
    def key(self) -> str:
        """Both in one, such as ``model fertility``."""
        return f"{self.kind} {self.name}".strip()


KINDS = ("program", "draws", "data", "figures", "experience", "model", "assumptions", "law", "horizon", "rest")
"""In the order in which things move."""


@dataclass(frozen=True)
class State:
    """All that a valuation rests on, after a step.

    Attributes
    ----------
    step : Step
        What moved last.
    fits : Fits
    cases : mapping of str to Case
        Rules and schemes of the scenarios that both valuations have.
    last_year : int
    """

    step: Step
    fits: Fits
    cases: Mapping[str, Case]
    last_year: int


@dataclass(frozen=True)
class Ends:
    """Both valuations.

    Attributes
    ----------
    old, new : RunFile
        Their run files, measures placed.
    before, after : Fits
        Their models.
    resampled : Fits
        The old figures and priors under the new settings of sampling; `before` where the settings are the same.
    revised : Fits
        The new figures up to the last year that the old valuation knew, under the old priors and methods;
        `resampled` where the figures are the same.
    learned : Fits
        All new figures under the old priors and methods; `revised` where they reach no further.
    """

    old: RunFile
    new: RunFile
    before: Fits
    after: Fits
    resampled: Fits
    revised: Fits
    learned: Fits

    @property
    def scenarios(self) -> list[str]:
        """Names of the scenarios that both have, in the order of the new run file."""
        return [name for name in self.new.scenarios if name in self.old.scenarios]


def states(ends: Ends) -> Iterator[State]:
    """Give every state from the old valuation to the new one, in the order of :data:`KINDS`.

    Parameters
    ----------
    ends : Ends

    Yields
    ------
    State
        First the old valuation as this program makes it, last the new one. A thing that did not move has no state.
    """
    cases = _cases(ends.old, ends.scenarios)
    year = ends.old.run.last_year
    for step, fits in _models(ends):
        yield State(step, fits, cases, year)
    for step, run_file in _rules(ends):
        cases = _cases(run_file, ends.scenarios)
        yield State(step, ends.after, cases, year)
    if ends.new.run.last_year != year:
        yield State(Step("horizon"), ends.after, cases, ends.new.run.last_year)


def _cases(run_file: RunFile, names: list[str]) -> dict[str, Case]:
    return {name: run_file.cases[name] for name in names}


def _models(ends: Ends) -> Iterator[tuple[Step, Fits]]:
    """Swap models one at a time: first what they learn from, then how."""
    yield Step("program"), ends.before
    now = ends.resampled
    if now is not ends.before:
        yield Step("draws"), now
    if ends.revised is not ends.resampled:
        for name in _moved(ends.resampled, ends.revised):
            now = with_model(now, ends.revised, name)
            yield Step("data", name), now
        now = ends.revised
        yield Step("figures"), now
    if ends.learned is not ends.revised:
        # Models that end in one year cannot be joined with models that end in another: they move together.
        now = ends.learned
        yield Step("experience"), now
    for name in _moved(ends.learned, ends.after):
        now = with_model(now, ends.after, name)
        yield Step("model", name), now


def base_year(tables: Tables) -> int:
    """Return the last year of which the people are known: a valuation begins after it."""
    return int(tables.series("population_year_end", area="rural").index.max())


def _moved(one: Fits, other: Fits) -> list[str]:
    """Return the models that differ, in the order in which they are fitted."""
    return [name for name in ALL_MODELS if _mark(one, name) != _mark(other, name)]


def _mark(fits: Fits, name: str) -> tuple[object, ...]:
    found = fits.posteriors.get(name)
    return name in fits.inputs, None if found is None else found.attrs["hash"], fits.methods.get(name)


def with_model(fits: Fits, other: Fits, name: str) -> Fits:
    """Return fits with one model of another.

    Parameters
    ----------
    fits, other : Fits
        Of the same draws.
    name : str

    Returns
    -------
    Fits
    """
    return replace(
        fits,
        posteriors=_with(fits.posteriors, other.posteriors, name),
        inputs=_with(fits.inputs, other.inputs, name),
        methods=_with(fits.methods, other.methods, name),
    )


def _with[T](ours: Mapping[str, T], theirs: Mapping[str, T], name: str) -> dict[str, T]:
    kept = {key: value for key, value in ours.items() if key != name}
    return kept | ({name: theirs[name]} if name in theirs else {})


def _rules(ends: Ends) -> Iterator[tuple[Step, RunFile]]:
    """Swap the tables of the schemes one at a time, then the scenarios.

    A table that does not fit the others without one of those that follow moves together with them.
    """
    now, tables, waiting = ends.old.rules, ends.after.tables, list[str]()
    for group in _groups(ends.old.rules, ends.new.rules):
        waiting.append(group)
        try:
            made = reformed(replace(ends.old, rules=_swapped(now, ends.new.rules, waiting)), tables)
        except (ValidationError, RunFaults):
            continue
        now = made.rules
        yield Step("assumptions", ", ".join(waiting)), made
        waiting.clear()
    if waiting or _law(ends.old, ends.scenarios) != _law(ends.new, ends.scenarios):
        yield Step("law"), ends.new


def _groups(old: Rules, new: Rules) -> list[str]:
    """Return the tables that differ, such as ``pension.fiscal``."""
    found = []
    for scheme in SCHEMES:
        ours, theirs = getattr(old, scheme), getattr(new, scheme)
        fields = type(ours).model_fields
        found += [f"{scheme}.{name}" for name in fields if getattr(ours, name) != getattr(theirs, name)]
    return found


def _swapped(old: Rules, new: Rules, groups: list[str]) -> Rules:
    """Return the old tables with some of the new ones."""
    tree, other = old.model_dump(), new.model_dump()
    for group in groups:
        scheme, name = group.split(".")
        tree[scheme] = tree[scheme] | {name: other[scheme][name]}
    return Rules.model_validate(tree)


def _law(run_file: RunFile, names: list[str]) -> list[object]:
    """Return what scenarios say: their changes, the measures that they combine, and the schemes that they have."""
    told: list[object] = []
    for name in names:
        one = run_file.scenarios[name]
        measures = [run_file.measures[measure].model_dump(exclude={"title", "title_zh"}) for measure in one.measures]
        told.append((one.change, measures, run_file.schemes(name)))
    return told
