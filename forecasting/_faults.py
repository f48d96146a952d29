"""What is wrong with a data folder, said so that a person can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["DataFaults", "Fault", "FigureNotFound"]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a data folder.

    Parameters
    ----------
    where : str
        Place of the fault, such as ``population.csv, line 12, column value``.
    what : str
        What was found there.
    do : str
        What mends it.
    """

    where: str
    what: str
    do: str

    def __str__(self) -> str:
        """Return the fault as one line that can be read aloud."""
        return f"{self.where}: {self.what}. {self.do}."


class DataFaults(ValueError):
    """Every fault of a data folder at once.

    Parameters
    ----------
    faults : iterable of Fault
        The faults, in the order in which the files were read.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: list[Fault] = list(faults)
        count = len(self.faults)
        head = f"The data have {count} fault{'' if count == 1 else 's'}:"
        super().__init__("\n".join([head, *map(str, self.faults)]))


class FigureNotFound(KeyError):
    """No figure answers the question that was put to the tables."""

    def __str__(self) -> str:
        """Return the message without the quotes that KeyError adds."""
        return str(self.args[0]) if self.args else ""
