"""The parts of the report that speak of all notes together."""

from collections.abc import Iterable, Sequence
from typing import Final

from hctap_cli.gathering import Gathered
from hctap_cli.outputs.report.elements import bar, esc, facts, grid, part, percent, remark, seek
from hctap_cli.outputs.rows import REGIMEN
from hctap_cli.outputs.tally import Mentions, Tally, by_notes, by_notes_present
from hctap_core.evaluation import ASSERTIONS

MOST_ROWS: Final = 300
_TOP: Final = 12
_TYPES: Final = {
    "PROBLEM": "Problems",
    "MEDICATION": "Medications",
    "TEST": "Tests",
    "PROCEDURE": "Procedures",
    "ANATOMY": "Anatomy",
}


def show_summary(tally: Tally, faults: int, skipped: int) -> str:
    """How much was read, and what it says most often."""
    present = sum(entry.present > 0 for entry in tally.problems.values())
    figures = [
        ("notes read", f"{tally.notes:,}"),
        ("could not be read", f"{faults:,}"),
        ("files of other kinds", f"{skipped:,}"),
        ("facts found", f"{tally.entities:,}"),
        ("problems present", f"{present:,}"),
        ("drugs", f"{len(tally.drugs):,}"),
    ]
    # The row of a type gives each assertion's share of its mentions.
    rows = [
        [
            f'<span class="hc hc-{kind.lower()} hc-first hc-last">{esc(name)}</span>',
            f"{entry.mentions:,}",
            f"{entry.notes:,}",
            *(percent(entry.asserted[each], entry.mentions) for each in ASSERTIONS),
        ]
        for kind, name in _TYPES.items()
        for entry in (tally.by_type[kind],)
    ]
    head = ["type", "mentions", "in notes", *ASSERTIONS]
    tops = (
        f'<div class="pair">{_top("Problems present", tally.problems.values(), "problem")}'
        f"{_top('Medications taken', tally.drugs.values(), 'medication')}</div>"
    )
    table = grid("Types and how they are asserted", head, rows, frozenset(range(1, len(head))))
    return part("summary", "Summary", facts(figures), table, tops)


def show_problems(tally: Tally) -> str:
    """Every problem with its code, and how often it is said to be there, denied, in doubt, past or in the family."""
    head = ["problem", "ICD-10-CM", "code means", "notes", "mentions", "present", *ASSERTIONS]
    rows = [
        [
            seek(entry.name),
            esc(entry.code or "–"),
            esc(entry.display),
            *(f"{count:,}" for count in (entry.notes, entry.mentions, entry.present)),
            *(f"{entry.asserted[name]:,}" if entry.asserted[name] else "" for name in ASSERTIONS),
        ]
        for entry in sorted(tally.problems.values(), key=by_notes)[:MOST_ROWS]
    ]
    table = grid("Problems", head, rows, frozenset(range(3, len(head))))
    return part("problems", "Problems", _cut_remark(len(tally.problems), "entities"), table if rows else _nothing())


def show_medications(tally: Tally) -> str:
    """Every medication with each regimen that is written of it."""
    head = ["medication", *REGIMEN, "times a day", "notes", "negated"]
    # The drugs of most notes first; of one drug those with a strength or dose, and mentions without any regimen last.
    ordered = sorted(
        tally.regimens.items(),
        key=lambda item: (
            by_notes(tally.drugs[item[1].name]),
            not any(item[0][1:3]),
            not any(item[0][1:]),
            by_notes(item[1]),
            item[0],
        ),
    )
    rows = [
        [
            seek(entry.name),
            *(esc(value) for value in key[1:-1]),
            esc(key[-1].replace("/d", "")),
            f"{entry.notes:,}",
            f"{entry.asserted['negated']:,}" if entry.asserted["negated"] else "",
        ]
        for key, entry in ordered[:MOST_ROWS]
    ]
    table = grid("Medications", head, rows, frozenset(range(len(head) - 2, len(head))))
    content = (_cut_remark(len(tally.regimens), "medications"), table if rows else _nothing())
    return part("medications", "Medications", *content)


def show_faults(faults: Sequence[Gathered], total: int) -> str:
    """What could not be read, with the reason and what to do about it."""
    rows = [
        [esc(item.origin), esc((item.reason or "").replace("_", " ")), esc(item.detail or ""), esc(item.remedy or "")]
        for item in faults
    ]
    table = grid("Not read", ["where", "why", "what exactly", "what to do"], rows, frozenset())
    return part("faults", "Not read", _cut_remark(total, "notes"), table) if rows else ""


def _top(title: str, counted: Iterable[Mentions], kind: str) -> str:
    entries = sorted((entry for entry in counted if entry.present), key=by_notes_present)[:_TOP]
    largest = max((entry.notes_present for entry in entries), default=0)
    rows = [
        [seek(entry.name), bar(entry.notes_present, largest, kind), f"{entry.notes_present:,}"] for entry in entries
    ]
    table = grid(title, ["name", "", "notes"], rows, frozenset({2})) if rows else _nothing()
    return f'<div class="tops"><h3>{esc(title)}, by notes</h3>{table}</div>'


def _cut_remark(total: int, table: str) -> str:
    if total <= MOST_ROWS:
        return ""
    return remark(f"The {MOST_ROWS:,} most frequent of {total:,}; all of them are in {table}.csv.")


def _nothing() -> str:
    return remark("Nothing was found.")
