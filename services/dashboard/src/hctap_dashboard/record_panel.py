"""The record of a note, as the panel beside its text."""

from collections.abc import Sequence
from typing import Final

from hctap_dashboard.markup import Html, Table, escape, paragraph, table
from hctap_dashboard.record import Medication, Problem, Record, Result

_NOTHING: Final = "The note was read, and nothing of this kind stands in it."
_STATES: Final = {"historical": "in the past", "uncertain": "uncertain", "hypothetical": "if it happens"}


def show_record(record: Record) -> str:
    """The panel; parts of which the note says nothing are left out."""
    parts = [
        _part("Problems", _list_problems(record.problems)),
        _part("Medications", _tabulate_medications(record.medications)),
        _part("Tests", _tabulate_results(record.results)),
        _part("Allergies", _list(record.allergies)),
        _part("Procedures", _list_problems(record.procedures)),
        _part("In the family", _list_problems(record.family)),
        _part("Denied", _name_all(record.absent)),
    ]
    content = "".join(parts) or paragraph(_NOTHING)
    return f'<aside class="hc-record" aria-label="Structured record">{content}</aside>'


def _part(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>" if content else ""


def _list_problems(problems: Sequence[Problem]) -> str:
    items = "".join(f"<li>{_problem(problem)}</li>" for problem in problems)
    return f'<ul class="hc-facts">{items}</ul>' if items else ""


def _problem(problem: Problem) -> str:
    said = ", ".join(_STATES.get(state, state) for state in problem.states)
    state = f' <span class="hc-soft">{escape(said)}</span>' if said else ""
    code = f'<span class="hc-code">{escape(problem.code)}</span>' if problem.code else ""
    return f"<span>{escape(problem.name)}{state}</span>{code}"


def _tabulate_medications(medications: Sequence[Medication]) -> str:
    rows = [(_name(item.name, item.status), item.amount, item.schedule) for item in medications]
    return table(Table("Medications", ("Name", "Amount", "How"), rows)) if rows else ""


def _tabulate_results(results: Sequence[Result]) -> str:
    told = [item for item in results if item.value or item.flag]
    others = [item.name for item in results if not (item.value or item.flag)]
    rows = [(item.name, _flagged(item), item.reference) for item in told]
    titles = ("Name", "Value", "Reference")
    # Few notes give the range that is normal.
    width = len(titles) if any(item.reference for item in told) else len(titles) - 1
    shown = Table("Tests", titles[:width], [row[:width] for row in rows], frozenset({1}))
    content = table(shown) if rows else ""
    without = f"Named without a result: {', '.join(dict.fromkeys(others))}."
    return content + (paragraph(without) if others else "")


def _flagged(item: Result) -> Html:
    flag = f' <span class="hc-flag">{escape(item.flag)}</span>' if item.flag else ""
    return Html(f"{escape(item.value)}{flag}")


def _name(name: str, status: str) -> Html:
    said = f'<br><span class="hc-soft">{escape(status)}</span>' if status else ""
    return Html(f"{escape(name)}{said}")


def _list(names: Sequence[str]) -> str:
    items = "".join(f"<li><span>{escape(name)}</span></li>" for name in names)
    return f'<ul class="hc-facts">{items}</ul>' if items else ""


def _name_all(problems: Sequence[Problem]) -> str:
    return paragraph(", ".join(problem.name for problem in problems)) if problems else ""
