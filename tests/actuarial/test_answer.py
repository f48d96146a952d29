"""The plain lines of an answer, on invented runs whose every number is known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from actuarial.report.answer import answer

TITLES = {"en": {"law": "Today's law", "rich": "More money"}, "zh": {"law": "现行法律", "rich": "增加投入"}}
DRAWS = np.arange(5)


def world(last: int = 2100) -> tuple[xr.Dataset, xr.Dataset]:
    """Five draws. The pool of `law` is empty in 2030, 2040, ... 2070; everything of `rich` lasts."""
    people, years = np.arange(2010, last + 1), np.arange(2026, last + 1)
    ratio = 0.5 + 0.01 * (people - 2025.0) + 0.01 * DRAWS[:, None] - 0.02
    empty_in = 2030 + 10 * DRAWS
    gone = (years >= empty_in[:, None]).astype(float)
    never = np.zeros_like(gone)
    need = np.broadcast_to(0.02 + 0.001 * DRAWS[:, None], gone.shape)
    within = np.where(empty_in <= last, empty_in, np.nan)
    both, once = ("scenario", "draw", "year"), ("scenario", "draw")
    coords = {"scenario": ["law", "rich"], "draw": DRAWS, "year": years}
    indicators = xr.Dataset(
        {
            "pool_empty": (both, np.stack([gone, never])),
            "fund_empty": (both, np.stack([never, never])),
            "pool_depletion_year": (once, np.stack([within, np.full(5, np.nan)])),
            "fund_depletion_year": (once, np.full((2, 5), np.nan)),
            "fiscal_need_share": (both, np.stack([need, 0 * need])),
        },
        coords,
    )
    projection = xr.Dataset(
        {"old_age_ratio_60": (("place", "draw", "year"), np.stack([ratio, 0 * ratio]))},
        {"place": ["rural", "national"], "draw": DRAWS, "year": people},
    )
    return projection, indicators


def test_the_answer_in_english() -> None:
    assert answer(*world(), TITLES["en"], "en") == [
        "People aged 60 and over per hundred aged 15–59 in rural areas, with 80% intervals: "
        "2025: 50.0 (48.4–51.6), 2050: 75.0 (73.4–76.6), 2075: 100.0 (98.4–101.6).",
        "Today's law: chance that the pool is empty by 2035 / 2050 / 2075: 20% / 60% / 100%, the whole fund: "
        "0% / 0% / 0%; median year in which the pool is empty: 2050, the fund: not by 2100.",
        "More money: chance that the pool is empty by 2035 / 2050 / 2075: 0% / 0% / 0%, the whole fund: "
        "0% / 0% / 0%; median year in which the pool is empty: not by 2100, the fund: not by 2100.",
        "Today's law: fiscal need as a share of general budget revenue, with 80% intervals: "
        "2026: 2.2% (2.0–2.4%), 2050: 2.2% (2.0–2.4%), 2075: 2.2% (2.0–2.4%).",
    ]


def test_the_answer_in_chinese() -> None:
    assert answer(*world(), TITLES["zh"], "zh") == [
        "农村每 100 名 15–59 岁人口对应的 60 岁及以上人口（80% 区间）："
        "2025 年 50.0（48.4–51.6），2050 年 75.0（73.4–76.6），2075 年 100.0（98.4–101.6）。",
        "现行法律：到 2035 / 2050 / 2075 年统筹资金用尽的概率为 20% / 60% / 100%，整个基金用尽的概率为 "
        "0% / 0% / 0%；统筹资金用尽年份中位数：2050，基金：2100 年后。",
        "增加投入：到 2035 / 2050 / 2075 年统筹资金用尽的概率为 0% / 0% / 0%，整个基金用尽的概率为 "
        "0% / 0% / 0%；统筹资金用尽年份中位数：2100 年后，基金：2100 年后。",
        "现行法律：财政需求占一般公共预算收入的比例（80% 区间）："
        "2026 年 2.2%（2.0–2.4%），2050 年 2.2%（2.0–2.4%），2075 年 2.2%（2.0–2.4%）。",
    ]


def test_a_run_that_ends_earlier_is_asked_of_no_later_year() -> None:
    lines = answer(*world(2060), TITLES["en"], "en")
    assert lines[0].endswith("2025: 50.0 (48.4–51.6), 2050: 75.0 (73.4–76.6).")
    # Three of five draws are empty by 2060 at the latest; the median is the third.
    assert lines[1] == (
        "Today's law: chance that the pool is empty by 2035 / 2050: 20% / 60%, the whole fund: 0% / 0%; "
        "median year in which the pool is empty: 2050, the fund: not by 2060."
    )
    assert "2075" not in " ".join(lines)


def test_a_fund_that_is_empty_in_every_draw_is_certain() -> None:
    projection, indicators = world()
    indicators["fund_empty"][:] = 1.0
    indicators["fund_depletion_year"][:] = 2026.0
    line = answer(projection, indicators, TITLES["en"], "en")[2]
    assert line.endswith(
        "the whole fund: 100% / 100% / 100%; median year in which the pool is empty: not by 2100, the fund: 2026."
    )


def test_a_chance_that_is_neither_nothing_nor_certain_is_not_rounded_to_it() -> None:
    projection, indicators = world()
    rare = xr.DataArray((np.arange(1000) == 0).astype(float), dims="draw")
    many = indicators.isel(draw=0, drop=True).expand_dims(draw=1000).copy()
    many["pool_empty"] = rare + 0.0 * many["pool_empty"]
    many["fund_empty"] = (1.0 - rare) + 0.0 * many["fund_empty"]
    line = answer(projection, many, TITLES["en"], "en")[1]
    assert "empty by 2035 / 2050 / 2075: <1% / <1% / <1%, the whole fund: >99% / >99% / >99%" in line


def test_a_run_without_draws_is_answered_too() -> None:
    projection, indicators = (data.isel(draw=2, drop=True) for data in world())
    lines = answer(projection, indicators, TITLES["en"], "en")
    assert lines[0].startswith("People aged 60") and "2050: 75.0 (75.0)" in lines[0]
    assert "the pool is empty by 2035 / 2050 / 2075: 0% / 100% / 100%" in lines[1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_need_is_that_of_the_first_scenario(language: str) -> None:
    projection, indicators = world()
    titles = dict(reversed(TITLES[language].items()))
    line = answer(projection, indicators, titles, language)[-1]
    assert line.startswith(titles["rich"])
    assert "0.0%" in line


# -- other funds


def others(last: int = 2100, *, differing: bool = False) -> dict[str, xr.Dataset]:
    """Of five draws two have no medical money from 2033, four from 2045; where they differ, `rich` keeps its."""
    years = np.arange(2025, last + 1)
    gone = (years >= np.array([2033, 2033, 2045, 2045, 2999])[:, None]).astype(float)
    need = np.broadcast_to(0.03 + 0.001 * DRAWS[:, None] + 0.0004 * (years - 2026), gone.shape)
    both = ("scenario", "draw", "year")
    coords = {"scenario": ["law", "rich"], "draw": DRAWS, "year": years}
    medical = {"fund_empty": (both, np.stack([gone, 0 * gone if differing else gone]))}
    medical |= {"fiscal_need_share": (both, np.stack([need, need]))}
    once = np.stack([(years >= 2040) * 0.4, (years >= 2030) * 0.996])
    household = {"need_share": (both, np.stack([2 * need, need])), "ever_probability": (("scenario", "year"), once)}
    return {
        "medical": xr.Dataset(medical, coords),
        "household": xr.Dataset(household, coords).sel(year=slice(2026, None)),
    }


def test_other_funds_have_a_line_each_after_the_pension_s() -> None:
    lines = answer(*world(), TITLES["en"], "en", others=others())
    alone = answer(*world(), TITLES["en"], "en")
    named = ("pension’s pool is empty by", "the whole pension fund:", "fiscal need of the pension as")
    plain = ("pool is empty by", "the whole fund:", "fiscal need as")
    text = "\n".join(lines[:-2])
    for new, old in zip(named, plain, strict=True):
        text = text.replace(new, old)
    assert text == "\n".join(alone)
    assert named[0] in lines[1] and named[1] in lines[2] and named[2] in lines[3]
    assert lines[-2:] == [
        "Medical fund: chance that it is empty by 2035 / 2050: 40% / 80%; fiscal need as a share of general budget "
        "revenue, with 80% intervals: 2026: 3.2% (3.0–3.4%), 2050: 4.2% (4.0–4.3%).",
        "All funds together: fiscal need as a share of general budget revenue, with 80% intervals: Today's law, 2026: "
        "6.4% (6.1–6.7%), 2050: 8.3% (8.0–8.6%); chance that two or more are short in the same year by 2035 / 2050: "
        "0% / 40% (Today's law), >99% / >99% (More money).",
    ]


def test_other_funds_in_chinese() -> None:
    assert answer(*world(), TITLES["zh"], "zh", others=others())[-2:] == [
        "医疗保险基金：到 2035 / 2050 年用尽的概率为 40% / 80%；财政需求占一般公共预算收入的比例（80% 区间）："
        "2026 年 3.2%（3.0–3.4%），2050 年 4.2%（4.0–4.3%）。",
        "各基金合计：财政需求占一般公共预算收入的比例（80% 区间）：现行法律，2026 年 6.4%（6.1–6.7%），"
        "2050 年 8.3%（8.0–8.6%）；到 2035 / 2050 年曾有两个及以上基金同年短缺的概率为 0% / 40%（现行法律），"
        ">99% / >99%（增加投入）。",
    ]


def test_medical_funds_that_differ_are_told_apart() -> None:
    line = answer(*world(), TITLES["en"], "en", others=others(differing=True))[-2]
    assert "empty by 2035 / 2050: 40% / 80% (Today's law), 0% / 0% (More money); fiscal need" in line
    assert "intervals: Today's law, 2026: 3.2%" in line


def test_a_short_run_asks_other_funds_of_no_later_year() -> None:
    lines = answer(*world(2040), TITLES["en"], "en", others=others(2040))[-2:]
    assert all("2050" not in line for line in lines) and "empty by 2035: 40%" in lines[0]
    last = answer(*world(2030), TITLES["en"], "en", others=others(2030))[-2]
    assert "empty by 2030: 0%;" in last and "2026: 3.2% (3.0–3.4%), 2030: 3.4%" in last


def paying() -> dict[str, xr.Dataset]:
    """Two draws whose mean parts are 20 / 50 / 0 / 30 by law and 20 / 30 / 40 / 0 with more; care gets no more."""
    payers = ["members", "centre", "province", "county", "land", "market", "emergency", "cut"]
    law, rich = [0.2, 0.3, 0.1, 0.1, 0.0, 0.0, 0.2, 0.1], [0.2, 0.1, 0.1, 0.1, 0.4, 0.1, 0.0, 0.0]
    draws = np.array([0.05, -0.05])[:, None] * np.array([1, -1, 0, 0, 0, 0, 0, 0])
    shares = np.stack([np.stack([law + draws] * 3), np.stack([rich + draws, law + draws, rich + draws])])
    shares[0, 2] = np.nan
    coords = {"scenario": ["law", "rich"], "fund": ["pension", "medical", "time_bank"], "payer": payers}
    data = xr.Dataset(
        {"present_share": (("scenario", "fund", "some", "payer"), shares)}, coords | {"year": np.arange(2026, 2101)}
    )
    return {"payers": data}


def test_the_last_line_says_who_pays() -> None:
    lines = answer(*world(), TITLES["en"], "en", others=others() | paying())
    assert lines[:-1] == answer(*world(), TITLES["en"], "en", others=others())
    assert lines[-1] == (
        "Who pays: the present value of expenditure to 2100, as it is borne on average by members / budgets / "
        "land-transfer income / nobody under the rules: pension 20% / 50% / 0% / 30% (Today's law), "
        "20% / 30% / 40% / 0% (More money); medical fund 20% / 50% / 0% / 30%. "
        "The rest comes from returns and other income, less what the reserve takes in."
    )


def test_who_pays_in_chinese() -> None:
    assert answer(*world(), TITLES["zh"], "zh", others=paying())[-1] == (
        "由谁负担：到 2100 年支出现值中由参保人 / 财政 / 土地出让收入 / 现有规则下无人负担的平均占比："
        "养老保险 20% / 50% / 0% / 30%（现行法律），20% / 30% / 40% / 0%（增加投入）；"
        "医疗保险 20% / 50% / 0% / 30%。其余来自收益与其他收入，并扣除转入结余的部分。"
    )


def test_the_package_is_the_scenario_whose_measures_were_told_apart() -> None:
    told = paying() | {"attribution": xr.Dataset(attrs={"scenario": "law"})}
    assert "More money" not in answer(*world(), TITLES["en"], "en", others=told)[-1]


def test_a_run_whose_payers_are_not_known_says_nothing_of_them() -> None:
    unknown = {"payers": paying()["payers"] * np.nan}
    assert answer(*world(), TITLES["en"], "en", others=unknown) == answer(*world(), TITLES["en"], "en", others={})


@pytest.mark.parametrize("kind", ["medical", "household"])
def test_a_run_with_one_of_them_has_one_line_more(kind: str) -> None:
    lines = answer(*world(), TITLES["en"], "en", others={kind: others()[kind], "time_bank": xr.Dataset()})
    assert len(lines) == len(answer(*world(), TITLES["en"], "en")) + 1


def test_one_scenario_alone_needs_no_name() -> None:
    alone = {kind: data.isel(scenario=[0]) for kind, data in others().items()}
    projection, indicators = world()
    lines = answer(projection, indicators.isel(scenario=[0]), {"law": "Today's law"}, "en", others=alone)[-2:]
    assert all("Today's law" not in line for line in lines)
    assert lines[1].endswith("by 2035 / 2050: 0% / 40%.")
