"""What is wrong with an array that somebody gave: its shape, its range, what is missing in it."""

from __future__ import annotations

import math

import numpy as np

FREE = (-math.inf, math.inf)
"""Limits of what may be any finite number."""

NOT_NEGATIVE = (0.0, math.inf)
"""Limits of people and rates."""


def array_faults(name: str, array: np.ndarray, shape: tuple[int, ...], limits: tuple[float, float]) -> list[str]:
    """List what is wrong with one array.

    Parameters
    ----------
    name : str
        For a reader.
    array : numpy.ndarray
    shape : tuple of int
        Expected.
    limits : tuple of float
        Least and greatest value allowed.

    Returns
    -------
    list of str
    """
    faults = [] if array.shape == shape else [f"{name} has shape {array.shape}: expected {shape}"]
    if not array.size:
        return faults
    least, most = float(array.min()), float(array.max())  # both are NaN where any value is
    if not (math.isfinite(least) and math.isfinite(most)):
        faults.append(f"{name} has values that are missing or not finite")
    elif least < limits[0] or most > limits[1]:
        faults.append(f"{name} runs from {least:g} to {most:g}: allowed is {limits[0]:g} to {limits[1]:g}")
    return faults
