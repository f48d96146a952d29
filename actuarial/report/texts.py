"""The page's words in English and Chinese, from one catalogue."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from actuarial.report.records import Language


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return every key with its text in each language: all files ``texts*.toml``, whose keys must differ."""
    entries: dict[str, dict[str, str]] = {}
    folder = resources.files("actuarial.report")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not (file.name.startswith("texts") and file.name.endswith(".toml")):
            continue
        found: dict[str, dict[str, str]] = tomllib.loads(file.read_text(encoding="utf-8"))
        twice = sorted(found.keys() & entries)
        if twice:
            raise ValueError(f"{file.name} gives texts that another file of the catalogue has: {', '.join(twice)}")
        entries |= found
    return entries


class Texts:
    """Look up texts in one language.

    Parameters
    ----------
    language : {"en", "zh"}
        The reader's language.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self.used: set[str] = set()

    def __call__(self, key: str, **values: Any) -> str:
        """Return the text of `key` with its placeholders filled.

        Raises
        ------
        KeyError
            If the catalogue has no such key, or a placeholder is not given.
        """
        self.used.add(key)
        return catalogue()[key][self.language].format(**values)

    def known(self, key: str, english: str) -> str:
        """Return the Chinese text of a word that records name in English; `english` where there is none."""
        entry = catalogue().get(key, {})
        if self.language in entry:
            self.used.add(key)
        return entry.get(self.language, english)

    def pick(self, english: str, chinese: str) -> str:
        """Return the one of two given texts that is in the reader's language; English where Chinese is empty."""
        return chinese or english if self.language == "zh" else english
