"""Sampling: streams by name, what a fingerprint notices, the cache, the gate, thinning, prior draws."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import xarray as xr

from forecasting.artefacts import ArtefactError
from forecasting.models import membership, migration, sampling
from forecasting.models._convergence import diagnose

SOURCE = """
NAME = "toy"
KEEP = ("level",)

def build(inputs):
    import pymc as pm

    with pm.Model() as model:
        level = pm.Normal("level", inputs["centre"], 1.0, shape=2)
        pm.Normal("seen", level, 1.0, observed=inputs["seen"])
    return model
"""
INPUTS = {"centre": np.array(1.0), "seen": np.array([0.5, -0.5])}
LONG = sampling.Settings(draws=100, chains=2, tune=300, kept=800)
SHORT = sampling.Settings(draws=20, chains=2, tune=50, kept=12)

Make = Callable[..., ModuleType]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Return a function that writes a model's module and imports it."""
    made: list[str] = []

    def one(text: str = SOURCE) -> ModuleType:
        name = f"toy_model_{len(made)}"
        file = tmp_path_factory.mktemp("model") / f"{name}.py"
        file.write_text(text)
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
        made.append(name)
        return sys.modules[name]

    yield one
    for name in made:
        del sys.modules[name]


# Streams --------------------------------------------------------------------------------------------------------


