"""The `granary` command."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from actuarial import _batch_command, _compare_command, _explore_command, _options, _questions_command
from actuarial._command import (
    ForceOption,
    LanguageOption,
    OptionalRunPath,
    OutOption,
    QuietOption,
    RunPath,
    in_plain_words,
    read,
)

# The rest is imported by the command that needs it, so that `granary --help` starts at once.

app = typer.Typer(
    name="granary",
    help="Will rural pension and medical funds last, how sure are we, and which mix of money makes them last?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
        typer.Option(
            metavar="NAME",
            show_default=False,
            help="Write an example instead: county, an invented one; or reforms of the nation or of a province: "
            "national, east, centre, west.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Replace run.toml and the data tables there.")
    ] = False,
) -> None:
    """Write a run file, with the data tables beside it, to begin with."""
    with in_plain_words(context):
        from actuarial._initial import write_initial

        written = write_initial(folder, example=example, force=force)
        typer.echo(f"Wrote {folder / 'run.toml'} and {len(written) - 1} data files in {folder / 'data'}.")
        typer.echo(f"Next: change what you like, then `granary check {folder / 'run.toml'}`.")


@app.command()
def check(context: typer.Context, run_file: RunPath) -> None:
    """Read a run file and its data tables, and list every fault."""
    with in_plain_words(context):
        from actuarial._placing import placed
        from actuarial._region import check_region
        from forecasting.sources import read_tables

        run = read(run_file, {})
        tables = read_tables(run.data_folders, run.run.country)
        check_region(run, tables)
        run = placed(run, tables)
        _options.summary(run, tables)
        typer.echo(f"OK. Next: `granary forecast {run_file}`.")


@app.command()
def forecast(
    context: typer.Context,
    run_file: OptionalRunPath = None,
    out: OutOption = None,
    draws: Annotated[str | None, typer.Option(metavar="N", show_default=False, help="Joint draws.")] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="N", show_default=False, help="Seed of all random numbers.")
    ] = None,
    language: LanguageOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Fit the models, project people and money, and write report and workbook."""
    with in_plain_words(context):
        from actuarial.progress import shown

        options = {"draws": _options.number(draws), "seed": _options.number(seed), "language": language}
        run = read(run_file, options | {"out": out and str(out.absolute())})
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
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Forecast again from earlier years, and score the intervals against what came."""
    with in_plain_words(context):
        from actuarial.progress import shown

        years = _options.origins(origin)
        run = read(run_file, {"out": out and str(out.absolute())})
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
    brief: Annotated[
        bool, typer.Option("--brief", metavar="", help="The brief of two pages alone, without the report.")
    ] = False,
    pdf: Annotated[
        bool, typer.Option("--pdf", metavar="", help="Print each page as PDF beside it; needs Chromium.")
    ] = False,
    language: LanguageOption = None,
    quiet: QuietOption = False,
) -> None:
    """Write the report and the brief of saved results again, in either language, as pages or as PDF."""
    with in_plain_words(context):
        from actuarial import _pages
        from actuarial.progress import shown

        wanted = _pages.Wanted(_options.language(language), brief=brief, pdf=pdf)
        with shown(quiet=quiet) as progress:
            lines = _pages.write(folder, wanted, progress)
        for line in lines:
            typer.echo(line)


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
    quiet: QuietOption = False,
) -> None:
    """Write saved results as an Excel workbook, CSV or Parquet."""
    with in_plain_words(context):
        from actuarial import _export
        from actuarial.progress import shown

        wanted = _export.wanted(form, language, draws=draws)
        is_run = place is None or place.suffix == ".toml" or place.is_file()
        folder = read(place, {}).out if is_run or place is None else place
        with shown(quiet=quiet) as progress:
            typer.echo(_export.write(folder, wanted, out or folder, progress))


app.command()(_batch_command.batch)
app.command()(_questions_command.frontier)
app.command()(_questions_command.breakeven)
app.command()(_questions_command.stress)
app.command()(_questions_command.sensitivity)
app.command()(_compare_command.compare)
app.command()(_explore_command.explore)


def main() -> None:
    """Run the `granary` command."""
    app()


if __name__ == "__main__":
    main()
