"""The `granary` command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from actuarial.scenario import RunFile
    from forecasting.sources import Tables

# The rest is imported by the command that needs it, so that `granary --help` starts at once.

BAD_INPUT, GATE_SHUT, UNEXPECTED, STOPPED = 2, 3, 1, 130

PLACES = {"DataFaults": "the data tables", "AxisError": "the projection", "ReportError": "the saved results"}
"""Where the faults of an error are, by its name: to import the classes is to import their libraries."""

app = typer.Typer(
    name="granary",
    help="Will a rural pension fund last, how sure are we, and which mix of money makes it last?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


RunPath = Annotated[
    Path, typer.Argument(metavar="RUN.toml", show_default=False, help="A run file, as `granary init` writes it.")
]
OptionalRunPath = Annotated[
    Path | None,
    typer.Argument(metavar="RUN.toml", show_default=False, help="A run file; without one, the bundled national run."),
]
# Read as texts, so that a broken one is a fault like any other, told in the same block.
LanguageOption = Annotated[
    str | None, typer.Option(metavar="en|zh", show_default=False, help="Language of the report.")
]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"granary {version('evergranary')}")
        raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", metavar="", callback=_print_version, is_eager=True, help="Show the version and end."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", metavar="", help="Show where in the code an error arose.")] = False,
) -> None:
    context.obj = debug


@app.command()
def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", show_default=False, help="A new folder.")],
    example: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default=False, help="Write an example instead: county, an invented one."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Replace run.toml and the data tables there.")
    ] = False,
) -> None:
    """Write a run file, with the data tables beside it, to begin with."""
    with _in_plain_words(context):
        from actuarial._initial import write_initial

        written = write_initial(folder, example=example, force=force)
        typer.echo(f"Wrote {folder / 'run.toml'} and {len(written) - 1} data files in {folder / 'data'}.")
        typer.echo(f"Next: change what you like, then `granary check {folder / 'run.toml'}`.")


@app.command()
def check(context: typer.Context, run_file: RunPath) -> None:
    """Read a run file and its data tables, and list every fault."""
    with _in_plain_words(context):
        from actuarial._region import check_region
        from forecasting.sources import read_tables

        run = _read(run_file, {})
        tables = read_tables(run.data_folders, run.run.country)
        check_region(run, tables)
        _summary(run, tables)
        typer.echo(f"OK. Next: `granary forecast {run_file}`.")


@app.command()
def forecast(
    context: typer.Context,
    run_file: OptionalRunPath = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", show_default=False, help="Folder of the results.")] = None,
    draws: Annotated[str | None, typer.Option(metavar="N", show_default=False, help="Joint draws.")] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="N", show_default=False, help="Seed of all random numbers.")
    ] = None,
    language: LanguageOption = None,
    force: Annotated[bool, typer.Option("--force", metavar="", help="Go on if a model did not converge.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="Show no progress.")] = False,
) -> None:
    """Fit the models, project people and money, and write the report."""
    with _in_plain_words(context):
        from actuarial.progress import shown

        options = {"draws": _number(draws), "seed": _number(seed), "language": language}
        run = _read(run_file, options | {"out": out and str(out.absolute())})
        with shown(quiet=quiet) as progress:
            with progress.step("start"):
                from actuarial import valuation
            outcome = valuation.run(run, out or run.out, force=force, report=progress)
        for line in outcome.answer:
            typer.echo(line)
        typer.echo(f"Report: {outcome.report}")


@app.command()
def backtest(
    context: typer.Context,
    run_file: OptionalRunPath = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", show_default=False, help="Folder of the scores.")] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="YEAR", show_default=False, help="Last year known; may be repeated. By default 2010, 2015, 2018."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", metavar="", help="Go on if a model did not converge.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="Show no progress.")] = False,
) -> None:
    """Forecast again from earlier years, and score the intervals against what came."""
    with _in_plain_words(context):
        from actuarial.progress import shown

        years = _origins(origin)
        run = _read(run_file, {"out": out and str(out.absolute())})
        with shown(quiet=quiet) as progress:
            with progress.step("start"):
                from actuarial import calibration
            found = calibration.run(run, out or run.out, *years, force=force, report=progress)
        for line in found.lines:
            typer.echo(line)
        typer.echo(f"Page: {found.page}")


@app.command()
def report(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="OUT", show_default=False, help="A folder of results.")],
    language: LanguageOption = None,
) -> None:
    """Write the report of saved results again, in either language."""
    with _in_plain_words(context):
        from actuarial.report import read_results, write_report

        chosen = _language(language) or read_results(folder).manifest.language
        typer.echo(f"Report: {write_report(folder, chosen)}")


def _number(text: str | None) -> int | str | None:
    """Return a whole number where there is one, else the text, for the run file's check to refuse."""
    return int(text) if text is not None and re.fullmatch(r"[+-]?\d+", text) else text


