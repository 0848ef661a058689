"""The charts, all of one library, one palette and one type."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
import streamlit as st

Rows = Sequence[Mapping[str, Any]]
LINE: Final = "#0072B2"
_HEIGHT: Final = 150
_LEGEND_HEIGHT: Final = 60
# Cells are the same in light and in dark, so that the numbers on them can be read in either: 4 to 1 or more, white from
# two thirds on.
_CELLS: Final = ("#CFE3F1", "#005A8E")
_DARK_FROM: Final = 0.66
# Pixels: a digit at the size of the cells' numbers with its share of air, and a cell that holds `1.2k`.
_DIGIT: Final = 7
_NARROWEST: Final = 28
# Names before the lines take no more than a third of a narrow screen.
_LABEL_LIMIT: Final = "containerSize()[0] < 500 ? 100 : 200"


def show_trend(title: str, rows: Rows, *, percent: bool = False) -> None:
    """How a measure went from run to run; each row has `run` and `value`, and `series` where there are several."""
    scale = alt.Scale(zero=False, nice=True)
    form = ".0%" if percent else ",.3~r"
    # Ticks nearer to each other than a percent would have the same label.
    closest = 0.01 if percent else alt.Undefined
    axis = alt.Axis(title=None, tickCount=4, tickMinStep=closest, format=form, grid=True, domain=False, ticks=False)
    several = any("series" in row for row in rows)
    chart = (
        alt.Chart(_data(rows))
        .mark_line(point=alt.OverlayMarkDef(size=36, filled=True), strokeWidth=2)
        .encode(
            x=alt.X("run:N", axis=alt.Axis(title=None, labels=False, ticks=False, domain=False), sort=None),
            y=alt.Y("value:Q", axis=axis, scale=scale),
            color=_series_colour() if several else alt.value(LINE),
            tooltip=[
                alt.Tooltip("run:N", title="Run"),
                *([alt.Tooltip("series:N", title="Measure")] if several else []),
                alt.Tooltip("value:Q", title=title, format=".1%" if percent else ",.4~r"),
            ],
        )
        .properties(height=_HEIGHT + (_LEGEND_HEIGHT if several else 0))
    )
    st.altair_chart(chart, alt=f"{title}: {_in_words(rows, percent=percent)}")


def show_grid(title: str, rows: Rows, columns: tuple[str, str], *, unit: str) -> None:
    """A heat map; each row has a value of either column and `count`, which stands in its cell and counts units."""
    across, down = columns
    st.altair_chart(_draw_grid(rows, across, down, unit), alt=f"{title}: {_fullest(rows, across, down, unit)}")


def _draw_grid(rows: Rows, across: str, down: str, unit: str) -> alt.LayerChart:
    """The cells with their numbers: as many columns, the first ones, as leave room for a number that can be read."""
    largest = max((row["count"] for row in rows), default=1)
    names = list(dict.fromkeys(row[across] for row in rows))
    shown = f"min({len(names)}, floor(width / {_NARROWEST}))"
    data = _data([{**row, "column": names.index(row[across])} for row in rows])
    # Without `labelFlush` the first and the last label stand before their cells, as all others do.
    top = alt.Axis(title=None, labelAngle=-40, labelLimit=160, labelOverlap=False, labelFlush=False, ticks=False)
    side = alt.Axis(title=None, labelLimit=alt.ExprRef(_LABEL_LIMIT), labelFlush=False, ticks=False)
    filtered: alt.Chart = alt.Chart(data).transform_filter(f"datum.column < {shown}")
    base = filtered.encode(
        x=alt.X(f"{across}:N", sort=None, axis=top),
        y=alt.Y(f"{down}:N", sort=None, axis=side),
        tooltip=[
            alt.Tooltip(f"{down}:N"),
            alt.Tooltip(f"{across}:N"),
            alt.Tooltip("count:Q", title=unit, format=","),
        ],
    )
    is_there = "datum.count > 0"
    cells = base.mark_rect(cornerRadius=2).encode(
        color=alt.condition(
            is_there,
            alt.Color("count:Q", scale=alt.Scale(domain=[0, largest], range=list(_CELLS)), legend=None),
            alt.value("gray"),
        ),
        opacity=alt.condition(is_there, alt.value(1), alt.value(0.06)),
    )
    room = f"width / ({shown})"
    short = "datum.count < 1000 ? '' + datum.count : format(datum.count, '.2~s')"
    whole = f"length(format(datum.count, ',')) * {_DIGIT} < {room}"
    numbers = base.mark_text(
        fontSize=11, text=alt.ExprRef(f"datum.count > 0 ? ({whole} ? format(datum.count, ',') : {short}) : ''")
    ).encode(
        color=alt.condition(f"datum.count > {_DARK_FROM * largest}", alt.value("#FFFFFF"), alt.value("#1B1F24")),
    )
    return alt.LayerChart(layer=[cells, numbers]).properties(height=24 * len({row[down] for row in rows}) + 120)


def _fullest(rows: Rows, across: str, down: str, unit: str) -> str:
    row = max(rows, key=lambda row: row["count"], default=None)
    return f"the most, {row['count']:,} {unit.lower()}, at {row[down]} and {row[across]}" if row else "nothing yet"


def show_timeline(title: str, rows: Rows, colours: Mapping[str, str]) -> None:
    """What stands in a patient's notes over time; each row has `at`, `what`, `type` and `note`."""
    kinds = [name for name in colours if any(row["type"] == name for row in rows)]
    chart = (
        alt.Chart(_data(rows))
        .mark_circle(size=90, opacity=0.9)
        .encode(
            x=alt.X("at:T", axis=alt.Axis(title=None, tickCount=8, grid=True)),
            y=alt.Y("what:N", sort=None, axis=alt.Axis(title=None, labelLimit=220, ticks=False, grid=True)),
            color=alt.Color(
                "type:N",
                scale=alt.Scale(domain=kinds, range=[colours[kind] for kind in kinds]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=[alt.Tooltip("at:T", title="Date"), alt.Tooltip("what:N"), alt.Tooltip("note:N", title="Note")],
        )
        .properties(height=22 * len({row["what"] for row in rows}) + 80)
    )
    st.altair_chart(chart, alt=f"{title}: {len(rows)} points, which the table below lists.")


def show_intervals(title: str, rows: Rows) -> None:
    """Scores with their intervals; each row has `name`, `series`, `value`, `low` and `high`, all between 0 and 1."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("name:N", sort=names, axis=alt.Axis(title=None, ticks=False, labelLimit=160)),
        yOffset=alt.YOffset("series:N", sort=None),
        color=_series_colour(),
    )
    axis = alt.Axis(title=None, format=".0%", tickCount=6, domain=False)
    lines = base.mark_rule(strokeWidth=2, opacity=0.6).encode(
        x=alt.X("low:Q", axis=axis, scale=alt.Scale(zero=False, domainMax=1)), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=60, opacity=1).encode(
        x="value:Q",
        tooltip=[
            alt.Tooltip("name:N", title="Type"),
            alt.Tooltip("series:N", title="Measure"),
            alt.Tooltip("value:Q", title="F1", format=".1%"),
            alt.Tooltip("low:Q", title="from", format=".1%"),
            alt.Tooltip("high:Q", title="to", format=".1%"),
        ],
    )
    height = 44 * len({row["name"] for row in rows}) + 70
    st.altair_chart((lines + points).properties(height=height), alt=f"{title}: the table beside says the same.")


def show_calibration(title: str, rows: Rows) -> None:
    """Scores against the share that is right; each row has `score`, `right` and `count`."""
    axis = alt.Axis(format=".0%", tickCount=5, domain=False)
    whole = alt.Scale(domain=[0, 1])
    line = (
        alt.Chart(_data([{"at": 0}, {"at": 1}]))
        .mark_line(strokeDash=[4, 4], color="gray", strokeWidth=1)
        .encode(x=alt.X("at:Q", scale=whole), y=alt.Y("at:Q", scale=whole))
    )
    points = (
        alt.Chart(_data(rows))
        .mark_point(filled=True, opacity=1, color=LINE)
        .encode(
            x=alt.X("score:Q", scale=whole, axis=axis, title="Mean score"),
            y=alt.Y("right:Q", scale=whole, axis=axis, title="Right"),
            size=alt.Size("count:Q", scale=alt.Scale(range=[40, 500]), legend=None),
            tooltip=[
                alt.Tooltip("score:Q", title="Mean score", format=".2f"),
                alt.Tooltip("right:Q", title="Right", format=".1%"),
                alt.Tooltip("count:Q", title="Entities"),
            ],
        )
    )
    st.altair_chart((line + points).properties(height=320), alt=f"{title}: the table beside says the same.")


def _data(rows: Rows) -> alt.Data:
    return alt.Data(values=list(rows))  # type: ignore[no-untyped-call]  # as Altair has it


def _series_colour() -> alt.Color:
    palette = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"]
    return alt.Color("series:N", sort=None, scale=alt.Scale(range=palette), legend=alt.Legend(title=None, orient="top"))


def _in_words(rows: Rows, *, percent: bool) -> str:
    if not rows:
        return "nothing yet"
    first, last = rows[0]["value"], rows[-1]["value"]
    return f"from {first:.1%} to {last:.1%}" if percent else f"from {first:,.4g} to {last:,.4g}"
