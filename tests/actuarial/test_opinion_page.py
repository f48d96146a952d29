"""The actuarial opinion on the page: no word beyond the results, no title that breaks out, headings in order."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from actuarial.report import Results
from actuarial.report.opinion import REFERENCES
from actuarial.report.page import render
from actuarial.report.texts import catalogue
from tests.actuarial.opinion_runs import (
    LANGUAGES,
    chapter,
    judged,
    made,
    part_of,
    prose,
    regional,
    unjudged,
    variants,
    with_manifest,
    with_measures,
)
from tests.actuarial.opinion_runs_medical import medical_variants, numbers_of_medical
from tests.actuarial.report_fixture_records import scores

HOSTILE = '"><img src=x onerror=alert(1)></script><script>alert(2)</script>{{ 7 * 7 }}'


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return unjudged(tmp_path_factory.mktemp("run"))


# -- no word beyond the results

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


@pytest.mark.parametrize("key", [key for key in catalogue() if key.startswith("opinion.")])
def test_no_text_brings_a_number_of_its_own(key: str) -> None:
    for text in catalogue()[key].values():
        assert not re.search(r"\d", re.sub(r"\{\w+\}", "", text).replace("ISAP 2", ""))


def numbers_of(results: Results) -> set[str]:
    """Return the numbers that the sentences of a run may hold, each worked out here from the results alone."""
    manifest, data = results.manifest, results.indicators
    allowed = {"5", "10", "50", "70", "80", "90", "95", f"{manifest.draws:,}", str(len(manifest.scenarios))}
    years = {manifest.first_year - 1, manifest.first_year, manifest.last_year, 2030, 2050, 2075, 75}
    years |= {max(one.years) for one in results.observed.values() if one.years}
    counts = {len(manifest.warnings), len(results.diagnostics), len(results.assumptions)}
    chosen = sum(not one.key.startswith("priors.") for one in results.assumptions)
    counts |= {chosen, len(results.assumptions) - chosen}
    for ledger in ("pool", "fund"):
        said = [year for year in (2050, 2075) if year <= manifest.last_year] or [manifest.last_year]
        shares = data[f"{ledger}_empty"].sel(year=said).mean("draw").values.ravel()
        allowed |= {f"{100 * share:.0f}" for share in shares} | {"1", "99"}
    need = data["fiscal_need_share"].isel(scenario=0).sel(year=min(2050, manifest.last_year))
    allowed |= {f"{100 * q:.2f}" for q in need.quantile([0.1, 0.5, 0.9]).values}
    seen = [one for one in results.observed.items() if one[0] != "old_age_ratio_60_national"]
    lengths = [len(one.years) for _, one in seen]
    learned = {
        "births",
        "employee",
        "compliance",
        "contribution",
        "basic",
        "inflation",
        "deposit_rate",
        "market_return",
    }
    checked = [
        [x for x, v in zip(c.x, c.observed, strict=True) if v is not None]
        for c in results.checks
        if c.series in learned
    ]
    lengths += [len(one) for one in checked]
    counts |= {len(lengths), sum(lengths), *lengths}
    counts |= {one[-1] - one[0] + 1 - len(one) for one in [*checked, *(s.years for _, s in seen)]}
    years |= {one[-1] for one in checked}
    keys = {key for _, one in seen for key in one.sources} | {key for c in results.checks for key in c.sources}
    counts |= {len(keys), sum("press" in one.licence for one in results.sources if one.key in keys), *range(11)}
    told = [one for _, one in seen if one.notes is not None]
    counts |= {sum(len(one.notes or {}) for one in told), sum(len(one.years) for one in told)}
    if results.backcast is not None:
        counts |= set(range(51))
    allowed |= calibrated(results) | correlations(results) | openings(results) | numbers_of_medical(results)
    return allowed | {str(value) for value in years | counts}


def calibrated(results: Results) -> set[str]:
    if results.calibration is None or "granary" not in set(results.calibration.scores["method"]):
        return set()
    table = results.calibration.scores
    ours = table[table["method"] == "granary"].set_index(["series", "origin"])
    best = table[table["method"] != "granary"].groupby(["series", "origin"])["crps"].min()
    ratio = float(np.exp(np.log(ours["crps"] / best).mean()))
    held_by = {"all": ours} | {name: ours.xs(name, level="series") for name in ours.index.unique("series")}
    shares = {f"{100 * np.average(rows['coverage_80'], weights=rows['years']):.0f}" for rows in held_by.values()}
    return shares | {str(int(ours["years"].sum())), str(len(held_by) - 1), f"{ratio:.2f}"}


def correlations(results: Results) -> set[str]:
    one = part_of(made(results), "sensitivity").tables[0]
    return {re.sub("[^0-9.]", "", row[1].main) for row in one.rows}


def openings(results: Results) -> set[str]:
    if "opening_accounts" not in results.account:
        return set()
    owed = results.account["opening_accounts"].isel(scenario=0).quantile([0.1, 0.5, 0.9]).values
    values = [*owed, float(results.account["opening_balance"].isel(scenario=0).median())]
    return {f"{value * scale:,.0f}" for value in values for scale in (1e-9, 1e-8)}


@pytest.fixture(scope="module")
def runs(results: Results) -> list[Results]:
    return [*variants(results), *medical_variants(results)]


def test_every_number_in_the_words_is_a_number_of_the_results(runs: list[Results]) -> None:
    for run in runs:
        allowed = numbers_of(run)
        for language in LANGUAGES:
            words = re.sub("|".join(re.escape(name) for name in known_names()), "", prose(made(run, language)))
            assert set(NUMBER.findall(words)) <= allowed, set(NUMBER.findall(words)) - allowed


def known_names() -> list[str]:
    """Return the names of things that hold a number themselves."""
    entries = [entry for key, entry in catalogue().items() if key.startswith(("scored.", "check."))]
    return sorted({text for entry in entries for text in entry.values() if re.search(r"\d", text)} | {"ISAP 2"})


def test_every_text_of_the_chapter_is_used_by_some_run(runs: list[Results]) -> None:
    used = set().union(*(chapter(run)[1].used for run in runs))
    assert {key for key in catalogue() if key.startswith("opinion.")} <= used


# -- the page


class Tags(HTMLParser):
    """Collects the elements of a chapter with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def every(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


def test_headings_come_in_order_and_tables_have_captions_and_scopes(results: Results) -> None:
    for run in (results, regional(results), with_measures(results)):
        html, _ = chapter(run)
        tags = Tags(html)
        assert [name for name, _ in tags.found if re.fullmatch("h[1-6]", name)] == ["h2"] + ["h3"] * 10
        assert len(tags.every("table")) == len(tags.every("caption"))
        assert all(attrs.get("scope") for attrs in tags.every("th"))
        ids = [attrs["id"] for _, attrs in tags.found if "id" in attrs]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_title_of_a_run_breaks_out(results: Results, language: Any) -> None:
    scenarios = [
        one.model_copy(update={"title_en": HOSTILE, "title_zh": HOSTILE}) for one in results.manifest.scenarios
    ]
    model = results.diagnostics[0].model_copy(update={"model": HOSTILE, "passed": False})
    run = replace(with_manifest(results, region=HOSTILE, scenarios=scenarios), diagnostics=[model])
    run = judged(run, scores().assign(series=HOSTILE, coverage_80=0.2).drop_duplicates(["series", "origin", "method"]))
    tags = Tags(chapter(run, language)[0])
    assert tags.every("img") == tags.every("script") == []
    assert [name for _, attrs in tags.found for name in attrs if name.startswith("on")] == []
    assert "".join(tags.text).count("{{ 7 * 7 }}") > 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chapter_stands_in_the_page_and_its_links_lead_somewhere(results: Results, language: Any) -> None:
    page = render(results, language)
    start = page.index('<section id="opinion">')
    html = page[start : page.index("</section>", start)]
    targets = set(re.findall(r'href="#([^"]+)"', html))
    assert targets and targets <= set(re.findall(r' id="([^"]+)"', page))
    assert '<a href="#opinion">' in page[: page.index("<main")] or '<a href="#opinion">' in page
    assert all(address in html for _, address in REFERENCES)
