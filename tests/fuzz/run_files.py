"""Changes of a run file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.fuzz.judge import Trial

FAMILY = "run file"

Random = np.random.Generator
Lines = list[str]
Changed = tuple[bytes, str, bool]
"""New content, what was done, and whether the file is wrong now beyond doubt."""

_ENTRY = re.compile(r"^([A-Za-z_][\w.]*|\"[^\"]+\") = (.+)$")
_NUMBER = re.compile(r"-?[\d_]+(\.\d+)?")
_PERCENT = re.compile(r"# Unit: share, 0(\.\d+)? to (1|0\.\d+)\.")


class NothingToChange(Exception):
    """A file has nothing that could be changed so."""


def one_of[T](given: Sequence[T], random: Random) -> T:
    """Return one of some things."""
    if not given:
        raise NothingToChange
    return given[int(random.integers(len(given)))]


def entries(lines: Lines) -> list[int]:
    """Return the numbers of the lines that give a key its value."""
    return [number for number, line in enumerate(lines) if _ENTRY.match(line)]


def numbers(lines: Lines) -> list[int]:
    """Return those of them whose value is one number."""
    return [number for number in entries(lines) if _NUMBER.fullmatch(_value(lines[number]))]


def _value(line: str) -> str:
    found = _ENTRY.match(line)
    assert found
    return found[2]


def _key(line: str) -> str:
    return line.split(" = ", maxsplit=1)[0]


def _bytes(lines: Lines) -> bytes:
    return "\n".join(lines).encode("utf-8")


def _with(lines: Lines, number: int, line: str) -> bytes:
    return _bytes([*lines[:number], line, *lines[number + 1 :]])


def _put(lines: Lines, number: int, text: str, *, wrong: bool = True) -> Changed:
    line = f"{_key(lines[number])} = {text}"
    return _with(lines, number, line), f"line {number + 1}: {line}", wrong


def no_number(lines: Lines, random: Random) -> Changed:
    """Put nan or infinity for a number."""
    return _put(lines, one_of(numbers(lines), random), one_of(["nan", "inf", "-inf", "1e999"], random))


def huge(lines: Lines, random: Random) -> Changed:
    """Put a number that is far too large, or far below nought."""
    return _put(lines, one_of(numbers(lines), random), one_of(["1e300", "-1e300", "1e18", "-1e18"], random))


def huge_whole(lines: Lines, random: Random) -> Changed:
    """Put a whole number that no machine keeps."""
    return _put(lines, one_of(numbers(lines), random), one_of(["9" * 40, "-" + "9" * 40, "9" * 5000], random))


def other_kind(lines: Lines, random: Random) -> Changed:
    """Put a text, a list, a date, a table or a truth for a number."""
    kinds = ['"many"', "[]", "[[1]]", "2026-11-23", "{}", "true", '""', "'0.5'", "12:00:00"]
    return _put(lines, one_of(numbers(lines), random), one_of(kinds, random))


def percentage(lines: Lines, random: Random) -> Changed:
    """Give a share as a percentage."""
    shares = [
        number
        for number in numbers(lines)
        if number and _PERCENT.search(lines[number - 1]) and abs(float(_value(lines[number]))) >= 0.02
    ]
    number = one_of(shares, random)
    return _put(lines, number, f"{float(_value(lines[number])) * 100:.6g}")


def misspelt(lines: Lines, random: Random) -> Changed:
    """Exchange two letters of a key."""
    at = [number for number in entries(lines) if re.fullmatch(r"[a-z_]{5,}", _key(lines[number]))]
    number = one_of(at, random)
    key = _key(lines[number])
    places = [place for place in range(len(key) - 1) if key[place] != key[place + 1]]
    place = one_of(places, random)
    line = f"{key[:place]}{key[place + 1]}{key[place]}{key[place + 2 :]} = {_value(lines[number])}"
    return _with(lines, number, line), f"line {number + 1}: {line}", True


def twice(lines: Lines, random: Random) -> Changed:
    """Repeat a key."""
    number = one_of(entries(lines), random)
    return _bytes([*lines[: number + 1], *lines[number:]]), f"line {number + 1} twice", True


def table_twice(lines: Lines, random: Random) -> Changed:
    """Repeat the head of a table at the end."""
    heads = [line for line in lines if re.fullmatch(r"\[[a-z][a-z_.]*\]", line)]
    head = one_of(heads, random)
    return _bytes([*lines, head, ""]), f"{head} twice", True


def strange_table(lines: Lines, random: Random) -> Changed:
    """Add a table that nobody knows."""
    name = one_of(["pensoin", "runs", "Run", "a.b.c", "scenarios.Law", "scenarios.'a b'", "pension.x"], random)
    return _bytes([*lines, f"[{name}]", "key = 1", ""]), f"[{name}] added", True


def broken(lines: Lines, random: Random) -> Changed:
    """Take out an equals sign, a quote or a bracket."""
    at = [number for number in entries(lines) if lines[number].count('"') == 2 or "[" in lines[number]]
    number = one_of(at, random)
    line = lines[number]
    mark = one_of([mark for mark in ("=", '"', "]") if mark in line], random)
    place = line.index("=") if mark == "=" else line.rindex(mark)
    line = line[:place] + line[place + 1 :]
    return _with(lines, number, line), f"line {number + 1}: {line}", True


def cut(lines: Lines, random: Random) -> Changed:
    """End the file somewhere; what is left may be a run file still."""
    text = _bytes(lines)
    end = int(random.integers(0, len(text)))
    return text[:end], f"cut after {end} bytes", end < 1000


def flipped(lines: Lines, random: Random) -> Changed:
    """Change some bytes; what comes may be a run file still."""
    text = bytearray(_bytes(lines))
    places = random.integers(0, len(text), int(random.integers(1, 6)))
    for place in places:
        text[place] = int(random.integers(0, 256))
    return bytes(text), f"bytes {', '.join(map(str, places))} changed", False


def encoded(lines: Lines, random: Random) -> Changed:
    """Save the file in another encoding."""
    name = one_of(["utf-16", "utf-16-le", "gb18030", "big5hkscs", "utf-32"], random)
    return _bytes(lines).decode("utf-8").encode(name, errors="replace"), f"saved as {name}", True


def marked(lines: Lines, random: Random) -> Changed:
    """Save the file as other systems do, with a mark of the encoding and other ends of lines: nothing is wrong."""
    text = _bytes(lines)
    if random.random() < 0.5:
        return b"\xef\xbb\xbf" + text, "with a byte order mark", False
    return text.replace(b"\n", b"\r\n"), "with CR LF", False


def unseen(lines: Lines, random: Random) -> Changed:
    """Put a control character into a text."""
    at = [number for number in entries(lines) if re.fullmatch(r'"[^"]+"', _value(lines[number]))]
    number = one_of(at, random)
    mark = one_of(["\\u0000", "\\u001b[31m", "\\u0085", "\x00", "\x1b"], random)
    return _put(lines, number, f'"{mark}{_value(lines[number])[1:]}')


def no_choice(lines: Lines, random: Random) -> Changed:
    """Put a word that is none of those that may stand there."""
    at = [n for n in entries(lines) if n and lines[n - 1] == "# Unit: choice." and lines[n].endswith('"')]
    return _put(lines, one_of(at, random), f'"{one_of(["none of these", "Law", "nan", "../.."], random)}"')


def deleted(lines: Lines, random: Random) -> Changed:
    """Take some lines out: what is left out keeps its default, but a table's keys may fall to another."""
    first = int(random.integers(0, len(lines)))
    last = min(len(lines), first + int(random.integers(1, 30)))
    return _bytes([*lines[:first], *lines[last:]]), f"lines {first + 1} to {last} taken out", False


