"""Two runs compared in the database: entities joined on text, span and type."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from hctap_core.comparisons import ChangeCounts, ChangedNotes, Comparison, NoteChanges
from hctap_core.entities import EntityType
from hctap_core.errors import NoteNotFound, RunNotFound
from hctap_stores.database.pool import Pool
from hctap_stores.database.search.sides import BOTH, CHANGES, SIDE, TEXTS
from hctap_stores.database.search.summary import summarise

_MOST_CODES: Final = 100
# Of so many notes the changes are looked for at a time.
_NOTES_AT_ONCE: Final = 100
_ASSERTION: Final = "negated, uncertain, historical, hypothetical, family"
_PAIRS: Final = f"""
{{side}}_entities AS (
    SELECT b.note_id, e.begin_offset, e.end_offset, e.entity_type, e.text, e.section,
        ROW({_ASSERTION}) AS assertion, negated, uncertain, historical, hypothetical, family,
        (SELECT array_agg(c.system || ' ' || c.code ORDER BY c.rank) FROM listed_codes c
            WHERE c.codes_no = e.codes_no) AS codes
    FROM both_texts b JOIN entities e ON e.run_no = b.{{side}}_source AND e.note_no = b.{{side}}_no
)
"""  # noqa: S608 - constants
_COUNTS: Final = """
count(*) FILTER (WHERE is_added) AS added, count(*) FILTER (WHERE is_removed) AS removed,
count(*) FILTER (WHERE is_reasserted) AS reasserted, count(*) FILTER (WHERE is_recoded) AS recoded,
count(*) FILTER (WHERE NOT (is_added OR is_removed OR is_reasserted OR is_recoded)) AS same
"""
# The next notes in their order that have a text of the first run. As a rule it has the text under the same note, which
# an index finds; only where it does not, all its texts are looked at. To sort the texts of both runs took 180 ms.
_LISTED: Final = """
SELECT n.note_id, s.content_sha256, f.note_no, f.source, s.note_no, s.source FROM notes n
CROSS JOIN LATERAL (
    SELECT content_sha256, note_no, coalesce(results_of, run_no) AS source FROM run_notes
    WHERE run_no = %(second)s AND note_no = n.note_no AND state IN ('done', 'unchanged') ORDER BY object_key LIMIT 1
) AS s LEFT JOIN LATERAL (
    SELECT note_no, coalesce(results_of, run_no) AS source FROM run_notes
    WHERE run_no = %(first)s AND note_no = n.note_no AND state IN ('done', 'unchanged')
        AND content_sha256 = s.content_sha256 ORDER BY object_key LIMIT 1
) AS f ON true
WHERE n.note_id > coalesce(%(after)s, '') AND (f.note_no IS NOT NULL OR s.content_sha256 IN (
    SELECT content_sha256 FROM run_notes WHERE run_no = %(first)s AND state IN ('done', 'unchanged')))
ORDER BY n.note_id LIMIT %(limit)s
"""
_ELSEWHERE: Final = """
SELECT DISTINCT ON (content_sha256) content_sha256, note_no, coalesce(results_of, run_no) AS source FROM run_notes
WHERE run_no = %(first)s AND state IN ('done', 'unchanged') AND content_sha256 = ANY(%(texts)s)
ORDER BY content_sha256, object_key
"""
_NOTES: Final = f"""
WITH texts AS MATERIALIZED ({TEXTS}), {SIDE.format(side="first")}, {SIDE.format(side="second")},
pairs AS (SELECT no, {CHANGES} FROM {BOTH})
SELECT no, {_COUNTS} FROM pairs GROUP BY no ORDER BY no
"""  # noqa: S608 - constants
_SAID: Final = """
CASE WHEN {s}.note_id IS NOT NULL THEN json_build_object('section', {s}.section,
    'assertion', json_build_object('negated', {s}.negated, 'uncertain', {s}.uncertain, 'historical', {s}.historical,
        'hypothetical', {s}.hypothetical, 'family', {s}.family), 'codes', coalesce(to_json({s}.codes), '[]'))  END
