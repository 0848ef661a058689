"""Reviews: queues of notes that people judge, how they agree, and the gold that comes of it."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from hctap_client import Client
from hctap_core.errors import PlatformError
from hctap_core.permissions import Permission
from hctap_core.reviews import Agreement, KappaScore, Review, ReviewOrder, ReviewTask
from hctap_dashboard.address import Place, link_to, read_address, write_address
from hctap_dashboard.drawers import drawer
from hctap_dashboard.failures import refuse, told
from hctap_dashboard.links import anchor
from hctap_dashboard.markup import MISSING, Table, chip, head, heading, notice, notice_of, paragraph, table, warn, wrap
from hctap_dashboard.paging import current_cursor, show_pager
from hctap_dashboard.views.judge import judge_note
from hctap_dashboard.views.notes import know_specialties
from hctap_dashboard.visitor import Visitor
from hctap_dashboard.wording import count_of, show_count, show_moment, show_name, show_score

REVIEW, TASK = "review", "task"
_QUEUE, _WORD = "review_queue", "review_promoted"
_PAGE: Final = 50
_DRAWER: Final = "review_drawer"


def show_review(visitor: Visitor) -> None:
    """Show the note, the queue or the reviews, as the address says."""
    if refuse(visitor, Permission.NOTES_READ):
        return
    with told("The reviews cannot be shown"):
        name, task = read_address(REVIEW), read_address(TASK)
        if name is None:
            write_address(task=None, item=None)
            _show_reviews(visitor)
        elif task is not None and task.isdecimal():
            judge_note(visitor.client, name, int(task))
        else:
            write_address(task=None, item=None)
            _show_queue(visitor, name)


def _show_reviews(visitor: Visitor) -> None:
    beneath = "People judge what a run found, each for themselves; what they leave becomes gold."
    st.html(wrap(head("Review", beneath=beneath)))
    found = visitor.client.reviews().reviews
    if visitor.may(Permission.REVIEWS_CHANGE):
        _offer_review(visitor.client)
    if not found:
        st.html(wrap(notice("There are no reviews yet", "Nobody has made a queue of notes to judge.")))
        return
    rows = [_row(review) for review in found]
    titles = ("Review", "Run", "Made", "Notes", "Reviewers", "Done")
    st.html(wrap(table(Table("Reviews", titles, rows, frozenset({3, 4, 5}), is_list=True))))


def _row(review: Review) -> tuple[str, ...]:
    done = sum(one.done for one in review.reviewers)
    return (
        anchor(review.name, link_to(Place.REVIEW, review=review.name)),
        anchor(review.run_id, link_to(Place.RUNS, run=review.run_id)),
        show_moment(review.created_at),
        show_count(review.tasks),
        show_count(len(review.reviewers)),
        show_count(done),
    )


def _offer_review(client: Client) -> None:
    with drawer("Make a review", _DRAWER) as is_open:
        if is_open:
            _show_form(client)


def _show_form(client: Client) -> None:
    with st.form("make_review", border=False):
        first, second, third = st.columns([1, 2, 1], vertical_alignment="bottom")
        name = first.text_input("Name", key="review_name", max_chars=80, placeholder="ward-7")
        chosen = second.multiselect(
            "Specialties", know_specialties(client), placeholder="All", key="review_specialties"
        )
        sample = third.number_input("Sample", min_value=1, value=None, placeholder="All notes", key="review_sample")
        if not st.form_submit_button("Make it", type="primary"):
            return
    try:
        order = ReviewOrder(name=name.strip(), specialties=tuple(chosen) or None, sample=sample)
    except ValueError:
        st.html(wrap(notice("This is no name", "A name has letters, digits, '.', '_' and '-', 80 at most.")))
        return
    try:
        made = client.create_review(order)
    except PlatformError as error:
        st.html(wrap(notice_of(error, "The review was not made")))
        return
    write_address(review=made.name)
    st.rerun()


def _show_queue(visitor: Visitor, name: str) -> None:
    client = visitor.client
    review = client.review(name)
    back = f'<p class="hc-soft hc-back">{anchor("All reviews", link_to(Place.REVIEW))}</p>'
    st.html(wrap(back, head(review.name, beneath=f"{count_of(review.tasks, 'note')} of run {review.run_id}")))
    word = st.session_state.pop(_WORD, None)
    if word:
        st.html(wrap(warn(word)))
    cursor = current_cursor(_QUEUE, name)
    page = client.review_tasks(name, after=int(cursor) if cursor else None, limit=_PAGE)
    left, right = st.columns([1.2, 1], gap="large")
    with left:
        rows = [_task(name, task) for task in page.tasks]
        titles = ("No.", "Note", "Entities", "Decided", "State")
        st.html(wrap(heading("The queue"), table(Table("Queue", titles, rows, frozenset({2, 3}), is_list=True))))
        show_pager(_QUEUE, None if page.next_cursor is None else str(page.next_cursor))
    with right:
        st.html(wrap(heading("Reviewers"), _reviewers(review)))
        _show_agreement(visitor, review)
        _offer_promotion(visitor, review)


def _task(name: str, task: ReviewTask) -> tuple[str, ...]:
    link = link_to(Place.REVIEW, review=name, task=str(task.task_no))
    return (
        f"{task.place:,}",
        anchor(task.note_id, link),
        f"{task.entities:,}",
        f"{task.decisions:,}",
        chip(task.state),
    )


def _reviewers(review: Review) -> str:
    if not review.reviewers:
        return paragraph("Nobody has begun.")
    rows = [(one.reviewer, f"{one.done:,}", f"{one.skipped:,}", f"{one.decisions:,}") for one in review.reviewers]
    return table(Table("Reviewers", ("Reviewer", "Done", "Skipped", "Decisions"), rows, frozenset({1, 2, 3})))


def _show_agreement(visitor: Visitor, review: Review) -> None:
    names = [one.reviewer for one in review.reviewers]
    if len(names) < 2 or not visitor.may(Permission.RUNS_COMPARE):  # noqa: PLR2004 - a pair
        return
    st.html(wrap(heading("How they agree")))
    left, right = st.columns(2)
    first = left.selectbox("First reviewer", names, key="agreement_first")
    second = right.selectbox("Second reviewer", names, index=1, key="agreement_second")
    if first == second:
        st.html(wrap(paragraph("Pick two reviewers.")))
        return
    st.html(wrap(_agreement(visitor.client.agreement(review.name, first, second))))


def _agreement(found: Agreement) -> str:
    if not found.notes:
        return paragraph("There is no note yet that both have done.")
    scores = {"Is it right": found.keep, "Type": found.entity_type}
    scores |= {show_name(name): score for name, score in found.assertions.items()}
    rows = [_score(name, score) for name, score in scores.items()]
    titles = ("Question", "Items", "Agreed", "Kappa")
    spans = f"F1 of the spans that they left {show_score(found.span_f1)}"
    words = f"Over {count_of(found.notes, 'note')} that both have done; {spans}."
    return paragraph(words) + table(Table("Agreement", titles, rows, frozenset({1, 2, 3})))


def _score(name: str, score: KappaScore) -> tuple[str, ...]:
    kappa = MISSING if score.kappa is None else f"{score.kappa:.2f}"
    return name, f"{score.items:,}", show_score(score.agreed), kappa


def _offer_promotion(visitor: Visitor, review: Review) -> None:
    done: Sequence[str] = [one.reviewer for one in review.reviewers if one.done]
    if not done or not visitor.may(Permission.REVIEWS_CHANGE):
        return
    st.html(wrap(heading("Make gold of it")))
    with st.form("promote", border=False):
        gold = st.text_input("Gold set", review.name, key=f"gold_{review.name}", max_chars=80)
        chosen = st.multiselect("Whose word counts, the first first", done, default=done, key=f"words_{review.name}")
        sent = st.form_submit_button("Promote")
    if not sent:
        return
    try:
        made = visitor.client.promote_review(review.name, gold.strip(), chosen)
    except (PlatformError, ValueError) as error:
        known = error if isinstance(error, PlatformError) else PlatformError("Name the gold set and its reviewers.")
        st.html(wrap(notice_of(known, "No gold was made")))
        return
    st.session_state[_WORD] = (
        f"Gold {made.reference}: {count_of(made.notes, 'note')}, {count_of(made.entities, 'entity')}."
    )
    st.rerun()
