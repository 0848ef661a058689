"""Reviews in the database: queues of notes, and what each reviewer decides, write by write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hctap_core.errors import InvalidSpan, NoteNotFound, ReviewConflict, ReviewNotFound
from hctap_core.gold import GoldEntity
from hctap_core.reviews import (
    Decision,
    DecisionWrite,
    Review,
    ReviewDocument,
    ReviewerProgress,
    ReviewOrder,
    ReviewTask,
    StateWrite,
    StateWritten,
    TaskState,
    Verdict,
)
from hctap_stores.database.connection import Connection, Database
from hctap_stores.database.documents import Document, read_documents
from hctap_stores.database.runs import find_run

_ADD_TASKS: Final = """
INSERT INTO review_tasks (review_no, place, note_id, note_no, content_sha256, entities)
SELECT %(review_no)s, row_number() OVER (ORDER BY md5(note_id || %(seed)s::text), note_id), note_id, note_no,
    content_sha256, entities
FROM (
    SELECT DISTINCT ON (l.note_id) l.note_id, l.note_no, l.content_sha256,
        coalesce(first.entity_count, l.entity_count) AS entities
    FROM run_notes l JOIN notes n ON n.note_no = l.note_no
    LEFT JOIN run_notes first ON (first.run_no, first.object_key) = (l.run_no, l.duplicate_of)
    WHERE l.run_no = %(run_no)s AND l.state IN ('done', 'duplicate', 'unchanged')
        AND (%(note_ids)s::text[] IS NULL OR l.note_id = ANY(%(note_ids)s))
        AND (%(specialties)s::text[] IS NULL OR n.specialty = ANY(%(specialties)s))
    ORDER BY l.note_id, l.duplicate_of NULLS FIRST, l.object_key
) AS listed
ORDER BY md5(note_id || %(seed)s::text), note_id LIMIT %(sample)s
"""
_REVIEWS: Final = """
SELECT v.review_no, v.name, r.run_id, v.created_by, v.created_at,
    (SELECT count(*) FROM review_tasks t WHERE t.review_no = v.review_no) AS tasks
FROM reviews v JOIN runs r USING (run_no)
"""
_PROGRESS: Final = """
SELECT reviewer, count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'skipped') AS skipped,
    coalesce(sum(decisions), 0)::integer AS decisions
FROM (
    SELECT task_no, reviewer, count(*) AS decisions FROM review_decisions WHERE verdict <> 'withdrawn' GROUP BY 1, 2
) AS d FULL JOIN review_states s USING (task_no, reviewer)
JOIN review_tasks t USING (task_no) WHERE t.review_no = %s GROUP BY reviewer ORDER BY reviewer
"""
_TASKS: Final = """
SELECT t.task_no, t.place, t.note_id, t.entities, coalesce(s.state, 'open') AS state, (
    SELECT count(*) FROM review_decisions d
    WHERE (d.task_no, d.reviewer) = (t.task_no, %(reviewer)s) AND d.verdict <> 'withdrawn') AS decisions
FROM review_tasks t JOIN reviews v USING (review_no)
LEFT JOIN review_states s ON (s.task_no, s.reviewer) = (t.task_no, %(reviewer)s)
WHERE v.name = %(name)s AND (%(after)s::integer IS NULL OR t.place > %(after)s)
    AND (%(state)s::text IS NULL OR coalesce(s.state, 'open') = %(state)s)