"""
_NOTE: Final = f"""
WITH both_texts AS (
    SELECT %(note_id)s::text AS note_id, %(first_no)s::bigint AS first_no, %(first_source)s::integer AS first_source,
        %(second_no)s::bigint AS second_no, %(second_source)s::integer AS second_source
),
{_PAIRS.format(side="first")}, {_PAIRS.format(side="second")},
joined AS (
    SELECT entity_type, begin_offset, end_offset, coalesce(s.text, f.text) AS text,
        {_SAID.format(s="f")} AS first, {_SAID.format(s="s")} AS second,
        array_remove(ARRAY[CASE WHEN f.note_id IS NULL THEN 'added' END, CASE WHEN s.note_id IS NULL THEN 'removed' END,
            CASE WHEN f.note_id IS NOT NULL AND s.note_id IS NOT NULL AND f.assertion IS DISTINCT FROM s.assertion
                THEN 'reasserted' END,
            CASE WHEN f.note_id IS NOT NULL AND s.note_id IS NOT NULL AND f.codes IS DISTINCT FROM s.codes
                THEN 'recoded' END], NULL) AS changes
    FROM first_entities f FULL JOIN second_entities s USING (note_id, begin_offset, end_offset, entity_type)
)
SELECT json_build_object('note_id', %(note_id)s::text, 'first', %(first_id)s::text, 'second', %(second_id)s::text,
    'changes', coalesce(json_agg(json_build_object('changes', changes, 'entity_type', entity_type, 'text', text,
        'begin', begin_offset, 'end', end_offset, 'first', first, 'second', second)
        ORDER BY begin_offset, end_offset, entity_type) FILTER (WHERE cardinality(changes) > 0), '[]'))::text
FROM joined
"""  # noqa: S608 - constants
# Texts are compared, not notes: in either run a text is worked on once, under the note that stands for it; as a rule
# under the same one, which an index finds.
_NOTE_IN_BOTH: Final = """
SELECT l.content_sha256, coalesce(d.note_no, l.note_no),
    CASE WHEN d.run_no IS NULL THEN coalesce(l.results_of, l.run_no) ELSE coalesce(d.results_of, d.run_no) END,
    f.note_no, coalesce(f.results_of, f.run_no)
FROM notes n JOIN run_notes l ON (l.note_no, l.run_no) = (n.note_no, %(second)s)
LEFT JOIN run_notes d ON (d.run_no, d.object_key) = (l.run_no, l.duplicate_of)
LEFT JOIN run_notes f ON (f.note_no, f.run_no) = (coalesce(d.note_no, l.note_no), %(first)s)
    AND f.content_sha256 = l.content_sha256 AND f.state IN ('done', 'unchanged')
WHERE n.note_id = %(note_id)s AND l.state IN ('done', 'duplicate', 'unchanged')
ORDER BY f.object_key, l.object_key LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class RunPair:
    """The ids of two runs, the earlier one first by intent."""

    first: str
    second: str


def check_known(pair: RunPair, found: Container[str]) -> None:
    """See that both runs are among those that were found.

    Raises:
        RunNotFound: If one is not.
    """
    for run_id in (pair.first, pair.second):
        if run_id not in found:
            raise RunNotFound(f"There is no run {run_id!r}.", remedy="GET /v1/runs lists the runs.")


async def compare_runs(pool: Pool, pair: RunPair) -> Comparison:
    """How many entities changed, in all and by type, section and code, counted anew.

    Raises:
        RunNotFound: If there is no such run.
    """
    async with pool.connection() as connection:
        numbers = await _numbers(connection, pair)
    summary = await summarise(pool, numbers["first"], numbers["second"])
    by_type, by_section, by_code = (dict(summary.groups[name]) for name in ("by_type", "by_section", "by_code"))
    by_code.pop("", None)
    changed = sorted(by_code.items(), key=lambda item: (-_changes(item[1]), item[0]))
    return Comparison(
        first=pair.first,
        second=pair.second,
        texts=summary.texts,
        total=summary.total,
        by_type={EntityType(name): counts for name, counts in sorted(by_type.items())},
        by_section=dict(sorted(by_section.items())),
        by_code={name: counts for name, counts in changed[:_MOST_CODES] if _changes(counts)},
    )


