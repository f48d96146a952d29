"""Simulation-based calibration: truths drawn from the prior, ranked among the draws of their posteriors.

If prior, likelihood and sampler are one and the same model, the rank of a truth among draws of the posterior of the
figures that it made is as likely to be any as any other (Cook, Gelman and Rubin 2006, Journal of Computational and
Graphical Statistics 15(3); Talts et al. 2018, arXiv:1804.06788). A model is compiled once: its figures become shared
data, and each replication exchanges them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from forecasting.models.sampling import simulate, stream, thin

if TYPE_CHECKING:
    import pymc as pm

    from forecasting.models.sampling import Inputs, ModelModule

RANKED = 99
"""Draws that a truth is ranked among: ranks 0 to 99, which ten bins hold evenly."""

BINS = 10
SEEN = "{}_seen"
CHAINS, TUNE, KEPT, TARGET = 2, 1000, 1000, 0.9
"""Chains of 300 draws were too short: what they had not yet forgotten made the ranks of fertility uneven."""


def ranks(
    module: ModelModule,
    inputs: Inputs,
    replications: int,
    seed: int,
    *,
    fitted_to: Inputs | None = None,
    report: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Rank truths drawn from the prior of a model among the draws of their posteriors.

    Parameters
    ----------
    module : module
        One of `forecasting.models`. Figures that enter it as a potential have no part in this: what is learned from
        them alone must be left out by the caller.
    inputs : mapping of str to numpy.ndarray
        Inputs of the model, whose prior draws the truths and whose shapes the simulated figures take.
    replications : int
        How many truths.
    seed : int
        Seed of truths, figures and samplers.
    fitted_to : mapping, optional
        Inputs of the model that is fitted, where it shall not be the one that made the figures: to see that a wrong
        model is found out.
    report : callable, optional
        Told the number of replications done.

    Returns
    -------
    pandas.DataFrame of int
        Rank of the truth, 0 to `RANKED`, by replication and quantity: each scalar of ``KEEP``, and the first and
        last element of the others.
    """
    model = module.build(inputs if fitted_to is None else fitted_to)
    names = [variable.name for variable in model.observed_RVs]
    compiled = _compiled(model)
    truths = simulate(module.build, inputs, [*module.KEEP, *names], seed, replications)
    rows = []
    for one in range(replications):
        truth = truths.isel(draw=one)
        draws = _posterior(compiled, {name: truth[name].values for name in names}, module, seed + one)
        rows.append(_row(truth, draws, module.KEEP))
        if report is not None:
            report(one + 1)
    return pd.DataFrame(rows).rename_axis("replication")


def _compiled(model: pm.Model) -> Any:
    """Compile a model whose observed figures can be exchanged."""
    import nutpie
    import pytensor

    for variable in model.observed_RVs:
        constant = model.rvs_to_values[variable]
        values = np.asarray(constant.data, dtype=float)
        shared = pytensor.shared(values, name=SEEN.format(variable.name), shape=values.shape)
        del model.values_to_rvs[constant]
        model.rvs_to_values[variable], model.values_to_rvs[shared] = shared, variable
    return nutpie.compile_pymc_model(model, backend="numba")


def _posterior(compiled: Any, figures: dict[str, np.ndarray], module: ModelModule, seed: int) -> xr.Dataset:
    import nutpie

    from forecasting.models.whitening import whiten

    own = int(stream(seed, module.NAME).integers(2**31))
    # np.array, because a scalar must stay an array of rank 0.
    given = {SEEN.format(name): np.array(values, dtype=float, order="C") for name, values in figures.items()}
    for variable in compiled.shared_var_keys:
        # The mode is found by a function that reads the variable itself; the sampler reads what `with_data` holds.
        variable.set_value(given[variable.name])
    whitened = whiten(compiled.with_data(**given), own, held=True)
    settings = {"draws": KEPT, "tune": TUNE, "chains": CHAINS, "cores": CHAINS, "target_accept": TARGET}
    trace = nutpie.sample(whitened, seed=own, progress_bar=False, **settings)
    return thin(trace["posterior"].to_dataset()[list(module.KEEP)], RANKED)


def _row(truth: xr.Dataset, draws: xr.Dataset, names: tuple[str, ...]) -> dict[str, int]:
    row = {}
    for name in names:
        true, drawn = np.ravel(truth[name].values), draws[name].values.reshape(RANKED, -1)
        for place in dict.fromkeys((0, true.size - 1)):
            key = name if true.size == 1 else f"{name}[{place}]"
            row[key] = int((drawn[:, place] < true[place]).sum())
    return row


def evenness(ranked: pd.DataFrame) -> pd.Series:
    """Test whether every rank is as likely as any other.

    Parameters
    ----------
    ranked : pandas.DataFrame of int
        From `ranks`.

    Returns
    -------
    pandas.Series of float
        By quantity, the p-value of a chi-square test over `BINS` bins of equal width.
    """
    edges = np.linspace(0, RANKED + 1, BINS + 1)
    counts = {name: np.histogram(values, edges)[0] for name, values in ranked.items()}
    return pd.Series({name: float(stats.chisquare(found).pvalue) for name, found in counts.items()}, name="p")
