"""The counts that the migration model learns from, as plain arrays.

The yearly totals of people carry the model; whatever else is published narrows it. Tables that end before a count
was made, as those of a forecast from an earlier year do, or that never had it, leave that count out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecasting import lifetable
from forecasting.axes import AGES, MAX_AGE, SEXES
from forecasting.models import reconstruction as rc
from forecasting.sources import FigureNotFound

if TYPE_CHECKING:
    import pandas as pd

    from forecasting.sources import Tables

FIRST_YEAR = 2000
"""Year-end from which cohorts are carried: the census of 2000 gives the rural structure."""

CENSUS_YEAR = 2010
"""Census with single ages, from which the single ages of 2000 are survived backwards."""

LAST_CENSUS = 2020
"""Census with broad ages of the nation and of the rural area."""

OLDEST = 85
"""From this age on the people of 2000 are not survived backwards from the census."""

GROUP_STARTS = np.array([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 75])
"""First ages of the groups in which the count of 2000 may err."""

STRUCTURE_STARTS = np.arange(15, 70, 5)
"""First ages of the rural long-form groups; the last, 65, is open."""

MOTHERS = (25, 40)
"""Ages of the mothers that weight rural and urban births: born before 2000 in every year so far."""


def annual_mortality(tables: Tables, years: np.ndarray) -> np.ndarray:
    """Interpolate the five-year death rates to single ages and years.

    Parameters
    ----------
    tables : forecasting.sources.Tables
    years : numpy.ndarray of int, shape (K,)
        Calendar years.

    Returns
    -------
    numpy.ndarray, shape (2, 101, K)
        Deaths per person-year, by sex and age.
    """
    rows = tables.table("mx", area="national")
    out = []
    for sex in SEXES:
        wide = rows[rows["sex"] == sex].pivot_table(index="age_from", columns="year", values="value")
        by_period = lifetable.ungroup(wide.to_numpy().T, wide.index.to_numpy())
        middle = wide.columns.to_numpy(dtype=float)
        logs = np.log(by_period)
        out.append(np.exp(np.stack([np.interp(years, middle, logs[:, a]) for a in range(MAX_AGE + 1)])))
    return np.stack(out)


def data_of(tables: Tables) -> dict[str, np.ndarray]:
    """Collect the counts up to the last year-end with a rural total, which is the base year.

    Parameters
    ----------
    tables : forecasting.sources.Tables
        Yearly totals, death and birth rates, and the structures of 2000 and 2010. People of 60 and over and births
        by year are used where they are published; so is the census of 2020.

    Returns
    -------
    dict of str to numpy.ndarray
        ``steps`` years from `FIRST_YEAR` on. The keys of the census of 2020 are there if it is.
    """
    base_year = int(tables.series("population_year_end", area="rural").index.max())
    years = np.arange(FIRST_YEAR + 1, base_year + 1)
    survival = lifetable.survival(np.moveaxis(annual_mortality(tables, years), 2, 0))
    survival = np.moveaxis(survival, 0, 2)
    first = _first_population(tables, survival)
    return {
        "steps": np.array(len(years)),
        "first": first,
        "group_of_age": np.searchsorted(GROUP_STARTS, AGES, side="right") - 1,
        "hazard": rc.hazards(rc.cohorts(len(years)), survival),
        "births": _births(tables, first, survival, years),
        "sex_share": _sex_share(tables),
        "mothers": _mothers(tables, years),
        "urban_share": _urban_share_before(tables, years),
        **_totals(tables, base_year),
        **_rural_structure(tables, first),
        **_census_2020(tables, base_year),
    }


def _totals(tables: Tables, base_year: int) -> dict[str, np.ndarray]:
    """Return the yearly totals of people, elders and births, each with its step since `FIRST_YEAR`."""
    registered = _published(tables, "births").loc[FIRST_YEAR + 1 : base_year]
    rural, nation = (tables.series("population_year_end", area=a) for a in ("rural", "national"))
    known = rural.index[(rural.index >= FIRST_YEAR) & (rural.index <= base_year)].to_numpy()
    old_60, old_65 = (_published(tables, "population_year_end", age=a).loc[:base_year] for a in ("60+", "65+"))
    return {
        "birth_steps": registered.index.to_numpy() - FIRST_YEAR - 1,
        "births_registered": registered.to_numpy(),
        "total_steps": known - FIRST_YEAR,
        "rural_total": rural.loc[known].to_numpy(),
        "nation_total": nation.loc[known].to_numpy(),
        "old_steps": old_60.index.to_numpy() - FIRST_YEAR,
        "old_60": old_60.to_numpy(),
        "old_65": old_65.to_numpy(),
    }


def _has(tables: Tables, indicator: str, year: int) -> bool:
    try:
        return not tables.table(indicator, area="national", year=year).empty
    except FigureNotFound:
        return False


def _published(tables: Tables, indicator: str, age: str = "all") -> pd.Series:
    """Return a series by year, empty where nothing of it is published."""
    try:
        return tables.series(indicator, age=age)
    except FigureNotFound:
        # An empty series of whole years, made from one that is there.
        return tables.series("population_year_end").iloc[:0]


def _first_population(tables: Tables, survival: np.ndarray) -> np.ndarray:
    """Survive the single ages of the census of 2010 back to the end of 2000, shape (2, 101)."""
    span = CENSUS_YEAR - FIRST_YEAR
    rows = tables.table("population_census", area="national", year=CENSUS_YEAR)
    rows = rows[(rows["age_to"] == rows["age_from"]) | (rows["age_from"] == MAX_AGE)]
    census = np.stack([rows[rows["sex"] == s].set_index("age_from")["value"].reindex(AGES) for s in SEXES])
    lived = np.ones((2, MAX_AGE + 1 - span))
    for step in range(span):
        lived = lived * survival[:, 1 + step : MAX_AGE + 2 - span + step, step]
    first = np.zeros((2, MAX_AGE + 1))
    first[:, : MAX_AGE + 1 - span] = census[:, span:] / lived
    # Hardly one in ten of the very old lives ten years: to survive the few of 95 and over backwards multiplies every
    # misstated age. Their number in 2000 is taken from the United Nations, relative to those below them.
    first[:, OLDEST:] = _oldest(tables, first[:, OLDEST - 10 : OLDEST].sum(axis=1))
    total = tables.series("population_year_end", area="national").loc[FIRST_YEAR]
    return first * total / first.sum()


def _oldest(tables: Tables, younger: np.ndarray) -> np.ndarray:
    """Return people of `OLDEST` and over at the end of 2000, shape (2, 101 - OLDEST), by those ten years younger."""
    rows = tables.table("population", area="national", year=FIRST_YEAR)
    groups = np.arange(OLDEST, MAX_AGE + 1, 5)
    age = np.arange(OLDEST, MAX_AGE + 1)
    out = []
    for position, sex in enumerate(SEXES):
        un = rows[rows["sex"] == sex].set_index("age_from")["value"]
        # One rate of fall through all groups: the one from the first to the next.
        falling = (un.loc[groups[1]] / un.loc[groups[0]]) ** ((age - OLDEST) / 5)
        old = falling / falling.sum() * un.loc[OLDEST:].sum()
        out.append(younger[position] * old / un.loc[OLDEST - 10 : OLDEST - 1].sum())
    return np.stack(out)


def _births(tables: Tables, first: np.ndarray, survival: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return births of each year, persons: women of the census times the published rates."""
    women = np.empty((MAX_AGE + 1, len(years) + 1))
    women[:, 0] = first[0]
    asfr = _asfr(tables, years)
    births = np.empty(len(years))
    for k in range(len(years)):
        women[1:, k + 1] = women[:-1, k] * survival[0, 1:-1, k]
        women[0, k + 1] = women[0, k]
        births[k] = (asfr[:, k] * 0.5 * (women[:, k] + women[:, k + 1])).sum()
        women[0, k + 1] = births[k] * _sex_share(tables)[0] * survival[0, 0, k]
    return births


