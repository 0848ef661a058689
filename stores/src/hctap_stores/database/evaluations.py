"""How runs agree with gold: scores, details, and every difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg.types.json import Jsonb

from hctap_core.errors import GoldNotFound, RunNotFound
from hctap_core.golds import EvaluationDetails, EvaluationError, GoldSet
from hctap_stores.database.connection import Connection, Database, copy_rows
from hctap_stores.database.pool import Pool

CONTEXT_CHARACTERS: Final = 60
_GOLD: Final = "CASE WHEN g.gold_no IS NOT NULL THEN g.name || '@' || g.version END"
_LIST: Final = f"""
SELECT json_build_object('run_id', r.run_id, 'evaluations', coalesce((
    SELECT json_agg(json_build_object('gold_name', e.gold_name, 'gold', {_GOLD}, 'created_at', e.created_at,
        'has_details', e.details IS NOT NULL,
        'gold_notes', coalesce((e.scores#>>'{{coverage,gold_notes}}')::integer, 0),
        'strict_f1', (e.scores#>>'{{strict,micro,f1}}')::float8,
        'overlap_f1', (e.scores#>>'{{overlap,micro,f1}}')::float8) ORDER BY e.gold_name)
    FROM evaluations e LEFT JOIN gold_sets g USING (gold_no) WHERE e.run_no = r.run_no), '[]'))::text
FROM runs r WHERE r.run_id = %(run_id)s
"""  # noqa: S608 - constants
_REPORT: Final = f"""
SELECT r.run_no, (SELECT json_build_object('run_id', r.run_id, 'gold_name', e.gold_name, 'gold', {_GOLD},
    'created_at', e.created_at, 'scores', e.scores, 'details', e.details)::text
    FROM evaluations e LEFT JOIN gold_sets g USING (gold_no)
    WHERE e.run_no = r.run_no AND e.gold_name = %(gold_name)s)
FROM runs r WHERE r.run_id = %(run_id)s
"""  # noqa: S608 - constants
# The words are those of the text that the run read.
_ERRORS: Final = """
SELECT json_build_object('run_id', %(run_id)s::text, 'gold_name', %(gold_name)s::text,
    'errors', coalesce(json_agg(json_build_object('error_no', error_no, 'kind', kind, 'entity_type', entity_type,
        'note_id', note_id, 'begin', begin_offset, 'end', end_offset, 'other', other,
        'text', substr(text, begin_offset + 1, end_offset - begin_offset),
        'context', substr(text, greatest(begin_offset - %(context)s, 0) + 1,
            least(begin_offset, %(context)s) + end_offset - begin_offset + %(context)s))
        ORDER BY error_no) FILTER (WHERE place <= %(limit)s), '[]'),
    'next_cursor', CASE WHEN count(*) > %(limit)s THEN max(error_no) FILTER (WHERE place = %(limit)s) END)::text,
    count(DISTINCT note_id) FILTER (WHERE place <= %(limit)s AND text IS NOT NULL)
FROM (
    SELECT e.*, CASE WHEN %(has_text)s THEN (
        SELECT t.text FROM run_notes l JOIN note_texts t USING (content_sha256)
        WHERE l.run_no = e.run_no AND l.note_id = e.note_id AND l.state IN ('done', 'duplicate', 'unchanged') LIMIT 1)
        END AS text, row_number() OVER (ORDER BY error_no) AS place
    FROM evaluation_errors e
    WHERE e.run_no = %(run_no)s AND e.gold_name = %(gold_name)s
        AND (%(after)s::integer IS NULL OR e.error_no > %(after)s)
        AND (%(kind)s::text IS NULL OR e.kind = %(kind)s)
        AND (%(entity_type)s::text IS NULL OR e.entity_type = %(entity_type)s)
    ORDER BY error_no LIMIT %(limit)s + 1
) AS page
"""


@dataclass(frozen=True, slots=True)
class Findings:
    """What is kept of an evaluation beside its scores."""

    gold: GoldSet
    details: EvaluationDetails
    errors: Sequence[EvaluationError]


@dataclass(frozen=True, slots=True)
class ErrorsAsked:
    """A page of differences, all or of a kind or type; with text for those who may read notes."""

    gold_name: str
    after: int | None
    limit: int
    kind: str | None
    entity_type: str | None
    has_text: bool


def write_evaluation(
    database: Database, run_no: int, gold_name: str, scores: Mapping[str, Any], findings: Findings | None = None
) -> None:
    """Keep how the run agrees with a gold set; a second evaluation under the same name replaces the first."""
    with database.transaction() as connection:
        connection.execute(
            """
            INSERT INTO evaluations (run_no, gold_name, scores, gold_no, details) VALUES (%s, %s, %s, (
                SELECT gold_no FROM gold_sets WHERE (name, version) = (%s, %s)), %s)
            ON CONFLICT (run_no, gold_name) DO UPDATE SET scores = excluded.scores, gold_no = excluded.gold_no,
                details = excluded.details, created_at = now()
            """,
            (
                run_no,
                gold_name,
                Jsonb(scores),
                findings.gold.name if findings else None,
                findings.gold.version if findings else None,
                Jsonb(findings.details.model_dump(mode="json")) if findings else None,
            ),
        )
        connection.execute("DELETE FROM evaluation_errors WHERE run_no = %s AND gold_name = %s", (run_no, gold_name))
        if findings is not None:
            _write_errors(connection, run_no, gold_name, findings.errors)
        connection.execute(
            """
            UPDATE runs SET evaluation = (
                SELECT jsonb_object_agg(gold_name, scores) FROM evaluations WHERE run_no = %(run_no)s)
            WHERE run_no = %(run_no)s
            """,
            {"run_no": run_no},
        )


async def evaluations_json(pool: Pool, run_id: str) -> str:
    """The evaluations of a run.

    Raises:
        RunNotFound: If there is no such run.
    """
    async with pool.connection() as connection:
        row = await (await connection.execute(_LIST, {"run_id": run_id})).fetchone()
    if row is None:
        raise _no_run(run_id)
    return str(row[0])


async def evaluation_json(pool: Pool, run_id: str, gold_name: str) -> tuple[int, str]:
    """The number of a run, and its evaluation under a name.

    Raises:
        RunNotFound: If there is no such run.
        GoldNotFound: If it was not evaluated under this name.
    """
    async with pool.connection() as connection:
        row = await (await connection.execute(_REPORT, {"run_id": run_id, "gold_name": gold_name})).fetchone()
    if row is None:
        raise _no_run(run_id)
    if row[1] is None:
        raise GoldNotFound(
            "The run was not evaluated under this name.", remedy="GET /v1/runs/{run_id}/evaluations lists the names."
        )
    return int(row[0]), str(row[1])


async def errors_json(pool: Pool, run_id: str, asked: ErrorsAsked) -> tuple[str, int]:
    """A page of the differences, and of how many notes it holds text.

    Raises:
        RunNotFound: If there is no such run.
        GoldNotFound: If it was not evaluated under this name.
    """
    run_no, _ = await evaluation_json(pool, run_id, asked.gold_name)
    values = {
        "run_id": run_id,
        "run_no": run_no,
        "context": CONTEXT_CHARACTERS,
        "gold_name": asked.gold_name,
        "after": asked.after,
        "limit": asked.limit,
        "kind": asked.kind,
        "entity_type": asked.entity_type,
        "has_text": asked.has_text,
    }
    async with pool.connection() as connection:
        row = await (await connection.execute(_ERRORS, values)).fetchone()
    if row is None:
        raise _no_run(run_id)
    return str(row[0]), int(row[1])


def _write_errors(connection: Connection, run_no: int, gold_name: str, errors: Sequence[EvaluationError]) -> None:
    columns = (
        "run_no", "gold_name", "error_no", "kind", "entity_type", "note_id", "begin_offset", "end_offset", "other",
    )  # fmt: skip
    rows = (
        (
            run_no,
            gold_name,
            error.error_no,
            error.kind.value,
            error.entity_type.value,
            error.note_id,
            error.begin,
            error.end,
            None if error.other is None else error.other.model_dump_json(),
        )
        for error in errors
    )
    copy_rows(connection, "evaluation_errors", columns, rows)


def _no_run(run_id: str) -> RunNotFound:
    return RunNotFound(f"There is no run {run_id!r}.", remedy="GET /v1/runs lists the runs.")