def exchanged(lines: Lines, random: Random) -> Changed:
    """Exchange the values of two keys."""
    one, other = one_of(entries(lines), random), one_of(entries(lines), random)
    swapped = list(lines)
    swapped[one] = f"{_key(lines[one])} = {_value(lines[other])}"
    swapped[other] = f"{_key(lines[other])} = {_value(lines[one])}"
    return _bytes(swapped), f"values of lines {one + 1} and {other + 1} exchanged", False


def nested(_: Lines, random: Random) -> Changed:
    """Nest brackets deeper than any reader goes, or give what is no run file at all."""
    kinds = {
        "a list in a thousand lists": b"x = " + b"[" * 1000 + b"]" * 1000,
        "an open list in a hundred thousand": b"x = " + b"[" * 100_000,
        "nothing": b"",
        "noughts": bytes(1000),
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "JSON": b'{"run": {"draws": 10}}',
        "a page": b"<html><body>run</body></html>",
        "a table with a thousand names": b"[" + b".".join([b"a"] * 1000) + b"]\n",
    }
    what = one_of(list(kinds), random)
    return kinds[what], what, True


CHANGES: dict[str, Callable[[Lines, Random], Changed]] = {
    "nan or infinity for a number": no_number,
    "huge and negative numbers": huge,
    "whole numbers of 40 to 5,000 digits": huge_whole,
    "a value of another kind": other_kind,
    "a percentage for a share": percentage,
    "a misspelt key": misspelt,
    "a key twice": twice,
    "a table twice": table_twice,
    "an unknown table": strange_table,
    "broken syntax": broken,
    "cut anywhere": cut,
    "bytes changed": flipped,
    "another encoding": encoded,
    "byte order mark, CR LF": marked,
    "control characters": unseen,
    "a word that is no choice": no_choice,
    "lines taken out": deleted,
    "two values exchanged": exchanged,
    "no run file at all": nested,
}


def change(kind: str, file: Path, random: Random) -> Trial:
    """Change a run file in place."""
    content, what, wrong = CHANGES[kind](file.read_text(encoding="utf-8").split("\n"), random)
    file.write_bytes(content)
    return Trial(FAMILY, kind, what, wrong)
