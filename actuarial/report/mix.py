"""The report's chapter on the financing mix: who pays, what reforms change, and which mix keeps a fund."""

from __future__ import annotations

from actuarial.report._founded import with_kinds
from actuarial.report._mix_frontier import frontier_blocks
from actuarial.report._mix_lives import cohort_block, zone_block
from actuarial.report._mix_paired import paired_blocks
from actuarial.report._mix_payers import payer_blocks
from actuarial.report._mix_stress import breakeven_block, reverse_block, stress_block
from actuarial.report._mix_words import KINDS
from actuarial.report._mix_worth import worth_block
from actuarial.report.blocks import Block, Context
from actuarial.report.chapters import Chapter
from actuarial.report.results import Results


def chapter(context: Context) -> Chapter | None:
    """Return the chapter, or None where the run told nothing of a financing mix.

    Parameters
    ----------
    context : Context
        Results, texts, numbers.

    Returns
    -------
    Chapter or None
        Its parts in the order in which a reader asks: who pays, what changes against the baseline, what each measure
        adds, which generation and zone pays, then the frontier, break-even levers and stress; each where it is there.
    """
    context = with_kinds(context, KINDS)
    blocks = [*_paying(context, context.results), *_keeping(context, context.results)]
    if not blocks:
        return None
    notes = [context.texts("mix.note")]
    return Chapter("mix", context.texts("mix.title"), context.texts("mix.lead"), blocks, [], notes)


def _paying(context: Context, results: Results) -> list[Block]:
    """Return who pays, what scenarios change, and what each measure adds."""
    made: list[Block] = []
    if results.payers is not None:
        made += payer_blocks(context, results.payers)
    if results.paired is not None:
        made += paired_blocks(context, results.paired)
    worth = None if results.attribution is None else worth_block(context, results.attribution)
    made += [] if worth is None else [worth]
    made += [] if results.generations is None else [cohort_block(context, results.generations)]
    return made if results.zones is None else [*made, zone_block(context, results.zones)]


def _keeping(context: Context, results: Results) -> list[Block]:
    """Return which mix keeps the fund, which value of a lever does, and what shocks do."""
    made = [] if results.frontier is None else frontier_blocks(context, results.frontier)
    made += [] if results.breakeven is None else [breakeven_block(context, results.breakeven)]
    if results.stress is None:
        return made
    made.append(stress_block(context, results.stress))
    return [*made, reverse_block(context, results.stress)] if "reverse_verdict" in results.stress else made
