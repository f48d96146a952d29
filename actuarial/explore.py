"""A page of sliders: move the levers of a fund and see what they do, on the draws of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from actuarial._explore_desk import Desk, Picture
from actuarial._explore_rules import Explore, choices_of, levers_of
from actuarial.questions import Asked, check_scenario
from actuarial.runfile import RunFaults, RunFile
from forecasting.axes import AxisError

if TYPE_CHECKING:
    from actuarial._explore_page import Page
    from actuarial.report.records import Language

__all__ = ["Desk", "Explore", "Picture", "checked", "desk", "page", "serve", "widget"]


def desk(one: Asked) -> Desk:
    """Take a run to the desk on which mixes are tried.

    Parameters
    ----------
    one : actuarial.questions.Asked
        A run that can be asked.

    Returns
    -------
    Desk
        Its method ``picture`` works out what a mix does.

    Raises
    ------
    actuarial.runfile.RunFaults
        As :func:`checked`.
    """
    run_file = checked(one.run_file)
    return Desk(one.world, run_file.cases, run_file.asked.explore)


def checked(run_file: RunFile) -> RunFile:
    """Hold the table ``[explore]`` against the run, before any work is done.

    Parameters
    ----------
    run_file : RunFile

    Returns
    -------
    RunFile
        With the scenario that the sliders start from, where the table leaves it open.

    Raises
    ------
    actuarial.runfile.RunFaults
        Listing every lever and choice that does not fit the rules; or if the scenario is not in the run, or has no
        such fund.
    """
    asked, rules, faults = run_file.asked.explore, run_file.rules, list[str]()
    for held in (lambda: levers_of(rules, asked.levers), lambda: choices_of(rules, asked.choices)):
        try:
            held()
        except AxisError as error:
            faults += map(str, error.faults)
    if faults:
        raise RunFaults(run_file.name, faults)
    names = [asked.scenario] if asked.scenario else [run_file.asked.frontier.scenario, *run_file.scenarios]
    having = [name for name in names if name in run_file.scenarios and asked.fund in run_file.schemes(name)]
    check_scenario(run_file, "explore", having[0] if having else names[-1], asked.fund)
    chosen = asked.model_copy(update={"scenario": having[0]})
    return replace(run_file, asked=run_file.asked.model_copy(update={"explore": chosen}))


def page(one: Asked, made: Desk, language: Language | None = None, query: Mapping[str, str] | None = None) -> Page:
    """Lay out one reader's page.

    Parameters
    ----------
    one : actuarial.questions.Asked
    made : Desk
        From :func:`desk`; many pages share one.
    language : {"en", "zh"}, optional
        That of the run unless given.
    query : mapping of str to str, optional
        Fund, scenario and levers to begin with, by key.

    Returns
    -------
    Page
    """
    from actuarial._explore_about import about
    from actuarial._explore_page import Page

    run_file = one.run_file
    tongue: Language = language or run_file.run.language
    levers, choices = levers_of(run_file.rules, made.asked.levers), choices_of(run_file.rules, made.asked.choices)
    return Page(made, about(one, tongue), levers, choices, tongue, query or {})


def widget(one: Asked, language: Language | None = None, query: Mapping[str, str] | None = None) -> Any:
    """Show sliders and charts in a notebook.

    Parameters
    ----------
    one : actuarial.questions.Asked
        From `actuarial.questions.asked`.
    language, query
        As for :func:`page`.

    Returns
    -------
    panel.Column
        Shown where it is the last line of a cell, after ``panel.extension()``.
    """
    return page(one, desk(one), language, query).view()


def serve(one: Asked, port: int, *, browser: bool) -> None:
    """Show the page to browsers on this machine until it is stopped.

    Parameters
    ----------
    one : actuarial.questions.Asked
    port : int
        Of 127.0.0.1; 0 takes any that is free.
    browser : bool
        Open the page in a browser.

    Raises
    ------
    actuarial.runfile.RunFaults
        If the port is taken, or as :func:`desk`.
    """
    from actuarial._explore_server import run

    made = desk(one)
    made.warm()
    run(lambda language, query: page(one, made, language, query), one.run_file.run.language, port, browser=browser)
