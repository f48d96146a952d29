"""The one error of the report."""

from __future__ import annotations

from collections.abc import Iterable


class ReportError(ValueError):
    """Saved results that cannot be reported; lists every fault."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))
