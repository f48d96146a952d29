"""The measured tables of the mix of money, for `measure.py`: who pays, and what measures, lives and zones get."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr
from measure_funds import Saved, spread

from actuarial.report._alike import alike

AT = (2030, 2050)
PERCENT = 100.0

FUNDS = {"pension": "Pension", "medical": "Medical fund"}

QUANTITIES = {
    "pension_cost_rate": ("Pension: cost rate, % of the base", PERCENT),
    "pension_fiscal_share": ("Pension: transfer, % of budget revenue", PERCENT),
    "pension_replacement": ("Pension: replacement rate, % of rural income", PERCENT),
    "pension_reserve": ("Pension: reserve of the pool, years of outgo", 1.0),
    "medical_cost_rate": ("Medical: cost rate, % of the base", PERCENT),
    "medical_fiscal_share": ("Medical: transfer, % of budget revenue", PERCENT),
    "medical_reimbursement": ("Medical: part of cost that is paid, %", PERCENT),
    "medical_reserve": ("Medical: reserve, years of outgo", 1.0),
    "need_total": ("All funds: need, % of budget revenue", PERCENT),
}
"""What is compared, and by how much it is multiplied for the page."""

BORN = (1952, 1962, 1972, 1982, 1992, 2002)


def who_pays(saved: Saved) -> Iterator[str]:
    """Yield the part of the present value of expenditure that each payer bears."""
    data = saved("payers")["present_share"].mean("some") * PERCENT
    funds = [fund for fund in data["fund"].values.tolist() if bool(data.sel(fund=fund).notnull().any())]
    told = [(fund, name) for fund in funds if fund in FUNDS for name in data["scenario"].values.tolist()]
    yield f"Means of {saved('payers').sizes['some']} draws, % of the present value of all expenditure:\n"
    yield from head([f"{FUNDS[fund]}, `{name}`" for fund, name in told])
    for payer in data["payer"].values.tolist():
        parts = [float(data.sel(fund=fund, scenario=name, payer=payer)) for fund, name in told]
        if np.any(np.abs(parts) >= 0.05):
            yield f"| {payer} | {' | '.join(plain(part, 1) for part in parts)} |"
    sums = (float(data.sel(fund=fund, scenario=name).sum("payer")) for fund, name in told)
    yield f"| all | {' | '.join(f'{part:.1f}' for part in sums)} |"


def worth(saved: Saved) -> Iterator[str]:
    """Yield what each measure adds to the package: alone, last, and in the mean of all orders."""
    data = saved("attribution")
    for fund in data["fund"].values.tolist():
        one = data.sel(fund=fund)
        one = one.sel(measure=one["shapley"].notnull().any("statistic"))
        shown = [_unsettled(one), "fiscal"]
        titles = {"fiscal": "budgets, % of revenue"} | {s: f"empty by {s[-4:]}, points" for s in shown[:1]}
        yield f"\n{FUNDS[fund]}, means of {data.attrs['draws']} draws; `{data.attrs['scenario']}` against no measure:\n"
        yield from head([f"{titles[s]}: {how}" for s in shown for how in ("alone", "last", "Shapley (se)")])
        for name in one["measure"].values.tolist():
            cells = (cell for s in shown for cell in _values_of(one.sel(measure=name, statistic=s)))
            yield f"| `{name}` | {' | '.join(cells)} |"
        whole = (f" | | {plain(PERCENT * float(one['package'].sel(statistic=s)), 2)} |" for s in shown)
        yield f"| all together |{''.join(whole)}"
        yield from _strongest(one, shown[0], titles[shown[0]])


def _unsettled(one: xr.Dataset) -> str:
    """Return the probability on which measures differ most: one that is 0 or 1 whatever is done tells nothing."""
    names = [name for name in one["statistic"].values.tolist() if name.startswith("empty")]
    return max(names, key=lambda name: float(np.abs(one["shapley"].sel(statistic=name)).sum()))


def _values_of(one: xr.Dataset) -> Iterator[str]:
    yield from (plain(PERCENT * float(one[name]), 2) for name in ("alone", "marginal"))
    yield f"{plain(PERCENT * float(one['shapley']), 2)} ({PERCENT * float(one['draw_error']):.2f})"


def _strongest(one: xr.Dataset, statistic: str, title: str) -> Iterator[str]:
    """Yield the two measures that change each other's worth most, where all sets were valued."""
    if "interaction" not in one:
        return
    table = one["interaction"].sel(statistic=statistic, other=one["measure"].values)
    size = np.abs(table.fillna(0.0).values)
    first, second = np.unravel_index(int(size.argmax()), size.shape)
    pair = [one["measure"].values[place] for place in (first, second)]
    said = plain(PERCENT * float(table.values[first, second]), 2)
    yield f"\nStrongest interaction ({title}): `{pair[0]}` with `{pair[1]}`, {said}."


