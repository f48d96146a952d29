"""The statement at the end of the opinion: what the run supports, with which reservations, and who would sign."""

from __future__ import annotations

from dataclasses import dataclass

from actuarial.report import _opinion_medical, _opinion_results
from actuarial.report._opinion_rules import Finding, Grade, overall
from actuarial.report.blocks import Context

GRADES = ("supports", "reserved", "unsupported")


@dataclass(frozen=True)
class Clause:
    """One clause of the statement: its letter, its grade, its words, and the short names of what stands against it."""

    letter: str
    grade: Grade
    words: str
    reservations: list[str]


@dataclass(frozen=True)
class Statement:
    """The clauses, the sentences on results and reliance, and the lines left blank for whoever signs.

    `asked` as in `Part`.
    """

    asked: tuple[str, str]
    lead: str
    clauses: list[Clause]
    results: list[str]
    reliance: list[str]
    blanks: list[str]


def method_findings(context: Context) -> list[Finding]:
    """Judge what the methods rest on: the convergence gate, classical stand-ins, and the warnings of the run.

    Parameters
    ----------
    context : Context
        Diagnostics, methods and warnings of the run.

    Returns
    -------
    list of Finding
    """
    texts, results = context.texts, context.results
    label = texts("opinion.label.gate")
    failed = [texts.known(f"model.{one.model}", one.model) for one in results.diagnostics if not one.passed]
    if failed:
        words = texts("opinion.gate.failed", models=texts("opinion.join").join(failed))
        made = [Finding(Grade.UNSUPPORTED, label, words)]
    elif results.diagnostics:
        made = [Finding(Grade.CLEAR, label, texts("opinion.gate.passed", count=len(results.diagnostics)))]
    else:
        made = [Finding(Grade.RESERVED, label, texts("opinion.gate.none"))]
    made += stand_ins(context)
    if results.manifest.warnings:
        words = texts("opinion.warned", count=len(results.manifest.warnings))
        made.append(Finding(Grade.RESERVED, texts("opinion.label.warned"), words))
    return made


def stand_ins(context: Context) -> list[Finding]:
    """Name the models whose future a classical method foretells, if there are any."""
    texts, methods = context.texts, context.results.manifest.methods
    if not methods:
        return []
    names = [texts.known(f"model.{one}", one) for one in methods]
    words = texts("opinion.classical", models=texts("opinion.join").join(names))
    return [Finding(Grade.RESERVED, texts("opinion.label.classical"), words)]


def statement(context: Context, found: dict[str, list[Finding]]) -> Statement:
    """Word the statement by the worst of what was found under each clause.

    Parameters
    ----------
    context : Context
        Texts and results.
    found : dict of str to list of Finding
        By clause: ``data``, ``individually``, ``aggregate``, ``method``.

    Returns
    -------
    Statement
    """
    texts = context.texts
    clauses = [_clause(context, letter, name, found[name]) for letter, name in zip("abcd", found, strict=True)]
    reliance = [texts(f"opinion.reliance_{name}") for name in ("figures", "judgement", "tool")]
    blanks = [texts(f"opinion.blank.{name}") for name in ("name", "qualification", "body", "date", "signature")]
    asked = ("3.2", "2, 3, 4, 9")
    results = [*_opinion_results.verdicts(context), *_opinion_medical.verdicts(context)]
    return Statement(asked, texts("opinion.statement_lead"), clauses, results, reliance, blanks)


def _clause(context: Context, letter: str, name: str, found: list[Finding]) -> Clause:
    texts, grade = context.texts, overall(found)
    subject = texts(f"opinion.clause.{name}")
    against = [one.label for one in found if one.grade > Grade.CLEAR]
    return Clause(letter, grade, texts(f"opinion.grade.{GRADES[grade]}", subject=subject), list(dict.fromkeys(against)))
