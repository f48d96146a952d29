"""What every command shares: its arguments, how it reads a run file, and how it tells an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from actuarial.runfile import RunFile

BAD_INPUT, GATE_SHUT, UNEXPECTED, STOPPED = 2, 3, 1, 130
"""Exit codes."""

PLACES = {"DataFaults": "the data tables", "AxisError": "the projection", "ReportError": "the saved results"}
"""Where the faults of an error are, by its name: to import the classes is to import their libraries."""

RunPath = Annotated[
    Path, typer.Argument(metavar="RUN.toml", show_default=False, help="A run file, as `granary init` writes it.")
]
OptionalRunPath = Annotated[
    Path | None,
    typer.Argument(metavar="RUN.toml", show_default=False, help="A run file; without one, the bundled national run."),
]
OutOption = Annotated[Path | None, typer.Option(metavar="DIR", show_default=False, help="Folder of the results.")]
ForceOption = Annotated[bool, typer.Option("--force", metavar="", help="Go on if a model did not converge.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="Show no progress.")]
# Read as texts, so that a broken one is a fault like any other, told in the same block.
LanguageOption = Annotated[
    str | None, typer.Option(metavar="en|zh", show_default=False, help="Language of the report.")
]


def read(run_file: Path | None, options: dict[str, object]) -> RunFile:
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
def in_plain_words(context: typer.Context) -> Iterator[None]:
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
        text, code = told(error)
        typer.echo(text, err=True)
        raise typer.Exit(code) from None


def told(error: Exception) -> tuple[str, int]:
    """Return what to print for an error, and the exit code."""
    from forecasting.artefacts import ArtefactError
    from forecasting.models.sampling import GateError
    from forecasting.sources import FigureNotFound

    text, code = str(error), BAD_INPUT
    faults = getattr(error, "faults", ())
    match error:
        case ExceptionGroup():
            text = "\n".join(told(part)[0] for part in error.exceptions)
        case ValueError() if faults:
            text = _block(getattr(error, "name", PLACES.get(type(error).__name__, "the input")), faults)
        case ArtefactError() | FigureNotFound():
            pass
        case OSError() if error.filename is not None:
            do = "Look at the name, and at who may read and write there"
            text = _block("the files", [f"{error.filename}: {error.strerror}. {do}."])
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
