"""The command that leads from one valuation to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from actuarial._command import ForceOption, LanguageOption, QuietOption, in_plain_words, read


def compare(
    context: typer.Context,
    old: Annotated[
        Path,
        typer.Argument(metavar="OLD", show_default=False, help="Folder of the previous results, or its run file."),
    ],
    new: Annotated[
        Path, typer.Argument(metavar="NEW", show_default=False, help="Folder of the new results, or its run file.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", show_default=False, help="Folder to write in; by default `compare` in NEW."),
    ] = None,
    language: LanguageOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tell what leads from one valuation to the next: figures, experience, models, assumptions, law, one at a time.

    Both must have been valued with `granary forecast`. The steps add up exactly; posteriors are taken from beside the
    results, and a model that neither run has fitted is fitted.
    """
    with in_plain_words(context):
        from actuarial import _options
        from actuarial.progress import shown

        chosen = _options.language(language) or "en"
        folders = [_folder_of(place) for place in (old, new)]
        with shown(quiet=quiet) as progress:
            with progress.step("start"):
                from actuarial import reconciliation
                from actuarial.report import reconciliation as report
                from actuarial.report.texts import Texts
                from actuarial.saving import check_folder
            place = check_folder(out or folders[1] / "compare", report.FILES)
            found = reconciliation.reconcile(folders[0], folders[1], force=force, report=progress)
            with progress.step("write"):
                page = report.write(place, found, chosen)
        for line in report.lines(found, Texts(chosen)):
            typer.echo(line)
        typer.echo(f"Page: {page}")


def _folder_of(place: Path) -> Path:
    """Return the folder of results that is meant: a run file stands for the one that it names."""
    return read(place, {}).out if place.suffix == ".toml" or place.is_file() else place
