"""Invented results of the financing mix, consistent with each other; the figures are nobody's."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr

from actuarial import paired
from actuarial.report._mix_kinds import ASKED, PARENTS
from forecasting import artefacts
from tests.actuarial.report_fixture_axes import SCENARIOS, YEARS

SOME = 30
FUNDS = ("pension", "medical", "unemployment", "time_bank")
PAYERS = (
    *("members", "centre", "province", "county", "land", "collective", "donations", "platform", "other"),
    *("deposits", "market", "reserve", "emergency", "cut"),
)
ZONES = ("east", "centre", "west", "northeast")
AT = (2035, 2050, 2075)
MEASURES = {"land": ("Land withdrawal", "土地出让收入提取"), "invest": ("Market investment", "市场化投资")}
MEASURES |= {"index": ("Indexation to prices", "养老金挂钩物价"), "care": ("65% of hospital stays", "住院报销 65%")}
QUANTITIES = {
    "pension_cost_rate": ("share", "lower"),
    "pension_fiscal_share": ("share of budget revenue", "lower"),
    "pension_replacement": ("share", "higher"),
    "pension_reserve": ("years of outgo", "higher"),
    "medical_cost_rate": ("share", "lower"),
    "medical_reserve": ("years of outgo", "higher"),
    "need_total": ("share of budget revenue", "lower"),
    "medical_fiscal_share": ("share of budget revenue", "lower"),
    "medical_reimbursement": ("share", "higher"),
}
SHOCKS = ("none", "lost_land_decade", "market_crash", "inflation_1988", "young_leave", "longer_lives", "low_fertility")


@cache
def mix_results() -> dict[str, xr.Dataset]:
    """Return every kind behind the chapter, each from a stream of its own."""
    makers = (payers, paired_results, attribution, generations, zones, frontier, breakeven, stress)
    names = ("payers", "paired", "attribution", "generations", "zones", "frontier", "breakeven", "stress")
    streams = (np.random.default_rng(seed) for seed in range(101, 109))
    return {name: make(rng) for name, make, rng in zip(names, makers, streams, strict=True)}


def add_mix(folder: Path) -> Path:
    """Add every kind to a folder of results, as a run and its later questions do, and return the folder."""
    record = folder / "manifest.json"
    manifest = json.loads(record.read_text(encoding="utf-8"))
    for kind, data in mix_results().items():
        files = {name: folder / f"{name}.nc" for name in PARENTS[kind]}
        above = {f"parent_{name}": artefacts.digest(file) for name, file in files.items() if file.exists()}
        artefacts.save(data.assign_attrs(above), folder / f"{kind}.nc", kind)
        if kind not in ASKED:
            manifest["inputs"][f"{kind}.nc"] = artefacts.digest(folder / f"{kind}.nc")
    record.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    return folder


def named(data: xr.Dataset, unit: str = "share", **units: str) -> xr.Dataset:
    """Give every variable a unit and a meaning."""
    for name in data.data_vars:
        data[name].attrs = {"unit": units.get(str(name), unit), "meaning": str(name).replace("_", " ").capitalize()}
    return data


def payers(rng: np.random.Generator) -> xr.Dataset:
    """Return ``payers.nc``: parts of an expenditure of a trillion, the reserve taking in what the others overpay."""
    shape = (len(SCENARIOS), len(FUNDS), len(PAYERS), SOME, YEARS.size)
    t = (YEARS - YEARS[0]) / 74.0
    level = {"members": 0.20 - 0.1 * t, "centre": 0.4 + 0.1 * t, "province": 0.14 + 0 * t, "county": 0.1 + 0.02 * t}
    level |= {"land": 0.03 * t, "collective": 0.01 + 0 * t, "deposits": 0.06 - 0.04 * t, "market": 0.05 - 0.03 * t}
    share = np.zeros(shape)
    for place, payer in enumerate(PAYERS):
        spread = rng.normal(0.0, 0.08 if payer == "market" else 0.01, (SOME, YEARS.size)) * (payer in level)
        share[:, :, place] = level.get(payer, 0.0 * t) + spread
    share[:, :, PAYERS.index("land")] *= np.array([0.0, 0.0, 3.0])[:, None, None, None]
    rest = 1.0 - share.sum(axis=2)
    share[:, :, PAYERS.index("reserve")] = np.where(t < 0.35, rest, np.minimum(rest, 0.0))
    share[:, :, PAYERS.index("emergency")] = np.where(t < 0.35, 0.0, np.maximum(rest, 0.0))
    money = share * 1e12 * np.exp(0.05 * (YEARS - 2026.0) + rng.normal(0, 0.05, (SOME, 1)))
    lacking = ~np.array([[n < 2 or s == "package" for n, _ in enumerate(FUNDS)] for s in SCENARIOS])
    money[lacking] = np.nan
    coords = {"scenario": list(SCENARIOS), "fund": list(FUNDS), "payer": list(PAYERS), "year": YEARS}
    dims = ("scenario", "fund", "payer", "some", "year")
    worth = money.sum(axis=-1)
    data = xr.Dataset(
        {
            "paid": (dims, money.astype(np.float32)),
            "paid_mean": (("scenario", "fund", "payer", "year"), money.mean(axis=3)),
            "present_share": (dims[:-1], worth / worth.sum(axis=2, keepdims=True)),
        },
        coords,
    )
    return named(data, "yuan", present_share="share of expenditure")


def paired_results(rng: np.random.Generator) -> xr.Dataset:
    """Return ``paired.nc``, compared by `actuarial.paired` from invented draws."""
    made = [_quantity(name, rng) for name in QUANTITIES]
    data = xr.concat(made, xr.DataArray(list(QUANTITIES), dims="quantity", name="quantity"), join="exact")
    kept = ("difference", "mean_difference", "standard_error", "variance_ratio", *paired.WINS)
    data = data[list(kept)].assign_coords(
        unit=("quantity", [unit for unit, _ in QUANTITIES.values()]),
        better=("quantity", [better for _, better in QUANTITIES.values()]),
    )
    shape = (len(SCENARIOS), len(FUNDS), len(AT))
    change = np.zeros(shape)
    change[1, 0], change[2, 0], change[2, 1] = (0.1, 0.3, 0.45), (-0.05, 0.12, 0.2), (-0.3, -0.2, -0.1)
    change[:2, 2:] = np.nan
    lasts = np.full(shape[:2], np.nan)
    lasts[1:, 0], lasts[1:, 1] = (0.04, 0.3), (0.0, 0.8)
    data = data.assign_coords(fund=list(FUNDS)).assign(
        empty_difference=(("scenario", "fund", "at"), change),
        empty_error=(("scenario", "fund", "at"), 0.01 + 0.05 * abs(change)),
        depletion_wins=(("scenario", "fund"), lasts),
    )
    return named(data).assign_attrs(baseline="law")


def _quantity(name: str, rng: np.random.Generator) -> xr.Dataset:
    unit, better = QUANTITIES[name]
    size = 0.1 if unit.startswith("share") else 2.0
    common = rng.normal(size, 0.3 * size, (1, 400, 3))
    step = np.array([0.0, -0.1, 0.15])[:, None, None] * size * np.array([1.0, 2.0, 3.0])
    own = rng.normal(0.0, 0.08 * size, (3, 400, 3)) * np.array([0.0, 1.0, 1.0])[:, None, None]
    coords = {"scenario": list(SCENARIOS), "draw": np.arange(400), "at": list(AT)}
    values = xr.DataArray(common + step + own, coords, ("scenario", "draw", "at"), attrs={"unit": unit})
    return paired.compare(values, "law", better)  # type: ignore[arg-type]


def attribution(rng: np.random.Generator) -> xr.Dataset:
    """Return ``attribution.nc`` of a game of single effects and pairs: its Shapley values are known in closed form."""
    statistics = ("empty_2035", "empty_2050", "empty_2075", "fiscal", "members")
    shape = (2, len(statistics), len(MEASURES))
    alone = rng.normal(0.0, 0.05, shape) * np.array([2.0, 2.0, 2.0, 0.2, 0.1])[:, None]
    pair = rng.normal(0.0, 0.03, (*shape, len(MEASURES)))
    pair = np.triu(pair, 1) + np.swapaxes(np.triu(pair, 1), -1, -2)
    alone[0, :, 3] = np.nan
    alone[1, :, :3] = np.nan
    both = np.isfinite(alone)[..., None] & np.isfinite(alone)[..., None, :]
    pair = np.where(both, pair, 0.0)
    coords = {"fund": ["pension", "medical"], "statistic": list(statistics), "measure": list(MEASURES)}
    dims = ("fund", "statistic", "measure")
    shapley, marginal = alone + 0.5 * pair.sum(-1), alone + pair.sum(-1)
    parts = {"alone": alone, "shapley": shapley, "marginal": marginal}
    parts |= {"order_error": 0.0 * alone, "draw_error": 0.0 * alone + 0.004}
    parts |= {"least": alone + pair.clip(max=0.0).sum(-1), "largest": alone + pair.clip(min=0.0).sum(-1)}
    data = xr.Dataset({name: (dims, values) for name, values in parts.items()}, coords)
    data["package"] = (dims[:2], np.nansum(shapley, axis=-1))
    data["interaction"] = ((*dims, "other"), np.where(both, pair, np.nan))
    data = data.assign_coords(
        other=list(MEASURES),
        title_en=("measure", [en for en, _ in MEASURES.values()]),
        title_zh=("measure", [zh for _, zh in MEASURES.values()]),
    )
    return named(data).assign_attrs(scenario="package")


def generations(rng: np.random.Generator) -> xr.Dataset:
    """Return ``generations.nc``: early cohorts gain most."""
    born = np.arange(1942, 2013, 5)
    gain = 3.0 - 2.5 * (born - 1942) / 70 + rng.normal(0.0, 0.3, (SOME, born.size))
    income = gain + np.array([0.0, -0.4, 0.6])[:, None, None]
    coords = {"scenario": list(SCENARIOS), "born": born}
    dims = ("scenario", "some", "born")
    data = xr.Dataset({"transfer_in_income": (dims, income), "transfer_per_member": (dims, 23e3 * income)}, coords)
    return named(data, "years of rural income", transfer_per_member="yuan per member")


def zones(rng: np.random.Generator) -> xr.Dataset:
    """Return ``zones.nc``: the east gets more, the west more of it from the centre."""
    coords = {"scenario": list(SCENARIOS), "fund": ["pension", "medical"], "zone": list(ZONES), "year": YEARS}
    dims = ("scenario", "fund", "zone", "some", "year")
    shape = (len(SCENARIOS), 2, len(ZONES), SOME, YEARS.size)
    rise = np.exp(0.03 * (YEARS - 2026.0)) * np.exp(rng.normal(0.0, 0.05, (SOME, 1)))
    rich = np.array([1.6, 1.0, 0.9, 1.1])[:, None, None]
    level = np.array([1.0, 1.0, 1.15])[:, None, None, None, None]
    benefit = 2500.0 * rich * rise * level * np.ones(shape)
    central = np.array([0.4, 0.75, 0.8, 0.7])[:, None, None] * np.ones(shape)
    parts = {"benefit_per_head": benefit, "transfer_per_head": 0.7 * benefit, "central_share": central}
    data = xr.Dataset({name: (dims, values) for name, values in parts.items()}, coords)
    ratio = data["benefit_per_head"].sel(zone="east", drop=True) / data["benefit_per_head"].sel(zone="west", drop=True)
    data = data.assign(east_west_benefit=ratio, east_west_transfer=ratio)
    units = dict.fromkeys(("benefit_per_head", "transfer_per_head"), "yuan per head and year")
    return named(data, "share", **units, east_west_benefit="ratio", east_west_transfer="ratio")


def frontier(rng: np.random.Generator) -> xr.Dataset:
    """Return ``frontier.nc`` of two levers and a third at its cap; the lowest target is out of reach."""
    targets = np.array([0.01, 0.05, 0.1, 0.2, 0.5])
    levers = ("pension.land.share", "pension.investment.market_share", "pension.fiscal.growth_cap")
    feasible = targets > 0.02
    mix = np.stack([0.3 - 0.4 * targets, 0.35 - 0.3 * targets, np.full(5, 0.08)], axis=1)
    terms = np.stack([0.02 - 0.02 * targets, 0.006 - 0.01 * targets, 0.0 * targets], axis=1)
    constraints = ["target", *(f"{lever} {end}" for lever in levers for end in ("low", "high"))]
    binding = np.zeros((5, len(constraints)))
    binding[:, 0], binding[:, -1] = 1.0, 1.0
    price = binding * rng.uniform(0.005, 0.02, binding.shape)
    economies, choices = ["central", "bad"], ["central", "bad", "robust"]
    data = xr.Dataset(
        {
            "mix": (("target", "lever"), np.where(feasible[:, None], mix, np.nan)),
            "cost": ("target", np.where(feasible, terms.sum(1), np.nan)),
            "cost_term": (("target", "term"), np.where(feasible[:, None], terms, np.nan)),
            "reached": ("target", np.where(feasible, targets, 0.03)),
            "reached_error": ("target", np.sqrt(targets * (1 - targets) / 200)),
            "checked": ("target", 1.2 * targets),
            "checked_error": ("target", np.sqrt(targets * (1 - targets) / 800)),
            "feasible": ("target", feasible.astype(float)),
            "binding": (("target", "constraint"), binding),
            "shadow_price": (("target", "constraint"), price),
            "low": ("lever", [0.0, 0.0, 0.0]),
            "high": ("lever", [0.3, 0.4, 0.08]),
            "choice_mix": (("choice", "lever"), mix[[1, 1, 2]]),
            "choice_cost": (("choice", "economy"), [[0.024, 0.025], [0.031, 0.032], [0.028, 0.029]]),
            "choice_probability": (("choice", "economy"), [[0.05, 0.34], [0.01, 0.05], [0.02, 0.12]]),
            "regret": (("choice", "economy"), [[0.0, 0.012], [0.007, 0.0], [0.004, 0.005]]),
        },
        {"target": targets, "lever": list(levers), "term": ["fiscal", "members", "land"], "constraint": constraints}
        | {"economy": economies, "choice": choices},
    )
    data = data.assign_coords(lever_unit=("lever", ["share", "share", "per year"]))
    units = dict.fromkeys(("cost", "choice_cost", "regret"), "share of budget revenue")
    return named(data, **units).assign_attrs(fund="pension", scenario="law", by=2060)


def breakeven(rng: np.random.Generator) -> xr.Dataset:
    """Return ``breakeven.nc``: one lever that does it, one that does not, one whose probability bends."""
    levers = ["pension.land.share", "pension.investment.market_share", "pension.accounts.member_share_cap"]
    data = xr.Dataset(
        {
            "value": ("lever", [0.214, np.nan, np.nan]),
            "low": ("lever", [0.0, 0.0, 0.0]),
            "high": ("lever", [0.5, 1.0, 1.0]),
            "standard_error": ("lever", [0.011, np.nan, np.nan]),
            "within": ("lever", [1.0, 0.0, 1.0]),
            "monotone": ("lever", [1.0, 1.0, 0.0]),
            "at_low": ("lever", rng.uniform(0.5, 0.9, 3)),
            "at_high": ("lever", [0.0, 0.61, 0.02]),
            "present": ("lever", [0.0, 0.4, np.nan]),
        },
        {"lever": levers},
    )
    return named(data).assign_attrs(fund="pension", scenario="law", by=2060, target=0.05)


def stress(rng: np.random.Generator) -> xr.Dataset:
    """Return ``stress.nc``: every shock adds to the risk, two are already enough or never so in reverse."""
    funds = ("pension", "medical")
    shape = (len(SHOCKS), len(SCENARIOS), len(funds), len(AT))
    base = np.array([[0.1, 0.4, 0.7], [0.5, 0.8, 0.9]])
    added = rng.uniform(0.0, 0.1, shape) * (np.arange(len(SHOCKS)) > 0)[:, None, None, None]
    empty = base + added
    coords = {"shock": list(SHOCKS), "scenario": list(SCENARIOS), "fund": list(funds), "at": list(AT)}
    dims = ("shock", "scenario", "fund", "at")
    data = xr.Dataset(
        {
            "empty": (dims, empty),
            "empty_error": (dims, np.sqrt(empty * (1 - empty) / 200)),
            "need": (dims, 0.02 + 0.05 * added),
            "size": ("shock", [np.nan, 0.42, np.nan, 2.1, 0.3, np.nan, 0.9]),
            "reverse_verdict": ("shock", [np.nan, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0]),
            "size_low": ("shock", [np.nan, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5]),
            "size_high": ("shock", [np.nan, 0.9, 0.9, 5.0, 1.0, 10.0, 1.5]),
        },
        coords,
    )
    about = {"reverse_fund": "pension", "reverse_scenario": "law", "reverse_by": 2050, "reverse_target": 0.5}
    return named(data).assign_attrs(about)
