"""What is typed at the command line, turned into values; and what `granary check` prints of a run file."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from actuarial.runfile import RunFile
    from forecasting.sources import Tables

# The rest is imported where it is needed, so that `granary --help` starts at once.


def number(text: str | None) -> int | str | None:
    """Return a whole number where there is one, else the text, for the run file's check to refuse."""
    return int(text) if text is not None and re.fullmatch(r"[+-]?\d+", text) else text


def origins(texts: list[str] | None) -> tuple[tuple[int, ...], ...]:
    """Return the argument that names the origins, or none where the command names none."""
    from actuarial.runfile import RunFaults
    from forecasting._faults import Fault

    found = [number(text) for text in texts or ()]
    wrong = [
        Fault("--origin", f'"{text}" is no year', "Give a year such as 2015") for text in found if text != _year(text)
    ]
    if wrong:
        raise RunFaults("the command", wrong)
    years = tuple(sorted({int(year) for year in found if year is not None}))
    return (years,) if years else ()


def _year(found: int | str | None) -> int | None:
    return found if isinstance(found, int) and 1900 <= found <= 2200 else None


def language(text: str | None) -> Literal["en", "zh"] | None:
    """Return the language that was typed, or none where none was; another one is a fault."""
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


def summary(run: RunFile, tables: Tables) -> None:
    """Print what a run file asks for, a line each."""
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
    grid.add_row("Results", os.path.normpath(run.out))
    Console(highlight=False, soft_wrap=True).print(grid, markup=False)
