"""The `granary` command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actuarial import _options

if TYPE_CHECKING:
    from actuarial.scenario import RunFile

# The rest is imported by the command that needs it, so that `granary --help` starts at once.

BAD_INPUT, GATE_SHUT, UNEXPECTED, STOPPED = 2, 3, 1, 130

PLACES = {"DataFaults": "the data tables", "AxisError": "the projection", "ReportError": "the saved results"}
"""Where the faults of an error are, by its name: to import the classes is to import their libraries."""

app = typer.Typer(
    name="granary",
    help="Will rural pension and medical funds last, how sure are we, and which mix of money makes them last?",
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
        _options.summary(run, tables)
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
    """Fit the models, project people and money, and write report and workbook."""
    with _in_plain_words(context):
        from actuarial.progress import shown

        options = {"draws": _options.number(draws), "seed": _options.number(seed), "language": language}
        run = _read(run_file, options | {"out": out and str(out.absolute())})
        with shown(quiet=quiet) as progress:
            with progress.step("start"):
                from actuarial import valuation
                from actuarial.report.workbook import NAME
            outcome = valuation.run(run, out or run.out, force=force, report=progress)
        for line in outcome.answer:
            typer.echo(line)
        typer.echo(f"Workbook: {outcome.folder / NAME}")
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

        years = _options.origins(origin)
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

        chosen = _options.language(language) or read_results(folder).manifest.language
        typer.echo(f"Report: {write_report(folder, chosen)}")


@app.command()
def export(
    context: typer.Context,
    place: Annotated[
        Path | None,
        typer.Argument(
            metavar="OUT|RUN.toml",
            show_default=False,
            help="A folder of results, or a run file that was run; without one, those of the bundled national run.",
        ),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="xlsx|csv|parquet", help="A workbook, or one long table.")
    ] = "xlsx",
    draws: Annotated[
        bool, typer.Option("--draws", metavar="", help="Every draw in place of mean and quantiles; Parquet is best.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", show_default=False, help="Folder to write in; that of the results.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh", show_default=False, help="Language of the workbook.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="Show no progress.")] = False,
) -> None:
    """Write saved results as an Excel workbook, CSV or Parquet."""
    with _in_plain_words(context):
        from actuarial import _export
        from actuarial.progress import shown

        wanted = _export.wanted(form, language, draws=draws)
        is_run = place is None or place.suffix == ".toml" or place.is_file()
        folder = _read(place, {}).out if is_run or place is None else place
        with shown(quiet=quiet) as progress:
            typer.echo(_export.write(folder, wanted, out or folder, progress))


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
