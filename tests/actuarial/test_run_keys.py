"""Every key of [run], [sampling] and [models] moves a run; what each moves is listed, and it moves nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from actuarial import saving, valuation
from actuarial._toml import value
from actuarial.cli import app
from actuarial.rules import Case
from actuarial.runfile import Method, Models, Run, Sampling
from actuarial.saving import Results
from forecasting import projection as people
from forecasting.models import sampling
from forecasting.models.provinces import Priors
from forecasting.models.sampling import Settings
from forecasting.projection import METHODS, Fits
from forecasting.region import RegionFit
from forecasting.sources import Tables

MOVES: dict[str, tuple[object, set[str]]] = {
    "run.title": ("Another title", {"told.title"}),
    "run.title_zh": ("另一个标题", {"told.title_zh"}),
    "run.data": (["bundled", "own"], {"tables.folders", "told.inputs"}),
    "run.country": ("Elsewhere", {"tables.country", "told.title", "told.title_zh"}),
    "run.region": (
        "四川",
        {"fit.schemes", "value.schemes", "value.region"}
        | {"told.region", "told.title", "told.title_zh", "told.assumptions", "told.observed"},
    ),
    "run.schemes": (
        ["pension"],
        {"fit.schemes", "value.schemes", "told.title", "told.title_zh", "told.assumptions"},
    ),
    "run.out": ("elsewhere", {"folder"}),
    "run.seed": (1, {"fit.seed", "told.seed", "told.origin"}),
    "run.draws": (50, {"fit.draws", "told.draws"}),
    "run.last_year": (2050, {"value.last_year", "told.last_year"}),
    "run.language": ("zh", {"answer", "told.language"}),
    "sampling.chains": (3, {"fit.chains"}),
    "sampling.tune": (400, {"fit.tune"}),
    "sampling.kept": (700, {"fit.kept"}),
    "sampling.target_accept": (0.9, {"fit.target_accept"}),
} | {f"models.{name}": ("ets", {f"fit.{name}"}) for name in people.MODELS}
"""A value beside the default of each key, and what of a run is another with it."""

TABLES = {"run": Run, "sampling": Sampling, "models": Models}

ASIDE = {"created", "versions"}
"""What the manifest says of the day and the machine."""

Outcome = Callable[[dict[str, object]], dict[str, object]]


def written(folder: Path, keys: Mapping[str, object]) -> Path:
    """Write a run file of one scenario with the keys given, and a folder of own figures beside it."""
    tables: dict[str, list[str]] = {name: [] for name in TABLES}
    for key, given in keys.items():
        table, _, name = key.partition(".")
        tables[table].append(f"{name} = {value(given)}")
    lines = [line for name, rows in tables.items() for line in (f"[{name}]", *rows)]
    (folder / "own").mkdir()
    (folder / "own/own.csv").write_text("indicator,value\n", encoding="utf-8")
    file = folder / "run.toml"
    file.write_text("\n".join([*lines, "[scenarios.law]", 'title = "Law"', ""]), encoding="utf-8")
    return file


class StandIn:
    """What is slow in a run, replaced by what notes how it was called and gives results of the right years."""

    def __init__(self, tables: Tables) -> None:
        self.tables, self.seen = tables, dict[str, object]()

    def read(self, folders: list[Path], country: str) -> Tables:
        self.seen |= {"tables.folders": [folder.name for folder in folders], "tables.country": country}
        return self.tables

    def fit(self, tables: Tables, settings: Settings, priors: object, **how: Any) -> Fits:
        self.seen |= {f"fit.{name}": given for name, given in asdict(settings).items()}
        self.seen |= {f"fit.{name}": method for name, method in how["methods"].items()}
        self.seen |= {"fit.schemes": tuple(how["schemes"]), "fit.provinces": False}
        return Fits({}, {}, tables, settings)

    def fit_regions(self, *given: object, **how: object) -> RegionFit:
        self.seen["fit.provinces"] = True
        return RegionFit(xr.Dataset(attrs={"cached": "no"}), {}, self.tables, Settings(), Priors())

    def value(
        self, fits: Fits, cases: Mapping[str, Case], last_year: int, *_: object, place: Any, pools: Any, **asked: object
    ) -> Results:
        assert pools is None
        region = place.region if place else ""
        self.seen |= {"value.schemes": {name: case.schemes for name, case in cases.items()}}
        self.seen |= {"value.last_year": last_year, "value.region": region}
        empty, years = xr.Dataset(), xr.Dataset(coords={"year": np.arange(2026, last_year + 1)})
        rules = {name: case.rules for name, case in cases.items()}
        return Results(empty, years, empty, empty, None, fits, rules, region)


@pytest.fixture
def outcome(tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Run a file through the command, with stand-ins for what is slow: what they were told, and what it left."""

    def run(keys: dict[str, object]) -> dict[str, object]:
        made = StandIn(tables)
        for place, name, stand_in in (
            (valuation, "read_tables", made.read),
            (people, "fit", made.fit),
            (valuation.regions, "fit", made.fit_regions),
            (valuation, "value", made.value),
            (saving, "answer", lambda *given, **_: [f"answered in {given[3]}"]),
            (saving, "write_report", lambda *_: None),
            (saving, "write_brief", lambda *_: None),
            (saving, "read_results", lambda _: None),
            (saving.workbook, "write_workbook", lambda *_: None),
        ):
            monkeypatch.setattr(place, name, stand_in)
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        done = CliRunner().invoke(app, ["forecast", str(written(folder, keys)), "--quiet"])
        assert done.exit_code == 0, done.output
        (manifest,) = folder.rglob("manifest.json")
        return made.seen | {
            "folder": manifest.parent.relative_to(folder),
            "answer": done.stdout.splitlines()[0],
            **left(manifest.parent),
        }

    return run


