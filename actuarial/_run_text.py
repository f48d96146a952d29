"""The text of a run file: read from disk, and parsed, with the parser's words put as a person says them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from actuarial.runfile import RunFaults
from forecasting._faults import Fault

_TOML_PLACE = re.compile(r" \(at (?:(line \d+), column \d+|(end of document))\)")
_TOML_WORDS = {
    "Expected newline or end of": "the value does not end here; is a text without quotes, or a number broken?",
    "Expected '=' after a key": "there is no = after the key",
    "Cannot overwrite": "this key stands here for the second time",
    "Cannot declare": "this table stands here for the second time",
    "Illegal character '\\n'": "a quote is not closed on its line",
    "Unclosed array": "a bracket is not closed",
    "Invalid value": "this is no value; a text needs quotes",
}
"""What the parser says first, and how a person says it."""


def text_of(path: Path) -> str:
    """Return the text of a run file; `RunFaults` if there is none or it is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        what = "there is no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
        raise RunFaults(path.name, [Fault(str(path), what, "Write a run file with `granary init DIR`")]) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        fault = Fault(f"line {line}", "the text is not UTF-8", "Save the file again as UTF-8")
        raise RunFaults(path.name, [fault]) from error


def parsed(text: str, name: str) -> dict[str, Any]:
    """Parse a run file; `RunFaults` naming the line where it is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place, said = _TOML_PLACE.search(str(error)), _TOML_PLACE.sub("", str(error))
        where = "end of the file" if place is None or place[1] is None else place[1]
        own = "a quote or a bracket is never closed" if place is not None and place[2] else said
        what = next((words for start, words in _TOML_WORDS.items() if said.startswith(start)), own)
        raise RunFaults(name, [Fault(where, what, "Mend this first; the rest is read afterwards")]) from error
