"""Write what a run measured into the README and the manual.

``python docs/measure.py out/national`` reads a finished run and the posteriors beside it, and replaces what stands
between ``<!-- measured: NAME -->`` and ``<!-- end -->`` in the pages. No number of a run is typed by hand.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from measure_funds import FUND_BLOCKS, spread, years_of
from measure_mix import MIX_BLOCKS
from measure_questions import ANSWERS as QUESTION_ANSWERS
from measure_questions import QUESTION_BLOCKS
from measure_sensitivity import SENSITIVITY_ANSWERS, SENSITIVITY_BLOCKS
from measure_variance import VARIANCE_ANSWERS, VARIANCE_BLOCKS

from actuarial import pension, valuation
from actuarial.assumptions import Assumptions, changed
from actuarial.report import calibration
from actuarial.scenario import read_run
from forecasting import artefacts, projection
from forecasting.sources import read_tables

CHECKOUT = Path(__file__).resolve().parents[1]
NAMES = (
    *("checks", "frontier", "fund", "household", "medical", "mix", "published_studies"),
    *("sensitivity", "time_bank", "unemployment", "valuation", "variance"),
)
PAGES = ("README.md", *(f"docs/{name}.md" for name in NAMES))
ANSWERS = QUESTION_ANSWERS | SENSITIVITY_ANSWERS | VARIANCE_ANSWERS
BLOCK = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
BACKCAST = {
    "participants": "Participants, million",
    "pensioners": "Pensioners, million",
    "fund_income": "Income, billion yuan",
    "fund_expenditure": "Expenditure, billion yuan",
    "fund_balance": "Balance, billion yuan",
}
SAID = (2030, 2050, 2075, 2100)

CUT = {"fiscal.rule": "capacity", "valuation.deficit_rule": "benefit_cut"}
CIRCLE_DRAWS = 200
"""The circle is solved by running the accounts some twenty times."""

UNITED_NATIONS = {
    "Children per woman": ("1.06 (0.84-1.28)", "1.18 (0.82-1.53)", "1.28 (0.84-1.70)", "1.35 (0.85-1.78)"),
    "Life expectancy, women": ("82.4 (80.7-84.0)", "85.3 (82.3-88.1)", "88.4 (84.7-92.2)", "91.4 (86.9-95.9)"),
    "Life expectancy, men": ("77.3 (75.3-79.3)", "81.5 (78.1-84.7)", "85.5 (81.7-89.4)", "88.4 (83.7-93.3)"),
    "Population, million": ("1396 (1382-1409)", "1255 (1187-1319)", "928 (813-1045)", "628 (468-795)"),
}
"""China in `SAID`: medium variant and 80 % interval of World Population Prospects 2024; population on 1 July."""


@dataclass(frozen=True)
class Measured:
    """A finished run, and the tables of the pages made of it."""

    folder: Path

    def saved(self, kind: str) -> xr.Dataset:
        """Return one of the run's arrays."""
        return artefacts.load(self.folder / f"{kind}.nc", kind)

    def record(self, name: str) -> Any:
        """Return one of the run's JSON records."""
        return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))

    @cached_property
    def run(self) -> str:
        """Date, draws and seed."""
        manifest = self.record("manifest")
        return f"run of {manifest['created']}, {manifest['draws']:,} draws, seed {manifest['seed']}"

    def lines(self, name: str) -> Iterable[str]:
        """Yield the lines of a block."""
        if name in FUND_BLOCKS:
            yield f"Medians, and 80 % intervals in brackets ({self.run}):\n"
            yield from FUND_BLOCKS[name](self.saved)
        elif name in (asked := MIX_BLOCKS | QUESTION_BLOCKS | SENSITIVITY_BLOCKS | VARIANCE_BLOCKS):
            yield f"From the {self.run}.\n"
            yield from asked[name](self.saved)
        else:
            made: Callable[[], Iterable[str]] = getattr(self, name)
            yield from made()

    def answer(self) -> Iterable[str]:
        """Yield the answer as the command prints it."""
        yield f"Printed by `make forecast` ({self.run}):\n"
        yield from (f"- {line}" for line in self.record("manifest")["answer"])

    def diagnostics(self) -> Iterable[str]:
        """Yield convergence, model by model."""
        yield f"Four chains, {self.run}.\n"
        yield "| model | largest R-hat | least bulk ESS | least tail ESS | divergences | least BFMI |"
        yield "|---|---|---|---|---|---|"
        for d in self.record("diagnostics"):
            row = f"| {d['model']} | {d['max_rhat']:.4f} | {d['min_ess_bulk']:.0f} | {d['min_ess_tail']:.0f} "
            yield row + f"| {d['divergences']} | {d['min_bfmi']:.2f} |"

    def coverage(self) -> Iterable[str]:
        """Yield how many of ten years each interval held, and where the widest failed."""
        backcast, missed = self.saved("backcast"), []
        inside_all = np.zeros(3, dtype=int)
        yield f"Years of 2015-2024 inside the interval ({self.run}):\n"
        yield "| series | 50 % | 80 % | 95 % | 2024: median (80 %) | 2024: published |"
        yield "|---|---|---|---|---|---|"
        for name, title in BACKCAST.items():
            draws, seen = backcast[name], backcast[f"observed_{name}"]
            inside = [self._inside(draws, seen, level) for level in (50, 80, 95)]
            counts = np.array([int(i.sum()) for i in inside])
            inside_all += counts
            scale = 1e6 if "million" in title else 1e9
            last = spread(draws.isel(year=-1) / scale, 0)
            published = f"{float(seen[-1]) / scale:.0f}"
            yield f"| {title} | {' | '.join(f'{c} of 10' for c in counts)} | {last} | {published} |"
            missed += [f"{title.partition(',')[0].lower()} {int(y)}" for y in seen["year"].values[~inside[2].values]]
        parts = " | ".join(f"**{c} of 50**" for c in inside_all)
        yield f"| all | {parts} | | |\n"
        yield f"Outside the 95 % interval: {', '.join(missed) or 'none'}."

    @staticmethod
    def _inside(draws: xr.DataArray, seen: xr.DataArray, level: int) -> xr.DataArray:
        low, high = (draws.quantile(0.5 + side * level / 200, "draw") for side in (-1, 1))
        return (seen >= low) & (seen <= high)

    def held_out(self) -> Iterable[str]:
        """Yield how the intervals made at earlier years held what came, and who was nearer."""
        recorded = calibration.read(CHECKOUT / "actuarial/report" / calibration.RECORDED)
        scores, ratios = recorded.scores, calibration.ratios(recorded.scores)
        own = scores[scores["method"] == calibration.OURS]
        origins = ", ".join(map(str, sorted(own["origin"].unique())))
        yield f"Written by `granary backtest` (made {recorded.made}; origins {origins}; all years pooled):\n"
        yield "| series | years | in 50 % | in 80 % | in 95 % | bias | CRPS over the best of four |"
        yield "|---|---|---|---|---|---|---|"
        for name, rows in [*own.groupby("series", sort=False), ("**all**", own)]:
            of_it = ratios if name == "**all**" else ratios[ratios.index.get_level_values("series") == name]
            shares = calibration.shares(rows)
            inside = " | ".join(f"{100 * shares[f'coverage_{level}']:.0f} %" for level in (50, 80, 95))
            bias = "" if name == "**all**" else f"{100 * shares['bias_share']:+.1f} %"
            ratio = f"{calibration.pooled(of_it):.2f}" if len(of_it) else "none fitted"
            yield f"| {name} | {rows['years'].sum():.0f} | {inside} | {bias} | {ratio} |"
        yield "\nGranary's CRPS over that of one method throughout, and on how many series it is as near:\n"
        yield "| method | ratio | nearer on |"
        yield "|---|---|---|"
        for method in scores["method"].drop_duplicates():
            if method != calibration.OURS:
                one = calibration.ratios(scores[scores["method"].isin([calibration.OURS, method])])
                by_series = np.exp(np.log(one).groupby("series").mean())
                near = f"{int((by_series <= 1).sum())} of {by_series.size}"
                yield f"| {method.replace('_', ' ')} | {calibration.pooled(one):.2f} | {near} |"

    def account_pensions(self) -> Iterable[str]:
        """Yield the account pensions paid, beside those of the final accounts."""
        run = read_run()
        tables = read_tables(run.data_folders, run.run.country)
        fits = projection.fit(tables, run.settings, cache=self.folder.parent / "posteriors")
        people = projection.forecast(fits, int(max(tables.series("population_year_end").index)) + 1)
        law = valuation.with_figures(Assumptions(), tables)
        years = tables.series("account_pension_paid")
        yield f"Account pensions paid, billion yuan; in brackets 80 % intervals ({self.run}):\n"
        yield f"| | {' | '.join(map(str, years.index))} |"
        yield "|---|" + "---|" * len(years)
        yield f"| final accounts | {' | '.join(f'{v / 1e9:.1f}' for v in years)} |"
        for share in (law.accounts.back_payment_share, 0.0):
            rules = changed(law, {"accounts.back_payment_share": share})
            needs = people[list(pension.NEEDS)]
            ready = pension.with_accounts(needs, rules, projection.published_basic_pension(tables))
            paid = (ready["account_pension"] + ready["longevity_tail"]) / 1e9
            cells = (spread(paid.sel(year=year), 1) for year in years.index)
            yield f"| `back_payment_share = {share:g}` | {' | '.join(cells)} |"

    def nations(self) -> Iterable[str]:
        """Yield the nation beside the United Nations' projection."""
        saved = self.saved("projection").sel(year=list(SAID))
        ours = {
            "Children per woman": (saved["tfr"], 2),
            "Life expectancy, women": (saved["e0_national"].sel(sex="female"), 1),
            "Life expectancy, men": (saved["e0_national"].sel(sex="male"), 1),
            "Population, million": (saved["population_5y"].sum(["area", "sex", "age"]) / 1e6, 0),
        }
        yield f"Medians and 80 % intervals ({self.run}; United Nations, World Population Prospects 2024):\n"
        yield f"| | | {' | '.join(map(str, SAID))} |"
        yield "|---|---|" + "---|" * len(SAID)
        for name, (values, digits) in ours.items():
            cells = " | ".join(spread(values.sel(year=year), digits) for year in SAID)
            yield f"| {name} | Granary | {cells} |"
            yield f"| | United Nations | {' | '.join(UNITED_NATIONS[name])} |"

    def doubt(self) -> Iterable[str]:
        """Yield how far the doubt about the burden goes with the doubt about its parts."""
        saved = self.saved("projection")
        people = saved["population_5y"].sum(["area", "sex", "age"])
        parts = {
            "Pensioners over population": saved["pensioners_total"] / people,
            "Budget revenue over rural income and population": saved["budget_revenue"] / saved["rural_income"] / people,
            "Rural income per head": saved["rural_income"],
            "Children per woman, mean from now on": saved["tfr"].sel(year=slice(2026, None)).cumsum("year"),
        }
        need = self.saved("indicators")["fiscal_need_share"].sel(scenario="law")
        yield f"Rank correlation with the fiscal need as a share of budget revenue, over draws ({self.run}):\n"
        yield "| | 2050 | 2075 |\n|---|---|---|"
        for name, values in parts.items():
            cells = (f"{_rank_correlation(values.sel(year=y), need.sel(year=y)):.2f}" for y in (2050, 2075))
            yield f"| {name} | {' | '.join(cells)} |"

    def tail(self) -> Iterable[str]:
        """Yield the pool under today's law."""
        law = self.saved("account").sel(scenario="law")
        needs = self.saved("indicators").sel(scenario="law")
        rows: dict[str, xr.DataArray] = {
            "Basic pensions": law["basic_pension"],
            "Match": law["match"],
            "Longevity tail": law["longevity_tail"],
            "Funeral grants": law["funeral_grant"],
            "Fiscal transfer": law["fiscal_transfer"],
            "Other income": law["other_income"],
            "Pool at 31 December": law["pool_balance"],
        }
        years = (2026, 2035, 2050, 2075)
        yield f"The pool under today's law, billion yuan of the day, medians ({self.run}):\n"
        yield f"| | {' | '.join(map(str, years))} |"
        yield "|---|" + "---|" * len(years)
        for name, values in rows.items():
            yield f"| {name} | {' | '.join(f'{float(values.sel(year=y).median()) / 1e9:.1f}' for y in years)} |"
        for name, title in (("transfer", "Transfer, % of budget revenue"), ("need", "Need, % of budget revenue")):
            share = needs[f"fiscal_{name}_share"] * 100
            yield f"| {title} (80 %) | {' | '.join(spread(share.sel(year=y), 1) for y in years)} |"

    def valuation_measures(self) -> Iterable[str]:
        """Yield the measures of a valuation, by scenario."""
        found = self.saved("indicators")
        percent, trillion = (100.0, 1), (1e-12, 1)
        rows = [
            ("General average premium, 25 years, %", found["general_average_premium"].sel(horizon=25), *percent),
            ("General average premium, 75 years, %", found["general_average_premium"].sel(horizon=75), *percent),
            ("The same for ever, where it exists, %", found["general_average_premium_infinite"], *percent),
            ("Steady-state rate, %", found["steady_state_rate"], *percent),
            ("Scaled premium in 2035, %", found["scaled_premium"].sel(year=2035), *percent),
            ("Actuarial balance, 75 years, %", found["actuarial_balance"].sel(horizon=75), *percent),
            ("Open-group obligation, trillion yuan", found["open_group_obligation"], *trillion),
            ("Closed-group obligation, trillion yuan", found["closed_group_obligation"], *trillion),
            ("Left of the open group after all scheduled income", found["open_group_unfunded"], *trillion),
            ("Implicit pension debt, trillion yuan", found["implicit_pension_debt"], *trillion),
            ("The same in years of budget revenue", found["implicit_debt_ratio"], 1.0, 2),
            ("Present value of the longevity tail, trillion yuan", found["tail_present_value"], *trillion),
            ("Balance ratio in 2026", found["balance_ratio"].sel(year=2026), 1.0, 2),
            ("Balance ratio in 2050", found["balance_ratio"].sel(year=2050), 1.0, 2),
            ("Pension over the subsistence allowance in 2050", found["pension_to_subsistence"].sel(year=2050), 1.0, 2),
        ]
        names = [str(name) for name in found["scenario"].values]
        yield f"Medians and 80 % intervals; rates are shares of the contributory base ({self.run}):\n"
        yield f"| | {' | '.join(f'`{name}`' for name in names)} |"
        yield "|---|" + "---|" * len(names)
        for title, values, scale, digits in rows:
            cells = (spread(scale * values.sel(scenario=name), digits) for name in names)
            yield f"| {title} | {' | '.join(cells)} |"
        exists = (f"{100 * float(found['infinite_horizon_exists'].sel(scenario=name).mean()):.0f} %" for name in names)
        yield f"| Values for ever exist in | {' | '.join(exists)} |"
        law = found["cost_rate_change"].sel(scenario="law")
        yield "\nChange of the cost rate under `law` since the first year, in points of the base, means of the draws:\n"
        yield f"| to | {' | '.join(map(str, law['factor'].values))} | all |"
        yield "|---|" + "---|" * (law.sizes["factor"] + 1)
        for until in law["until"].values:
            parts = 100 * law.sel(until=until).mean("draw")
            yield f"| {until} | {' | '.join(f'{float(v):+.1f}' for v in parts)} | {float(parts.sum()):+.1f} |"

    def circle(self) -> Iterable[str]:
        """Yield what the answer of members to cuts does, and what it does where accounts are never lent."""
        run = read_run()
        tables = read_tables(run.data_folders, run.run.country)
        fits = projection.fit(tables, run.settings, cache=self.folder.parent / "posteriors")
        people = projection.forecast(fits, 2100).isel(draw=slice(0, CIRCLE_DRAWS))
        years = (2035, 2040, 2050, 2075, 2100)
        yield f"Medians of the first {CIRCLE_DRAWS} draws, per cent ({self.run}):\n"
        yield f"| accounts lent | elasticity | | {' | '.join(map(str, years))} |"
        yield "|---|---|---|" + "---|" * len(years)
        for cut_when, lent in (("fund_empty", "yes"), ("pool_empty", "no")):
            for elasticity in (0.0, 1.0):
                change = {"valuation.cut_when": cut_when, "participation.elasticity": elasticity}
                rules = changed(valuation.with_figures(Assumptions(), tables), CUT | change)
                found = valuation.value_one(tables, people, rules).indicators
                for name, title in (("participation", "contributors"), ("benefits_paid_share", "benefits paid")):
                    middle = 100 * found[name].sel(year=list(years)).median("draw")
                    cells = " | ".join(f"{float(value):.0f}" for value in middle)
                    yield f"| {lent} | {elasticity:g} | {title} | {cells} |"

    def studies(self) -> Iterable[str]:
        """Yield of this run what published studies tell of the fund."""
        account, found = self.saved("account"), self.saved("indicators")
        # What the pool pays out less its own income: interest and the transfer itself are left aside.
        need = account["pool_outgo"] - (account["pool_income"] - account["fiscal_transfer"])
        start, end = int(account["year"][0]), 2049
        rows: dict[str, tuple[xr.DataArray, int | None]] = {
            "Whole fund shrinks for the first time": (_first_fall(account), None),
            "Whole fund empty": (found["fund_depletion_year"], None),
            "Pool empty": (found["pool_depletion_year"], None),
            "Whole fund at the end of 2050, billion yuan": (account["balance"].sel(year=2050) / 1e9, 0),
            f"Pool's outgo less its other income in {end}, billion yuan": (need.sel(year=end) / 1e9, 0),
        }
        names = [str(name) for name in account["scenario"].values]
        yield f"Medians and 80 % intervals ({self.run}):\n"
        yield f"| | {' | '.join(f'`{name}`' for name in names)} |"
        yield "|---|" + "---|" * len(names)
        for title, (values, digits) in rows.items():
            parts = (values.sel(scenario=name) for name in names)
            cells = (years_of(part) if digits is None else spread(part, digits) for part in parts)
            yield f"| {title} | {' | '.join(cells)} |"
        law, due = account.sel(scenario="law"), need.sel(scenario="law")
        growth = spread(100 * ((due.sel(year=end) / due.sel(year=start)) ** (1 / (end - start)) - 1), 1)
        owed = spread(100 * law["opening_accounts"] / law["opening_balance"], 1)
        yield f"\nUnder `law` the last line grows by {growth} % a year from {start} on."
        yield f"Of the balance at the end of {account.attrs['opening_year']}, {owed} % is owed to members."


