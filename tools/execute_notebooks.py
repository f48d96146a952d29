"""Execute every notebook from a clean kernel, and leave a copy with its outputs where the manual is built from.

``python tools/execute_notebooks.py FROM TO``: the notebooks of the folder FROM stay as they are, without outputs.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import nbclient
import nbformat

PATIENCE = 900
"""Seconds that a cell may take: without `make forecast` before it, models are sampled first."""


def main() -> int:
    """Execute, and stop at the first cell that fails."""
    source, target = (Path(word) for word in sys.argv[1:3])
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in sorted(source.glob("*.ipynb")):
        begin = time.perf_counter()
        book = nbformat.read(file, as_version=4)
        try:
            nbclient.NotebookClient(book, timeout=PATIENCE, resources={"metadata": {"path": str(source)}}).execute()
        except nbclient.exceptions.CellExecutionError as error:
            print(f"{file}: {error}", file=sys.stderr)
            return 1
        for cell in book.cells:  # the copy stands among the pages that the notebook links to
            cell["source"] = cell["source"].replace("](../docs/", "](../")
        nbformat.write(book, target / file.name)
        print(f"{file.name}: {time.perf_counter() - begin:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
