"""Questions put to a run afterwards: asked on its own draws, and their answers added to its folder and its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import xarray as xr

from actuarial import (
    _breakeven_run,
    _region,
    _sensitivity_run,
    _stress_ground,
    _stress_run,
    _variance_run,
    saving,
    trial,
)
from actuarial import frontier as mixes
from actuarial._placing import placed
from actuarial._sensitivity_rules import faults as faults_of_inputs
from actuarial.progress import Progress
from actuarial.report import (
    frontier,
    read_results,
    sensitivity,
    stress,
    variance,
    workbook,
    write_brief,
    write_report,
)
from actuarial.report._errors import ReportError
from actuarial.runfile import RunFaults
from forecasting import artefacts
from forecasting import projection as people
from forecasting import region as regions
from forecasting._faults import Fault
from forecasting.axes import AxisError
from forecasting.models.sampling import stream
from forecasting.sources import read_tables

if TYPE_CHECKING:
    from actuarial.report.records import Language
    from actuarial.runfile import RunFile

Question = Literal["frontier", "breakeven", "stress", "sensitivity", "variance"]
"""What can be asked; the table of the run file that says how has the same name, and so has the file of the answer."""


@dataclass(frozen=True)
class Answer:
    """The answer to a question.

    Attributes
    ----------
    question : str
    data : xarray.Dataset
        As saved.
    file : pathlib.Path
        Where.
    report : pathlib.Path or None
        The report of the run, with the answer in it; None where the folder holds no results.
    """

    question: Question
    data: xr.Dataset
    file: Path
    report: Path | None


def put(question: Question, run_file: RunFile, out: Path, report: Progress, *, force: bool = False) -> Answer:
    """Put a question to a run, and add the answer to its folder.

    Parameters
    ----------
    question : {"frontier", "breakeven", "stress", "sensitivity", "variance"}
    run_file : RunFile
        Its table of the same name says what is asked.
    out : pathlib.Path
        Folder of the run's results, where there are any.
    report : Progress
    force : bool
        Go on where a model did not converge.

    Returns
    -------
    Answer

    Raises
    ------
    RunFaults
        Listing every fault of what is asked; nothing is written.
    forecasting.sources.DataFaults, forecasting.models.sampling.GateError
        As `actuarial.valuation.run`.
    """
    check(question, run_file)
    one = asked(run_file, out, report, force=force)
    complete = check_results(one, out)
    try:
        data = _ANSWERS[question](one, report)
    except AxisError as error:
        raise RunFaults(run_file.name, error.faults) from error
    return Answer(question, data, out / f"{question}.nc", _add(data, question, one, out, report, complete=complete))


def show(answer: Answer, run_file: RunFile) -> None:
    """Print an answer to the terminal, in the language of the run."""
    from rich.console import Console

    language: Language = run_file.run.language
    zh = language == "zh"
    titles = {name: (s.title_zh if zh else "") or s.title for name, s in run_file.scenarios.items()}
    if answer.question == "frontier":
        frontier.show(answer.data, language, titles.get(str(answer.data.attrs["scenario"]), ""))
        return
    lines = _EXPLAIN[answer.question](answer.data, language, titles)
    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(line, markup=False)


_EXPLAIN: dict[Question, Callable[[xr.Dataset, Language, Mapping[str, str]], list[str]]] = {
    "breakeven": stress.explain_levers,
    "stress": stress.explain,
    "sensitivity": sensitivity.explain,
    "variance": variance.explain,
}


def _frontier(one: Asked, report: Progress) -> xr.Dataset:
    about = one.run_file.asked.frontier
    rng = stream(one.run_file.run.seed, "frontier")
    with report.step("seek the frontier") as step:
        data = mixes.find(one.world, one.run_file.reformed[about.scenario], about, rng)
        step.note(f"{data.attrs['tried']:,} mixes tried")
    return data


def _breakeven(one: Asked, report: Progress) -> xr.Dataset:
    run_file = one.run_file
    return _breakeven_run.run(run_file.cases, one.world, run_file.asked.breakeven, run_file.run.seed, report)


def _stress(one: Asked, report: Progress) -> xr.Dataset:
    return _stress_run.run(
        one.run_file.cases, _stress_ground.ground(one.world, one.fits), one.run_file.asked.stress, report
    )


def _sensitivity(one: Asked, report: Progress) -> xr.Dataset:
    run_file = one.run_file
    given = _sensitivity_run.Given(run_file.cases, one.world, one.fits, tuple(run_file.data_folders))
    return _sensitivity_run.run(given, run_file.asked.sensitivity, one.out, report)


def _variance(one: Asked, report: Progress) -> xr.Dataset:
    run_file = one.run_file
    return _variance_run.run(run_file.cases, one.fits, run_file.run.last_year, run_file.asked.variance, report)


_ANSWERS = {
    "frontier": _frontier,
    "breakeven": _breakeven,
    "stress": _stress,
    "sensitivity": _sensitivity,
    "variance": _variance,
}


def check(question: Question, run_file: RunFile) -> None:
    """Refuse what cannot be asked of a run, before any work is done.

    Raises
    ------
    RunFaults
        Listing every fault that the run file alone shows.
    """
    if question in _OF_NATION and run_file.run.region:
        do = 'Write region = "" for the whole nation'
        fault = run_file.places.fault(("run", "region"), f"{_OF_NATION[question]} the whole nation", do)
        raise RunFaults(run_file.name, [fault])
    if question == "stress":
        return
    if question == "variance":
        _variance_run.check(run_file)
        return
    if question == "sensitivity":
        found = list(faults_of_inputs(run_file.cases, run_file.asked.sensitivity, (0, run_file.run.last_year)))
        if found:
            raise RunFaults(run_file.name, found)
        return
    table = getattr(run_file.asked, question)
    check_scenario(run_file, question, table.scenario, table.fund)


_OF_NATION: dict[Question, str] = {
    "stress": "shocks are tried on",
    "sensitivity": "inputs are moved for",
    "variance": "the variance is split for",
}
"""Questions that a run of a region cannot be asked."""


@dataclass(frozen=True)
class Asked:
    """A run that can be asked.

    Attributes
    ----------
    run_file : RunFile
        Its measures hold where they say.
    fits : forecasting.projection.Fits
    world : actuarial.trial.World
        All draws of the run.
    out : pathlib.Path
        Folder of its results.
    """

    run_file: RunFile
    fits: people.Fits
    world: trial.World
    out: Path = Path()


def asked(run_file: RunFile, out: Path, report: Progress, *, force: bool = False) -> Asked:
    """Take up a run again: its figures, its models and its people.

    Parameters
    ----------
    run_file : RunFile
    out : pathlib.Path
        Folder of the run's results; the posteriors beside it are used, and made where they are missing.
    report : Progress
    force : bool
        Go on where a model did not converge.

    Returns
    -------
    Asked

    Raises
    ------
    forecasting.sources.DataFaults, actuarial.runfile.RunFaults, forecasting.models.sampling.GateError
        As `actuarial.valuation.run`.
    """
    with report.step("read figures"):
        tables = read_tables(run_file.data_folders, run_file.run.country)
    _region.check_region(run_file, tables)
    run_file, cache = placed(run_file, tables), out.parent / "posteriors"
    priors = {name: run_file.priors_of(name) for name in people.ALL_MODELS}
    fits = people.fit(
        tables,
        run_file.settings,
        priors,
        methods=run_file.models.model_dump(),
        schemes=run_file.all_schemes,
        cache=cache,
        force=force,
        report=lambda name: report.step(f"fit {name}"),
    )
    region = run_file.run.region
    with report.step("project people"):
        projection = people.forecast(fits, run_file.run.last_year)
        if region:
            own = regions.fit(tables, run_file.settings, run_file.priors_of("provinces"), cache=cache, force=force)
            projection = regions.forecast(projection, fits, own, region)
        schemes = {scheme for name in run_file.scenarios for scheme in run_file.schemes(name)}
        own_of = people.for_schemes(fits, projection, sorted(schemes))
        world = trial.referred(trial.World(projection, own_of, tables, region), run_file.cases.values())
    return Asked(run_file, fits, world, out)


def check_scenario(run_file: RunFile, table: str, scenario: str, fund: str) -> None:
    """Refuse a question about a scenario or a fund that the run does not have.

    Raises
    ------
    RunFaults
    """
    faults = []
    if scenario not in run_file.scenarios:
        do = f"Name one of {', '.join(run_file.scenarios)}"
        faults.append(run_file.places.fault((table, "scenario"), f'there is no scenario "{scenario}"', do))
    elif fund not in run_file.schemes(scenario):
        do = f"Name one of {', '.join(run_file.schemes(scenario))}"
        faults.append(run_file.places.fault((table, "fund"), f"the scenario {scenario} has no {fund}", do))
    if faults:
        raise RunFaults(run_file.name, faults)


def check_results(one: Asked, out: Path) -> bool:
    """Tell whether the folder holds the results of this run, to which an answer can be added.

    Parameters
    ----------
    one : Asked
    out : pathlib.Path
        Folder of the results.

    Returns
    -------
    bool
        False where there are none: the answer then stands alone.

    Raises
    ------
    RunFaults
        If the folder holds the results of another run.
    """
    if not (out / "manifest.json").exists():
        return False
    try:
        manifest = read_results(out).manifest
    except ReportError as error:
        raise RunFaults(
            str(out), [Fault(str(out), str(f), "Run `granary forecast` again") for f in error.faults]
        ) from error
    ours = {name: posterior.attrs["hash"] for name, posterior in one.fits.posteriors.items()}
    theirs = {name: manifest.posteriors.get(name) for name in ours}
    if ours != theirs or [s.name for s in manifest.scenarios] != list(one.run_file.scenarios):
        do = "Run `granary forecast` with this run file first, or name another folder with --out"
        raise RunFaults("the folder of the results", [Fault(str(out), "these are the results of another run", do)])
    return True


def _add(
    data: xr.Dataset, question: Question, one: Asked, out: Path, report: Progress, *, complete: bool
) -> Path | None:
    """Put an answer into the folder of a run, and write its report and workbook again."""
    with report.step("write the answer") as step:
        origin: dict[str, object] = {"seed": one.run_file.run.seed}
        if complete:
            origin |= {"parent_projection": artefacts.digest(out / "projection.nc")}
        artefacts.save(data.assign_attrs(origin), out / f"{question}.nc", question)
        if complete:
            results = read_results(out)
            for language in saving.LANGUAGES:
                write_report(out, language, results)
                write_brief(out, language, results)
            for printed in saving.PRINTED:
                (out / printed).unlink(missing_ok=True)
            artefacts.write_atomically(out / workbook.NAME, lambda part: workbook.write_workbook(results, part))
        step.note(str(out))
    return out / "report.html" if complete else None