def _rank_correlation(one: xr.DataArray, other: xr.DataArray) -> float:
    ranks = [np.argsort(np.argsort(values.values)) for values in (one, other)]
    return float(np.corrcoef(ranks)[0, 1])


def _first_fall(account: xr.Dataset) -> xr.DataArray:
    """Return the first year whose 31 December finds less than the one before; NaN if none does."""
    before = account["balance"].shift(year=1).fillna(account["opening_balance"])
    falls = account["balance"] < before
    return falls["year"].where(falls).min("year")


def write(folder: Path) -> None:
    """Replace every block of every page.

    Parameters
    ----------
    folder : pathlib.Path
        Of a finished run of the bundled figures, to which the questions of `ANSWERS` were put; the block of one that
        was not stays as it is, and a line says so.
    """
    measured, made = Measured(folder), dict[str, str]()

    def block(found: re.Match[str]) -> str:
        name = found[2]
        if name in ANSWERS and not (folder / f"{ANSWERS[name]}.nc").exists():
            print(f"{name} stays as it is: ask `granary {ANSWERS[name]}` of this run first", file=sys.stderr)
            return found[0]
        if name not in made:
            made[name] = "\n".join(measured.lines(name))
        return f"{found[1]}\n{made[name]}\n\n{found[3]}"

    for page in PAGES:
        file = CHECKOUT / page
        file.write_text(BLOCK.sub(block, file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
