"""Sliders that know what their position means in the rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from actuarial import _explore_words as words
from actuarial._explore_rules import Choice, Lever
from actuarial.report.texts import Texts
from actuarial.rules import Rules

STEPS = 120
"""Places of a slider, about."""


def start_of(rules: Rules, lever: Lever | Choice) -> Any:
    """Return the value of a key in the rules; None where it is left open."""
    found: Any = rules
    for name in lever.key.split("."):
        found = getattr(found, name)
    return found


def step_of(span: float) -> float:
    """Return a step of one, two or five units of a decimal place, so that a slider has about :data:`STEPS` places.

    Examples
    --------
    >>> step_of(0.06), step_of(0.3), step_of(200.0)
    (0.0005, 0.002, 1.0)
    """
    size = 10.0 ** np.floor(np.log10(span / STEPS))
    steps = [float(f"{times * size:.1g}") for times in (1.0, 2.0, 5.0, 10.0)]
    return max((step for step in steps if step <= span / STEPS), default=steps[0])


def slider(texts: Texts, lever: Lever, start: float | None, given: str, style: str) -> tuple[object, Any]:
    """Make the slider of a lever.

    Parameters
    ----------
    texts : Texts
    lever : Lever
    start : float or None
        Value in the scenario; a slider of one that is left open stands at its lower end until it is moved.
    given : str
        Value that the address asks for; what is no number between the ends is left out.
    style : str
        Style sheet.

    Returns
    -------
    object and panel widget
        The value that the address asks for, or None; and the slider, with the methods ``in_rules``, from a position
        to a value of the key, and ``rename``.
    """
    scale = words.factor(texts, lever)
    low, high = min(lever.low, lever.low if start is None else start), max(lever.high, start or lever.high)
    wanted = _number(given, low, high, whole=lever.whole)
    at = wanted if wanted is not None else (low if start is None else start)
    name = words.label(texts, lever)

    def in_rules(position: float) -> float | int:
        return round(position) if lever.whole else float(position) / scale

    def rename(*, idle: bool) -> None:
        told = texts("explore.idle", lever=name) if idle else name
        control.label = texts("explore.unset", lever=told) if start is None and control.value == low * scale else told

    make = pn.widgets.IntSlider if lever.whole else pn.widgets.FloatSlider
    ends: dict[str, Any] = {"start": low * scale, "end": high * scale, "value": at * scale}
    ends = {key: round(end) for key, end in ends.items()} if lever.whole else ends
    more = (
        {} if lever.whole else {"step": step_of((high - low) * scale), "format": _format(lever, (high - low) * scale)}
    )
    control: Any = make(label=name, sizing_mode="stretch_width", stylesheets=[style], **ends, **more)
    control.in_rules, control.rename = in_rules, rename
    return wanted, control


def _number(text: str, low: float, high: float, *, whole: bool) -> float | int | None:
    try:
        found = float(text)
    except ValueError:
        return None
    if not low <= found <= high:
        return None
    return round(found) if whole else found


def _format(lever: Lever, span: float) -> str:
    if words.is_share(lever):
        return "0.00%" if span <= 0.1 else "0.0%"
    return "0.00" if span <= 10 else "0.0" if span <= 100 else "0,0"