def test_a_stream_repeats_with_its_seed_and_name() -> None:
    first, again = (sampling.stream(7, "moves").standard_normal(50) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_streams_of_other_names_and_seeds_are_independent() -> None:
    draws = [sampling.stream(seed, name).standard_normal(4000) for seed, name in [(7, "a"), (7, "b"), (8, "a")]]
    between = np.corrcoef(draws)[np.triu_indices(3, 1)]
    # Four standard errors of a correlation of 4,000 independent pairs.
    assert (np.abs(between) < 4 / np.sqrt(4000)).all()


def test_a_new_part_moves_no_other() -> None:
    def run(*names: str) -> dict[str, float]:
        return {name: sampling.stream(7, name).standard_normal() for name in names}

    few, more = run("births", "moves"), run("births", "morbidity", "moves")
    assert few == {name: more[name] for name in few}


# Fingerprint ----------------------------------------------------------------------------------------------------


def test_a_fingerprint_changes_with_data_settings_and_source_and_not_with_the_order_of_keys(make: Make) -> None:
    model = make()
    same = sampling.fingerprint(model, INPUTS, LONG)
    assert sampling.fingerprint(model, dict(reversed(INPUTS.items())), LONG) == same
    others = [
        sampling.fingerprint(model, INPUTS | {"seen": np.array([0.5, -0.6])}, LONG),
        sampling.fingerprint(model, INPUTS | {"seen": np.array([[0.5], [-0.5]])}, LONG),
        sampling.fingerprint(model, INPUTS | {"more": np.array(1.0)}, LONG),
        sampling.fingerprint(model, INPUTS, SHORT),
        sampling.fingerprint(make(SOURCE.replace("1.0, shape", "2.0, shape")), INPUTS, LONG),
    ]
    assert len({same, *others}) == 6


def test_a_fingerprint_covers_the_modules_that_a_model_reaches_through_others() -> None:
    names = {module.__name__.rpartition(".")[2] for module in sampling._own_modules(migration)}
    assert names == {"migration", "_migration_people", "migration_data", "reconstruction"}
    assert "membership_paths" in {m.__name__.rpartition(".")[2] for m in sampling._own_modules(membership)}


# The cache ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cached(make: Make, tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path, xr.Dataset]:
    """A model, the folder of its posterior, and the posterior as it was sampled."""
    model, folder = make(), tmp_path_factory.mktemp("posteriors")
    return model, folder, sampling.fit(model, INPUTS, LONG, folder)


def test_a_posterior_has_the_known_moments_and_passes_the_gate(
    cached: tuple[ModuleType, Path, xr.Dataset],
) -> None:
    *_, posterior = cached
    assert sampling.diagnosis_of(posterior).faults == ()
    assert posterior["level"].dims[0] == "draw" and posterior.sizes["draw"] == LONG.draws
    # Normal prior and normal figure of equal weight: the mean of both, variance one half; five standard errors.
    error = 5 * np.sqrt(0.5 / LONG.draws)
    np.testing.assert_allclose(posterior["level"].mean("draw"), [0.75, 0.25], atol=error)
    np.testing.assert_allclose(posterior["level"].std("draw"), np.sqrt(0.5), atol=error)


def test_a_second_fit_reads_the_cache_and_samples_nothing(
    cached: tuple[ModuleType, Path, xr.Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, folder, first = cached
    (file,) = folder.iterdir()
    written = file.stat().st_mtime_ns
    monkeypatch.setattr(sampling, "_sample", lambda *_: pytest.fail("sampled again"))
    again = sampling.fit(model, INPUTS, LONG, folder)
    xr.testing.assert_equal(again, first)
    assert (first.attrs["cached"], again.attrs["cached"]) == ("no", "yes")
    assert [f.stat().st_mtime_ns for f in folder.iterdir()] == [written]


@pytest.mark.parametrize("keep", [0, 1000], ids=["empty", "cut short"])
def test_a_broken_cache_file_is_named_with_what_to_do(
    cached: tuple[ModuleType, Path, xr.Dataset], tmp_path: Path, keep: int
) -> None:
    model, folder, _ = cached
    (file,) = folder.iterdir()
    (tmp_path / file.name).write_bytes(file.read_bytes()[:keep])
    with pytest.raises(ArtefactError, match=rf"{file.name} cannot be used: delete it"):
        sampling.fit(model, INPUTS, LONG, tmp_path)


def test_a_cache_file_under_the_name_of_another_is_refused(
    cached: tuple[ModuleType, Path, xr.Dataset], tmp_path: Path
) -> None:
    model, folder, _ = cached
    (file,) = folder.iterdir()
    other = INPUTS | {"seen": np.array([5.0, 5.0])}
    (tmp_path / f"toy-{sampling.fingerprint(model, other, LONG)}.nc").write_bytes(file.read_bytes())
    with pytest.raises(ArtefactError, match="of another model or other data"):
        sampling.fit(model, other, LONG, tmp_path)


# The gate -------------------------------------------------------------------------------------------------------


def test_chains_that_were_too_short_are_sampled_once_more_and_longer(
    cached: tuple[ModuleType, Path, xr.Dataset], tmp_path: Path
) -> None:
    model, *_ = cached
    nearly = sampling.Settings(draws=100, chains=2, tune=300, kept=300)
    forced = sampling.diagnosis_of(sampling.fit(model, INPUTS, nearly, tmp_path, force=True))
    assert forced.faults and forced.kept == 300
    # Also where the cache holds what was forced before.
    patient = sampling.diagnosis_of(sampling.fit(model, INPUTS, nearly, tmp_path))
    assert patient.kept == sampling.LONGER * 300 and not patient.faults


def test_the_gate_shuts_on_chains_too_short_and_force_goes_on(
    cached: tuple[ModuleType, Path, xr.Dataset], tmp_path: Path
) -> None:
    model, *_ = cached
    with pytest.raises(sampling.GateError, match=r"model 'toy' did not converge: .*of level is over.*--force"):
        sampling.fit(model, INPUTS, SHORT, tmp_path)
    # The cache holds what was sampled, and the gate is shut on it too, until it is forced.
    with pytest.raises(sampling.GateError, match="bulk ESS"):
        sampling.fit(model, INPUTS, SHORT, tmp_path)
    forced = sampling.fit(model, INPUTS, SHORT, tmp_path, force=True)
    assert forced.attrs["cached"] == "yes" and sampling.diagnosis_of(forced).faults


def judged(**quantities: np.ndarray) -> sampling.Diagnosis:
    """Judge draws of shape (chain, draw) beside an energy that is well."""
    axes = ("chain", "draw")
    energy = np.random.default_rng(1).standard_normal((4, 500))
    tree = {
        "posterior": xr.Dataset({name: (axes, values) for name, values in quantities.items()}),
        "sample_stats": xr.Dataset({"diverging": (axes, energy > 99), "energy": (axes, energy)}),
    }
    return diagnose("toy", xr.DataTree.from_dict(tree), 1.0)


def good() -> np.ndarray:
    return np.random.default_rng(2).standard_normal((4, 500))


def test_the_gate_is_open_on_independent_draws_and_passes_over_a_published_figure() -> None:
    diagnosis = judged(level=good(), figure=np.full((4, 500), 3.0))
    assert diagnosis.faults == ()
    assert (diagnosis.chains, diagnosis.kept) == (4, 500)


@pytest.mark.parametrize(
    "apart",
    [
        good() + np.array([0, 0, 0, 9])[:, None],
        np.repeat(np.arange(4.0)[:, None], 500, axis=1),
        np.where(good() > 2, np.nan, good()),
    ],
    ids=["two modes", "each chain stuck", "values missing"],
)
def test_the_gate_shuts_and_names_what_did_not_converge(apart: np.ndarray) -> None:
    diagnosis = judged(level=good(), share=apart)
    assert diagnosis.worst_parameter == "share"
    assert any("of share is over 1.01" in fault for fault in diagnosis.faults)


# Thinning and prior draws ---------------------------------------------------------------------------------------


def test_thinning_keeps_draws_joint_in_order_and_evenly_spaced() -> None:
    number = np.arange(60.0).reshape(3, 20)
    both = xr.Dataset(
        {"x": (("chain", "draw"), number), "y": (("chain", "draw", "k"), np.stack([number, -number], -1))}
    )
    thin = sampling.thin(both, 7)
    np.testing.assert_array_equal(thin["y"], np.stack([thin["x"], -thin["x"]], -1))
    assert thin["y"].dims == ("draw", "k") and thin["draw"].values.tolist() == list(range(7))
    steps = np.diff(thin["x"])
    assert (thin["x"][0], thin["x"][-1]) == (0, 59) and steps.min() >= 9 and steps.max() <= 10


def test_more_draws_than_were_sampled_are_refused() -> None:
    few = xr.Dataset({"x": (("chain", "draw"), np.zeros((2, 5)))})
    with pytest.raises(ValueError, match="11 joint draws wanted, but only 10 were sampled"):
        sampling.thin(few, 11)


def test_prior_draws_are_joint_and_an_observed_variable_is_drawn_not_read(make: Make) -> None:
    drawn = sampling.simulate(make().build, INPUTS, ("level", "seen"), seed=3, draws=2000)
    assert dict(drawn.sizes)["draw"] == 2000
    # Level has variance one, and what is seen of it one more; the correlation is the root of a half.
    np.testing.assert_allclose(drawn["seen"].std("draw"), np.sqrt(2), atol=0.1)
    assert np.corrcoef(drawn["level"][:, 0], drawn["seen"][:, 0])[0, 1] == pytest.approx(np.sqrt(0.5), abs=0.05)
    again = sampling.simulate(make().build, INPUTS, ("level", "seen"), seed=3, draws=2000)
    xr.testing.assert_equal(again, drawn)