ORDER BY t.place LIMIT %(limit)s + 1
"""


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """A note of a review, as one reviewer sees it."""

    review: str
    task_no: int
    reviewer: str


def create_review(database: Database, order: ReviewOrder, by: str) -> Review:
    """Make a review of the notes of a run, the latest by default.

    Raises:
        RunNotFound: If there is no such run.
        NoteNotFound: If the run has none of the notes.
        ReviewConflict: If there is a review of that name.
    """
    run_no = find_run(database, order.run_id or "latest").run_no
    with database.transaction() as connection:
        row = connection.execute(
            """
            INSERT INTO reviews (name, run_no, created_by) VALUES (%s, %s, %s) ON CONFLICT (name) DO NOTHING
            RETURNING review_no
            """,
            (order.name, run_no, by),
        ).fetchone()
        if row is None:
            raise ReviewConflict("There is a review of that name.", remedy="Take another name.")
        values = {
            "review_no": row[0],
            "run_no": run_no,
            "note_ids": None if order.note_ids is None else list(order.note_ids),
            "specialties": None if order.specialties is None else list(order.specialties),
            "sample": order.sample,
            "seed": order.seed,
        }
        if connection.execute(_ADD_TASKS, values).rowcount == 0:
            raise NoteNotFound("The run has none of these notes.", remedy="GET /v1/runs/{run_id}/notes lists them.")
    return find_review(database, order.name)


def find_review(database: Database, name: str) -> Review:
    """The review of a name, with how far its reviewers have come.

    Raises:
        ReviewNotFound: If there is none.
    """
    found = _select_reviews(database, "WHERE v.name = %s", (name,))
    if not found:
        raise ReviewNotFound("There is no such review.", remedy="GET /v1/reviews lists them.")
    return found[0]


def list_reviews(database: Database) -> list[Review]:
    """All reviews, the newest first."""
    return _select_reviews(database, "ORDER BY v.review_no DESC", ())


def list_tasks(
    database: Database, name: str, reviewer: str, after: int | None, limit: int, state: TaskState | None = None
) -> tuple[list[ReviewTask], int | None]:
    """The notes of a review after a place, all or those in a state for the reviewer, and the place to go on from.

    Raises:
        ReviewNotFound: If there is no such review.
    """
    values = {"name": name, "reviewer": reviewer, "after": after, "limit": limit, "state": state and state.value}
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows: list[dict[str, Any]] = cursor.execute(_TASKS, values).fetchall()
    if not rows:
        find_review(database, name)
    tasks = [ReviewTask.model_validate(row) for row in rows[:limit]]
    return tasks, tasks[-1].place if len(rows) > limit else None


def read_task(database: Database, place: TaskPlace) -> ReviewDocument:
    """A note to judge, with what the reviewer has decided.

    Raises:
        ReviewNotFound: If there is no such note in the review.
    """
    document, run_id = _document(database, place)
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT state, version FROM review_states WHERE (task_no, reviewer) = (%s, %s)",
            (place.task_no, place.reviewer),
        ).fetchone()
    state, version = row or (TaskState.OPEN, 0)
    return ReviewDocument(
        task_no=place.task_no,
        review=place.review,
        reviewer=place.reviewer,
        note_id=document.note_id,
        run_id=run_id,
        specialty=document.specialty,
        text=document.text,
        entities=tuple(document.entities),  # type: ignore[arg-type]  # records of the contract, validated here
        decisions=tuple(_decisions(database, place)),
        state=state,
        state_version=version,
    )


def write_decision(database: Database, place: TaskPlace, item: str, write: DecisionWrite) -> Decision:
    """Keep a decision if nobody has written since the version that it names.

    Raises:
        ReviewNotFound: If there is no such note in the review, or no such entity in the note.
        InvalidSpan: If the record does not fit the text, or the verdict not the item.
        ReviewConflict: If the decision has another version by now.
    """
    document, _ = _document(database, place)
    _check(document, item, write)
    record = None if write.record is None else Jsonb(write.record.model_dump(mode="json"))
    with database.transaction() as connection:
        if write.version == 0:
            statement = """
                INSERT INTO review_decisions (verdict, record, task_no, reviewer, item, version)
                VALUES (%s, %s, %s, %s, %s, %s + 1) ON CONFLICT DO NOTHING
            """
        else:
            statement = """
                UPDATE review_decisions SET verdict = %s, record = %s, version = version + 1, decided_at = now()
                WHERE (task_no, reviewer, item, version) = (%s, %s, %s, %s)
            """
        values = (write.verdict.value, record, place.task_no, place.reviewer, item, write.version)
        if connection.execute(statement, values).rowcount != 1:
            raise ReviewConflict("The decision has another version by now.", remedy="Read the note again.")
    return next(decision for decision in _decisions(database, place) if decision.item == item)


def write_state(database: Database, place: TaskPlace, write: StateWrite) -> StateWritten:
    """Keep how far a reviewer has come if nobody has written since the version that it names.

    Raises:
        ReviewNotFound: If there is no such note in the review.
        ReviewConflict: If the state has another version by now.
    """
    with database.transaction() as connection:
        _require_task(connection, place)
        if write.version == 0:
            statement = """
                INSERT INTO review_states (state, task_no, reviewer, version) VALUES (%s, %s, %s, %s + 1)
                ON CONFLICT DO NOTHING
            """
        else:
            statement = """
                UPDATE review_states SET state = %s, version = version + 1, changed_at = now()
                WHERE (task_no, reviewer, version) = (%s, %s, %s)
            """
        values = (write.state.value, place.task_no, place.reviewer, write.version)
        if connection.execute(statement, values).rowcount != 1:
            raise ReviewConflict("The state has another version by now.", remedy="Read the note again.")
    return StateWritten(task_no=place.task_no, state=write.state, version=write.version + 1)


def _check(document: Document, item: str, write: DecisionWrite) -> None:
    is_added = item.startswith("a")
    if not is_added and int(item[1:]) >= len(document.entities):
        raise ReviewNotFound("The note has no such entity.", remedy="Read the note again.")
    allowed = {Verdict.ADD, Verdict.WITHDRAWN} if is_added else set(Verdict) - {Verdict.ADD}
    if write.verdict not in allowed:
        raise InvalidSpan("Items that begin with e are the run's, those with a are added.", remedy="See docs/api.md.")
    if (write.verdict in {Verdict.CHANGE, Verdict.ADD}) != (write.record is not None):
        raise InvalidSpan("change and add come with a record, the others without.", remedy="See docs/api.md.")
    if write.record is not None:
        _check_span(document.text, write.record)


def _check_span(text: str, record: GoldEntity) -> None:
    spans = [(record.begin, record.end, record.text), *((a.begin, a.end, a.text) for a in record.attributes)]
    if any(begin >= end or text[begin:end] != words for begin, end, words in spans):
        raise InvalidSpan("The text at the offsets is not that of the record.", remedy="Count code points, half-open.")


def _document(database: Database, place: TaskPlace) -> tuple[Document, str]:
    with database.transaction() as connection:
        note_id, run_no, run_id = _require_task(connection, place)
    found = next(read_documents(database, run_no, run_id, [note_id]), None)
    if found is None:
        raise ReviewNotFound("The note is gone.", remedy="It was deleted; take the next one.")
    return found, run_id


def _require_task(connection: Connection, place: TaskPlace) -> tuple[str, int, str]:
    row = connection.execute(
        """
        SELECT t.note_id, r.run_no, r.run_id FROM review_tasks t JOIN reviews v USING (review_no)
        JOIN runs r USING (run_no) WHERE v.name = %s AND t.task_no = %s
        """,
        (place.review, place.task_no),
    ).fetchone()
    if row is None:
        raise ReviewNotFound("There is no such note in the review.", remedy="GET /v1/reviews/{name}/tasks lists them.")
    return str(row[0]), int(row[1]), str(row[2])


def _decisions(database: Database, place: TaskPlace) -> list[Decision]:
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            """
            SELECT item, verdict, record, version, decided_at FROM review_decisions
            WHERE (task_no, reviewer) = (%s, %s) ORDER BY item
            """,
            (place.task_no, place.reviewer),
        )
        return [Decision.model_validate(row) for row in rows]


def _select_reviews(database: Database, tail: str, values: Sequence[object]) -> list[Review]:
    with database.transaction() as connection:
        with connection.cursor(row_factory=dict_row) as cursor:
            rows: list[dict[str, Any]] = cursor.execute(f"{_REVIEWS} {tail}", values).fetchall()
        return [_review(connection, row) for row in rows]


def _review(connection: Connection, row: dict[str, Any]) -> Review:
    with connection.cursor(row_factory=dict_row) as cursor:
        progress = cursor.execute(_PROGRESS, (row.pop("review_no"),)).fetchall()
    return Review(**row, reviewers=tuple(ReviewerProgress.model_validate(one) for one in progress))
