"""Screening by elementary effects (Morris), by SALib, and indices of variance (Sobol'), on a sample of SALib's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from actuarial._labels import told
from actuarial._sensitivity_indices import Indices, indices
from actuarial._sensitivity_inputs import Input, checked

Evaluate = Callable[[Mapping[str, float]], Mapping[str, ArrayLike]]

LEVELS = 4
"""Levels of every input in Morris's design; trajectories step over half of them (Morris 1991)."""

RESAMPLES = 500
"""Resamples of the evaluations for the errors of both."""

MORRIS = {
    "mu": ("", "Mean effect of going from one end of the input's range to the other"),
    "mu_star": ("", "Mean size of that effect, whatever its sign: how much the input matters"),
    "mu_star_error": ("", "Half of the 95 per cent interval of the mean size, from the trajectories"),
    "sigma": ("", "Standard deviation of the effect: how much it depends on the other inputs, or bends"),
}
"""Unit and meaning of each variable of :func:`morris`; no unit: that of the output."""

SOBOL = {
    "first": ("share", "First-order index: part of the variance that the input makes alone"),
    "first_error": ("share", "Half of its 95 per cent interval, from the sample"),
    "total": ("share", "Total index: part of the variance that the input makes alone and together with others"),
    "total_error": ("share", "Half of its 95 per cent interval, from the sample"),
}
"""Unit and meaning of each variable of :func:`sobol`."""


def morris(evaluate: Evaluate, inputs: Iterable[Input], *, trajectories: int, seed: int) -> xr.Dataset:
    """Screen inputs by their elementary effects.

    Parameters
    ----------
    evaluate : callable
        From a dict of input values to named outputs, each one number.
    inputs : iterable of Input
        Each moves over four levels from `low` to `high`.
    trajectories : int
        Paths through the grid; each costs one evaluation more than there are inputs.
    seed : int

    Returns
    -------
    xarray.Dataset
        The variables of :data:`MORRIS` over (output, input): Morris 1991, Technometrics 33(2); the mean size is that of
        Campolongo, Cariboni and Saltelli 2007, Environmental Modelling & Software 22(10).

    Raises
    ------
    ValueError
        Listing every fault of the inputs; or if an output is no finite number.
    """
    from SALib.analyze.morris import analyze
    from SALib.sample.morris import sample

    made = checked(inputs)
    problem = _problem(made)
    design = sample(problem, trajectories, num_levels=LEVELS, seed=seed)
    rows = [{one.name: one.level(u) for one, u in zip(made, row, strict=True)} for row in design]
    found = _evaluated(evaluate, rows, made)
    keys = {"mu": "mu", "mu_star": "mu_star", "mu_star_error": "mu_star_conf", "sigma": "sigma"}
    parts = {}
    for output, values in found.items():
        table = analyze(problem, design, values, num_resamples=RESAMPLES, num_levels=LEVELS, seed=seed)
        parts[output] = {name: np.asarray(table[key], dtype=float) for name, key in keys.items()}
    return _labelled(parts, made, MORRIS)


def sobol(evaluate: Evaluate, inputs: Iterable[Input], *, samples: int, seed: int) -> xr.Dataset:
    """Split the variance of outputs among independent inputs.

    Parameters
    ----------
    evaluate : callable
        As for :func:`morris`.
    inputs : iterable of Input
        Sampled independently, each by its `spread`.
    samples : int
        Points of a scrambled Sobol' sequence, a power of 2; each costs two evaluations more than there are inputs.
    seed : int

    Returns
    -------
    xarray.Dataset
        The variables of :data:`SOBOL` over (output, input), and ``variance`` over (output,). Estimators of Saltelli
        and others 2010, Computer Physics Communications 181(2), and of Jansen 1999, as SALib has them; errors by
        bootstrap. An estimate may lie below 0 by its error. NaN for an output that no input moves.

    Raises
    ------
    ValueError
        As :func:`morris`; also if `samples` is no power of 2.
    """
    from SALib.sample.sobol import sample

    if samples < 2 or samples & (samples - 1):
        raise ValueError(f"{samples} samples: give a power of 2, such as 32 or 64")
    made = checked(inputs)
    problem = _problem(made)
    design = sample(problem, samples, calc_second_order=False, seed=seed)
    rows = [{one.name: one.drawn(u) for one, u in zip(made, row, strict=True)} for row in design]
    found = _evaluated(evaluate, rows, made)
    moving = [output for output, values in found.items() if not _still(values)]
    parts = {output: dict.fromkeys(SOBOL, np.full(len(made), np.nan)) for output in found}
    if moving:
        values = np.column_stack([found[output] for output in moving])
        known = indices(values, len(made), resamples=RESAMPLES, seed=seed)
        for output, row in zip(moving, zip(*known, strict=True), strict=True):
            parts[output] = dict(zip(Indices._fields, row, strict=True))
    variance = {output: float(values.var()) for output, values in found.items()}
    about = {"unit": "", "meaning": "Variance of the output over the sample of inputs, in the square of its unit"}
    return _labelled(parts, made, SOBOL).assign(variance=("output", list(variance.values()), about))


def _problem(inputs: Sequence[Input]) -> dict[str, Any]:
    """Return what SALib asks for; places in the range of each input, not values, are sampled."""
    return {"num_vars": len(inputs), "names": [one.name for one in inputs], "bounds": [[0.0, 1.0]] * len(inputs)}


def _still(values: np.ndarray) -> bool:
    """Whether an output does not move, apart from rounding."""
    return bool(np.ptp(values) <= 1e-12 * max(float(np.abs(values).max()), 1e-300))


def _evaluated(
    evaluate: Evaluate, rows: Sequence[Mapping[str, float]], inputs: Sequence[Input]
) -> dict[str, np.ndarray]:
    """Return each output at every row, in the order of the rows.

    Rows that have the inputs of three values in common follow each other: whoever evaluates makes what is dear once.
    """
    dear = [one.name for one in inputs if one.spread == "three"]
    each: dict[int, Mapping[str, ArrayLike]] = {}
    for place in sorted(range(len(rows)), key=lambda n: tuple(rows[n][name] for name in dear)):
        each[place] = evaluate(rows[place])
    found = {name: np.array([float(np.asarray(each[n][name])) for n in range(len(rows))]) for name in each[0]}
    unknown = [name for name, values in found.items() if not np.isfinite(values).all()]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no finite number at some values of the inputs. Give outputs that are")
    return found


def _labelled(
    parts: Mapping[str, Mapping[str, np.ndarray]], inputs: Sequence[Input], known: Mapping[str, tuple[str, str]]
) -> xr.Dataset:
    coords = {"output": list(parts), "input": [one.name for one in inputs]}
    data = {
        name: xr.DataArray(np.array([part[name] for part in parts.values()]), coords, ("output", "input"))
        for name in known
    }
    return told(data, dict(known))
