"""Sensitivity: what moves a forecast, one input at a time, in named sets, by screening and by indices of variance.

Each function takes anything that makes named outputs of a dict of inputs: a fund on common draws, or a formula in a
notebook. An output may be an array over draws; its statistic is then the mean, or the median where that is asked for.

:func:`tornado` moves one input from end to end of its plausible range and leaves the others where they are;
:func:`scenarios` moves several together; both tell the error from the number of draws, paired on common draws.
:func:`morris` and :func:`sobol` move all inputs at once, so that they see what inputs do together.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from actuarial._labels import told
from actuarial._sensitivity_draws import Resampled, reduced
from actuarial._sensitivity_inputs import Input, checked
from actuarial._sensitivity_screens import MORRIS, SOBOL, Evaluate, morris, sobol

__all__ = [
    "CENTRAL",
    "ENDS",
    "MORRIS",
    "QUANTILES",
    "SCENARIOS",
    "SOBOL",
    "TORNADO",
    "Evaluate",
    "Input",
    "morris",
    "reduced",
    "scenarios",
    "sobol",
    "tornado",
]

ENDS = ("low", "high")

CENTRAL = "central"
"""The set in which every input has its central value."""

QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Of the draws of an output under a set of inputs."""

TORNADO = {
    "value": ("", "Statistic of the output with the input at this end, the others at their central values"),
    "value_low": ("", "Lower end of its 95 per cent interval from the number of draws"),
    "value_high": ("", "Upper end of that interval"),
    "difference": ("", "The statistic less that with every input at its central value, on the same draws"),
    "difference_low": ("", "Lower end of the 95 per cent interval of the difference, paired draw by draw"),
    "difference_high": ("", "Upper end of that interval"),
}
"""Unit and meaning of each variable of :func:`tornado`; no unit: that of the output."""

SCENARIOS = {f"set_{name}": about for name, about in TORNADO.items()} | {
    "distribution": ("", "Quantiles of the draws of the output under the set"),
}
"""Unit and meaning of each variable of :func:`scenarios`; no unit: that of the output."""


def tornado(
    evaluate: Evaluate, inputs: Iterable[Input], *, rng: np.random.Generator, medians: Collection[str] = ()
) -> xr.Dataset:
    """Move one input at a time to either end of its range.

    Parameters
    ----------
    evaluate : callable
        From a dict of input values to named outputs, each a number or an array over draws that are the same every
        time. An input that the dict leaves out has the value that the caller gives it.
    inputs : iterable of Input
    rng : numpy.random.Generator
        For the resamples of draws; they are the same for every input.
    medians : collection of str
        Outputs whose statistic is the median of the draws; of the others it is the mean.

    Returns
    -------
    xarray.Dataset
        The variables of :data:`TORNADO` over (output, input, end); ``base``, ``base_low``, ``base_high`` over
        (output,).

    Raises
    ------
    ValueError
        Listing every fault of the inputs.
    """
    made = checked(inputs)
    calm, resampled = _central(made), Resampled(rng, medians)
    base = evaluate(calm)
    cells = {
        (one.name, end): evaluate(calm | {one.name: getattr(one, end)})
        for one in sorted(made, key=lambda one: one.spread == "three")
        for end in ENDS
    }
    rows = {
        output: [[_row(resampled, output, cells[one.name, end], base, medians) for end in ENDS] for one in made]
        for output in base
    }
    coords = {"output": list(base), "input": [one.name for one in made], "end": list(ENDS)}
    values = np.array(list(rows.values()), dtype=float)
    data = {name: xr.DataArray(values[..., n], coords, ("output", "input", "end")) for n, name in enumerate(TORNADO)}
    return told(data, TORNADO).assign(_base(resampled, base, medians))


def scenarios(
    evaluate: Evaluate,
    sets: Mapping[str, Mapping[str, float]],
    inputs: Iterable[Input],
    *,
    rng: np.random.Generator,
    medians: Collection[str] = (),
) -> xr.Dataset:
    """Move several inputs together, beside all of them at their central values.

    Parameters
    ----------
    evaluate, inputs, rng, medians
        As for :func:`tornado`.
    sets : mapping of str to mapping of str to float
        Values of the inputs that move, by the name of the set. The US Trustees' low-cost and high-cost assumptions
        are such sets (Annual Report of the Board of Trustees of the OASDI Trust Funds, section V).

    Returns
    -------
    xarray.Dataset
        The variables of :data:`SCENARIOS` over (output, set) and, of the distribution, (output, set, quantile); the
        first set is :data:`CENTRAL`.

    Raises
    ------
    ValueError
        Listing every fault of the inputs, and every input of a set that there is not.
    """
    made = checked(inputs)
    known = {one.name for one in made}
    strange = [f"{name}: there is no input {key}" for name, one in sets.items() for key in one if key not in known]
    if strange:
        raise ValueError("\n".join(strange))
    calm, resampled = _central(made), Resampled(rng, medians)
    found = {CENTRAL: evaluate(calm)} | {name: evaluate(calm | dict(one)) for name, one in sets.items()}
    base = found[CENTRAL]
    rows = [[_row(resampled, output, one, base, medians) for one in found.values()] for output in base]
    spread = [[np.quantile(np.asarray(one[output], float), QUANTILES) for one in found.values()] for output in base]
    coords = {"output": list(base), "set": list(found)}
    values = np.array(rows, dtype=float)
    names = [name for name in SCENARIOS if name != "distribution"]
    data = {name: xr.DataArray(values[..., n], coords, ("output", "set")) for n, name in enumerate(names)}
    wide = coords | {"quantile": list(QUANTILES)}
    data["distribution"] = xr.DataArray(np.array(spread), wide, ("output", "set", "quantile"))
    return told(data, SCENARIOS)


def _central(inputs: Iterable[Input]) -> dict[str, float]:
    """Return the central value of every input that has one."""
    return {one.name: one.central for one in inputs if not math.isnan(one.central)}


def _row(
    resampled: Resampled,
    output: str,
    found: Mapping[str, ArrayLike],
    base: Mapping[str, ArrayLike],
    medians: Collection[str],
) -> tuple[float, ...]:
    value, beside = (reduced({output: one[output]}, medians)[output] for one in (found, base))
    own = resampled.interval(output, found[output])
    paired = resampled.interval(output, found[output], base[output])
    return (value, *own, value - beside, *paired)


def _base(resampled: Resampled, base: Mapping[str, ArrayLike], medians: Collection[str]) -> dict[str, xr.DataArray]:
    coords = {"output": list(base)}
    intervals = [resampled.interval(name, values) for name, values in base.items()]
    values = list(reduced(base, medians).values())
    parts = {"base": values, "base_low": [low for low, _ in intervals], "base_high": [high for _, high in intervals]}
    meaning = {"base": "Statistic of the output with every input at its central value"}
    return {
        name: xr.DataArray(one, coords, ("output",)).assign_attrs(
            unit="", meaning=meaning.get(name, "End of its 95 per cent interval from the number of draws")
        )
        for name, one in parts.items()
    }
