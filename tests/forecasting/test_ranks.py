"""Rank-based simulation calibration: the models are fitted to figures that they made themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.models import fertility, medical, membership, mortality, ranks, unemployment
from forecasting.projection import Fits
from forecasting.sources import Tables
from tests.forecasting import people_by_hand

REPLICATIONS = 100
FALSE_ALARM = 0.01
"""Chance that a right model fails, over all its quantities together (Bonferroni)."""


def assert_even(ranked: pd.DataFrame) -> None:
    p = ranks.evenness(ranked)
    assert p.min() * len(p) > FALSE_ALARM, p.sort_values().head()


@pytest.mark.long
def test_truths_of_fertility_rank_evenly_among_their_posteriors(tables: Tables) -> None:
    assert_even(ranks.ranks(fertility, fertility.inputs(tables), REPLICATIONS, seed=1))


@pytest.mark.long
def test_truths_of_mortality_rank_evenly_among_their_posteriors(tables: Tables) -> None:
    assert_even(ranks.ranks(mortality, mortality.inputs(tables), REPLICATIONS, seed=1))


@pytest.mark.long
def test_truths_of_membership_rank_evenly_among_their_posteriors(fits: Fits) -> None:
    ranked = ranks.ranks(membership, fits.inputs["membership"], REPLICATIONS, seed=1)
    # The contribution enters as a potential, which makes no figures: nothing can be said of its parameters.
    assert_even(ranked.loc[:, ~ranked.columns.str.startswith("contribution")])


@pytest.mark.long
def test_truths_of_medical_rank_evenly_among_their_posteriors(tables: Tables) -> None:
    inputs = medical.inputs(tables, people_by_hand.nation(tables))
    assert_even(ranks.ranks(medical, inputs, REPLICATIONS, seed=1))


@pytest.mark.long
def test_truths_of_unemployment_rank_evenly_among_their_posteriors(tables: Tables) -> None:
    inputs = unemployment.inputs(tables, people_by_hand.nation(tables).sum("sex"))
    assert_even(ranks.ranks(unemployment, inputs, REPLICATIONS, seed=1))


@pytest.mark.slow
def test_a_model_that_did_not_make_the_figures_is_found_out(tables: Tables) -> None:
    true = fertility.inputs(tables)
    wrong = fertility.inputs(tables, fertility.Priors(noise=0.015, noise_log_sd=0.05))
    p = ranks.evenness(ranks.ranks(fertility, true, 40, seed=1, fitted_to=wrong))
    assert p["sigma[0]"] < 1e-6
    # What the wrong prior has no part in is still even.
    assert p["mean_age_drift"] > FALSE_ALARM


def test_ranks_that_are_all_alike_are_even_and_a_heap_is_not() -> None:
    even = np.arange(ranks.RANKED + 1)
    heap = 40 + even // 5
    p = ranks.evenness(pd.DataFrame({"even": even, "heap": heap}))
    assert p["even"] == 1.0
    assert p["heap"] < 1e-6
