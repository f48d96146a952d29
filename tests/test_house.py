"""ARCHITECTURE.md held against the tree, and the frame against itself."""

from __future__ import annotations

import ast
import json
import os
import re
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

ROW = re.compile(r"^\| `((?:forecasting|actuarial)[\w.]*)` \| (.+) \|$", re.MULTILINE)


def modules(checkout: Path) -> dict[str, str]:
    """Return the first docstring line of every public module, by dotted name."""
    found = {}
    for package in ("forecasting", "actuarial"):
        for file in (checkout / package).rglob("*.py"):
            parts = file.relative_to(checkout).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            if not any(part.startswith("_") for part in parts):
                docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
                found[".".join(parts)] = docstring.partition("\n")[0]
    return found


@pytest.fixture(scope="module")
def rooms(checkout: Path) -> dict[str, str]:
    """Return the lines of the map, by room."""
    return dict(ROW.findall((checkout / "ARCHITECTURE.md").read_text(encoding="utf-8")))


def test_every_module_is_on_the_map_and_every_room_of_the_map_is_in_the_tree(
    checkout: Path, rooms: dict[str, str]
) -> None:
    assert set(rooms) == set(modules(checkout))


def test_the_line_of_a_room_is_the_first_line_of_its_docstring(checkout: Path, rooms: dict[str, str]) -> None:
    told = modules(checkout)
    assert {name: line for name, line in rooms.items() if told.get(name) != line} == {}


def test_every_dependency_is_pinned_by_the_constraints(checkout: Path) -> None:
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + [name for part in project["optional-dependencies"].values() for name in part]
    lines = (checkout / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0].lower() for line in lines if "==" in line}
    names = {re.split(r"[\[<>=]", name)[0].lower() for name in wanted} - {"evergranary"}
    assert names <= pinned
    assert all(line.startswith("#") or re.fullmatch(r"[\w.-]+==[\w.+!-]+", line) for line in lines)


def executable(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def find_python(checkout: Path, path: Path) -> subprocess.CompletedProcess[str]:
    # Only the stand-ins of the test are to be found, not the machine's own /usr/bin/python3.
    script = (
        (checkout / "tools/find-python")
        .read_text()
        .replace("/usr/bin/python3", "")
        .replace("/usr/local/bin/python3", "")
    )
    command = ["/bin/sh", "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": str(path)})


def test_the_python_search_takes_the_first_that_is_new_enough(checkout: Path, tmp_path: Path) -> None:
    executable(tmp_path / "python3", "exit 1")
    executable(tmp_path / "python3.12", "exit 0")
    assert find_python(checkout, tmp_path).stdout == "python3.12\n"
    executable(tmp_path / "python3", "exit 0")
    assert find_python(checkout, tmp_path).stdout == "python3\n"


def test_the_python_search_asks_uv_last(checkout: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept-by-uv"
    executable(kept, "exit 0")
    executable(tmp_path / "uv", f"echo {kept}")
    assert find_python(checkout, tmp_path).stdout == f"{kept}\n"


def test_the_python_search_says_in_one_line_what_to_install(checkout: Path, tmp_path: Path) -> None:
    done = find_python(checkout, tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("Granary needs Python 3.12 or newer")


def test_every_target_of_the_makefile_is_in_its_help(checkout: Path) -> None:
    done = subprocess.run(
        ["make", "-s", "help"], capture_output=True, text=True, check=True, cwd=checkout, env=os.environ
    )
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    phony = re.search(r"^\.PHONY: (.+)$", (checkout / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert listed == phony[1].split()


def test_notebooks_are_kept_without_their_outputs(checkout: Path) -> None:
    notebooks = sorted(checkout.glob("notebooks/*.ipynb"))
    assert notebooks
    for notebook in notebooks:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        kept = [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]
        assert kept == []


def test_built_pages_and_results_are_not_kept(checkout: Path) -> None:
    if not (checkout / ".git").exists():
        pytest.skip("no git here: an unpacked archive holds only what is kept")
    done = subprocess.run(
        ["git", "ls-files", "docs/_build", "out"], capture_output=True, text=True, check=True, cwd=checkout
    )
    assert done.stdout == ""
