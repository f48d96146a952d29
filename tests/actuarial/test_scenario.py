"""Run files: what is read, and every fault that is told."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest

from actuarial._priors import MODELS, record
from actuarial._quantity import describe
from actuarial._template import prior_meanings, run_text
from actuarial._toml import line_of, lines_of, value
from actuarial.rules import SCHEMES, Rules
from actuarial.scenario import Models, Run, RunFaults, Sampling, read_run
from forecasting import projection
from forecasting.models.sampling import Settings
from forecasting.sources import default_data_folder

LAW = '[scenarios.law]\ntitle = "Law"\n'


def write(folder: Path, text: str) -> Path:
    file = folder / "run.toml"
    file.write_text(text, encoding="utf-8")
    return file


def faults(folder: Path, text: str, **options: object) -> list[str]:
    with pytest.raises(RunFaults) as caught:
        read_run(write(folder, text), options)
    return [str(fault) for fault in caught.value.faults]


def test_the_default_run_file_reads_as_all_defaults() -> None:
    run = read_run()
    assert (run.run, run.sampling, run.models, run.rules) == (Run(), Sampling(), Models(), Rules())
    assert run.settings == Settings()
    assert run.priors == {}


def test_the_default_run_file_names_every_key_with_its_meaning_and_unit() -> None:
    text = " ".join(run_text().replace("\n# ", " ").split())
    for row in describe(Run()) + describe(Sampling()) + describe(Models()) + describe(Rules()):
        last = str(row["key"]).rpartition(".")[2]
        assert f"{row['meaning']}." in text
        assert f"Unit: {row['unit']}" in text
        assert f"{last} = " in text


@pytest.mark.parametrize("model", MODELS)
def test_the_default_run_file_names_every_prior_and_each_is_read_back_as_it_stands(tmp_path: Path, model: str) -> None:
    start = run_text().index(f"# [priors.{model}]")
    table = run_text()[start:].split("\n\n")[0].splitlines()
    names = {field.name for field in dataclasses.fields(record(model))}
    keys = [line.removeprefix("# ") for line in table[1:] if line.split("=")[0].strip(" #") in names]
    run = read_run(write(tmp_path, "\n".join([LAW, f"[priors.{model}]", *keys])))
    assert {line.split(" =")[0] for line in keys} == names
    assert run.priors_of(model) == record(model)()
    assert prior_meanings(record(model))


def test_the_three_scenarios_have_names_in_both_languages_and_only_change_what_they_say() -> None:
    run = read_run()
    assert list(run.scenarios) == ["law", "capacity", "package"]
    assert all(s.title and s.title_zh and s.description and s.description_zh for s in run.scenarios.values())
    assert run.compared_with == "law"
    assert run.changes("law") == []
    assert [(c.key, c.before, c.after) for c in run.changes("capacity")] == [
        ("pension.fiscal.rule", "statutory", "capacity")
    ]
    package = run.reformed["package"].pension
    assert (package.land.share, package.investment.market_share, package.accounts.member_share_cap) == (0.1, 0.3, 0.4)
    assert package.benefit.divisor_months == run.pension.benefit.divisor_months


def test_a_scenario_has_the_schemes_of_the_run_and_those_that_it_founds() -> None:
    run = read_run()
    assert run.schemes("law") == run.schemes("capacity") == ("pension", "medical")
    assert run.schemes("package") == run.all_schemes == SCHEMES
    assert {name: case.schemes for name, case in run.cases.items()} == {name: run.schemes(name) for name in run.cases}


def test_of_a_region_the_pension_alone_is_valued(tmp_path: Path) -> None:
    text = 'title = "L"\nfounds = ["time_bank"]\nchange.time_bank.participation = 0.2\n'
    run = read_run(write(tmp_path, f'[run]\nregion = "四川"\n[scenarios.a]\n{text}'))
    assert run.all_schemes == ("pension",)
    assert run.changes("a") == []


def test_schemes_without_the_pension_or_named_twice_or_unknown_are_faults(tmp_path: Path) -> None:
    assert faults(tmp_path, f'[run]\nschemes = ["medical"]\n{LAW}') == [
        "line 2, run.schemes: the pension is not in the list. Name it: its members and their incomes carry the others."
    ]
    assert faults(tmp_path, f'[run]\nschemes = ["pension", "medical", "medical"]\n{LAW}') == [
        "line 2, run.schemes: medical stands in the list more than once. Name it once."
    ]
    text = "[scenarios.a]\ntitle = 'A'\nfounds = ['time_bank', 'lottery']\n"
    assert faults(tmp_path, text) == [
        'line 3, scenarios.a.founds.1: "lottery" is not a choice here. '
        "Give 'pension', 'medical', 'unemployment', 'time_bank' or 'care_plan'."
    ]


def test_a_change_of_a_scheme_that_the_scenario_does_not_have_is_a_fault(tmp_path: Path) -> None:
    text = "[scenarios.a]\ntitle = 'A'\nchange.unemployment.membership.coverage_last = 0.5\n"
    assert faults(tmp_path, text) == [
        "line 3, scenarios.a.change.unemployment.membership.coverage_last: this scenario has no unemployment. "
        'Write founds = ["unemployment"] in this scenario, or name it in run.schemes.'
    ]


def test_a_change_without_its_scheme_is_told_where_it_belongs(tmp_path: Path) -> None:
    text = "[scenarios.a]\ntitle = 'A'\nchange.fiscal.rule = 'capacity'\n"
    assert faults(tmp_path, text) == [
        "line 3, scenarios.a.change.fiscal.rule: fiscal stands without its scheme. Write change.pension.fiscal."
    ]


def test_the_change_of_a_scenario_is_judged_although_its_other_keys_are_at_fault(tmp_path: Path) -> None:
    text = "[scenarios.a]\nfounds = ['lottery']\nchange.pension.land.share = 2\n"
    assert [told.partition(":")[0] for told in faults(tmp_path, text)] == [
        "line 1, scenarios.a.title",
        "line 2, scenarios.a.founds.0",
        "line 3, scenarios.a.change.pension.land.share",
    ]


def test_a_change_is_laid_over_the_pension_tables_of_the_file(tmp_path: Path) -> None:
    text = "[pension.land]\nshare = 0.05\n[scenarios.a]\ntitle = 'A'\nchange.pension.land.from_year = 2030\n"
    run = read_run(write(tmp_path, text))
    assert (run.reformed["a"].pension.land.share, run.reformed["a"].pension.land.from_year) == (0.05, 2030)
    assert run.compared_with == "a"


def test_folders_are_seen_from_the_run_file(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    run = read_run(write(tmp_path, f'[run]\ndata = "figures"\nout = "results"\n{LAW}'))
    assert (run.data_folders, run.out) == ([tmp_path / "figures"], tmp_path / "results")


def test_folders_are_laid_over_each_other_in_the_order_of_the_list(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    run = read_run(write(tmp_path, f'[run]\ndata = ["bundled", "mine"]\n{LAW}'))
    assert run.data_folders == [default_data_folder(), tmp_path / "mine"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("5", ["5 names no folder. Give a text in quotes, or a list of texts."]),
        ("[]", ["[] names no folder. Give a text in quotes, or a list of texts."]),
        ('["bundled", 5]', ['["bundled", 5] names no folder. Give a text in quotes, or a list of texts.']),
        (
            '["bundled", "", "no", "bundled"]',
            [
                '"bundled" stands in the list 2 times. Name it once.',
                "the text is empty. Write it between the quotes.",
                'there is no folder no. Name a folder of data tables, or "bundled".',
            ],
        ),
    ],
)
def test_every_fault_of_the_list_of_folders_is_told(tmp_path: Path, data: str, told: list[str]) -> None:
    assert faults(tmp_path, f"[run]\ndata = {data}\n{LAW}") == [f"line 2, run.data: {words}" for words in told]


def test_a_country_without_a_name_is_a_fault(tmp_path: Path) -> None:
    told = "line 2, run.country: the text is empty. Write it between the quotes."
    assert faults(tmp_path, f'[run]\ncountry = " "\n{LAW}') == [told]


@pytest.mark.parametrize(
    ("keys", "title"),
    [
        ("", "Will China's rural pension and medical funds last?"),
        ('schemes = ["pension"]', "Will China's rural pension last?"),
        ('region = "四川"', "Will the rural pension of 四川 last?"),
        ('country = "Freedonia"', "Will the rural pension of Freedonia last?"),
        ('region = "四川"\ntitle = "My own"', "My own"),
    ],
)
def test_a_title_that_is_left_out_names_what_is_valued(tmp_path: Path, keys: str, title: str) -> None:
    assert read_run(write(tmp_path, f"[run]\n{keys}\n{LAW}")).run.title == title


def test_every_model_may_be_replaced_by_every_method_that_the_forecast_knows(tmp_path: Path) -> None:
    assert tuple(Models.model_fields) == projection.ORDER
    for method in projection.METHODS:
        text = LAW + "[models]\n" + "".join(f'{model} = "{method}"\n' for model in projection.ORDER)
        assert read_run(write(tmp_path, text)).models.model_dump() == dict.fromkeys(projection.ORDER, method)


def test_an_unknown_method_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    assert faults(tmp_path, f'{LAW}[models]\neconomy = "var"\nweather = "ets"\n') == [
        'line 4, models.economy: "var" is not a choice here. '
        "Give 'bayesian', 'random_walk', 'ets', 'arima' or 'local_linear_trend'.",
        "line 5, models.weather: there is no such key. "
        "Take it out; the keys here are fertility, mortality, migration, membership, economy.",
    ]


def test_an_option_stands_over_the_file_and_its_fault_names_the_option(tmp_path: Path) -> None:
    assert read_run(write(tmp_path, f"[run]\ndraws = 10\n{LAW}"), {"draws": 20, "seed": None}).run.draws == 20
    assert faults(tmp_path, f"[run]\ndraws = 10\n{LAW}", draws=-3) == ["--draws: -3 is below 2. Give at least 2."]


def test_every_fault_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = """\
[run]
draws = 3000
seeed = 3
data = "nowhere"
language = "fr"
title = " "
[sampling]
chains = -1
kept = "many"
target_accept = nan
[pension]
money_year = 2024.5
[pension.land]
share = 1.3
[pension.fiscal]
rule = "mine"
[scenarios.Law]
titel = "x"
[scenarios.reform]
title = "Reform"
change.pension.benefit = { income_wieght = 1.0 }
change.pension.land.share = -1
change.pension.fiscal = 5
[weather]
"""
    assert faults(tmp_path, text) == [
        "line 3, run.seeed: there is no such key. Write seed, if that is meant.",
        'line 4, run.data: there is no folder nowhere. Name a folder of data tables, or "bundled".',
        "line 5, run.language: \"fr\" is not a choice here. Give 'en' or 'zh'.",
        "line 6, run.title: the text is empty. Write it between the quotes.",
        "line 8, sampling.chains: -1 is below 2. Give at least 2.",
        'line 9, sampling.kept: "many" is not a whole number. Give a whole number.',
        "line 10, sampling.target_accept: nan is not a finite number. Give a plain number.",
        "line 12, pension.money_year: 2024.5 is not a whole number. Give a whole number.",
        "line 14, pension.land.share: 1.3 is over 1. Give at most 1.",
        'line 16, pension.fiscal.rule: "mine" is not a choice here. '
        "Give 'statutory', 'capacity', 'within_capacity' or 'capped'.",
        "line 17, scenarios.Law: this is no name for a scenario. "
        "Use small letters, digits and underscores, a letter first.",
        "line 17, scenarios.Law.title: this key is missing. Write it.",
        "line 18, scenarios.Law.titel: there is no such key. Write title, if that is meant.",
        "line 21, scenarios.reform.change.pension.benefit.income_wieght: there is no such key. "
        "Write income_weight, if that is meant.",
        "line 22, scenarios.reform.change.pension.land.share: -1 is below 0. Give at least 0.",
        "line 23, scenarios.reform.change.pension.fiscal: 5 is not a table. Give a table.",
        "line 24, weather: there is no such key. "
        "Take it out; the keys here are run, sampling, models, pension, medical, unemployment, time_bank, care_plan, "
        "pooling, mix, frontier, breakeven, stress, variance, sensitivity, explore, measures, scenarios, priors.",
    ]


def test_more_draws_than_are_sampled_is_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, f"[run]\ndraws = 900\n[sampling]\nchains = 2\nkept = 400\n{LAW}") == [
        "line 2, run.draws: 900 is more than the 800 draws of 2 chains of 400. "
        "Give at most 800, or raise sampling.kept."
    ]


def test_results_cannot_go_where_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    assert faults(tmp_path, f'[run]\nout = "taken"\n{LAW}') == ["line 2, run.out: taken is a file. Name a folder."]


def test_a_run_without_a_scenario_is_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, "") == ["scenarios: there is no scenario. Write at least one table [scenarios.law]."]


def test_faults_of_priors_name_model_and_key(tmp_path: Path) -> None:
    text = f"""\
{LAW}
[priors.fertility]
long_run_sd = -1
long_rum_mean = 2
[priors.weather]
[priors.economy]
income_anchor = [0.02, "a"]
land_anchor = [-1.0, 2]
market_premium = [1, 2, 3]
"""
    told = faults(tmp_path, text)
    assert told[:2] == [
        "line 5, priors.fertility.long_run_sd: -1 is no standard deviation. Give a number over 0.",
        "line 6, priors.fertility.long_rum_mean: there is no such key. Write long_run_mean, if that is meant.",
    ]
    assert told[2].startswith("line 7, priors.weather: there is no such key. Take it out; the keys here are")
    assert told[3] == 'line 9, priors.economy.income_anchor: "a" is not a number. Give a number.'
    assert told[4].startswith("line 10, priors.economy.land_anchor: ")
    assert told[5].startswith("line 11, priors.economy.market_premium: [1, 2, 3] is not a list of 2.")
    assert len(told) == 6


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = 1\na = 2\n", "line 2: this key stands here for the second time."),
        ("[run]\ntitle = nought\n", "line 2: this is no value; a text needs quotes."),
        ("[run]\ndraws = 1.2.3\n", "line 2: the value does not end here;"),
        ("[run]\ntitle = 'a\nb=3", "end of the file: a quote or a bracket is never closed."),
        ('[run]\ntitle = "a\nb=3\n', "line 2: a quote is not closed on its line."),
    ],
)
def test_a_text_that_is_not_toml_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    (fault,) = faults(tmp_path, text)
    assert fault.startswith(told)


def test_a_file_that_is_missing_or_not_utf8_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunFaults, match="there is no such file"):
        read_run(tmp_path / "none.toml")
    (tmp_path / "run.toml").write_bytes(b"[run]\ntitle = '\xff'\n")
    with pytest.raises(RunFaults, match="line 2: the text is not UTF-8"):
        read_run(tmp_path / "run.toml")


def test_the_line_of_a_key_is_found_through_tables_dots_strings_and_lists() -> None:
    text = 'a = """\nb = 1\n"""\nc = [1, # ]\n 2]\n[x."y.z"]\nd.e = 1\nf = { g = 1 }\n'
    lines = lines_of(text)
    assert lines == {("a",): 1, ("c",): 4, ("x", "y.z"): 6, ("x", "y.z", "d", "e"): 7, ("x", "y.z", "f"): 8}
    assert line_of(lines, ("x", "y.z", "f", "g")) == 8
    assert line_of(lines, ("nowhere",)) is None


@pytest.mark.parametrize("thing", [1, -2.5, 1e-7, True, 'say "养老"\n', [1, [2.0]], {"2026": 0.5, "a b": "c"}, []])
def test_a_value_written_as_toml_is_read_back(thing: object) -> None:
    assert tomllib.loads(f"x = {value(thing)}")["x"] == thing
