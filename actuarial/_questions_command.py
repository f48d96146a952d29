"""The commands that put a question to a run: which mix, how far must a lever move, what does a shock do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from actuarial._command import ForceOption, OptionalRunPath, OutOption, QuietOption, in_plain_words, read

if TYPE_CHECKING:
    from actuarial.questions import Question


def frontier(
    context: typer.Context,
    run_file: OptionalRunPath = None,
    out: OutOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find the cheapest mix of money that keeps a fund from running dry, for each probability that is borne."""
    _asked(context, ("frontier",), run_file, out, force=force, quiet=quiet)


def breakeven(
    context: typer.Context,
    run_file: OptionalRunPath = None,
    out: OutOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find how far each lever alone must move for a fund to last."""
    _asked(context, ("breakeven",), run_file, out, force=force, quiet=quiet)


def stress(
    context: typer.Context,
    run_file: OptionalRunPath = None,
    out: OutOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Let shocks happen to every scenario, and find how large one must be to empty a fund."""
    _asked(context, ("stress",), run_file, out, force=force, quiet=quiet)


SENSITIVITY: tuple[Question, ...] = ("sensitivity", "variance")
"""What `granary sensitivity` puts to a run, one after the other."""


def sensitivity(
    context: typer.Context,
    run_file: OptionalRunPath = None,
    out: OutOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find which inputs move a forecast, and what its variance comes from.

    Inputs are moved one at a time, in sets, and all at once; the variance is split among groups of models.
    """
    _asked(context, SENSITIVITY, run_file, out, force=force, quiet=quiet)


def _asked(
    context: typer.Context,
    put: tuple[Question, ...],
    run_file: Path | None,
    out: Path | None,
    *,
    force: bool,
    quiet: bool,
) -> None:
    with in_plain_words(context):
        from actuarial.progress import shown

        run = read(run_file, {"out": out and str(out.absolute())})
        with shown(quiet=quiet) as progress, progress.step("start"):
            from actuarial import questions
        # All of them first: what cannot be asked is told before minutes are spent on another.
        for question in put:
            questions.check(question, run)
        for question in put:
            with shown(quiet=quiet) as progress:
                answer = questions.put(question, run, out or run.out, progress, force=force)
            questions.show(answer, run)
            typer.echo(f"Answer: {answer.file}")
        if answer.report:
            typer.echo(f"Report: {answer.report}")
