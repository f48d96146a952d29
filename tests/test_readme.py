"""The Python of the README, run as it stands there, on the few draws that the tests of the whole share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from actuarial.runfile import RunFile
from tests.real_run import Run


@pytest.fixture(scope="module")
def code(checkout: Path) -> str:
    found: list[str] = re.findall(
        r"```python\n(.*?)```", (checkout / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(found) == 1
    return found[0]


def test_the_python_of_the_readme_is_about_ten_lines(code: str) -> None:
    calls = [line for line in code.splitlines() if line and "import" not in line]
    assert len(calls) <= 10


@pytest.mark.slow
def test_the_python_of_the_readme_works(code: str, first_run: Run, few: RunFile) -> None:
    fit = 'projection.fit(tables, cache=Path("out/posteriors"))'
    assert code.count(fit) == 1
    # Few draws do not pass the gate; all else is as a reader types it.
    small = code.replace(fit, "projection.fit(tables, settings, cache=posteriors, force=True)")
    names: dict[str, Any] = {"settings": few.settings, "posteriors": first_run.posteriors}
    assert first_run.done.returncode == 0, first_run.done.stderr
    exec(compile(small, "README.md", "exec"), names)  # noqa: S102 - our own page
    for data in (names["people"], names["found"].account, names["found"].indicators):
        assert isinstance(data, xr.Dataset)
        assert data.sizes["draw"] == few.settings.draws


def test_the_pages_that_the_readme_and_the_manual_point_at_are_there(checkout: Path) -> None:
    pages = [*checkout.glob("*.md"), *checkout.glob("docs/**/*.md")]
    broken = {
        f"{page.relative_to(checkout)}: {target}"
        for page in pages
        if "_build" not in page.parts
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    }
    assert broken == set()


def test_no_page_waits_for_its_measured_numbers(checkout: Path) -> None:
    pages = [checkout / "README.md", *checkout.glob("docs/*.md")]
    found = [
        (page.name, name, inside.strip())
        for page in pages
        for name, inside in re.findall(
            r"<!-- measured: (\w+) -->(.*?)<!-- end -->", page.read_text(encoding="utf-8"), re.DOTALL
        )
    ]
    assert found
    assert [(page, name) for page, name, inside in found if not inside] == []
    made = "\n".join(file.read_text(encoding="utf-8") for file in sorted(checkout.glob("docs/measure*.py")))
    lacking = [name for _, name, _ in found if f"def {name}(" not in made]
    assert lacking == []