def _asfr(tables: Tables, years: np.ndarray) -> np.ndarray:
    """Return rates by single age scaled to the total fertility rate, shape (101, K)."""
    pattern = _age_pattern(tables, years, 10, 55)
    tfr = tables.series("tfr")
    return pattern * np.interp(years, tfr.index, tfr.to_numpy())


def _age_pattern(tables: Tables, years: np.ndarray, low: int, high: int) -> np.ndarray:
    """Return the age pattern of fertility over ages low..high-1, summing to one, shape (101, K)."""
    wide = tables.table("asfr").pivot_table(index="age_from", columns="year", values="value")
    centres = wide.index.to_numpy(dtype=float) + 2.5
    # Past the last published year its pattern is kept: the newest years differ little in shape.
    column = np.clip(years, wide.columns.min(), wide.columns.max())
    rates = [np.interp(AGES + 0.5, centres, wide[y].to_numpy(), left=0.0, right=0.0) for y in column]
    pattern = np.stack(rates, axis=1)
    pattern[(low > AGES) | (high <= AGES)] = 0.0
    return pattern / pattern.sum(axis=0)


def _mothers(tables: Tables, years: np.ndarray) -> np.ndarray:
    """Return the age pattern of births over `MOTHERS` by age at the end of 2000, shape (39, K)."""
    by_age = _age_pattern(tables, years, *MOTHERS)
    then = np.arange(MOTHERS[1] - 1)
    # A mother of age a at the end of year 2000 + k was a - k then; k counts from 1.
    age = then[:, None] + np.arange(1, len(years) + 1)
    return by_age[np.minimum(age, MAX_AGE), np.arange(len(years))]


