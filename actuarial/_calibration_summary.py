"""What a backtest says in few numbers: coverage of all series together, and who was nearer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from actuarial.report.calibration import GOAL, pooled, ratios, shares
from forecasting.backtest import OURS, Backtest

CLASSICAL = "classical"
"""Stands for all baselines where none could be made."""

COVERAGE = ("coverage_50", "coverage_80", "coverage_95")


@dataclass(frozen=True)
class Summary:
    """A backtest in few numbers.

    Attributes
    ----------
    table : DataFrame
        One row a series: ``years``, `COVERAGE` and ``bias_share`` of Granary over its origins, each weighted by its
        years, and ``ratio``, geometric mean over origins of CRPS over that of the best baseline (NaN without one).
    all : dict of str to float
        ``years`` and `COVERAGE` over all series, ``ratio`` over all series and origins.
    rivals : DataFrame
        Baselines over the series and origins that Granary forecast too: ``years``, `COVERAGE`, ``ratio``, geometric
        mean of Granary's CRPS over theirs, and ``wins``, number of ``series`` on which that mean is at most one.
    lacking : mapping of int to mapping of str to str
        By origin: models that could not be fitted, and why.
    """

    table: pd.DataFrame
    all: dict[str, float]
    rivals: pd.DataFrame
    lacking: Mapping[int, Mapping[str, str]]

    def said(self) -> dict[str, Any]:
        """Return what the sentences of the page and of the command have in them."""
        compared = self.table["ratio"].dropna()
        return {
            "years": f"{self.all['years']:,.0f}",
            "share": f"{100 * self.all['coverage_80']:.0f} %",
            "wins": int((compared <= 1).sum()),
            "compared": len(compared),
            "ratio": f"{self.all['ratio']:.2f}",
        }

    def lines(self) -> list[str]:
        """Return the table for a terminal, with one sentence on the goal and one on what is not scored."""
        head = f"{'series':<18}{'years':>6}{'in 50%':>8}{'in 80%':>8}{'in 95%':>8}{'CRPS/best':>11}{'bias':>8}"
        body = [_line(str(name), row) for name, row in self.table.iterrows()]
        rest = [
            _line(str(name), row) + f"   Granary nearer on {row['wins']:.0f} of {row['series']:.0f} series"
            for name, row in self.rivals.iterrows()
        ]
        met = "within" if GOAL[0] <= self.all["coverage_80"] <= GOAL[1] else "outside"
        said = self.said()
        return [
            head,
            *body,
            _line("all series", self.all),
            "Classical, on the same series and years; CRPS of Granary over theirs:",
            *rest,
            f"80 % intervals held {said['share']} of {said['years']} held-out years: {met} the goal of "
            f"{100 * GOAL[0]:.0f} to {100 * GOAL[1]:.0f} %.",
            f"CRPS is at least as good as the best classical one on {said['wins']} of {said['compared']} series.",
            *(
                f"Known to {o}, not fitted: {m} ({reason})."
                for o, why in self.lacking.items()
                for m, reason in why.items()
            ),
        ]

    def unscored(self, scored: Backtest) -> list[tuple[str, int, str, str]]:
        """List what was not scored as series, origin, method and reason; `CLASSICAL` stands for all baselines."""
        out = []
        for (series, origin, reason), rows in scored.skipped.groupby(["series", "origin", "reason"], sort=False):
            out.append((series, origin, CLASSICAL if len(rows) > 1 else str(rows["method"].iloc[0]), reason))
        have = set(scored.scores.index)
        for series in scored.scores.index.get_level_values("series").unique():
            for origin, why in self.lacking.items():
                if why and (series, origin, OURS) not in have:
                    out.append((series, origin, OURS, "; ".join(f"{model}: {reason}" for model, reason in why.items())))
        return out


def _line(name: str, row: Any) -> str:
    inside = "".join(f"{100 * row[level]:>7.0f}%" for level in COVERAGE)
    near = f"{row['ratio']:>11.2f}" if pd.notna(row["ratio"]) else f"{'-':>11}"
    bias = f"{100 * row['bias_share']:>+7.1f}%" if "bias_share" in row else ""
    return f"{name:<18}{row['years']:>6.0f}{inside}{near}{bias}"


def ratio_to_best(scores: pd.DataFrame) -> pd.Series:
    """Return the CRPS of every row over that of the best baseline of its series and origin; NaN without one."""
    others = scores.drop(index=OURS, level="method", errors="ignore")["crps"]
    best = others.groupby(["series", "origin"]).min()
    keys = pd.MultiIndex.from_arrays([scores.index.get_level_values(name) for name in ("series", "origin")])
    return scores["crps"] / best.reindex(keys).to_numpy()


def summarise(scored: Backtest, lacking: Mapping[int, Mapping[str, str]]) -> Summary:
    """Pool the scores of a backtest.

    Parameters
    ----------
    scored : Backtest
        With Granary's forecasts.
    lacking : mapping of int to mapping of str to str
        By origin: models that could not be fitted, and why.

    Returns
    -------
    Summary
    """
    flat = scored.scores.reset_index()
    own, ratio = flat[flat["method"] == OURS], ratios(flat)
    rows = {}
    for name, part in own.groupby("series", sort=False):
        over = ratio[ratio.index.get_level_values("series") == name]
        rows[name] = {"years": part["years"].sum()} | shares(part) | {"ratio": pooled(over)}
    whole = {"years": float(own["years"].sum())} | {k: v for k, v in shares(own).items() if k in COVERAGE}
    return Summary(
        pd.DataFrame.from_dict(rows, orient="index"), whole | {"ratio": pooled(ratio)}, _rivals(scored.scores), lacking
    )


def _rivals(scores: pd.DataFrame) -> pd.DataFrame:
    """Score each baseline where Granary and it both made a forecast."""
    own = scores.xs(OURS, level="method")["crps"]
    rows = {}
    for method in scores.index.get_level_values("method").unique().drop(OURS):
        part = scores.xs(method, level="method")
        part = part[part.index.isin(own.index)]
        over = own.reindex(part.index) / part["crps"]
        by_series = over.groupby("series", sort=False).agg(pooled)
        inside = {name: share for name, share in shares(part).items() if name in COVERAGE}
        counts = {"wins": int((by_series <= 1).sum()), "series": len(by_series)}
        rows[method] = {"years": part["years"].sum()} | inside | {"ratio": pooled(over)} | counts
    return pd.DataFrame.from_dict(rows, orient="index")
