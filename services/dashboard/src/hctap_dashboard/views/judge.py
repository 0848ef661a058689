"""One note under review: its text with the items marked, and what the reviewer says of each."""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.errors import PlatformError
from hctap_core.highlighting import ASSERTIONS, asserted, highlight
from hctap_core.reviews import ReviewDocument, TaskState, Verdict
from hctap_dashboard.address import Place, link_to, read_address, write_address
from hctap_dashboard.entity_table import mark_entity
from hctap_dashboard.judging import (
    Item,
    describe_item,
    find_item,
    item_at,
    list_items,
    make_record,
    name_added,
    name_next,
    name_previous,
    show_code,
)
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import (
    Html,
    Table,
    chip,
    escape,
    frame_note,
    head,
    heading,
    notice_of,
    paragraph,
    table,
    wrap,
)
from hctap_dashboard.spans import read_selection
from hctap_dashboard.wording import count_of, show_name

ITEM: Final = "item"
_SELECTED, _WORD = "review_selected", "review_word"
_HERE: Final = "hc-here"


def judge_note(client: Client, review: str, task_no: int) -> None:
    """Show a note to judge, and take what is decided.

    Raises:
        PlatformError: The API does not give it.
    """
    with st.spinner("Reading the note…"):
        document = client.review_task(review, task_no)
    items = list_items(document)
    _take_selection(document, items)
    current = find_item(items, read_address(ITEM))
    back = anchor("The queue", link_to(Place.REVIEW, review=review))
    done = sum(item.verdict != "open" for item in items)
    line = f"{document.specialty} · run {document.run_id} · {done} of {count_of(len(items), 'item')} decided"
    title = head(document.note_id, status=document.state, beneath=line)
    st.html(wrap(f'<p class="hc-soft hc-back">{back}</p>', title))
    _tell()
    left, right = st.columns([1.6, 1], gap="large")
    left.html(wrap(_text(document, items, current)))
    with right, st.container(key="judge_panel"):
        _show_states(client, document)
        if current is not None:
            _show_item(client, document, items, current)
        _show_addition(client, document, items)
    st.html(wrap(heading("All items"), table(_tabulate(document, items))))


def _take_selection(document: ReviewDocument, items: Sequence[Item]) -> None:
    """A click picks the item there; a selection is kept until it is used."""
    found = read_selection(document.text)
    if found is None:
        return
    begin, end = found
    if begin < end:
        st.session_state[_SELECTED] = (document.task_no, begin, end)
        return
    picked = item_at(items, begin)
    if picked is not None:
        write_address(item=picked.name)


def _selected(document: ReviewDocument) -> tuple[int, int] | None:
    task_no, begin, end = st.session_state.get(_SELECTED, (None, 0, 0))
    return (begin, end) if task_no == document.task_no and end <= len(document.text) else None


def _text(document: ReviewDocument, items: Sequence[Item], current: Item | None) -> str:
    standing = [item.entity for item in items if item.stands or item is current]
    places = {current.entity.begin: _HERE} if current is not None else {}
    marked = highlight(document.text, standing, places)
    return frame_note(document.note_id, document.text, marked, kind="hc-review")


def _show_states(client: Client, document: ReviewDocument) -> None:
    def write(state: TaskState) -> None:
        client.set_review_state(document.review, document.task_no, state, version=document.state_version)

    with st.container(horizontal=True):
        if document.state is TaskState.DONE:
            st.button("Open it again", on_click=_write, args=(lambda: write(TaskState.OPEN), None))
        else:
            st.button("Done with this note", on_click=_write, args=(lambda: write(TaskState.DONE), None), shortcut="D")
            st.button("Skip it", on_click=_write, args=(lambda: write(TaskState.SKIPPED), None))
        st.button("Next note", on_click=_go_on, args=(client, document), shortcut="N")


def _go_on(client: Client, document: ReviewDocument) -> None:
    try:
        page = client.review_tasks(document.review, after=document.task_no, limit=1)
    except PlatformError as error:
        st.session_state[_WORD] = error
        return
    following = page.tasks[0].task_no if page.tasks else None
    write_address(task=None if following is None else str(following), item=None)


