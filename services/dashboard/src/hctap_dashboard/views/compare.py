"""Two runs side by side: what was added, removed, asserted or coded otherwise, down to the note."""

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.comparisons import ChangeCounts, Comparison, EntityChange, Side
from hctap_core.highlighting import asserted
from hctap_core.permissions import Permission
from hctap_core.runs import FINISHED, Run
from hctap_dashboard.address import Place, link_to, read_address, write_address
from hctap_dashboard.failures import refuse, told
from hctap_dashboard.legend import explain_marks
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import MISSING, Figure, Table, figures, head, heading, notice, paragraph, table, wrap
from hctap_dashboard.paging import current_cursor, show_pager
from hctap_dashboard.views.reader import mark_up
from hctap_dashboard.visitor import Visitor
from hctap_dashboard.wording import count_of, show_count, show_name

FIRST, SECOND, NOTE = "first", "second", "note"
_PAGES: Final = "compare_pages"
_RUNS: Final = 100
# So many texts may take longer than a person waits without a word.
_MANY_TEXTS: Final = 5_000
_KINDS: Final = ("added", "removed", "reasserted", "recoded", "same")
_MEANINGS: Final = {
    "added": "only the second has them",
    "removed": "only the first has them",
    "reasserted": "such as negated now",
    "recoded": "other codes",
    "same": "in every respect",
}


def show_compare(visitor: Visitor) -> None:
    """Show the page."""
    st.html(wrap(head("Compare", beneath="What changed from one run to another, in the texts that both have read.")))
    if refuse(visitor, Permission.RUNS_COMPARE):
        return
    with told("The runs cannot be compared"):
        pair = _ask(visitor.client)
        if pair is None:
            return
        first, second = pair
        note_id = read_address(NOTE)
        if note_id is None:
            _show_comparison(visitor.client, first, second)
        else:
            _show_note(visitor.client, first.run_id, second.run_id, note_id)


def _ask(client: Client) -> tuple[Run, Run] | None:
    finished = [run for run in client.runs(limit=_RUNS).runs if run.status in FINISHED]
    ids = [run.run_id for run in finished]
    if len(ids) < 2:  # noqa: PLR2004 - a pair
        st.html(
            wrap(
                notice(
                    "There is nothing to compare",
                    "Fewer than two runs have finished.",
                    "Start another on the page Runs.",
                )
            )
        )
        return None
    second = _known(SECOND, ids) or ids[0]
    first = _known(FIRST, ids) or next(run_id for run_id in [*ids[ids.index(second) + 1 :], *ids] if run_id != second)
    labels = {run.run_id: _label(run) for run in finished}
    left, right = st.container(key="compare_pair").columns(2, gap="large")
    with left:
        first = _pick("First", FIRST, ids, first, labels)
    with right:
        second = _pick("Second", SECOND, ids, second, labels)
    if first == second:
        st.html(wrap(notice("This is one run", "Pick two runs that differ.")))
        return None
    runs = {run.run_id: run for run in finished}
    return runs[first], runs[second]


def _known(name: str, ids: Sequence[str]) -> str | None:
    value = read_address(name)
    return value if value in ids else None


def _pick(label: str, name: str, ids: list[str], current: str, labels: Mapping[str, str]) -> str:
    st.session_state[f"compare_{name}"] = current
    st.selectbox(label, ids, key=f"compare_{name}", format_func=labels.__getitem__, on_change=_remember, args=(name,))
    write_address(**{name: current})
    return current


def _remember(name: str) -> None:
    write_address(**{name: st.session_state[f"compare_{name}"], NOTE: None})


def _label(run: Run) -> str:
    return f"{run.run_id} · {run.counts.entities:,} entities"


def _show_comparison(client: Client, first: Run, second: Run) -> None:
    with st.spinner(say_comparing(first, second), show_time=True):
        comparison = client.compare(first.run_id, second.run_id)
    st.html(wrap(_figures(comparison.total), _texts(comparison)))
    left, right = st.columns(2, gap="large")
    with left:
        names = st.tabs(["By type", "By section", "By code"])
        for tab, (what, counts) in zip(names, _groups(comparison).items(), strict=True):
            tab.html(wrap(table(_tabulate(what, counts)) if counts else paragraph("Nothing changed.")))
    with right:
        st.html(wrap(heading("Notes in which something changed")))
        _show_changed(client, first.run_id, second.run_id)


