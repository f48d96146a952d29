"""The page of sliders: levers on one side, the fund that they lead to on the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import panel as pn
from pydantic import ValidationError

from actuarial import _explore_words as words
from actuarial._explore_charts import Charts
from actuarial._explore_desk import Desk, Picture
from actuarial._explore_look import CHOOSER, LEGEND, PAGE, SLIDER, legend, table
from actuarial._explore_rules import Choice, Lever, scheme_of
from actuarial._explore_sliders import slider, start_of
from actuarial.report.numbers import Numbers
from actuarial.report.texts import Texts
from actuarial.rules import SCHEMES, Rules, Scheme
from forecasting.axes import AxisError

if TYPE_CHECKING:
    from actuarial.report.records import Language

SOON, REST = 12, 320
"""Milliseconds: until a lever that moved is worked out, in which later moves replace it; until it counts as at rest."""


@dataclass(frozen=True)
class About:
    """What the page says of the run.

    Attributes
    ----------
    title : str
        In the reader's language, as the titles of the scenarios are.
    titles : mapping of str to str
    publishers : str
        Of the figures.
    seed : int
    head : Rules
        The tables of the schemes, which scenarios change.
    schemes : tuple of str
        Of the run, without those that scenarios found.
    people : float
        How many live in the place; sets the units of money.
    prices : int
        Year of the prices of money.
    """

    title: str
    titles: Mapping[str, str]
    publishers: str
    seed: int
    head: Rules
    schemes: tuple[str, ...]
    people: float
    prices: int


@dataclass
class Page:
    """One reader's page.

    Parameters
    ----------
    desk : Desk
    about : About
    levers : tuple of Lever
    choices : tuple of Choice
    language : {"en", "zh"}
    query : mapping of str to str
        What the address says: ``fund``, ``scenario``, and levers by their keys; what does not fit is left out.
    """

    desk: Desk
    about: About
    levers: tuple[Lever, ...]
    choices: tuple[Choice, ...]
    language: Language = "en"
    query: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lay the page out and draw what the address asks for."""
        self.texts = Texts(self.language)
        last = int(self.desk.world.projection["year"][-1])
        self.numbers = Numbers(self.texts, last, self.about.people)
        self.charts = Charts(self.numbers, self.about.prices)
        self.changes: dict[str, object] = {}
        self.moved, self._waiting, self._turn, self._filling = "", False, 0, False
        self.doc = pn.state.curdoc if pn.state.curdoc and pn.state.curdoc.session_context else None
        self._choosers()
        self.controls: dict[str, Any] = {}
        self.panel = pn.Column(sizing_mode="stretch_width", stylesheets=[PAGE], css_classes=["explore-levers"])
        self.told, self.count, self.kept, self.behind, self.switch = (
            pn.pane.HTML("", sizing_mode="stretch_width", stylesheets=[PAGE], css_classes=[name])
            for name in ("explore-told", "explore-count", "explore-kept", "explore-table", "explore-switch")
        )
        self._begin(self.query)

    @property
    def fund(self) -> Scheme:
        """The fund that is shown."""
        return next(name for name in SCHEMES if name == self.fund_list.value)

    @property
    def scenario(self) -> str:
        """The scenario that the mix starts from."""
        return str(self.scenario_list.value)

    def view(self) -> Any:
        """Return the whole page, for a server or a notebook."""
        texts, about = self.texts, self.about
        source = texts("explore.source", publishers=about.publishers, draws=f"{self.desk.draws:,}", seed=about.seed)
        head = f"<h1>{escape(texts('explore.title', title=about.title))}</h1><p>{escape(texts('explore.lead'))}</p>"
        reset = pn.widgets.Button(label=texts("explore.reset"), css_classes=["explore-reset"])
        reset.on_click(lambda _: self._begin({"fund": self.fund, "scenario": self.scenario}))
        left = pn.Column(
            self.fund_list, self.scenario_list, self.panel, reset, width=330, css_classes=["explore-left"]
        )  # fmt: skip
        charts = (
            pn.pane.Bokeh(chart, sizing_mode="stretch_width", min_width=300)
            for chart in (self.charts.reserve, self.charts.empty)
        )
        right = pn.Column(
            self.told, self.count, pn.pane.HTML(legend(texts), stylesheets=[LEGEND], sizing_mode="stretch_width"),
            *charts, pn.pane.HTML(f"<p class='source'>{escape(source)}</p>", stylesheets=[PAGE]),
            self.behind, self.kept, sizing_mode="stretch_width", min_width=300, css_classes=["explore-right"],
            styles={"flex": "1 1 480px"},
        )  # fmt: skip
        top = pn.pane.HTML(head, stylesheets=[PAGE], sizing_mode="stretch_width")
        both = pn.FlexBox(left, right, flex_wrap="wrap", gap="24px", sizing_mode="stretch_width")
        return pn.Column(self.switch, top, both, sizing_mode="stretch_width", max_width=1240, margin=(0, 12))

    def _choosers(self) -> None:
        texts, cases = self.texts, self.desk.cases
        funds = [name for name in SCHEMES if any(name in case.schemes for case in cases.values())]
        self.fund_list = pn.widgets.Select(
            label=texts("explore.fund"), options={texts(f"explore.fund_{name}"): name for name in funds},
            sizing_mode="stretch_width", stylesheets=[CHOOSER],
        )  # fmt: skip
        self.scenario_list = pn.widgets.Select(
            label=texts("explore.scenario"), options={}, sizing_mode="stretch_width", stylesheets=[CHOOSER]
        )
        self.fund_list.param.watch(self._chosen, "value")
        self.scenario_list.param.watch(self._chosen, "value")

    def _chosen(self, _: object) -> None:
        if not self._filling:
            self._begin({"fund": self.fund, "scenario": self.scenario})

    def _begin(self, query: Mapping[str, str]) -> None:
        """Take fund and scenario, lay out their levers, and draw."""
        asked, self._filling = self.desk.asked, True
        fund = query.get("fund", asked.fund)
        self.fund_list.value = (
            fund if fund in self.fund_list.options.values() else next(iter(self.fund_list.options.values()))
        )
        having = {self.about.titles[name]: name for name, case in self.desk.cases.items() if self.fund in case.schemes}
        self.scenario_list.options = having
        wanted = query.get("scenario", asked.scenario)
        self.scenario_list.value = wanted if wanted in having.values() else next(iter(having.values()))
        self._filling = False
        self.charts.of(self.fund)
        self.changes, self.start = {}, self.desk.picture(self.fund, self.scenario, {})
        self._lay_out(query)
        self._show(self.start if not self.changes else self._try(0) or self.start)
        self._settle()

    def _lay_out(self, query: Mapping[str, str]) -> None:
        rules = self.desk.rules(self.scenario, {})
        self.controls = {}
        for lever in self.levers:
            if scheme_of(lever.key) == self.fund:
                at, self.controls[lever.key] = self._slider(lever, rules, query.get(lever.key, ""))
                if at is not None:
                    self.changes[lever.key] = at
        for choice in self.choices:
            if scheme_of(choice.key) == self.fund:
                self.controls[choice.key] = self._list(choice, rules, query.get(choice.key, ""))
        self.panel.objects = [
            pn.pane.HTML(f"<h2>{escape(self.texts('explore.levers'))}</h2>", stylesheets=[PAGE]),
            *self.controls.values(),
        ]

    def _slider(self, lever: Lever, rules: Rules, given: str) -> tuple[object, Any]:
        wanted, control = slider(self.texts, lever, start_of(rules, lever), given, SLIDER)
        control.param.watch(lambda event: self._move(lever.key, control.in_rules(event.new)), "value")
        return wanted, control

    def _list(self, choice: Choice, rules: Rules, given: str) -> Any:
        texts, now = self.texts, start_of(rules, choice)
        if given in choice.options and given != now:
            self.changes[choice.key] = now = given
        control = pn.widgets.Select(
            label=words.label(texts, Lever(choice.key, 0.0, 1.0, False, "choice", choice.meaning, "")),
            options={words.option(texts, name): name for name in choice.options}, value=now,
            sizing_mode="stretch_width", stylesheets=[CHOOSER],
        )  # fmt: skip
        control.param.watch(lambda event: self._move(choice.key, event.new), "value")
        return control

    def _move(self, key: str, given: object) -> None:
        """Note what moved; a moment later the last of all moves is worked out."""
        self.changes[key], self.moved = given, key
        if not self._waiting:
            self._waiting = True
            self._later(SOON, self._draw)

    def _draw(self) -> None:
        self._waiting, self._turn = False, self._turn + 1
        turn = self._turn
        made = self._try(self.desk.lively(self.fund, self.moved))
        if made is not None:
            self._show(made)
        self._later(REST, lambda: self._rest(turn, made))

    def _rest(self, turn: int, made: Picture | None) -> None:
        """Once no lever has moved for a while: all draws, and what is told beside."""
        if turn != self._turn or self._waiting:
            return
        if made is not None and made.draws < self.desk.draws:
            made = self._try(0)
            if made is not None:
                self._show(made)
        self._settle()

    def _try(self, draws: int) -> Picture | None:
        """Work the mix out, or say why it cannot be."""
        try:
            return self.desk.picture(self.fund, self.scenario, self.changes, draws=draws, moved=self.moved)
        except (AxisError, ValidationError) as error:
            faults = error.faults if isinstance(error, AxisError) else [one["msg"] for one in error.errors()]
            self.told.object = (
                f"<p role='alert'>{escape(self.texts('explore.fault', fault='; '.join(map(str, faults))))}</p>"
            )
            return None

    def _show(self, mine: Picture) -> None:
        texts, self.mine = self.texts, mine
        self.charts.draw(mine, self.start)
        lines = words.answer(self.numbers, self.fund, mine, self.start)
        self.told.object = "<div aria-live='polite'>" + "".join(f"<p>{escape(line)}</p>" for line in lines) + "</div>"
        key = "explore.draws_all" if mine.draws == self.desk.draws else "explore.draws_some"
        said = texts(key, draws=f"{mine.draws:,}", all=f"{self.desk.draws:,}")
        self.count.object = f"<p data-draws='{mine.draws}'>{escape(said)}</p>"

    def _settle(self) -> None:
        """Bring what is read at leisure up to date: labels, the lines to keep, the table, and the address."""
        texts, about = self.texts, self.about
        for lever in self.levers:
            if lever.key in self.controls:
                self.controls[lever.key].rename(idle=self.desk.idle(self.fund, lever.key))
        case = self.desk.cases[self.scenario]
        founds = [name for name in case.schemes if name not in about.schemes]
        lines = words.snippet(texts, case.rules, about.head, about.titles[self.scenario], self.changes, founds=founds)
        told = (
            f"<pre tabindex='0'>{escape(lines)}</pre>"
            if self.changes
            else f"<p>{escape(texts('explore.unchanged'))}</p>"
        )
        lead = escape(texts("explore.keep_lead"))
        self.kept.object = f"<h2>{escape(texts('explore.keep'))}</h2><p>{lead}</p>{told}"
        self.behind.object = table(self.numbers, self.mine, self.charts.unit)
        self._address()

    def _address(self) -> None:
        """Put the mix into the address, and into the link to the same page in the other language."""
        given = {"fund": self.fund, "scenario": self.scenario} | {key: str(v) for key, v in self.changes.items()}
        if self.doc is None:
            return
        other = urlencode(given | {"lang": "en" if self.language == "zh" else "zh"})
        name = escape(self.texts("explore.other_language"))
        self.switch.object = (
            f"<a href='?{escape(other)}' hreflang='{'en' if self.language == 'zh' else 'zh'}'>{name}</a>"
        )
        if pn.state.location is not None:
            pn.state.location.search = "?" + urlencode(given | {"lang": self.language})

    def _later(self, milliseconds: int, do: Callable[[], None]) -> None:
        if self.doc is None:
            do()
        else:
            self.doc.add_timeout_callback(do, milliseconds)