def _origins(texts: list[str] | None) -> tuple[tuple[int, ...], ...]:
    """Return the argument that names the origins, or none where the command names none."""
    from actuarial.runfile import RunFaults
    from forecasting._faults import Fault

    found = [_number(text) for text in texts or ()]
    wrong = [
        Fault("--origin", f'"{text}" is no year', "Give a year such as 2015") for text in found if text != _year(text)
    ]
    if wrong:
        raise RunFaults("the command", wrong)
    years = tuple(sorted({int(year) for year in found if year is not None}))
    return (years,) if years else ()


def _year(found: int | str | None) -> int | None:
    return found if isinstance(found, int) and 1900 <= found <= 2200 else None


def _language(text: str | None) -> Literal["en", "zh"] | None:
    from actuarial.runfile import RunFaults
    from forecasting._faults import Fault

    match text:
        case None | "":
            return None
        case "en":
            return "en"
        case "zh":
            return "zh"
    raise RunFaults("the command", [Fault("--language", f'"{text}" is not a choice here', "Give en or zh")])


def _read(run_file: Path | None, options: dict[str, object]) -> RunFile:
    """Read a run file; when it has faults, tell those of its data tables with them."""
    from actuarial.scenario import RunFaults, read_run
    from forecasting.sources import DataFaults, read_tables

    try:
        return read_run(run_file, options)
    except RunFaults as faults:
        if faults.data is not None:
            try:
                read_tables(*faults.data)
            except DataFaults as more:
                raise ExceptionGroup("run file and data", [faults, more]) from None
        raise


def _summary(run: RunFile, tables: Tables) -> None:
    from rich.console import Console
    from rich.table import Table

    from forecasting.sources import BUNDLED, default_data_folder

    grid = Table.grid(padding=(0, 2))
    figures = sum(len(frame) for frame in tables.frames.values())
    grid.add_row("Run", run.run.title)
    grid.add_row("Of", f"{run.run.region}, in {run.run.country}" if run.run.region else run.run.country)
    ours = default_data_folder()
    places = " and ".join(BUNDLED if folder == ours else str(folder) for folder in run.data_folders)
    grid.add_row("Figures", f"{figures:,} from {len(tables.sources)} sources, in {places}")
    grid.add_row("Forecast", f"to {run.run.last_year}, {run.run.draws:,} draws, seed {run.run.seed}")
    classical = [f"{model} by {method}" for model, method in run.models.model_dump().items() if method != "bayesian"]
    if classical:
        grid.add_row("Classical", ", ".join(classical))
    for name, scenario in run.scenarios.items():
        count = len(run.changes(name))
        changes = "nothing changed" if count == 0 else f"{count} change{'s' if count > 1 else ''}"
        grid.add_row(f"Scenario {name}", f"{scenario.title}: {changes}")
    grid.add_row("Results", str(run.out))
    Console(highlight=False, soft_wrap=True).print(grid, markup=False)


@contextmanager
def _in_plain_words(context: typer.Context) -> Iterator[None]:
    """Turn an error into one block on stderr and the exit code that fits it."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing was finished.", err=True)
        raise typer.Exit(STOPPED) from None
    except Exception as error:
        if context.obj:
            raise
        text, code = _told(error)
        typer.echo(text, err=True)
        raise typer.Exit(code) from None


def _told(error: Exception) -> tuple[str, int]:
    """Return what to print for an error, and the exit code."""
    from forecasting.artefacts import ArtefactError
    from forecasting.models.sampling import GateError
    from forecasting.sources import FigureNotFound

    text, code = str(error), BAD_INPUT
    faults = getattr(error, "faults", ())
    match error:
        case ExceptionGroup():
            text = "\n".join(_told(part)[0] for part in error.exceptions)
        case ValueError() if faults:
            text = _block(getattr(error, "name", PLACES.get(type(error).__name__, "the input")), faults)
        case ArtefactError() | FigureNotFound():
            pass
        case OSError() if error.filename is not None:
            text = f"{error.filename}: {error.strerror}."
        case GateError():
            code = GATE_SHUT
        case _:
            said = f"{type(error).__name__}: {error}".rstrip(": ")
            text = (
                f"Granary met an error that it did not expect. {said}\nSee where it arose with `granary --debug ...`."
            )
            code = UNEXPECTED
    return text, code


def _block(place: str, faults: Sequence[object]) -> str:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return "\n  ".join([f"{count} in {place}:", *map(str, faults)])


def main() -> None:
    """Run the `granary` command."""
    app()


if __name__ == "__main__":
    main()
