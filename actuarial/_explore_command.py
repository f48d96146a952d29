"""The command that shows the page of sliders."""

from __future__ import annotations

from typing import Annotated

import typer

from actuarial import _options
from actuarial._command import (
    ForceOption,
    LanguageOption,
    OptionalRunPath,
    OutOption,
    QuietOption,
    in_plain_words,
    read,
)

PORT = 5006
MOST = 65535


def explore(
    context: typer.Context,
    run_file: OptionalRunPath = None,
    port: Annotated[str, typer.Option(metavar="N", help="Port of 127.0.0.1; 0 takes any that is free.")] = str(PORT),
    draws: Annotated[
        str | None, typer.Option(metavar="N", show_default=False, help="At most so many of the run's draws.")
    ] = None,
    out: OutOption = None,
    language: LanguageOption = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", metavar="", help="Print the address and open no browser.")
    ] = False,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Move the levers of a fund on a page in your browser, and see at once what they do."""
    with in_plain_words(context):
        from actuarial.progress import shown

        at, most = _whole("--port", port, 0, MOST), _whole("--draws", draws, 20, 100_000)
        run = read(run_file, {"out": out and str(out.absolute()), "language": language})
        from dataclasses import replace

        from actuarial import explore as page
        from actuarial import questions
        from actuarial._explore_port import free

        run = page.checked(run)
        free(PORT if at is None else at)  # also once more when it is taken: other programs do not wait for ours
        with shown(quiet=quiet) as progress:
            one = questions.asked(run, out or run.out, progress, force=force)
            if most is not None:
                one = replace(one, world=one.world.thinned(most))
        page.serve(one, PORT if at is None else at, browser=not no_browser)


def _whole(option: str, text: str | None, low: int, high: int) -> int | None:
    """Return a whole number in its range, or refuse it."""
    from actuarial.runfile import RunFaults
    from forecasting._faults import Fault

    found = _options.number(text)
    if found is None or (isinstance(found, int) and low <= found <= high):
        return found
    raise RunFaults(
        "the command", [Fault(option, f'"{text}" does not fit', f"Give a whole number from {low} to {high}")]
    )
