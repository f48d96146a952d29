"""The measured tables of what was asked of a run, for `measure.py`: the cheapest mix, levers alone, shocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr
from measure_funds import Saved
from measure_mix import FUNDS, PERCENT, head, plain


def cheapest(saved: Saved) -> Iterator[str]:
    """Yield the frontier: the cheapest mix at each probability, what binds, and the choice under a bad case."""
    data = saved("frontier")
    about = data.attrs
    units = dict(zip(data["lever"].values.tolist(), data["lever_unit"].values.tolist(), strict=True))
    yield f"`{about['fund']}` under `{about['scenario']}`, to the end of {about['by']}; cost: {about['weights']};"
    yield f"{about['draws']} draws, {about['tried']} mixes tried. Levers and caps:\n"
    for key, unit in units.items():
        yield f"- `{key}`, {float(data['low'].sel(lever=key)):g} to {float(data['high'].sel(lever=key)):g} ({unit})"
    yield (
        "\n| borne, % | least cost, % |" + "".join(f" `{_short(key)}` |" for key in units) + " reached | unseen draws |"
    )
    yield "|---|---|" + "---|" * (len(units) + 2)
    for target in data["target"].values.tolist():
        one = data.sel(target=target)
        cost = f"{PERCENT * float(one['cost']):.2f}" if float(one["feasible"]) else "none keeps it; the safest"
        mix = " | ".join(f"{float(one['mix'].sel(lever=key)):.4g}" for key in units)
        unseen = "" if np.isnan(one["checked"]) else f"{PERCENT * float(one['checked']):.1f}"
        yield f"| {PERCENT * target:g} | {cost} | {mix} | {PERCENT * float(one['reached']):.1f} | {unseen} |"
    yield from _binding(data.sel(target=about["asked"]))
    if "choice" in data.dims:
        yield from _choices(data, list(units))


def _binding(one: xr.Dataset) -> Iterator[str]:
    bound = one["constraint"].values[one["binding"].values > 0].tolist()
    told = (f"`{name}` ({PERCENT * float(one['shadow_price'].sel(constraint=name)):.3g})" for name in bound)
    yield f"\nBinding at {PERCENT * float(one['target']):g} %, with shadow price in points of cost:"
    yield f"{', '.join(told) or 'none'}."


def _choices(data: xr.Dataset, levers: list[str]) -> Iterator[str]:
    yield f"\nBad case: {data.attrs['bad_case'].replace('_', ' ')}; to keep {PERCENT * data.attrs['asked']:g} %:\n"
    economies = data["economy"].values.tolist()
    heads = [f"`{_short(key)}`" for key in levers] + [f"{e}: {w}" for e in economies for w in ("cost", "empty, %")]
    yield from head(heads, "mix cheapest in")
    for name in data["choice"].values.tolist():
        one = data.sel(choice=name)
        mix = [f"{float(one['choice_mix'].sel(lever=key)):.4g}" for key in levers]
        both = [
            cell
            for e in economies
            for cell in (
                f"{PERCENT * float(one['choice_cost'].sel(economy=e)):.2f}",
                f"{PERCENT * float(one['choice_probability'].sel(economy=e)):.1f}",
            )
        ]
        yield f"| {'least regretted' if name == 'robust' else name} | {' | '.join(mix + both)} |"


def levers_alone(saved: Saved) -> Iterator[str]:
    """Yield how far each lever alone must move."""
    data = saved("breakeven")
    about = data.attrs
    yield f"`{about['fund']}` under `{about['scenario']}`: the value at which the pool is empty by {about['by']}"
    yield f"in at most {PERCENT * about['target']:g} % of {about['draws']} draws:\n"
    yield from head(["unit", "today", "range", "value (95 % interval)", "empty at the ends, %"], "lever")
    for key in data["lever"].values.tolist():
        one = data.sel(lever=key)
        low, high = float(one["low"]), float(one["high"])
        ends = f"{PERCENT * float(one['at_low']):.0f}, {PERCENT * float(one['at_high']):.0f}"
        today = "" if np.isnan(one["present"]) else f"{float(one['present']):g}"
        yield f"| `{key}` | {one['unit'].item()} | {today} | {low:g} to {high:g} | {_met(one)} | {ends} |"


def _met(one: xr.Dataset) -> str:
    if np.isnan(one["value"]):
        return "met more than once" if float(one["within"]) else "none in its range"
    said = f"{float(one['value']):.4g}"
    if np.isfinite(one["interval_low"]) and np.isfinite(one["interval_high"]):
        said += f" ({float(one['interval_low']):.4g} to {float(one['interval_high']):.4g})"
    return said


def shocked(saved: Saved) -> Iterator[str]:
    """Yield what shocks do to the pension and the medical fund, and how large one must be."""
    data = saved("stress")
    at = {fund: _unsure(data.sel(fund=fund)) for fund in FUNDS if fund in data["fund"].values}
    told = [(fund, name) for fund in at for name in data["scenario"].values.tolist()]
    yield f"Empty by a year, % of {data.attrs['draws']} draws; behind it points beside the same draws unshocked (se):\n"
    yield from head([f"{FUNDS[fund]} {at[fund]}, `{name}`" for fund, name in told], "shock")
    for shock in data["shock"].values.tolist():
        parts = (data.sel(shock=shock, fund=fund, scenario=name, at=at[fund]) for fund, name in told)
        yield f"| {shock.replace('_', ' ')} | {' | '.join(_risk(one, calm=shock == 'none') for one in parts)} |"
    if "size" in data:
        yield from _sizes(data)


def _unsure(of_fund: xr.Dataset) -> int:
    """Return the year of which the risk without a shock is least sure: where it is 0 or 1 a shock moves nothing."""
    calm = of_fund["empty"].sel(shock="none")
    far = np.abs(calm - 0.5).mean("scenario")
    return int(far["at"].values[int(np.argmin(far.values))])


def _risk(one: xr.Dataset, *, calm: bool) -> str:
    if np.isnan(one["empty"]):
        return ""
    risk, moved, error = (PERCENT * float(one[name]) for name in ("empty", "empty_difference", "difference_error"))
    return f"{risk:.0f}" if calm else f"{risk:.0f}, {plain(moved, 1)} ({error:.1f})"


def _sizes(data: xr.Dataset) -> Iterator[str]:
    about = data.attrs
    yield f"\nHow large must a shock be for the pool of `{about['reverse_fund']}` under `{about['reverse_scenario']}`"
    yield f"to be empty by {about['reverse_by']} in {PERCENT * about['reverse_target']:g} % of draws?\n"
    yield from head(["unit", "searched", "size", "empty with it, %"], "shock")
    said = {-1.0: "so already at the mild end", 1.0: "not even at the severe end"}
    for shock in data["shock"].values[data["size_high"].notnull().values].tolist():
        one = data.sel(shock=shock)
        found = said.get(float(one["reverse_verdict"]), f"{float(one['size']):.3g}")
        searched = f"{float(one['size_low']):g} to {float(one['size_high']):g}"
        name, unit, risk = shock.replace("_", " "), one["size_unit"].item(), PERCENT * float(one["at_size"])
        yield f"| {name} | {unit} | {searched} | {found} | {risk:.0f} |"


def _short(key: str) -> str:
    """Leave the scheme out of a key."""
    return key.partition(".")[2]


QUESTION_BLOCKS: dict[str, Callable[[Saved], Iterator[str]]] = {
    "cheapest": cheapest,
    "levers_alone": levers_alone,
    "shocked": shocked,
}
"""Tables by the name of their block."""

ANSWERS = {"cheapest": "frontier", "levers_alone": "breakeven", "shocked": "stress"}
"""Command whose answer each block tells of."""
