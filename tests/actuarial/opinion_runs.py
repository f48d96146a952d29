"""Runs of every kind for the tests of the opinion, and what the chapter says of them."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from actuarial.report import Results, calibration, read_results
from actuarial.report._html import environment
from actuarial.report._opinion_results import MEASURES
from actuarial.report._opinion_rules import Grade
from actuarial.report.blocks import Context, Table
from actuarial.report.numbers import Numbers
from actuarial.report.opinion import Opinion, opinion
from actuarial.report.records import Assumption, Observed, Source
from actuarial.report.results import BACKCAST, OTHERS
from actuarial.report.texts import Texts, catalogue
from tests.actuarial.report_fixture import FIGURES, write_results
from tests.actuarial.report_fixture_axes import DRAWS
from tests.actuarial.report_fixture_records import scores

CORE = ("contributors", "pensioners", "fund_balance")
LANGUAGES = ("en", "zh")


def context(results: Results, language: Any = "en") -> Context:
    texts = Texts(language)
    return Context(results, texts, Numbers(texts, results.manifest.last_year))


_MADE: dict[tuple[int, str], tuple[Context, Opinion]] = {}


def written(results: Results, language: Any = "en") -> tuple[Context, Opinion]:
    """Return the chapter of a run, made once; the run is kept, so that no other takes its identity."""
    key = (id(results), language)
    if key not in _MADE:
        one = context(results, language)
        _MADE[key] = (one, opinion(one))
    return _MADE[key]


def made(results: Results, language: Any = "en") -> Opinion:
    """Return the chapter of a run."""
    return written(results, language)[1]


def chapter(results: Results, language: Any = "en") -> tuple[str, Texts]:
    """Return the chapter as HTML, and the texts that it used."""
    one, words = written(results, language)
    template = environment().get_template("opinion.html.j2")
    return template.render(t=one.texts, opinion=words, models=[]), one.texts


def prose(one: Opinion) -> str:
    """Return every sentence of the chapter, tables apart."""
    lines = [*one.lead, *(line for part in one.parts for line in (*part.paragraphs, *part.notes))]
    lines += [found.words for part in one.parts for found in part.findings]
    clauses = one.statement.clauses
    lines += [one.statement.lead, *one.statement.results, *one.statement.reliance, *(c.words for c in clauses)]
    return "\n".join([*lines, *(name for clause in clauses for name in clause.reservations)])


def part_of(one: Opinion, key: str) -> Any:
    return next(part for part in one.parts if part.key == key)


def row_of(table: Table, head: str) -> list[str]:
    """Return the cells of the row that begins with `head`."""
    return [cell.main for cell in next(row for row in table.rows if row[0].main == head)]


def grades(one: Opinion) -> dict[str, Grade]:
    """Return the grades of the statement: data, assumptions one by one and together, methods."""
    return dict(
        zip(("data", "individually", "aggregate", "method"), (c.grade for c in one.statement.clauses), strict=True)
    )


def text_of(key: str, **values: Any) -> str:
    return catalogue()[f"opinion.{key}"]["en"].format(**values)


def said(results: Results, keys: list[str]) -> list[str]:
    """Return those of the sentences `keys` that the chapter holds, whatever their numbers, alike in both languages."""
    found = []
    for language in LANGUAGES:
        words = prose(made(results, language))
        found.append([key for key in keys if re.search(pattern(catalogue()[f"opinion.{key}"][language]), words)])
    assert found[0] == found[1]
    return found[0]


def pattern(text: str) -> str:
    """Return the pattern of a line that is `text` with its placeholders filled."""
    return "(?m)^" + "[^\n]*?".join(re.escape(part[0]) for part in string.Formatter().parse(text)) + "[^\n]*?$"


def says(results: Results, key: str) -> bool:
    """Whether the chapter holds a sentence."""
    return bool(said(results, [key]))


def one_of(results: Results, stem: str) -> str:
    """Return which of the sentences that begin with `stem` the chapter holds; there must be exactly one."""
    keys = [key.removeprefix("opinion.") for key in catalogue() if key.startswith(f"opinion.{stem}.")]
    (found,) = said(results, keys)
    return found.removeprefix(f"{stem}.")


# -- what the runs look like


def unjudged(folder: Path) -> Results:
    """Return the small run, its results written to `folder`, of the pension alone and with no held-out years scored."""
    run = read_results(write_results(folder))
    rules = [one for one in run.assumptions if one.key.startswith(("pension.", "priors."))]
    none: dict[str, Any] = dict.fromkeys(OTHERS)
    return replace(run, calibration=None, assumptions=rules, **none)


def with_manifest(results: Results, **changes: Any) -> Results:
    return replace(results, manifest=results.manifest.model_copy(update=changes))


def with_indicator(results: Results, name: str, values: np.ndarray, dims: tuple[str, ...]) -> Results:
    data = results.indicators
    attrs = data[name].attrs if name in data else {}
    return replace(results, indicators=data.assign({name: (dims, values, attrs)}))


def empty_in(results: Results, draws: int) -> Results:
    """Return a run in which the pool of the first scenario is empty in so many of the draws, and no other ledger."""
    pool = np.zeros((3, DRAWS, 75))
    pool[0, :draws] = 1.0
    dims = ("scenario", "draw", "year")
    return with_indicator(with_indicator(results, "pool_empty", pool, dims), "fund_empty", 0 * pool, dims)


def with_series(results: Results, years: dict[str, list[int]], sources: tuple[str, ...] = ("yearbook",)) -> Results:
    """Return a run whose published series have the years given, and no checks."""
    line = {"unit": "persons", "sources": list(sources)}
    series = {
        name: Observed.model_validate({"years": some, "values": [1.0 + 0.01 * y for y in range(len(some))], **line})
        for name, some in years.items()
    }
    return replace(results, observed=series, checks=[])


def until(last: int, first: int = 2010) -> list[int]:
    return list(range(first, last + 1))


def whole(last: int = 2025) -> dict[str, list[int]]:
    return dict.fromkeys(CORE, until(last))


def with_notes(results: Results, notes: dict[int, str] | None) -> Results:
    """Return a run in which single years of the pensioners carry notes."""
    run = with_series(results, whole())
    return replace(
        run, observed=run.observed | {"pensioners": run.observed["pensioners"].model_copy(update={"notes": notes})}
    )


def with_sources(results: Results, second: int, total: int) -> Results:
    """Return a run whose series rest on `total` sources, of which `second` were read in press reports."""
    line = {"title": "t", "publisher": "p", "address": "a", "date_read": "2026-11-22", "indicators": []}
    texts = ["press report of an official figure, cited"] * second + ["published figure, cited"] * (total - second)
    sources = [Source.model_validate({"key": f"s{i}", "licence": text, **line}) for i, text in enumerate(texts)]
    run = with_series(results, whole(), tuple(one.key for one in sources))
    return replace(run, sources=sources)


def judged(results: Results, table: pd.DataFrame, figures: str = FIGURES) -> Results:
    return replace(results, calibration=calibration.Calibration(table, "2026-11-22", figures, {}))


def held(share: float, **columns: float) -> pd.DataFrame:
    return scores().assign(coverage_80=share, **columns)


def with_past(results: Results, inside: int) -> Results:
    """Return a run in whose backcast so many of the fifty published values lie inside the widest interval."""
    past = results.backcast
    assert past is not None
    flat = np.arange(len(BACKCAST) * past.sizes["year"]).reshape(len(BACKCAST), -1) < inside
    seen = {
        f"observed_{name}": xr.where(xr.DataArray(flat[i], dims="year"), past[name].median("draw"), 1e15)
        for i, name in enumerate(BACKCAST)
    }
    return replace(results, backcast=past.assign({k: v.assign_coords(year=past["year"]) for k, v in seen.items()}))


def with_gate(results: Results, passed: list[bool]) -> Results:
    rows = [results.diagnostics[0].model_copy(update={"passed": one}) for one in passed]
    return replace(results, diagnostics=rows)


def with_need(results: Results, width: float) -> Results:
    """Return a run whose fiscal need has an 80 % interval of `width` medians."""
    levels = np.linspace(0.0, 1.0, DRAWS)
    path = 0.04 * (1.0 + width * (levels - 0.5) / 0.8)
    values = np.broadcast_to(path[None, :, None], (3, DRAWS, 75)).copy()
    return with_indicator(results, "fiscal_need_share", values, ("scenario", "draw", "year"))


def following(results: Results, noise: float) -> Results:
    """Return a run whose fiscal need follows the ranks of total fertility, blurred by noise."""
    year, rng = 2050, np.random.default_rng(5)
    mean = results.projection["tfr"].sel(year=slice(2026, year)).mean("year").values
    rank = np.argsort(np.argsort(mean)) / DRAWS
    blurred = 0.03 + 0.01 * ((1 - noise) * rank + noise * rng.random(DRAWS))
    values = np.broadcast_to(blurred[None, :, None], (3, DRAWS, 75)).copy()
    return with_indicator(results, "fiscal_need_share", values, ("scenario", "draw", "year"))


def with_tfr(results: Results, published: float) -> Results:
    years = until(2025)
    record = {"unit": "children per woman", "years": years, "values": [published] * 16, "sources": ["yearbook"]}
    return replace(results, observed={"tfr": Observed.model_validate(record)}, checks=[])


def with_measures(results: Results) -> Results:
    """Return a run with every measure that may be there, in every form it may have."""
    rng, data = np.random.default_rng(3), results.indicators
    units = ("share of rural income", "yuan", "ratio", "years of budget revenue")
    sizes: dict[str, dict[str, Any]] = {"general_average_premium": {"horizon": [25.0, np.inf]}}
    sizes |= {
        name: {"year": data["year"].values} for name in ("scaled_premium", "balance_ratio", "pension_to_subsistence")
    }
    sizes["steady_state_rate"] = {"group": ["east", "west"]}
    new = {}
    for i, name in enumerate(one for one in MEASURES if one != "actuarial_balance"):
        own = sizes.get(name, {})
        shape = (3, DRAWS, *(len(labels) for labels in own.values()))
        dims = ("scenario", "draw", *own)
        new[name] = xr.DataArray(1.0 + rng.random(shape), own, dims, attrs={"unit": units[i % 4]})
    half = np.where(np.arange(DRAWS) % 2, 0.3, np.nan) * np.ones((3, 1))
    new["actuarial_balance_infinite"] = xr.DataArray(half, dims=("scenario", "draw"), attrs={"unit": units[0]})
    # The horizons of premium and balance differ, as those of two rooms may.
    renamed = new.pop("general_average_premium").reindex(horizon=[25.0, 50.0, 75.0, np.inf])
    wide = data.assign_coords(horizon=data["horizon"].astype(float)).reindex(horizon=[25.0, 50.0, 75.0, np.inf])
    return replace(results, indicators=wide.assign(new | {"general_average_premium": renamed}))


def regional(results: Results) -> Results:
    return replace(with_manifest(results, region="四川"), backcast=None)


def classical(results: Results) -> Results:
    return replace(with_manifest(results, methods={"fertility": "ets"}), diagnostics=results.diagnostics[1:4])


def alone(results: Results) -> Results:
    """Return a run of one scenario, to 2045."""
    short = {"last_year": 2045, "scenarios": results.manifest.scenarios[:1]}
    data = results.indicators.isel(scenario=[0]).sel(year=slice(None, 2045))
    account = results.account.isel(scenario=[0]).sel(year=slice(None, 2045))
    return replace(with_manifest(results, **short), indicators=data, account=account)


def with_opening(results: Results) -> Results:
    shape, owed = (3, DRAWS), np.linspace(1.40e12, 1.44e12, DRAWS)
    opening = {"opening_balance": np.full(shape, 1.8e12), "opening_accounts": np.broadcast_to(owed, shape)}
    account = results.account.assign({name: (("scenario", "draw"), values) for name, values in opening.items()})
    return replace(results, account=account)


def answering(results: Results, elasticity: float) -> Results:
    row = results.assumptions[0].model_dump() | {
        "key": "pension.participation.elasticity", "value": 0.0, "scenarios": {"package": elasticity}
    }  # fmt: skip
    return replace(results, assumptions=[*results.assumptions, Assumption.model_validate(row)])


def variants(results: Results) -> Iterator[Results]:
    """Yield runs that together say everything that the chapter can say."""
    yield from (results, regional(results), classical(results), alone(results), with_measures(results))
    yield from (with_opening(results), answering(results, 0.5), with_gate(results, []), with_gate(results, [True] * 5))
    yield from (empty_in(results, draws) for draws in (0, 1, 5, 16, 30, 38, 40))
    yield from (with_notes(results, notes) for notes in ({}, {2010: "pilot", 2011: "pilot", 2025: "flash"}))
    yield from (with_sources(results, second, 10) for second in (0, 1, 5))
    yield from (with_series(results, whole(last)) for last in (2025, 2023, 2021))
    yield from (
        replace(results, observed={}, checks=[]),
        with_series(results, {}, ()),
        with_series(results, whole(), ()),
    )
    yield with_series(results, {"pensioners": until(2025), "tfr": until(2021)})
    yield with_series(results, {name: [2010, 2012, *until(2025, 2019)] for name in CORE})
    yield from (with_tfr(results, value) for value in (1.0, 5.0))
    yield from (judged(results, held(share)) for share in (0.3, 0.6, 0.8, 0.95))
    yield judged(results, held(0.8, crps=1.0), "cd" * 32)
    yield judged(results, scores(("contributors", "tfr")).query("series == 'tfr'"))
    yield judged(results, scores().query("method != 'granary'"))
    yield from (with_past(results, inside) for inside in (50, 40, 20))
    yield from (with_need(results, width) for width in (0.0, 0.1, 0.5, 2.0))
    yield from (following(results, noise) for noise in (0.0, 0.5, 1.0))