async def changed_notes(pool: Pool, pair: RunPair, after: str | None) -> ChangedNotes:
    """The notes with changes among the next 100 that both runs worked on.

    Raises:
        RunNotFound: If there is no such run.
    """
    async with pool.connection() as connection:
        values = await _numbers(connection, pair) | {"after": after, "limit": _NOTES_AT_ONCE}
        listed = await (await connection.execute(_LISTED, values, prepare=False)).fetchall()
        elsewhere = await _elsewhere(connection, values, [text for _, text, first_no, *_ in listed if first_no is None])
        firsts = [elsewhere.get(text, (note_no, source)) for _, text, note_no, source, *_ in listed]
        values |= {"first_no": [note_no for note_no, _ in firsts], "first_source": [source for _, source in firsts]}
        values |= {"second_no": [row[4] for row in listed], "second_source": [row[5] for row in listed]}
        rows = await _rows(connection, _NOTES, values)
    notes = [
        NoteChanges(note_id=listed[row.pop("no") - 1][0], changes=ChangeCounts.model_validate(row)) for row in rows
    ]
    cursor = str(listed[-1][0]) if len(listed) == _NOTES_AT_ONCE else None
    return ChangedNotes(notes=tuple(note for note in notes if _changes(note.changes)), next_cursor=cursor)


async def note_comparison_json(pool: Pool, pair: RunPair, note_id: str) -> str:
    """All that changed in a note, as JSON.

    Raises:
        RunNotFound: If there is no such run.
        NoteNotFound: If the runs did not both work on the note's text.
    """
    async with pool.connection() as connection:
        values = await _numbers(connection, pair) | {"note_id": note_id}
        placed = await (await connection.execute(_NOTE_IN_BOTH, values)).fetchone()
        text, second_no, second_source, *first = placed or (None, None, None, None, None)
        if text is not None and first[0] is None:
            first = [*(await _elsewhere(connection, values, [text])).get(text, ())]
        if text is None or not first:
            raise NoteNotFound(
                "The two runs did not both work on this note's text.", remedy="Compare runs that read the same text."
            )
        values |= {
            "first_no": first[0],
            "first_source": first[1],
            "second_no": second_no,
            "second_source": second_source,
        }
        values |= {"first_id": pair.first, "second_id": pair.second}
        answer = await (await connection.execute(_NOTE, values)).fetchone()
    return str(answer[0]) if answer else ""


def _changes(counts: ChangeCounts) -> int:
    return counts.added + counts.removed + counts.reasserted + counts.recoded


async def _numbers(connection: AsyncConnection[TupleRow], pair: RunPair) -> dict[str, Any]:
    found = await connection.execute(
        "SELECT run_id, run_no FROM runs WHERE run_id = ANY(%s)", ([pair.first, pair.second],)
    )
    numbers: dict[str, int] = dict(await found.fetchall())
    check_known(pair, numbers)
    return {"first": numbers[pair.first], "second": numbers[pair.second]}


async def _elsewhere(
    connection: AsyncConnection[TupleRow], values: dict[str, Any], texts: list[str]
) -> dict[str, tuple[int, int]]:
    """The note that stands for each text in the first run, and the run that has its results."""
    if not texts:
        return {}
    found = await connection.execute(_ELSEWHERE, values | {"texts": texts})
    return {text: (note_no, source) for text, note_no, source in await found.fetchall()}


async def _rows(connection: AsyncConnection[TupleRow], query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, values)).fetchall()
