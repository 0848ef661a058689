"""Small pieces of HTML; every value is escaped on its way in."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hctap_core.errors import PlatformError

MISSING: Final = "–"
_COMMAND: Final = re.compile("`([^`]+)`")
_AS_CODE: Final = r"<code>\1</code>"
# Columns that were set with blanks or bars only stand under each other in a type of one width.
_ALIGNED: Final = re.compile(r"\S(?: {3,}|\t+)\S|^\s*\|.*\|\s*$", re.MULTILINE)


class Html(str):
    """What is mark-up already, made here and with every value in it escaped."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that stands for itself; `hint` says in a few words what it counts."""

    label: str
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a bar chart: how much of the largest, with the number beside it."""

    label: str
    count: int
    tint: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of words whose columns in `numbers` are aligned as such.

    `groups` names stretches of columns after the first, each with its width; `strong` rows are set apart. Where the
    screen is narrow, a row of what `is_list` stands as a paragraph, each value behind the name of its column.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    groups: Sequence[tuple[str, int]] = ()
    strong: frozenset[int] = frozenset()
    is_list: bool = False


def escape(text: str) -> str:
    """The text as it may stand in an element or in a quoted attribute."""
    return html.escape(text, quote=True)


def show(value: str) -> str:
    """Mark-up as it is, and any other text escaped."""
    return value if isinstance(value, Html) else escape(value)


def wrap(*parts: str) -> str:
    """Parts of a page under the page's style."""
    return f'<div class="hc-page">{"".join(parts)}</div>'


def head(title: str, *, status: str = "", beneath: str = "") -> str:
    """A page's title, with a status beside it and a line beneath."""
    state = chip(status) if status else ""
    line = f'<p class="hc-soft">{escape(beneath)}</p>' if beneath else ""
    return f'<header class="hc-head"><h1>{escape(title)}</h1>{state}{line}</header>'


def frame_note(name: str, text: str, marked: str, *, kind: str = "") -> Html:
    """A note's text with its marks, in the type that suits it; `name` is what it is read aloud as."""
    classes = " ".join(["hc-note", *(["hc-aligned"] if _ALIGNED.search(text) else []), *([kind] if kind else [])])
    return Html(f'<article class="{classes}" aria-label="{escape(name)}">{marked}</article>')


def chip(state: str) -> Html:
    """A state, in one word set apart."""
    return Html(f'<span class="hc-chip hc-chip-{escape(state)}">{escape(state)}</span>')


