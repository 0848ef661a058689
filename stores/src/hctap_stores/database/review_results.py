"""What comes of a review: how reviewers agree, and gold."""

from collections import defaultdict
from typing import Final

from hctap_core.agreement import Judged, compare_judged, judge
from hctap_core.errors import ReviewConflict
from hctap_core.gold import GoldEntity, GoldNote
from hctap_core.golds import GoldSet
from hctap_core.reviews import Agreement, Promotion, Review, Verdict
from hctap_core.sections import Section
from hctap_stores.database.connection import Database
from hctap_stores.database.documents import read_documents
from hctap_stores.database.gold import store_gold
from hctap_stores.database.reviews import find_review
from hctap_stores.database.runs import find_run

_DONE: Final = """
SELECT t.note_id, s.reviewer, d.item, d.verdict, d.record
FROM review_tasks t JOIN reviews v USING (review_no) JOIN review_states s USING (task_no)
LEFT JOIN review_decisions d ON (d.task_no, d.reviewer) = (t.task_no, s.reviewer) AND d.verdict <> 'withdrawn'
WHERE v.name = %s AND s.state = 'done' AND s.reviewer = ANY(%s)
ORDER BY t.note_id, s.reviewer, d.item
"""
_Decisions = dict[str, tuple[Verdict, GoldEntity | None]]


def measure_agreement(database: Database, name: str, first: str, second: str) -> Agreement:
    """How two reviewers agree over the notes that both have done.

    Raises:
        ReviewNotFound: If there is no such review.
    """
    review = find_review(database, name)
    judged = _judged(database, review, (first, second))
    pairs = [(views[first], views[second]) for _, views in sorted(judged.items()) if {first, second} <= views.keys()]
    return Agreement(review=name, first=first, second=second, **compare_judged(pairs))


def promote_review(database: Database, name: str, promotion: Promotion, by: str) -> GoldSet:
    """Make gold of what reviewers have done: a new version of the gold set, unless it says the same.

    Raises:
        ReviewNotFound: If there is no such review.
        ReviewConflict: If none of the reviewers has done a note.
    """
    review = find_review(database, name)
    judged = _judged(database, review, promotion.reviewers)
    if not judged:
        raise ReviewConflict("None of these reviewers has done a note.", remedy="Mark notes as done first.")
    stored = find_run(database, review.run_id)
    gold = []
    for document in read_documents(database, stored.run_no, review.run_id, sorted(judged)):
        views = judged[document.note_id]
        chosen = next(views[reviewer] for reviewer in promotion.reviewers if reviewer in views)
        sections = tuple(Section.model_validate(section) for section in document.sections)
        gold.append(GoldNote(note_id=document.note_id, entities=tuple(chosen.standing()), sections=sections or None))
    return store_gold(database, promotion.gold, gold, source=f"review {name}", by=by)


def _judged(database: Database, review: Review, reviewers: tuple[str, ...]) -> dict[str, dict[str, Judged]]:
    """By note and reviewer what is left standing, of the notes that the reviewer has done."""
    done: dict[str, dict[str, _Decisions]] = defaultdict(dict)
    with database.transaction() as connection:
        for note_id, reviewer, item, verdict, record in connection.execute(_DONE, (review.name, list(reviewers))):
            decisions = done[note_id].setdefault(reviewer, {})
            if item is not None:
                entity = None if record is None else GoldEntity.model_validate(record)
                decisions[item] = (Verdict(verdict), entity)
    run_no = find_run(database, review.run_id).run_no
    documents = read_documents(database, run_no, review.run_id, sorted(done)) if done else ()
    return {
        document.note_id: {
            reviewer: judge(document.entities, decisions) for reviewer, decisions in done[document.note_id].items()
        }
        for document in documents
    }
