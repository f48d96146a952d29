"""The chapter that a valuation ends with: what the run shows, in words made from its results, and what it does not."""

from __future__ import annotations

from dataclasses import dataclass

from actuarial.report import _opinion_data, _opinion_doubt, _opinion_history, _opinion_medical, _opinion_results
from actuarial.report._opinion_rules import (
    AGE,
    BACKCAST,
    FEW,
    LIKELIHOOD,
    OPEN,
    POOLED_FAILED,
    PRESS,
    SERIES_HELD,
    STRENGTH,
    WEIGHT,
    WIDTH,
    Part,
)
from actuarial.report._opinion_statement import Statement, method_findings, stand_ins, statement
from actuarial.report.blocks import Cell, Context, Table
from actuarial.report.calibration import GOAL

__all__ = ["REFERENCES", "Opinion", "opinion"]

REFERENCES = (
    (
        "International Actuarial Association: International Standard of Actuarial Practice 2 (ISAP 2), "
        "Financial Analysis of Social Security Programs, 2013",
        "https://www.actuaries.org/CTTEES_ASC/isaps/pdf/isap2.pdf",
    ),
    (
        "International Labour Organization and International Social Security Association: "
        "Guidelines on Actuarial Work for Social Security, edition 2016 (whose numbers are used here), "
        "ISBN 978-92-2-131228-4",
        "https://www.issa.int/guidelines/act/174270",
    ),
    (
        "M. D. Mastrandrea et al.: The IPCC AR5 guidance note on consistent treatment of uncertainties: "
        "a common approach across the working groups, Climatic Change 108, 2011",
        "https://doi.org/10.1007/s10584-011-0178-6",
    ),
)
"""The standards that the chapter follows and the source of its scale of likelihood: title and address."""

UNMOVED = {
    "participation.elasticity": 0,
    "pension.participation.answers": "to_cuts",
    "pension.feedback.revenue": "as_projected",
}
"""How the keys end of the assumptions that let members or budgets answer to the fund, and when none of them does."""


@dataclass(frozen=True)
class Opinion:
    """The chapter: its first words, its sections, the statement, the scale of its words, and the standards."""

    lead: list[str]
    parts: list[Part]
    statement: Statement
    scale: Table
    rules: Table
    references: tuple[tuple[str, str], ...]


def opinion(context: Context) -> Opinion:
    """Write the chapter from the saved results.

    Every word that judges stands for a number of the run: `actuarial.report._opinion_rules` says which. Where the run
    lacks something (a backcast, scores of held-out years, history), the chapter says that it is lacking.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    Opinion
        In the reader's language.
    """
    data, rows = _opinion_data.facts(context), _opinion_history.assumed(context)
    doubt, method = _opinion_doubt.judged(context), method_findings(context)
    published, replayed = _opinion_medical.known(context), _opinion_medical.replayed(context)
    about_data, history = _opinion_data.findings(context, data), _opinion_history.findings(context, rows)
    found = {
        "data": [*about_data, *published],
        "individually": [*history, *doubt.series, *stand_ins(context)],
        "aggregate": doubt.pooled,
        "method": [*method, doubt.backcast, *replayed],
    }
    medical = _opinion_medical.part(context)
    parts = [
        _scope(context),
        _opinion_data.part(context, data, [*about_data, *published]),
        _opinion_history.part(context, rows, history),
        Part("method", ("2.4, 3.1", "4, 5"), _method(context), method, see=["models", "scenarios"]),
        _opinion_results.part(context),
        *([] if medical is None else [medical]),
        _opinion_doubt.uncertainty(context, doubt, replayed),
        _opinion_doubt.sensitivity(context),
        Part("reconciliation", ("3.1", "7"), [context.texts("opinion.reconciliation")]),
        Part("limits", ("3.1", "9"), [context.texts("opinion.limits_lead")], notes=_limits(context), see=["reading"]),
    ]
    lead = [context.texts("opinion.lead"), context.texts("opinion.lead_words")]
    return Opinion(lead, parts, statement(context, found), _scale(context), _thresholds(context), REFERENCES)


def _scope(context: Context) -> Part:
    texts, manifest = context.texts, context.results.manifest
    names = texts("opinion.join").join(context.title(s) for s in range(len(manifest.scenarios)))
    place = texts("opinion.place", region=manifest.region) if manifest.region else texts("opinion.nation")
    told = {"now": context.now, "first": manifest.first_year, "last": manifest.last_year}
    words = [
        texts("opinion.scope", place=place, draws=f"{manifest.draws:,}", **told),
        *_opinion_medical.scope(context),
        texts("opinion.scope_rules", count=len(manifest.scenarios), names=names),
        texts("opinion.scope_purpose"),
        texts("opinion.scope_review"),
    ]
    return Part("scope", ("1.1, 2.1, 2.5, 3.1", "1, 9"), words, see=["scenarios", "run"])


def _method(context: Context) -> list[str]:
    others = ("others",) if context.results.household is not None else ()
    return [context.texts(f"opinion.method_{name}") for name in ("people", "money", *others, "rates", "manual")]


def _limits(context: Context) -> list[str]:
    texts = context.texts
    fund, behaviour = "fund_region" if context.region else "fund", "reacts" if _reacts(context) else "behaviour"
    others = _opinion_medical.limits(context)
    last = (texts(f"opinion.limit.{name}") for name in (behaviour, "law", "long_run", "members", "manual"))
    return [texts(f"opinion.limit.{fund}"), *others, *last]


def _reacts(context: Context) -> bool:
    """Whether participation or budget revenue answers to the fund in some scenario."""
    return any(
        value != unmoved
        for end, unmoved in UNMOVED.items()
        for one in context.results.assumptions
        if one.key.endswith(end)
        for value in (one.value, *one.scenarios.values())
    )


def _scale(context: Context) -> Table:
    """Return the scale of likelihood: the whole percentages that each word stands for."""
    texts, above = context.texts, 100
    rows: list[tuple[Cell, ...]] = []
    for least, word in LIKELIHOOD:
        span = context.numbers.between(f"{least}%", f"{above}%")
        rows.append((Cell(texts(f"opinion.likely.{word}")), Cell(span)))
        above = least - 1
    return Table(texts("opinion.scale_title"), (texts("opinion.head.word"), texts("opinion.head.share")), rows)


def _thresholds(context: Context) -> Table:
    """Return the other numbers at which the words change."""
    texts, write = context.texts, context.numbers.write

    def percent(*values: float) -> str:
        return texts("opinion.join").join(write(value, "probability") for value in values)

    numbers = {
        "press": percent(*PRESS),
        "age": texts("opinion.join").join(map(str, AGE)),
        "few": str(FEW),
        "held": percent(POOLED_FAILED, *GOAL),
        "held_series": percent(SERIES_HELD),
        "past": percent(*BACKCAST),
        "width": percent(*WIDTH),
        "strength": texts("opinion.join").join(write(value, "number") for value in STRENGTH),
        **({} if context.results.medical is None else _of_medical(context)),
    }
    rows: list[tuple[Cell, ...]] = [
        (Cell(texts(f"opinion.rule.{name}")), Cell(value)) for name, value in numbers.items()
    ]
    return Table(texts("opinion.rules_title"), (texts("opinion.head.rule"), texts("opinion.head.threshold")), rows)


def _of_medical(context: Context) -> dict[str, str]:
    """Return the thresholds that the medical fund is judged by."""
    write, join = context.numbers.write, context.texts("opinion.join").join
    shares = join(write(value, "probability") for value in OPEN)
    return {"reserve": shares, "deficit": shares, "weight": join(write(value, "number") for value in WEIGHT)}
