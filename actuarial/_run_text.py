"""The text of a run file: read from disk, and parsed, with the parser's words put as a person says them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from actuarial.runfile import RunFaults
from forecasting._faults import Fault

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Control characters besides the tab and the ends of lines."""

DEPTH = 20
"""Tables and lists in each other that no run file needs."""

_DIGITS = re.compile(r"[\d_]+")
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
    if path.exists() and not path.is_file():  # such as a device, which may never end
        what = "this is a folder" if path.is_dir() else "this is no file that can be read to its end"
        raise RunFaults(path.name, [Fault(str(path), what, "Name a run file")])
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
    """Parse a run file; `RunFaults` naming the line where it is no TOML, or each text that files cannot keep."""
    try:
        tree = tomllib.loads(text)
        if _deeper(tree, DEPTH):
            raise RecursionError
    except tomllib.TOMLDecodeError as error:
        place, said = _TOML_PLACE.search(str(error)), _TOML_PLACE.sub("", str(error))
        where = "end of the file" if place is None or place[1] is None else place[1]
        own = "a quote or a bracket is never closed" if place is not None and place[2] else said
        what = next((words for start, words in _TOML_WORDS.items() if said.startswith(start)), own)
        raise RunFaults(name, [Fault(where, what, "Mend this first; the rest is read afterwards")]) from error
    except RecursionError as error:
        fault = Fault("the file", "brackets or names are nested deeper than any run file's", "Write it anew")
        raise RunFaults(name, [fault]) from error
    except ValueError as error:  # of a whole number with more digits than are ever read
        number, line = _longest(text)
        fault = Fault(f"line {line}", f"the number has {number:,} digits", "Write one of its unit's size")
        raise RunFaults(name, [fault]) from error
    if faults := [Fault(where, what, "Take it out") for where, what in _unshown(tree)]:
        raise RunFaults(name, faults)
    return tree


def _deeper(value: object, depth: int) -> bool:
    """Tell whether tables or lists are nested deeper than so many."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth < 0 or any(_deeper(one, depth - 1) for one in inside)


def _longest(text: str) -> tuple[int, int]:
    """Return the length of the longest row of digits, and its line."""
    return max(
        (max(map(len, _DIGITS.findall(line)), default=0), number) for number, line in enumerate(text.split("\n"), 1)
    )


def _unshown(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Find texts with characters that no terminal, page or file of results should be handed."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _unshown(str(key), place or "a name")
            yield from _unshown(one, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for number, one in enumerate(value, start=1):
            yield from _unshown(one, f"{place}, entry {number}")
    elif isinstance(value, str) and (found := _CONTROL.search(value)):
        yield place, f"the text holds the control character U+{ord(found[0]):04X}"
