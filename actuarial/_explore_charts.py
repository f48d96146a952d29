"""The two charts of the page of sliders: the pool's fan, and the probability that it has been empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, DataRange1d, HoverTool, NumeralTickFormatter, Range1d
from bokeh.models.annotations import Title
from bokeh.plotting import figure

from actuarial._explore_desk import Picture
from actuarial.report.figures import GRID, INK, MUTED, PALETTE
from actuarial.report.numbers import Numbers

MINE, BEHIND = PALETTE[0], "#8b949e"
FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif"
HEIGHT = 270
PERCENT = 100.0


@dataclass
class Charts:
    """Both charts, and what they are drawn from.

    Parameters
    ----------
    numbers : Numbers
        Language and units.
    prices : int
        Year of the prices of money.
    """

    numbers: Numbers
    prices: int

    def __post_init__(self) -> None:
        """Make empty charts; :meth:`draw` fills them."""
        self.mine, self.start = (
            ColumnDataSource({name: [] for name in ("year", "low", "middle", "high", "empty")}) for _ in range(2)
        )
        texts = self.numbers.texts
        self.unit = self.numbers.unit("money", year=self.prices)
        money = "0,0" if self.numbers.kind("money").decimals == 0 else "0,0.0"
        self.reserve = self._chart(texts("explore.reserve_title"), self.unit, money)
        self.empty = self._chart(texts("explore.empty_title"), texts("explore.empty_axis"), "0")
        self.note = Title(text_font=FONT, text_font_size="12px", text_font_style="normal", text_color=MUTED)
        self.reserve.add_layout(self.note, "below")
        self.empty.y_range = Range1d(start=-2.0, end=102.0)
        for source, colour, alpha, dash in ((self.start, BEHIND, 0.28, "dashed"), (self.mine, MINE, 0.25, "solid")):
            self.reserve.varea("year", "low", "high", source=source, color=colour, alpha=alpha)
            self.reserve.line("year", "middle", source=source, color=colour, width=2.5, line_dash=dash)
            self.empty.line("year", "empty", source=source, color=colour, width=2.5, line_dash=dash)
        self.reserve.hspan(y=[0.0], line_color=MUTED, line_width=1)
        label = texts("explore.year")
        self._point(self.reserve, [(label, "@year"), (texts("explore.median"), f"@middle{{{money}}}")])
        self._point(self.empty, [(label, "@year"), (texts("explore.yours"), "@empty{0}%")])

    def of(self, fund: str) -> None:
        """Note for a fund what is below zero: the pool of the pension then owes to members' accounts."""
        self.note.text = self.numbers.texts("explore.below_zero") if fund == "pension" else ""

    def draw(self, mine: Picture, start: Picture) -> None:
        """Draw a mix before the scenario that it starts from."""
        for source, one in ((self.start, start), (self.mine, mine)):
            low, middle, high = one.reserve * self.numbers.factor("money")
            columns = {"year": one.years, "low": low, "middle": middle, "high": high, "empty": PERCENT * one.empty}
            if source is self.mine or not _same(source.data, columns):
                source.data = columns

    def _chart(self, title: str, unit: str, ticks: str) -> Any:
        chart: Any = figure(
            title=title, height=HEIGHT, sizing_mode="stretch_width", min_width=280, tools="", toolbar_location=None,
            y_range=DataRange1d(range_padding=0.06), x_range=DataRange1d(range_padding=0.01),
            outline_line_color=None, background_fill_color="white",
        )  # fmt: skip
        chart.yaxis.axis_label = unit
        chart.xaxis.formatter, chart.yaxis.formatter = (
            NumeralTickFormatter(format="0"),
            NumeralTickFormatter(format=ticks),
        )
        chart.grid.grid_line_color = GRID
        chart.title.text_font, chart.title.text_color, chart.title.text_font_size = FONT, INK, "13px"
        for axis in chart.axis:
            axis.axis_label_text_font = axis.major_label_text_font = FONT
            axis.axis_label_text_font_style, axis.axis_line_color = "normal", MUTED
            axis.axis_label_text_color = axis.major_label_text_color = MUTED
        return chart

    def _point(self, chart: Any, tips: list[tuple[str, str]]) -> None:
        line = next(glyph for glyph in reversed(chart.renderers) if glyph.data_source is self.mine)
        chart.add_tools(HoverTool(renderers=[line], tooltips=tips, mode="vline"))


def _same(data: Any, columns: dict[str, Any]) -> bool:
    return all(
        len(data[name]) == len(values) and np.array_equal(data[name], values) for name, values in columns.items()
    )