def left(folder: Path) -> dict[str, object]:
    """Read what a run tells of itself in its files, the manifest line by line."""
    told = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")}
    manifest = told.pop("manifest")
    manifest["inputs"] = [name for name in manifest["inputs"] if name.endswith(".csv")]
    told["origin"] = xr.load_dataset(folder / "account.nc", engine="h5netcdf").attrs["seed"]
    return {f"told.{name}": found for name, found in (told | manifest).items() if name not in ASIDE}


def test_every_key_is_tried() -> None:
    assert set(MOVES) == {f"{name}.{key}" for name, table in TABLES.items() for key in table.model_fields}


@pytest.mark.parametrize("key", MOVES)
def test_a_key_moves_what_reads_it_and_nothing_else(key: str, outcome: Outcome) -> None:
    given, moved = MOVES[key]
    before, after = outcome({}), outcome({key: given})
    assert set(before) == set(after)
    assert {name for name in before if before[name] != after[name]} == moved != set()


# From the settings to the draws -----


SMALL = Settings(draws=20, chains=2, tune=30, kept=40)


class OneNumber:
    """A model of which the stand-in below makes up the draws."""

    NAME = "one_number"
    KEEP = ("level",)

    @staticmethod
    def build(_: object) -> None:
        """Give no model: nothing is sampled."""


class Sampler:
    """A sampler that gives other draws for anything else that it is told."""

    def __init__(self, _: object, **told: Any) -> None:
        self.told = told

    def wait(self) -> xr.DataTree:
        digest = hashlib.sha256(repr(sorted(self.told.items())).encode()).digest()
        rng = np.random.default_rng(list(digest))
        axes, size = ("chain", "draw"), (self.told["chains"], self.told["draws"])
        stats = {"diverging": (axes, np.zeros(size, dtype=bool)), "energy": (axes, rng.standard_normal(size))}
        level = {"level": (axes, rng.standard_normal(size))}
        return xr.DataTree.from_dict({"posterior": xr.Dataset(level), "sample_stats": xr.Dataset(stats)})


@pytest.mark.parametrize(
    ("name", "other"),
    [("draws", 21), ("chains", 3), ("tune", 31), ("kept", 41), ("seed", 1), ("target_accept", 0.9)],
)
def test_a_setting_reaches_the_sampler(name: str, other: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nutpie.compile_pymc_model", lambda *_, **__: None)
    monkeypatch.setattr("forecasting.models.whitening.whiten", lambda *_: None)
    monkeypatch.setattr("nutpie.sample", Sampler)
    monkeypatch.setattr(sampling, "fingerprint", lambda *_: "")
    others = (SMALL, SMALL, replace(SMALL, **{name: other}))
    before, again, after = (sampling.fit(OneNumber, {}, settings, force=True) for settings in others)
    xr.testing.assert_equal(before, again)
    assert not before.equals(after)


def test_every_setting_is_tried_and_comes_from_the_run_file() -> None:
    (tried,) = (mark.args[1] for mark in test_a_setting_reaches_the_sampler.pytestmark)
    assert {name for name, _ in tried} == {part.name for part in fields(Settings)}
    assert {part.name for part in fields(Settings)} == {"draws", "seed", *Sampling.model_fields}


# From the methods to the paths -----


def test_every_model_and_every_method_can_be_chosen() -> None:
    assert tuple(Models.model_fields) == tuple(people.ORDER)
    assert get_args(Method) == METHODS


@pytest.mark.slow
@pytest.mark.parametrize("model", Models.model_fields)
def test_a_method_gives_other_paths(model: str, fits: Fits) -> None:
    other = replace(fits, methods=fits.methods | {model: "random_walk"})
    before, after = (people.forecast(one, 2032) for one in (fits, other))
    assert any(not before[name].equals(after[name]) for name in before.data_vars)