def _show_item(client: Client, document: ReviewDocument, items: Sequence[Item], current: Item) -> None:
    state = chip(current.verdict)
    mark = f'<p class="hc-item">{mark_entity(current.entity)} {state}</p>'
    st.html(wrap(heading(f"{show_name(current.entity.entity_type)}"), mark, paragraph(describe_item(current))))
    following = name_next(items, current)

    def decide(verdict: Verdict) -> None:
        client.decide(document.review, document.task_no, current.name, verdict, version=current.version)

    with st.container(horizontal=True):
        if current.is_added:
            st.button("Withdraw", on_click=_write, args=(lambda: decide(Verdict.WITHDRAWN), following))
        else:
            accept, reject = (lambda: decide(Verdict.ACCEPT)), (lambda: decide(Verdict.REJECT))
            st.button("Accept", on_click=_write, args=(accept, following), shortcut="A", type="primary")
            st.button("Reject", on_click=_write, args=(reject, following), shortcut="X")
        st.button("Previous", on_click=_pick, args=(name_previous(items, current),), shortcut="K")
        st.button("Next", on_click=_pick, args=(following,), shortcut="J")
    with st.expander("Change it"):
        _show_change(client, document, current, following)


def _show_change(client: Client, document: ReviewDocument, current: Item, following: str) -> None:
    entity = current.entity
    key = f"{document.task_no}_{current.name}_{current.version}"
    span = _selected(document)
    with st.form(f"change_{key}", border=False):
        kinds = list(EntityType)
        kind = st.selectbox(
            "Type", kinds, index=kinds.index(entity.entity_type), format_func=show_name, key=f"type_{key}"
        )
        said = st.multiselect("Assertion", ASSERTIONS, default=asserted(entity.assertion), key=f"said_{key}")
        code = st.text_input("Code", show_code(entity), key=f"code_{key}", placeholder="ICD-10-CM I10")
        if span is not None:
            words = document.text[slice(*span)]
            use = st.checkbox(f"Take the span that is selected: {words!r}", key=f"span_{key}")
        else:
            use = False
            st.caption("Select words in the note to give it another span.")
        if st.form_submit_button("Keep the change"):
            record = make_record(
                document.text, span if use and span else (entity.begin, entity.end), kind, said, code, entity
            )
            verdict = Verdict.ADD if current.is_added else Verdict.CHANGE
            _write(
                lambda: client.decide(
                    document.review, document.task_no, current.name, verdict, record=record, version=current.version
                ),
                following,
            )
            st.rerun()


def _show_addition(client: Client, document: ReviewDocument, items: Sequence[Item]) -> None:
    span = _selected(document)
    st.html(wrap(heading("Add what is missing")))
    if span is None:
        st.html(wrap(paragraph("Select words in the note.")))
        return
    begin, end = span
    st.html(wrap(f'<p class="hc-item"><mark class="hc hc-plain">{escape(document.text[begin:end])}</mark></p>'))
    name = name_added(items, document)
    with st.form(f"add_{document.task_no}_{begin}_{end}", border=False):
        kinds = list(EntityType)
        kind = st.selectbox("Type", kinds, index=0, format_func=show_name, key="add_type")
        said = st.multiselect("Assertion", ASSERTIONS, key=f"add_said_{begin}_{end}")
        code = st.text_input("Code", key=f"add_code_{begin}_{end}", placeholder="ICD-10-CM I10")
        if st.form_submit_button("Add it"):
            record = make_record(document.text, span, kind, said, code)
            st.session_state.pop(_SELECTED, None)
            _write(lambda: client.decide(document.review, document.task_no, name, Verdict.ADD, record=record), name)
            st.rerun()


def _pick(name: str) -> None:
    write_address(item=name)


def _write(write: Callable[[], object], following: str | None) -> None:
    """Keep a decision and go on; where somebody was faster, nothing is written and the page shows what they said."""
    try:
        write()
    except PlatformError as error:
        st.session_state[_WORD] = error
        return
    if following is not None:
        write_address(item=following)


def _tell() -> None:
    error = st.session_state.pop(_WORD, None)
    if error is not None:
        st.html(wrap(notice_of(error, "This was not kept")))


def _tabulate(document: ReviewDocument, items: Sequence[Item]) -> Table:
    rows = [_row(document, item) for item in items]
    return Table("Items", ("Text", "Type", "Says", "Decision", ""), rows, is_list=True)


def _row(document: ReviewDocument, item: Item) -> tuple[str, ...]:
    link = link_to(Place.REVIEW, review=document.review, task=str(document.task_no), item=item.name)
    return (
        Html(mark_entity(item.entity)),
        show_name(item.entity.entity_type),
        describe_item(item),
        chip(item.verdict),
        anchor("Show", link),
    )
