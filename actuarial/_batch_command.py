"""The command that values many regions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from actuarial._command import STOPPED, UNEXPECTED, ForceOption, OptionalRunPath, QuietOption, in_plain_words, read


def batch(
    context: typer.Context,
    run_file: OptionalRunPath = None,
    regions: Annotated[
        str,
        typer.Option(
            metavar="all|NAME,NAME", help="Every province, or regions of the tables, their names set apart by commas."
        ),
    ] = "all",
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", show_default=False, help="Folder of the batch; by default beside the run's own."),
    ] = None,
    workers: Annotated[
        str | None, typer.Option(metavar="N", show_default=False, help="Processes here; by default one a core.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            show_default=False,
            help="Work on a running Dask cluster, such as tcp://10.0.0.1:8786, that sees the same files.",
        ),
    ] = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Value the pension of many regions, a folder each, and write one overview of all.

    What is finished stays: a batch that was stopped, by whatever, goes on where it was when it is called again. Ends
    with 1 if a region could not be valued.
    """
    with in_plain_words(context):
        from actuarial.progress import shown

        run = read(run_file, {})
        folder = (out or run.out.parent / "regions").absolute()
        with shown(quiet=quiet) as progress:
            with progress.step("start"):
                from actuarial import batch as regional
            try:
                names = [name.strip() for name in regions.split(",") if name.strip()]
                where = regional.Where(_count(workers), scheduler or "")
                outcome = regional.run(run, names, folder, where, force=force, report=progress)
            except KeyboardInterrupt:
                typer.echo("Stopped. Finished regions are kept: the same command goes on from there.", err=True)
                raise typer.Exit(STOPPED) from None
        typer.echo(f"Valued: {len(outcome.done)} of {len(outcome.regions)} regions, in {outcome.folder}")
        for name, reason in outcome.failed.items():
            typer.echo(f"Not valued: {name}: {reason}", err=True)
        if outcome.page:
            typer.echo(f"Overview: {outcome.page}")
        if outcome.failed:
            raise typer.Exit(UNEXPECTED)


def _count(text: str | None) -> int | None:
    """Return how many workers were asked for; `RunFaults` where that is no number of them."""
    from actuarial._options import number
    from actuarial.runfile import RunFaults
    from forecasting._faults import Fault

    found = number(text)
    if found is None or (isinstance(found, int) and 1 <= found <= 1024):
        return found
    raise RunFaults("the command", [Fault("--workers", f'"{text}" is no number of processes', "Give 1 to 1024")])
