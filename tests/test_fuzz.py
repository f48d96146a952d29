"""The small version of the counted run of the manual: whatever is changed, a valid run or one clear error."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from tests.fuzz import judge, places, run_files, tables
from tests.fuzz.judge import Trial, judged
from tests.fuzz.run import laid_out, trials

SEED = 20251231


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return laid_out(tmp_path_factory.mktemp("examples"))


@pytest.mark.parametrize("family", [run_files, tables, places], ids=lambda family: family.FAMILY)
def test_every_change_ends_in_a_valid_run_or_in_one_clear_error(
    family: ModuleType, examples: dict[str, Path], tmp_path: Path
) -> None:
    verdicts = list(trials(family, examples, tmp_path, SEED, range(len(family.CHANGES))))
    assert [(v.failure, v.trial, v.text[:500]) for v in verdicts if v.failure] == []
    assert {v.ending for v in verdicts} == {"valid", "refused"}


def test_a_silent_acceptance_is_a_failure(examples: dict[str, Path]) -> None:
    trial = Trial("run file", "nothing", "nothing", wrong=True)
    assert judged(trial, examples["county"] / "run.toml", typed=False).failure == "silently accepted"


@pytest.mark.parametrize(
    ("code", "err", "failure"),
    [
        (1, "1 fault in x:\n  here: no. Mend it.\n", "exit code 1"),
        (2, "Traceback (most recent call last):\n", "words of the program"),
        (2, "1 fault in x:\n  here: no\n", "a fault that does not say what to do: '  here: no'"),
        (2, "2 faults in x:\n  here: no. Mend it.\n", "fewer faults than counted"),
        (2, "no.\n", "a line that is no fault: 'no.'"),
        (2, f"1 fault in x:\n  {'no ' * 300}. Mend it.\n", "a fault that nobody reads to its end"),
        (2, "1 fault in x:\n  here: no. Mend it.\n", ""),
    ],
)
def test_an_error_that_cannot_be_acted_on_is_a_failure(
    code: int, err: str, failure: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(judge, "in_process", lambda _: (code, "", err))
    trial = Trial("run file", "nothing", "nothing", wrong=True)
    assert judged(trial, tmp_path / "run.toml", typed=False).failure == failure
