"""What the page of sliders says of the run that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actuarial._explore_page import About
from actuarial.report.summary import base_year, people_of

if TYPE_CHECKING:
    from actuarial.questions import Asked
    from actuarial.report.records import Language

SHOWN = 3
"""Publishers that are named; of the others it is said that there are some."""


def about(one: Asked, language: Language) -> About:
    """Collect titles, sources and units of a run.

    Parameters
    ----------
    one : Asked
    language : {"en", "zh"}

    Returns
    -------
    About
    """
    run_file, zh = one.run_file, language == "zh"
    run, projection = run_file.run, one.world.projection
    first = projection.isel(draw=slice(0, 1), year=slice(-1, None))
    return About(
        title=(run.title_zh if zh else "") or run.title,
        titles={name: (s.title_zh if zh else "") or s.title for name, s in run_file.scenarios.items()},
        publishers=_publishers(one, zh=zh),
        seed=run.seed,
        head=run_file.rules,
        schemes=tuple(run.schemes),
        people=people_of(first["population"], int(first["year"][0])),
        prices=base_year(projection["price_index"]),
    )


def _publishers(one: Asked, *, zh: bool) -> str:
    """Name the publishers of most sources."""
    names = one.world.tables.sources["publisher"].value_counts().index.tolist()
    return ("、" if zh else ", ").join(names[:SHOWN]) + (" 等" if zh else " and others") * (len(names) > SHOWN)
