"""The page of commands: what `granary --help` and the help of each command say, from the command line itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from actuarial._command import BAD_INPUT, GATE_SHUT, STOPPED, UNEXPECTED
from actuarial.cli import app

EXIT_CODES = {
    0: "done",
    UNEXPECTED: "an error that was not foreseen, told in one line; `granary --debug ...` shows where it arose. "
    "Of `batch`: at least one region could not be valued, and the others were",
    BAD_INPUT: "something is wrong with what was typed, the run file, the data tables or a folder: every fault is "
    "listed, with its place and what to do, and nothing is written",
    GATE_SHUT: "a model did not converge; `--force` goes on all the same, and the report says so",
    STOPPED: "stopped by Ctrl-C",
}
"""What each exit code says."""


def commands() -> dict[str, Any]:
    """Return every command by name, in the order of the help."""
    group: Any = typer.main.get_command(app)
    return {name: group.commands[name] for name in group.list_commands(typer.Context(group))}


def page() -> Iterator[str]:
    """Yield the options of all commands, every command with its arguments and options, and the exit codes."""
    group: Any = typer.main.get_command(app)
    above = typer.Context(group, info_name="granary", **group.context_settings)
    yield "## granary\n\n```text\ngranary [OPTIONS] COMMAND [ARGS]...\n```\n"
    yield from _params(group, above)
    for name, command in commands().items():
        context = typer.Context(command, info_name=name, parent=above)
        usage = " ".join(command.collect_usage_pieces(context)).replace("{", "").replace("}", "")
        yield f"## granary {name}\n\n{inspect.cleandoc(command.help or '')}\n\n```text\ngranary {name} {usage}\n```\n"
        yield from _params(command, context)
    yield "## Exit codes\n\n| code | what it says |\n|---|---|"
    yield from (f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())


def _params(command: Any, context: typer.Context) -> Iterator[str]:
    """Yield the arguments and the options as lists of definitions."""
    for head, wanted in (("Arguments", "argument"), ("Options", "option")):
        records = [
            record
            for param in command.get_params(context)
            if param.param_type_name == wanted and (record := param.get_help_record(context))
        ]
        if records:
            yield f"{head}:\n"
            for name, text in records:
                said = " ".join(text.replace("[required]", "(required)").split())
                yield f"`{' '.join(name.replace('<path>', '').split())}`\n: {said}\n"
