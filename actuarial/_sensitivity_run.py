"""Sensitivity of a run: one input at a time, sets of inputs, screening, and indices of variance."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from actuarial import sensitivity, trial
from actuarial._quantity import describe
from actuarial._sensitivity_draws import reduced
from actuarial._sensitivity_ground import Ground, screened
from actuarial._sensitivity_inputs import Input
from actuarial._sensitivity_memory import Memory
from actuarial._sensitivity_outputs import MEDIANS, OUTPUTS
from actuarial._sensitivity_rules import BELIEFS, Sensitivity, check, inputs_of
from actuarial._sensitivity_spreads import Spreads, spreads
from actuarial.funding import HORIZONS
from actuarial.rules import Case
from forecasting.models.sampling import stream
from forecasting.projection import Fits

if TYPE_CHECKING:
    from actuarial.progress import Progress, Step

FOLDER = "sensitivity.evaluations"
"""Folder beside the answer in which evaluations are kept."""

UNITS = {
    "fertility": "children per woman",
    "longevity": "years lived after 60",
    "migration": "per year",
    "membership": "share of those who could pay",
    "wages": "yuan per head",
    "prices": "index, money year = 1",
    "budgets": "yuan",
    "land_income": "yuan",
    "deposits": "per year",
    "market": "per year",
    "medical_cost": "yuan per stay",
}
"""Unit of the quantity whose spread each belief takes."""


@dataclass(frozen=True)
class Given:
    """What an analysis is made from.

    Attributes
    ----------
    cases : mapping of str to Case
        Rules and schemes of every scenario.
    world : actuarial.trial.World
        All draws of the run.
    fits : Fits
    data : tuple of pathlib.Path
        Folders of the figures, which are part of what evaluations rest on.
    """

    cases: Mapping[str, Case]
    world: trial.World
    fits: Fits
    data: tuple[Path, ...] = ()


def run(given: Given, asked: Sensitivity, out: Path, report: Progress) -> xr.Dataset:
    """Move every input that a run names.

    Parameters
    ----------
    given : Given
    asked : Sensitivity
        The table ``[sensitivity]``.
    out : pathlib.Path
        Folder of the answer, where evaluations are kept.
    report : Progress

    Returns
    -------
    xarray.Dataset
        The variables of `actuarial.sensitivity.TORNADO`, `SCENARIOS`, `MORRIS` and `SOBOL`; the last two NaN where they
        are not asked for. Coordinates: ``unit`` of outputs; ``input_unit``, ``low``, ``central``, ``high`` of inputs,
        of a belief the quantiles of what it is about. Attributes say what was asked.

    Raises
    ------
    forecasting.axes.AxisError
        Listing every fault of what is asked.
    """
    projection = given.world.projection
    check(given.cases, asked, (int(projection.attrs["base_year"]) + 1, int(projection["year"][-1])))
    inputs = inputs_of(given.cases[asked.scenario].rules, asked)
    with report.step("spreads of the beliefs"):
        known = spreads(given.fits, projection, given.world.own, by=asked.by, tail=asked.tail, fund=asked.fund)
        memory = Memory(out / FOLDER / f"{_digest(given, asked)}.jsonl")
    ground = Ground(given.fits, given.world, given.cases, asked, known, asked.draws)
    data = _one_by_one(ground, inputs, memory, report).merge(_together(ground, inputs, memory, report), join="exact")
    return _told(data, given, asked, inputs, known)


def _one_by_one(ground: Ground, inputs: list[Input], memory: Memory, report: Progress) -> xr.Dataset:
    asked, seed = ground.asked, ground.fits.settings.seed
    sets = {name: {key: _end(inputs, key, end) for key, end in one.items()} for name, one in asked.sets.items()}
    evaluate = memory.of(f"{asked.draws} draws", ground)
    with report.step("one input at a time", total=1 + 2 * len(inputs)) as step:
        rng = stream(seed, "sensitivity tornado")
        data = sensitivity.tornado(_counted(evaluate, step), inputs, rng=rng, medians=MEDIANS)
        step.note(_kept(memory))
    with report.step("inputs in sets", total=1 + len(sets)) as step:
        rng = stream(seed, "sensitivity sets")
        more = sensitivity.scenarios(_counted(evaluate, step), sets, inputs, rng=rng, medians=MEDIANS)
    return data.merge(more, join="exact")


def _end(inputs: list[Input], name: str, end: str) -> float:
    return float(getattr(next(one for one in inputs if one.name == name), end))


def _together(ground: Ground, inputs: list[Input], memory: Memory, report: Progress) -> xr.Dataset:
    """Move all inputs at once; NaN where that is not asked for."""
    asked, seed = ground.asked, ground.fits.settings.seed
    small: list[Ground] = []

    def on_few(at: Mapping[str, float]) -> dict[str, float]:
        # Made with the first evaluation: an analysis that was stopped at its end needs none.
        if not small:
            small.append(screened(ground, asked.screen_draws))
        return reduced(small[0](at), MEDIANS)

    evaluate = memory.of(f"{asked.screen_draws} draws, screened", on_few)
    parts = []
    if asked.trajectories:
        with report.step("screening", total=asked.trajectories * (1 + len(inputs))) as step:
            seed_of = _seed(seed, "sensitivity morris")
            some = {"trajectories": asked.trajectories, "seed": seed_of}
            parts.append(sensitivity.morris(_counted(evaluate, step), inputs, **some))
            step.note(_kept(memory))
    if asked.samples:
        with report.step("indices of variance", total=asked.samples * (2 + len(inputs))) as step:
            some = {"samples": asked.samples, "seed": _seed(seed, "sensitivity sobol")}
            parts.append(sensitivity.sobol(_counted(evaluate, step), inputs, **some))
            step.note(_kept(memory))
    found = xr.merge(parts, join="exact") if parts else xr.Dataset()
    return _filled(found, _outputs(ground), inputs)


def _outputs(ground: Ground) -> list[str]:
    pension = ground.asked.fund == "pension"
    other = {"cost_share"} if pension else {"cost_rate", "actuarial_balance"}
    reach = int(ground.world.projection["year"][-1]) - int(ground.world.projection.attrs["base_year"])
    short = set() if reach >= min(HORIZONS) else {"actuarial_balance"}
    return [name for name in OUTPUTS if name not in other | short]


def _filled(found: xr.Dataset, outputs: list[str], inputs: list[Input]) -> xr.Dataset:
    coords = {"output": outputs, "input": [one.name for one in inputs]}
    known = sensitivity.MORRIS | sensitivity.SOBOL
    for name in (name for name in known if name not in found):
        empty = xr.DataArray(np.full((len(outputs), len(inputs)), np.nan), coords, ("output", "input"))
        found = found.assign({name: empty.assign_attrs(unit=known[name][0], meaning=known[name][1])})
    return found


def _counted(
    evaluate: Callable[[Mapping[str, float]], Mapping[str, ArrayLike]], step: Step
) -> Callable[[Mapping[str, float]], Mapping[str, ArrayLike]]:
    """Return the same function, which moves a bar on."""

    def counted(at: Mapping[str, float]) -> Mapping[str, ArrayLike]:
        found = evaluate(at)
        step.advance()
        return found

    return counted


def _kept(memory: Memory) -> str:
    return f"{memory.made:,} made, {memory.found:,} kept"


def _seed(seed: int, name: str) -> int:
    """Return a number for a library that takes no generator, from the stream of its name."""
    return int(stream(seed, name).integers(2**31))


def _told(data: xr.Dataset, given: Given, asked: Sensitivity, inputs: list[Input], known: Spreads) -> xr.Dataset:
    """Add what the numbers are of: units, ranges, and what was asked."""
    records = {str(row["key"]): row for row in describe(given.cases[asked.scenario].rules)}
    ends = np.array(
        [known.told(one.name) if one.name in BELIEFS else (one.low, one.central, one.high) for one in inputs]
    )
    units = [UNITS[one.name] if one.name in BELIEFS else str(records[one.name]["unit"]) for one in inputs]
    if asked.fund == "medical":
        units = ["share" if one.name == "membership" else unit for one, unit in zip(inputs, units, strict=True)]
    count, last = given.world.projection.sizes["draw"], int(given.world.projection["year"][-1])
    about = {"fund": asked.fund, "scenario": asked.scenario, "by": asked.by, "tail": asked.tail, "after": last + 1}
    about |= {"draws": min(asked.draws, count), "screen_draws": min(asked.screen_draws, count)}
    about |= {"trajectories": asked.trajectories, "samples": asked.samples}
    coords: dict[str, tuple[str, Any]] = {
        "unit": ("output", [OUTPUTS[name][0] for name in data["output"].values.tolist()]),
        "input_unit": ("input", units),
    }
    coords |= {name: ("input", ends[:, n]) for n, name in enumerate(("low", "central", "high"))}
    return data.assign_coords(coords).assign_attrs(about)


def _digest(given: Given, asked: Sensitivity) -> str:
    """Return a name for all that an evaluation rests on besides its inputs: people, figures, rules, the programme."""
    parts = [f"{name} {posterior.attrs.get('hash', '')}" for name, posterior in given.fits.posteriors.items()]
    parts += [repr(given.fits.settings), repr(sorted(given.fits.methods.items())), repr(given.world.region)]
    parts += [repr((asked.fund, asked.scenario, asked.by, asked.tail, int(given.world.projection["year"][-1])))]
    parts += [f"{name} {case.rules.model_dump_json()}" for name, case in given.cases.items()]
    made = hashlib.sha256("\n".join([version("evergranary"), *parts]).encode())
    for folder in given.data:
        for file in sorted(folder.glob("*.csv")):
            made.update(file.read_bytes())
    for package in (Path(__file__).parent, Path(__file__).parents[1] / "forecasting"):
        for file in sorted(package.rglob("*.py")):
            if "report" not in file.parts:
                made.update(file.read_bytes())
    return made.hexdigest()[:20]
