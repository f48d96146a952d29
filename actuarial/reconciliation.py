"""Reconciliation: from the previous valuation to this one, step by step, adding up exactly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from actuarial import trial
from actuarial._inputs import taken
from actuarial._labels import told
from actuarial._reconciliation_ends import ends_of
from actuarial._reconciliation_experience import experience
from actuarial._reconciliation_saved import FUNDS, saved_outputs
from actuarial._reconciliation_states import Ends, State, Step, base_year, states
from actuarial._sensitivity_draws import Resampled, reduced
from actuarial._sensitivity_outputs import OUTPUTS, outputs_of
from actuarial.progress import Progress, Silent
from actuarial.report.reconciliation import Reconciled
from actuarial.rules import Rules, Scheme
from forecasting import projection as people
from forecasting.models.sampling import stream

__all__ = ["RECONCILIATION", "YEARS", "Reconciled", "reconcile"]

YEARS = (2035, 2050)
"""Years of the outputs, as far as both valuations reach; the last year that both have where they reach none."""

LEFT_OUT = ("actuarial_balance",)
"""Outputs of a sensitivity analysis that the saved results of a run do not tell year by year."""

MEDIANS = tuple(name for name in OUTPUTS if name != "empty")
"""Outputs that are told by their median: a rate has draws in which hardly anybody is left to pay, and no mean to speak
of. The probability is the share of draws."""

RECONCILIATION = {
    "value": ("", "Probability, or median over draws, of the output after the step"),
    "change": ("", "What the step adds to it; all steps together lead from the old valuation to the new one"),
    "change_low": ("", "Lower end of the 95 per cent interval of the change, paired draw by draw"),
    "change_high": ("", "Upper end of that interval"),
}
"""Unit and meaning of each variable of the table; no unit: that of the output."""

Draws = dict[tuple[str, str, int], dict[str, np.ndarray]]
"""Outputs by scenario, fund and year, draw by draw."""


def reconcile(old: Path, new: Path, *, force: bool = False, report: Progress | None = None) -> Reconciled:
    """Lead from one valuation to another.

    Parameters
    ----------
    old, new : pathlib.Path
        Folders of results, from `actuarial.valuation.run`. Posteriors are looked for, and kept, beside them.
    force : bool
        Go on where a model did not converge.
    report : Progress, optional

    Returns
    -------
    Reconciled

    Raises
    ------
    actuarial.runfile.RunFaults
        Listing all that keeps the two from being compared: inputs that a folder does not keep, regions, countries,
        no scenario in common.
    forecasting.artefacts.ArtefactError
        If saved results are missing or broken.
    forecasting.models.sampling.GateError
        If a model did not converge and `force` is false.

    Notes
    -----
    The annual reports of the OASDI Trustees of the United States tell the reasons for change in the actuarial balance
    since the last report in this manner, for a single course; the order here is our own: method, figures, experience,
    models, assumptions, law. Another order gives other parts of the same sum, as in every analysis of change. Intervals
    are those of the number of draws.
    """
    report = report or Silent()
    with taken(old) as before, taken(new) as after:
        ends = ends_of(before, after, (old, new), report, force=force)
        last = min(before.run.last_year, after.run.last_year)
        years = [year for year in YEARS if year <= last] or [last]
        found: dict[Step, Draws] = {Step("opening"): saved_outputs(old, ends.scenarios, years)}
        for state in states(ends):
            with report.step(state.step.key):
                found[state.step] = _outputs(state, years)
        found[Step("rest")] = saved_outputs(new, ends.scenarios, years)
        table = _table(found, years, stream(after.run.seed, "reconciliation"))
        with report.step("experience"):
            came = experience(ends)
    about = {
        "draws": [before.settings.draws, after.settings.draws],
        "base_year": [base_year(fits.tables) for fits in (ends.before, ends.after)],
        "last_year": [before.run.last_year, after.run.last_year],
    }
    return Reconciled(
        table.assign_attrs(about),
        came,
        {name: (after.scenarios[name].title, after.scenarios[name].title_zh) for name in ends.scenarios},
        *_unmatched(ends),
    )


def _unmatched(ends: Ends) -> tuple[list[str], list[str]]:
    both = ends.scenarios
    old, new = ([name for name in one.scenarios if name not in both] for one in (ends.old, ends.new))
    return old, new


def _outputs(state: State, years: list[int]) -> Draws:
    projection = people.forecast(state.fits, state.last_year)
    own = people.for_schemes(state.fits, projection, FUNDS)
    world = trial.referred(trial.World(projection, own, state.fits.tables), state.cases.values()).remembering()
    return {
        (name, fund, year): _of_fund(world, fund, case.rules, year)
        for name, case in state.cases.items()
        for fund in FUNDS
        if fund in case.schemes
        for year in years
    }


def _of_fund(world: trial.World, fund: Scheme, rules: Rules, year: int) -> dict[str, np.ndarray]:
    return {name: v for name, v in outputs_of(world, fund, rules, year).items() if name not in LEFT_OUT}


def _table(found: Mapping[Step, Draws], years: list[int], rng: np.random.Generator) -> xr.Dataset:
    steps = list(found)
    closing = found[steps[-1]]
    places = [place for place in closing if all(place in one for one in found.values())]
    scenarios, funds = ([str(one) for one in dict.fromkeys(place[n] for place in places)] for n in (0, 1))
    outputs = [name for name in OUTPUTS if any(name in closing[place] for place in places)]
    coords = {
        **{"scenario": np.array(scenarios), "fund": np.array(funds), "output": np.array(outputs)},
        **{"at": np.array(years), "step": np.array([step.key for step in steps])},
    }
    data = {name: np.full([len(labels) for labels in coords.values()], np.nan) for name in RECONCILIATION}
    resampled = Resampled(rng, MEDIANS)
    for scenario, fund, year in places:
        for output in closing[scenario, fund, year]:
            paths = [one[scenario, fund, year][output] for one in found.values()]
            at = (scenarios.index(scenario), funds.index(fund), outputs.index(output), years.index(year))
            for n, values in enumerate(paths):
                row = _row(resampled, output, values, paths[n - 1] if n else None)
                for name, value in zip(RECONCILIATION, row, strict=True):
                    data[name][(*at, n)] = value
    arrays = {name: xr.DataArray(values, coords, tuple(coords)) for name, values in data.items()}
    return told(arrays, RECONCILIATION).assign_coords(
        unit=("output", [OUTPUTS[name][0] for name in outputs]),
        kind=("step", [step.kind for step in steps]),
        name=("step", [step.name for step in steps]),
    )


def _row(resampled: Resampled, output: str, values: np.ndarray, before: np.ndarray | None) -> tuple[float, ...]:
    """Return value, change and the interval of the change; draws of two numbers cannot be paired."""
    value = reduced({output: values}, MEDIANS)[output]
    if before is None or np.array_equal(values, before):
        return value, 0.0, 0.0, 0.0
    change = value - reduced({output: before}, MEDIANS)[output]
    if values.shape != before.shape:
        return value, change, np.nan, np.nan
    return value, change, *resampled.interval(output, values, before)
