"""Pieces of the page; every value is escaped on its way in."""

import html
from collections.abc import Iterable, Sequence

_BAR_WIDTH = 100


def esc(words: object) -> str:
    """Words as they may stand in an element or in a quoted attribute."""
    return html.escape(str(words), quote=True)


def part(name: str, title: str, *content: str) -> str:
    """A part of the page under its title, which the navigation can jump to."""
    return f'<section id="{name}"><h2>{esc(title)}</h2>{"".join(content)}</section>'


def remark(words: str) -> str:
    """A sentence in the quiet tone."""
    return f'<p class="quiet">{esc(words)}</p>'


def facts(items: Iterable[tuple[str, str]]) -> str:
    """Numbers that stand for themselves, each with what it counts."""
    cells = (f"<div><dt>{esc(label)}</dt><dd>{esc(value)}</dd></div>" for label, value in items)
    return f'<dl class="facts">{"".join(cells)}</dl>'


def grid(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], numbers: frozenset[int]) -> str:
    """A table whose cells are HTML already, in a frame that scrolls by itself; `numbers` are columns of numbers."""
    align = [' class="num"' if index in numbers else "" for index in range(len(head))]
    names = "".join(f'<th scope="col"{a}>{esc(name)}</th>' for name, a in zip(head, align, strict=True))
    body = "".join(_grid_row(row, align) for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(caption)}"><table><caption>{esc(caption)}'
        f"</caption><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def bar(count: int, largest: int, kind: str) -> str:
    """How much of the largest, as a bar; the number itself stands beside it."""
    width = _BAR_WIDTH * count / max(largest, 1)
    return (
        f'<svg class="bar {esc(kind)}" viewBox="0 0 {_BAR_WIDTH} 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{width:.1f}" height="10"/></svg>'
    )


def seek(words: str, shown: str | None = None) -> str:
    """A name that looks for itself in the notes when it is pressed."""
    return f'<button type="button" class="seek" data-seek="{esc(words)}">{esc(shown or words)}</button>'


def percent(count: int, total: int) -> str:
    """A share as a whole percentage, or a dash where there is nothing to share."""
    return f"{round(100 * count / total)}%" if total else "–"


def _grid_row(row: Sequence[str], align: Sequence[str]) -> str:
    head = f'<th scope="row">{row[0]}</th>'
    return f"<tr>{head}{''.join(f'<td{a}>{cell}</td>' for cell, a in zip(row[1:], align[1:], strict=True))}</tr>"
