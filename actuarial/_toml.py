"""Find the line of a key in a TOML text, and write a value as TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date

Key = tuple[str, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_TABLE = re.compile(rf"^\s*\[\[?\s*({_DOTTED})\s*\]\]?")
_ASSIGN = re.compile(rf"^\s*({_DOTTED})\s*=(.*)$")
_FENCES = ('"""', "'''")


def lines_of(text: str) -> dict[Key, int]:
    r"""Return the line on which each table and key of a TOML text begins.

    Parameters
    ----------
    text : str
        A valid TOML text.

    Returns
    -------
    dict of tuple of str to int
        Line numbers from 1, by the parts of the dotted key. Keys inside an
        inline table are not listed: their table is.

    Examples
    --------
    >>> lines_of('[a.b]\nc = 1\n')
    {('a', 'b'): 1, ('a', 'b', 'c'): 2}
    """
    found: dict[Key, int] = {}
    table: Key = ()
    fence, depth = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if fence:
            fence = "" if fence in line else fence
            continue
        if depth > 0:
            depth += _brackets(line)
            continue
        if header := _TABLE.match(line):
            table = _parts(header[1])
            found.setdefault(table, number)
        elif assignment := _ASSIGN.match(line):
            found.setdefault(table + _parts(assignment[1]), number)
            fence = _opened(assignment[2])
            depth = 0 if fence else _brackets(assignment[2])
    return found


def line_of(lines: Mapping[Key, int], key: Iterable[str | int]) -> int | None:
    """Return the line of a key, or of the nearest table that holds it.

    Parameters
    ----------
    lines : mapping
        From `lines_of`.
    key : iterable of str or int
        Parts of the key; positions in a list are numbers and belong to the line of the list.

    Returns
    -------
    int or None
        None if not even the first part is in the text.
    """
    parts = tuple(str(part) for part in key)
    while parts:
        if parts in lines:
            return lines[parts]
        parts = parts[:-1]
    return None


def value(data: object) -> str:
    """Write one value as TOML.

    Parameters
    ----------
    data : str, bool, int, float, date, list, tuple or mapping
        What to write.

    Returns
    -------
    str
        On one line.

    Raises
    ------
    TypeError
        If TOML has no such value, as for None.

    Examples
    --------
    >>> value({"2026": 0.5, "2030": [1, True]})
    '{ 2026 = 0.5, 2030 = [1, true] }'
    """
    match data:
        case bool():
            return str(data).lower()
        case int() | float():
            return repr(data)
        case str():
            return json.dumps(data, ensure_ascii=False)
        case date():
            return data.isoformat()
        case list() | tuple():
            return f"[{', '.join(value(part) for part in data)}]"
        case Mapping():
            return f"{{ {', '.join(f'{_bare(k)} = {value(v)}' for k, v in data.items())} }}"
    raise TypeError(f"TOML has no value for {data!r}")


def _bare(key: object) -> str:
    text = str(key)
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else json.dumps(text, ensure_ascii=False)


def _parts(dotted: str) -> Key:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _opened(rest: str) -> str:
    """Return the triple quote that `rest` opens and does not close."""
    for fence in _FENCES:
        if rest.strip().startswith(fence) and rest.count(fence) == 1:
            return fence
    return ""


def _brackets(line: str) -> int:
    plain = re.sub(r""""(?:[^"\\]|\\.)*"|'[^']*'""", "", line).split("#", 1)[0]
    return sum(plain.count(c) for c in "[{") - sum(plain.count(c) for c in "]}")