def _sex_share(tables: Tables) -> np.ndarray:
    """Return the female and male share of births, from the youngest age of the census."""
    rows = tables.table("population_census", area="national", year=CENSUS_YEAR)
    babies = rows[(rows["age_from"] == 0) & (rows["age_to"] == 0)].set_index("sex")["value"]
    return np.array([babies[s] for s in SEXES]) / sum(babies[s] for s in SEXES)


def _urban_share_before(tables: Tables, years: np.ndarray) -> np.ndarray:
    """Return the urban share at the start of each year."""
    urban = tables.series("population_year_end", area="urban")
    share = (urban / tables.series("population_year_end", area="national")).dropna()
    return np.interp(years - 1, share.index, share.to_numpy())


def _rural_structure(tables: Tables, first: np.ndarray) -> dict[str, np.ndarray]:
    """Return the rural long-form structures, and a prior for the rural share of each group of 2000."""
    bounds = np.array([(a, a + 5 if a < STRUCTURE_STARTS[-1] else MAX_AGE + 1) for a in STRUCTURE_STARTS])
    out: dict[str, np.ndarray] = {"structure_ages": bounds}
    for year in (FIRST_YEAR, CENSUS_YEAR):
        rows = tables.table("population_long_form", area="rural", year=year)
        wide = rows.pivot_table(index="sex", columns="age_from", values="value").loc[list(SEXES), STRUCTURE_STARTS]
        out[f"structure_{year}"] = wide.to_numpy() / wide.to_numpy().sum()
    total = float(tables.series("population_year_end", area="rural").loc[FIRST_YEAR] / first.sum())
    shape = (len(SEXES), len(GROUP_STARTS))
    out["rural_logit_mean"] = np.full(shape, np.log(total / (1 - total)))
    # Adults are counted by age, children only through the total: they get the tighter prior.
    out["rural_logit_sd"] = np.where(GROUP_STARTS < STRUCTURE_STARTS[0], 0.3, 0.6) * np.ones(shape)
    return out


def _census_2020(tables: Tables, base_year: int) -> dict[str, np.ndarray]:
    """Return what the census of 2020 says of ages; nothing if it is not known or comes after the base year."""
    if base_year < LAST_CENSUS or not _has(tables, "population_census", LAST_CENSUS):
        return {}
    rows = tables.table("population_census", area="national", year=LAST_CENSUS)
    rows = rows[rows["sex"] == "both"].set_index("age")["value"]
    elders = rows["60+"] - rows["65+"]
    share = tables.table("population_share", area="rural", year=LAST_CENSUS).set_index("age")["value"]
    ratio = tables.table("rural_sex_ratio", year=LAST_CENSUS)["value"].to_numpy()[0]
    broad = np.array([rows["0-14"], rows["15-59"], elders, rows["65+"]])
    return {
        "broad_ages": np.array([(0, 15), (15, 60), (60, 65), (65, MAX_AGE + 1)]),
        "broad_2020": broad / broad.sum(),
        "rural_share_60": np.array(share["60+"]),
        "rural_share_65": np.array(share["65+"]),
        "rural_males_per_female": np.array(ratio),
    }