def say_comparing(first: Run, second: Run) -> str:
    """What is read while two runs are compared, and how long that may take where it is much."""
    texts = min(first.counts.distinct, second.counts.distinct)
    words = f"Comparing what both runs found in up to {count_of(texts, 'text')}…"
    return words if texts < _MANY_TEXTS else f"{words} The first time, that can take a minute."


def _show_changed(client: Client, first: str, second: str) -> None:
    with st.spinner("Looking for the notes…", show_time=True):
        changed = client.changed_notes(first, second, after=current_cursor(_PAGES, (first, second)))
    rows = [
        (
            anchor(note.note_id, link_to(Place.COMPARE, first=first, second=second, note=note.note_id)),
            *_counts(note.changes, _KINDS[:-1]),
        )
        for note in changed.notes
    ]
    titles = ("Note", *(kind.capitalize() for kind in _KINDS[:-1]))
    content = table(Table("Changed notes", titles, rows, frozenset({1, 2, 3, 4}), is_list=True))
    is_more = changed.next_cursor is not None
    st.html(wrap(content if rows else paragraph("None on this page." if is_more else "No note has changed.")))
    show_pager(_PAGES, changed.next_cursor)


def _figures(total: ChangeCounts) -> str:
    return figures([Figure(kind.capitalize(), show_count(getattr(total, kind)), _MEANINGS[kind]) for kind in _KINDS])


def _texts(comparison: Comparison) -> str:
    texts = comparison.texts
    return paragraph(
        f"Over {count_of(texts.both, 'text')} that both have read; {texts.only_first:,} only the first, "
        f"{texts.only_second:,} only the second."
    )


def _groups(comparison: Comparison) -> dict[str, Mapping[str, ChangeCounts]]:
    by_type = {show_name(kind): counts for kind, counts in comparison.by_type.items()}
    by_section = {show_name(section): counts for section, counts in comparison.by_section.items()}
    return {"Type": by_type, "Section": by_section, "Code": comparison.by_code}


def _tabulate(what: str, counts: Mapping[str, ChangeCounts]) -> Table:
    rows = [(name, *_counts(found, _KINDS)) for name, found in sorted(counts.items(), key=_most_changed)]
    titles = (what, *(kind.capitalize() for kind in _KINDS))
    return Table(f"Changes by {what.lower()}", titles, rows, frozenset(range(1, len(titles))), is_list=True)


def _most_changed(item: tuple[str, ChangeCounts]) -> tuple[int, str]:
    name, counts = item
    return -(counts.added + counts.removed + counts.reasserted + counts.recoded), name


def _counts(counts: ChangeCounts, kinds: Sequence[str]) -> tuple[str, ...]:
    return tuple(show_count(getattr(counts, kind)) for kind in kinds)


def _show_note(client: Client, first: str, second: str, note_id: str) -> None:
    back = anchor("All changes", link_to(Place.COMPARE, first=first, second=second))
    st.html(wrap(f'<p class="hc-soft hc-back">{back}</p>', head(note_id)))
    with st.spinner("Reading both versions…"):
        changes = client.compare_note(first, second, note_id).changes
        versions = [client.note(note_id, run_id) for run_id in (first, second)]
    rows = [_change(change) for change in changes]
    titles = ("Text", "Type", "Change", "First run says", "Second run says")
    listed = table(Table("Changes in the note", titles, rows, is_list=True))
    st.html(wrap(listed if rows else paragraph("Nothing changed here.")))
    st.html(wrap(explain_marks(versions[1].entities)))
    for column, version, run_id in zip(st.columns(2, gap="large"), versions, (first, second), strict=True):
        column.html(wrap(heading(run_id), mark_up(version)))


def _change(change: EntityChange) -> tuple[str, ...]:
    kinds = ", ".join(kind.value for kind in change.changes)
    return change.text, show_name(change.entity_type), kinds, _side(change.first), _side(change.second)


def _side(side: Side | None) -> str:
    if side is None:
        return MISSING
    return " · ".join([", ".join(asserted(side.assertion)) or "present", *side.codes[:3]])