def heading(text: str) -> str:
    """The heading of a part of a page."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str) -> str:
    """A sentence or two in the quiet tone; what stands in backticks is set as code."""
    return f'<p class="hc-soft">{_COMMAND.sub(_AS_CODE, escape(text))}</p>'


def figures(items: Iterable[Figure]) -> str:
    """Numbers in a row that wraps."""
    cells = (
        f"<div><dt>{escape(item.label)}</dt><dd>{show(item.value)}</dd>"
        f'<dd class="hc-soft">{escape(item.hint)}</dd></div>'
        for item in items
    )
    return f'<dl class="hc-figures">{"".join(cells)}</dl>'


def bars(caption: str, items: Sequence[Bar]) -> str:
    """A bar chart as a table, so that it can be read aloud."""
    largest = max((item.count for item in items), default=0) or 1
    rows = (
        f'<tr><th scope="row">{show(item.label)}</th><td class="hc-bar">{_filled(item, largest)}</td>'
        f'<td class="hc-num">{item.count:,}</td></tr>'
        for item in items
    )
    return f'<table class="hc-table hc-bars"><caption>{escape(caption)}</caption><tbody>{"".join(rows)}</tbody></table>'


def table(content: Table) -> str:
    """The table, in a frame that scrolls where the screen is narrow."""
    names = zip(content.head, _aligned(content), strict=True)
    role = _role(content, "columnheader")
    cells = "".join(f'<th scope="col"{align}{role}>{escape(name)}</th>' for name, align in names)
    rows = (_row(content, row, is_strong=index in content.strong) for index, row in enumerate(content.rows))
    kind = "hc-table" + (" hc-grouped" if content.groups else "") + (" hc-list" if content.is_list else "")
    group = _role(content, "rowgroup")
    top = f"<thead{group}>{_groups(content.groups)}<tr{_role(content, 'row')}>{cells}</tr></thead>"
    return frame(
        f'<table class="{kind}"{_role(content, "table")}><caption>{escape(content.caption)}</caption>'
        f"{top if any(content.head) else ''}<tbody{group}>{''.join(rows)}</tbody></table>"
    )


def narrow(content: str) -> str:
    """Something no wider than a page of print, so that the eye finds what stands at the other end of a line."""
    return f'<div class="hc-narrow">{content}</div>'


def without_blank_columns(content: Table) -> Table:
    """The table without the columns that say nothing in any row; that of the names stays."""
    said = [
        column
        for column in range(len(content.head))
        if not column or any(row[column] not in {"", MISSING} for row in content.rows)
    ]
    return replace(
        content,
        head=[content.head[column] for column in said],
        rows=[[row[column] for column in said] for row in content.rows],
        numbers=frozenset(place for place, column in enumerate(said) if column in content.numbers),
    )


def frame(wide: str) -> str:
    """Something wide, in a frame that scrolls by itself."""
    return f'<div class="hc-scroll" tabindex="0">{wide}</div>'


def counted(caption: str, rows: Iterable[tuple[str, str, int]]) -> str:
    """Names, each with a line of explanation beneath and its count beside."""
    cells = (
        f'<tr><th scope="row">{escape(name)}<br><span class="hc-soft">{escape(explanation)}</span></th>'
        f'<td class="hc-num">{count:,}</td></tr>'
        for name, explanation, count in rows
    )
    return f'<table class="hc-table"><caption>{escape(caption)}</caption><tbody>{"".join(cells)}</tbody></table>'


def warn(text: str) -> str:
    """A sentence that somebody should read."""
    return f'<p class="hc-warning" role="status">{escape(text)}</p>'


def notice(title: str, text: str, remedy: str | None = None) -> str:
    """What a page says instead of its content; what stands in backticks in the remedy is a command."""
    action = f"<p><strong>{_COMMAND.sub(_AS_CODE, escape(remedy))}</strong></p>" if remedy else ""
    return f'<div class="hc-notice" role="status"><h2>{escape(title)}</h2><p>{escape(text)}</p>{action}</div>'


def notice_of(error: PlatformError, title: str) -> str:
    """An error in its own words, with what to do about it."""
    return notice(title, error.message, error.remedy)


def _filled(item: Bar, largest: int) -> str:
    return f'<span style="width:{100 * item.count / largest:.1f}%;background:{escape(item.tint)}"></span>'


def _groups(groups: Sequence[tuple[str, int]]) -> str:
    cells = (f'<th scope="colgroup" colspan="{width}" class="hc-group">{escape(name)}</th>' for name, width in groups)
    return f"<tr><td></td>{''.join(cells)}</tr>" if groups else ""


def _row(content: Table, row: Sequence[str], *, is_strong: bool) -> str:
    names = (f' data-name="{escape(name)}"' if content.is_list and name else "" for name in content.head)
    cell = _role(content, "cell")
    cells = (
        f"<td{align}{name}{cell}>{show(value)}</td>"
        for value, align, name in zip(row, _aligned(content), names, strict=True)
    )
    _, *rest = cells
    strong = ' class="hc-strong"' if is_strong else ""
    first = f'<th scope="row"{_role(content, "rowheader")}>{show(row[0])}</th>'
    return f"<tr{strong}{_role(content, 'row')}>{first}{''.join(rest)}</tr>"


def _role(content: Table, role: str) -> str:
    # What is no longer laid out as a table is none to a screen reader either, unless it is told.
    return f' role="{role}"' if content.is_list else ""


def _aligned(content: Table) -> list[str]:
    return [' class="hc-num"' if index in content.numbers else "" for index in range(len(content.head))]