def compared(saved: Saved) -> Iterator[str]:
    """Yield every scenario beside the baseline, and what pairing is worth."""
    data, year = saved("paired"), 2050
    names = [name for name in data["scenario"].values.tolist() if name != data.attrs["baseline"]]
    yield f"{year}, less `{data.attrs['baseline']}` in the same draw; median and 80 % interval:\n"
    heads = ("difference", "better in", "variance ratio")
    yield from head([f"`{name}`: {told}" for name in names for told in heads])
    for quantity, (title, scale) in QUANTITIES.items():
        if quantity in data["quantity"].values:
            one = data.sel(quantity=quantity, at=year)
            cells = (cell for name in names for cell in _beside(one.sel(scenario=name), scale))
            yield f"| {title} | {' | '.join(cells)} |"
    for fund in data["fund"].values.tolist():
        cells = (cell for name in names for cell in _lasting(data.sel(fund=fund, scenario=name), year))
        yield f"| {FUNDS[fund]}: empty by {year}, points; lasts longer in | {' | '.join(cells)} |"


def _beside(one: xr.Dataset, scale: float) -> Iterator[str]:
    low, middle, high = (scale * float(one["difference"].sel(quantile=q)) for q in (0.1, 0.5, 0.9))
    same = low == high == 0.0
    yield "the same" if same else f"{plain(middle, 1)} ({plain(low, 1)} to {plain(high, 1)})"
    yield "" if same else f"{PERCENT * float(one['wins']):.0f} %"
    yield "" if same else f"{float(one['variance_ratio']):.2f}"


def _lasting(one: xr.Dataset, year: int) -> Iterator[str]:
    moved, error = (PERCENT * float(one[name].sel(at=year)) for name in ("empty_difference", "empty_error"))
    yield f"{plain(moved, 1)} (se {error:.1f})"
    yield f"{PERCENT * float(one['depletion_wins']):.0f} %"
    yield ""


def lives(saved: Saved) -> Iterator[str]:
    """Yield what generations get from the pension."""
    data = saved("generations")
    groups = alike(data, ["transfer_in_income", "internal_rate"])
    names = [group[0] for group in groups]
    yield f"Medians and 80 % intervals of {data.sizes['some']} draws; births of five years around:\n"
    heads = ("net transfer, years of rural income", "internal rate, %")
    yield from head([f"{', '.join(f'`{n}`' for n in group)}: {told}" for group in groups for told in heads], "born")
    for born in BORN:
        one = data.sel(born=born).rename(some="draw")
        cells = (cell for name in names for cell in _of_births(one.sel(scenario=name)))
        yield f"| {born} | {' | '.join(cells)} |"


def _of_births(one: xr.Dataset) -> Iterator[str]:
    yield spread(one["transfer_in_income"], 1)
    known = one["internal_rate"].dropna("draw")
    yield spread(PERCENT * known, 1) if known.size * 2 > one.sizes["draw"] else "not seen"


def by_zone(saved: Saved) -> Iterator[str]:
    """Yield what zones get and give, and the east over the west."""
    data = saved("zones").rename(some="draw")
    names = data["scenario"].values.tolist()
    first = int(data["year"][0])
    yield f"`{names[0]}` in {first}, medians of {data.sizes['draw']} draws:\n"
    zones = data["zone"].values.tolist()
    yield from head(zones)
    for fund in data["fund"].values.tolist():
        at = data.sel(scenario=names[0], fund=fund, year=first)
        for name, title, scale in (
            ("benefit_per_head", "benefits, yuan a head", 1.0),
            ("transfer_per_head", "all budgets, yuan a head", 1.0),
            ("central_share", "of it the central budget, %", PERCENT),
            ("net_received_per_head", "central money on balance, yuan a head", 1.0),
        ):
            middle = scale * at[name].median("draw")
            yield f"| {FUNDS[fund]}: {title} | {' | '.join(plain(float(middle.sel(zone=z)), 0) for z in zones)} |"
    yield "\nEast over west, medians and 80 % intervals:\n"
    yield from head([f"`{name}` {year}" for name in names for year in AT])
    for fund in data["fund"].values.tolist():
        for name, title in (("east_west_benefit", "benefits a head"), ("east_west_transfer", "budgets a head")):
            cells = (spread(data[name].sel(scenario=s, fund=fund, year=year), 2) for s in names for year in AT)
            yield f"| {FUNDS[fund]}: {title} | {' | '.join(cells)} |"


def head(cells: list[str], first: str = "") -> Iterator[str]:
    """Yield the head of a table."""
    yield f"| {first} | {' | '.join(cells)} |"
    yield "|---|" + "---|" * len(cells)


def plain(value: float, digits: int) -> str:
    """Write a number; one that rounds to nothing has no sign."""
    return f"{round(value, digits) + 0.0:.{digits}f}"


MIX_BLOCKS: dict[str, Callable[[Saved], Iterator[str]]] = {
    "who_pays": who_pays,
    "worth": worth,
    "compared": compared,
    "lives": lives,
    "by_zone": by_zone,
}
"""Tables by the name of their block."""
