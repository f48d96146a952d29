"""Figures that cannot be right beside the others of their tables: most often a unit that was not converted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting._faults import Fault
from forecasting._layers import line_of
from forecasting._schema import CHECKED

__all__ = ["RELATIONS", "Relation", "implausible"]

SPIKE, JUMP = np.log(5.0), np.log(50.0)
"""How far a figure may lie from those on both sides, and from the one before: a new scheme may grow forty-fold in its
first year (Gansu, 2011), but it does not come back; a month taken for a year is twelve-fold."""

GROWTH = np.log(1.5)
"""What each year that lies between two figures adds to that."""

WHOLE = 1.02
"""How far a part may pass its whole: figures are rounded, and some are of different days."""

RATES = frozenset({"rate per year"})
"""Units of what may be nought or change its sign; a percentage is told by its size alone."""

PARTED = frozenset({"persons"})
"""Units of what is the sum of its parts."""

MANY = 8
"""Regions that must have a figure before one of them is held against the others."""

STEPS = (1, 2, -1, -2)
"""Figures that one is held against: the two before it and the two after."""

SIZES = frozenset({"persons", "yuan", "visits"})
"""Units of what is large because a region or a scheme is."""

_LABELS = ["indicator", "region", "area", "sex", "age"]
_LOOK = f"Check number and unit; if it is right, begin its note with the word {CHECKED}"


@dataclass(frozen=True)
class Relation:
    """What one figure is to another of the same region and year, at least and at most.

    Attributes
    ----------
    part, whole : str
        Indicators of national area, both sexes and all ages.
    least, most : float
        Bounds of the quotient, far outside what China's regions have shown since 2010, and yet nearer than a unit
        that was not converted would lead.
    """

    part: str
    whole: str
    least: float
    most: float


RELATIONS = (
    Relation("contributors", "participants", 0.05, WHOLE),
    Relation("pensioners", "participants", 0.02, WHOLE),
    Relation("participants", "population_year_end", 0.01, 1.0),
    Relation("births", "population_year_end", 0.002, 0.06),
    Relation("deaths", "population_year_end", 0.002, 0.06),
    Relation("fund_income", "participants", 30.0, 60_000.0),
    Relation("fund_expenditure", "pensioners", 100.0, 60_000.0),
    Relation("fund_balance", "fund_expenditure", 0.02, 60.0),
    Relation("individual_contributions", "contributors", 10.0, 20_000.0),
    Relation("individual_contributions", "fund_income", 0.005, WHOLE),
    Relation("fiscal_subsidy", "fund_income", 0.02, WHOLE),
    Relation("basic_pension_paid", "fund_expenditure", 0.05, WHOLE),
    Relation("account_pension_paid", "fund_expenditure", 0.0005, WHOLE),
    Relation("interest", "fund_balance", 0.0005, 0.3),
    Relation("general_budget_revenue", "population_year_end", 100.0, 500_000.0),
    Relation("land_transfer_income", "population_year_end", 5.0, 200_000.0),
    Relation("land_transfer_income", "general_budget_revenue", 0.001, 5.0),
    Relation("resident_fund_expenditure", "resident_enrollees", 30.0, 30_000.0),
    Relation("resident_fund_income", "resident_enrollees", 30.0, 30_000.0),
    Relation("resident_enrollees", "population_year_end", 0.05, WHOLE),
)
"""Shares and amounts a head that no sound tables have outside of these bounds."""


def implausible(frames: dict[str, pd.DataFrame], indicators: pd.DataFrame, known: Collection[str]) -> list[Fault]:
    """Find figures that lie far from those beside them.

    Parameters
    ----------
    frames : dict of str to DataFrame
        Tables by topic, indexed by place, their numbers already numbers.
    indicators : DataFrame
        The data dictionary.
    known : collection of str
        Places that are known to be faulty: nothing more is said of them.

    Returns
    -------
    list of Fault
        Leaps within a series, parts beside their wholes, and quotients of figures, in that order. A figure whose
        note begins with `CHECKED` is believed.

    Notes
    -----
    A series of which every figure is wrong by one factor, and which no relation speaks of, cannot be told from a
    right one.
    """
    sound = [found for frame in frames.values() if not (found := _sound(frame, known)).empty]
    if not sound:
        return []
    rows = pd.concat(sound, ignore_index=True)
    rows["series"] = rows.groupby(_LABELS, sort=False).ngroup()
    signed = rows["indicator"].isin(indicators.loc[indicators["low"] < 0, "indicator"]) | rows["unit"].isin(RATES)
    faults = [
        *_levels(rows[~signed & (rows["value"] > 0)]),
        *_rates(rows[rows["unit"].isin(RATES)]),
        *_parts(rows[rows["unit"].isin(PARTED)]),
        *_ages(rows),
        *_regions(rows),
    ]
    return faults + list(_unrelated(rows, {fault.where.removesuffix(", column value") for fault in faults}))


def _sound(frame: pd.DataFrame, known: Collection[str]) -> pd.DataFrame:
    kept = frame["value"].notna() & frame["year"].notna() & ~frame.index.isin(list(known))
    rows = frame[kept].rename_axis("place").reset_index()
    month = (rows["month"].fillna(1) - 1) / 12 if "month" in rows else 0.0
    trusted = rows["note"].str.strip().str.lower().str.startswith(CHECKED)
    return rows[["place", *_LABELS, "value", "unit"]].assign(time=rows["year"] + month, trusted=trusted)


def _levels(rows: pd.DataFrame) -> Iterator[Fault]:
    """Find figures far from those before and after them in their series."""
    rows = rows.sort_values(["series", "time"], kind="stable")
    level, number = np.log(rows["value"]), rows.groupby("series").cumcount()
    levels, times = level.groupby(rows["series"]), rows.groupby("series")["time"]
    # Distances to the two figures before and the two after, less what the years between may bring.
    away = pd.DataFrame({step: level - levels.shift(step) for step in STEPS})
    room = pd.DataFrame({step: GROWTH * ((rows["time"] - times.shift(step)).abs() - 1).clip(lower=0) for step in STEPS})
    seen = away.notna().sum(axis="columns")
    above, below = (away - room).min(axis="columns"), (-away - room).min(axis="columns")
    apart = np.maximum(above, below)
    # Of a first figure only those after it speak, and schemes begin small, though what a head has does not.
    bound = pd.Series(np.where((number == 0) & rows["unit"].isin(SIZES), JUMP, SPIKE), index=rows.index)
    spike = (seen > 1) & (apart > bound)
    after_spike = spike.groupby(rows["series"]).shift(1, fill_value=False)
    jump = (away[1].abs() - room[1] > JUMP) & ~spike & ~after_spike
    for place in rows.index[(spike | jump) & ~rows["trusted"]]:
        row = rows.loc[place]
        far, other = (away.loc[place, 1], "before") if number[place] else (away.loc[place, -1], "after")
        times_of = f"{np.exp(abs(far)):,.0f} times {'that' if far > 0 else 'less than that'} of the figure {other}"
        yield _fault(row, f"{row['value']:g} {row['unit']} is {times_of} in its series")


def _rates(rows: pd.DataFrame) -> Iterator[Fault]:
    """Find rates that are far larger than those before and after them, as a percentage is."""
    rows = rows.sort_values(["series", "time"], kind="stable")
    size = rows["value"].abs()
    by = size.groupby(rows["series"])
    beside = pd.DataFrame({step: by.shift(step) for step in (1, 2, 3, -1, -2, -3)})
    most, seen = beside.max(axis="columns"), beside.notna().sum(axis="columns")
    for place in rows.index[(seen > 2) & (size > 8 * most) & (size > 0.1) & ~rows["trusted"]]:
        row = rows.loc[place]
        what = f"{row['value']:g} {row['unit']}, where those beside it are at most {most[place]:g}; is it a percentage"
        yield _fault(row, what)


def _ages(rows: pd.DataFrame) -> Iterator[Fault]:
    """Find an age that lies far from those beside it, a year of age at a time."""
    frame = rows[(rows["age"] != "all") & (rows["value"] > 0)]
    ages = frame["age"].str.extract(r"^(?P<low>\d+)(?:-(?P<high>\d+))?$").astype("float64")
    width = ages["high"].fillna(ages["low"]) - ages["low"] + 1
    closed = frame.assign(start=ages["low"], width=width)[ages["low"].notna()]
    if closed.empty:
        return
    # Single ages and groups are series of their own; a group counts as many years as it has where it counts heads.
    keys = ["indicator", "region", "area", "sex", "time", "single"]
    rows = closed.assign(single=closed["width"] == 1).sort_values([*keys, "start"], kind="stable")
    level = np.log(rows["value"] / rows["width"].where(rows["unit"].isin(SIZES), 1.0))
    levels = level.groupby([rows[key] for key in keys], sort=False)
    away = pd.DataFrame({step: level - levels.shift(step) for step in (1, -1)})
    apart = np.maximum(away.min(axis="columns", skipna=False), (-away).min(axis="columns", skipna=False))
    for place in rows.index[(apart > SPIKE) & ~rows["trusted"]]:
        row = rows.loc[place]
        yield _fault(row, f"{row['value']:g} {row['unit']} is over {np.exp(SPIKE):g} times off the ages on both sides")


def _regions(rows: pd.DataFrame) -> Iterator[Fault]:
    """Find a share, or an amount a head, of one region that lies far from those of all the others in that year."""
    rows = rows[~rows["unit"].isin(SIZES | RATES | {"code"}) & (rows["value"] > 0)]
    keys = [key for key in (*_LABELS, "time") if key != "region"]
    by = rows.groupby(keys, sort=False)["value"]
    many = rows[by.transform("size") > MANY]
    if many.empty:
        return
    least, most = _second(many, keys, ascending=True), _second(many, keys, ascending=False)
    odd = (many["value"] > most * np.exp(SPIKE)) | (many["value"] < least / np.exp(SPIKE))
    for place in many.index[odd & ~many["trusted"]]:
        row = many.loc[place]
        what = f"{row['value']:g} {row['unit']}, where other regions have {least[place]:g} to {most[place]:g}"
        yield _fault(row, what)


def _second(rows: pd.DataFrame, keys: list[str], *, ascending: bool) -> pd.Series:
    """Return the second value from an end of each group: one that is itself at the end is held against it."""
    by_size = rows.sort_values("value", ascending=ascending, kind="stable")
    second = by_size[by_size.groupby(keys, sort=False).cumcount() == 1].set_index(keys)["value"]
    return rows[keys].join(second.rename("second"), on=keys)["second"]


def _parts(rows: pd.DataFrame) -> Iterator[Fault]:
    """Find parts that are larger than their whole, and wholes that are more than their two parts."""
    for label, whole, names in (("area", "national", ("rural", "urban")), ("sex", "both", ("female", "male"))):
        keys = [key for key in (*_LABELS, "time") if key != label]
        values, index = _side_by_side(rows, keys, label)
        if whole not in values:
            continue
        parts = [name for name in names if name in values]
        for part in parts:
            for at in np.flatnonzero(values[part] > WHOLE * values[whole]):
                row, beside = rows.loc[index[part].iloc[at]], rows.loc[index[whole].iloc[at]]
                what = f"{row['value']:g} of {part} passes {beside['value']:g} of {whole} on {line_of(beside['place'])}"
                if not (row["trusted"] or beside["trusted"]):
                    yield _fault(row, what)
        total = values[parts].sum(axis="columns", min_count=len(names))
        for at in np.flatnonzero(total < values[whole] / WHOLE):
            row = rows.loc[index[whole].iloc[at]]
            if not row["trusted"]:
                what = f"{row['value']:g} of {whole} is more than {' and '.join(names)} together, {total.iloc[at]:g}"
                yield _fault(row, what)


def _unrelated(rows: pd.DataFrame, told: Collection[str]) -> Iterator[Fault]:
    """Find figures whose quotient with another one cannot be right; each is named once."""
    names = {name for relation in RELATIONS for name in (relation.part, relation.whole)}
    rows = rows[
        rows["indicator"].isin(names) & (rows["area"] == "national") & (rows["sex"] == "both") & (rows["age"] == "all")
    ]
    values, index = _side_by_side(rows, ["region", "time"], "indicator")
    said = set(told)
    for relation in RELATIONS:
        if relation.part not in values or relation.whole not in values:
            continue
        quotient = (values[relation.part] / values[relation.whole].replace(0.0, np.nan)).to_numpy()
        # Nought may be a gift that is not given yet, or a scheme before it began.
        for at in np.flatnonzero(((quotient < relation.least) & (quotient > 0)) | (quotient > relation.most)):
            row, beside = (rows.loc[index[name].iloc[at]] for name in (relation.part, relation.whole))
            if row["trusted"] or beside["trusted"] or {row["place"], beside["place"]} & said:
                continue
            said.add(row["place"])
            what = (
                f"{relation.part} is {quotient[at]:.3g} times {relation.whole} ({beside['place']}), "
                f"and not from {relation.least:g} to {relation.most:g}"
            )
            yield _fault(row, what)


def _side_by_side(rows: pd.DataFrame, keys: list[str], label: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay the values of a label side by side, and their rows; of a figure that stands twice the first."""
    once = rows.assign(row=rows.index).drop_duplicates([*keys, label])
    wide = once.set_index([*keys, label])[["value", "row"]]
    return wide["value"].unstack(label), wide["row"].unstack(label)


def _fault(row: pd.Series, what: str) -> Fault:
    return Fault(f"{row['place']}, column value", what, _LOOK)
