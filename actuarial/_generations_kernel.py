"""The compiled loop of the accounts once more, each cohort's flows in a place of their own."""

from __future__ import annotations

import numba
import numpy as np

from actuarial._accounts_kernel import Law, World, _cohort

# ruff: noqa: PLR0917 - compiled functions take plain numbers by position

Array = np.ndarray


@numba.njit(cache=True, parallel=True)
def carry_apart(
    people: Array,
    mortality: Array,
    factors: Array,
    paths: Array,
    ported_in: Array,
    start: Array,
    law: Law,
    flows: Array,
) -> None:
    """Carry every cohort of every draw; add to `flows` (draw, sex, cohort, flow, year), the oldest cohort first."""
    sexes, ages, years = people.shape[1:]
    for draw in numba.prange(flows.shape[0]):
        kept, nowhere = np.full(years, -1), np.zeros((ages, 0))
        for sex in range(sexes):
            world = World(
                people[draw % people.shape[0], sex],
                mortality[draw % mortality.shape[0], sex],
                factors[draw % factors.shape[0]],
                paths[draw],
                ported_in[draw % ported_in.shape[0], sex],
                start[draw, :, sex],
                kept,
            )
            for cohort in range(ages + years - 1):
                _cohort(ages - 1 - cohort, world, law, flows[draw, sex, cohort], nowhere)
