"""A note with all that a run found in it, rendered as JSON by PostgreSQL.

What is measured of 50 entities: 0.9 ms by objects built entity by entity, 0.4 ms as it is here, of which 0.1 ms is the
look-up and the rest the rendering. So text is put together by `concat`, which looks up once how a type is written and
not once a value, and is not read again as JSON; codes and attributes are read once a note; where an entity comes from
is spelt out from memory; notes that are asked for at once share a statement; and the audit of them is a part of it.
"""

import json
from typing import Final, NamedTuple

from psycopg import AsyncRawCursor
from psycopg.types.json import Jsonb

from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_core.errors import RunNotFound
from hctap_core.sections import LOINC_OF_SECTION
from hctap_stores.database.auditing import Access
from hctap_stores.database.batching import Batches
from hctap_stores.database.pool import Pool
from hctap_stores.database.runs import NEWEST_FIRST
from hctap_stores.database.spellings import AND, ASSERTED, CODE, MARK, PLAIN, Spellings

# While one statement waits for its commit others are worked on; more notes than this would wait for each other.
_AT_ONCE: Final = 3
_MOST: Final = 8

# Names of types, sections and runs are words of ours and need no escapes in JSON, all else is escaped by to_json.
# What the entities of a note have in common is put together once.
_HEAD: Final = f"""
concat('{{"schema_version":{ENTITY_SCHEMA_VERSION},"note_id":', to_json(note.note_id),
    ',"run_id":"', run.run_id, '","entity_type":"')
"""
_ASSERTION: Final = """
concat('{"negated":', e.negated::text, ',"uncertain":', e.uncertain::text,
    ',"historical":', e.historical::text, ',"hypothetical":', e.hypothetical::text,
    ',"family":', e.family::text, '}')
"""
# Numbers between marks, which are spelt out when the document has come: that of most entities' codes with the
# assertion that most have, and that of where they come from in the same mark, if no attributes stand between them. Of
# codes whose number is below zero the API must remember nothing, since they may quote their note.
_SAID: Final = f"""
CASE WHEN e.codes_no < 0 THEN concat(',"assertion":', {_ASSERTION}, ',"codes":[', (
        SELECT string_agg({CODE}, ',' ORDER BY c.rank) FROM listed_codes c WHERE c.codes_no = e.codes_no
    ), '],"attributes":[', attributes, '{MARK}')
ELSE concat(CASE WHEN e.negated OR e.uncertain OR e.historical OR e.hypothetical OR e.family
    THEN concat(',"assertion":', {_ASSERTION}, ',"codes":[{MARK}{ASSERTED}') ELSE '{MARK}{PLAIN}' END,
    e.codes_no, coalesce('{MARK}' || attributes || '{MARK}', '{AND}')) END
"""  # noqa: S608 - constants
_ENTITY: Final = f"""
concat(entry.head, e.entity_type, '","text":', to_json(e.text), ',"norm_text":', to_json(e.norm_text),
    ',"begin":', e.begin_offset, ',"end":', e.end_offset, ',"score":', e.score, ',"section":"', e.section,
    '"', {_SAID}, e.provenance_no, '{MARK}', coalesce(e.cues::text, '[]'), '}}}}')
"""
_ATTRIBUTE: Final = """
concat('{"type":"', a.type, '","text":', to_json(a.text), ',"begin":', a.begin_offset, ',"end":', a.end_offset,
    ',"norm":', coalesce(to_json(a.norm)::text, 'null'), '}')
"""

_SECTION: Final = f"""
concat('{{"begin":', s.begin_offset, ',"end":', s.end_offset, ',"header":', to_json(s.header),
    ',"type":"', s.type, '","loinc":', coalesce('{json.dumps(LOINC_OF_SECTION)}'::jsonb -> s.type, 'null'), '}}')
"""
_NULLABLE: Final = "coalesce(to_json(note.{})::text, 'null')"

# A note's text is the one that the run saw, since all offsets refer to it. The results of a duplicate are those of the
# note that stands for it. A note that is not in the run is shown in its current text, without entities,
# unless the guard has to pass notes first.
_NOTE: Final = f"""
WITH note AS (SELECT * FROM notes WHERE note_id = asked.note_id),
run AS (
    SELECT run_no, run_id, coalesce(pipeline->'settings'->>'phi', '') IN ('quarantine', 'redact') AS is_guarded
    FROM runs
    WHERE CASE WHEN asked.run_id IS NULL THEN status IN ('succeeded', 'partial') ELSE run_id = asked.run_id END
    ORDER BY {NEWEST_FIRST} LIMIT 1
),
entry AS (
    SELECT l.content_sha256, run.run_id, {_HEAD} AS head, coalesce(first.note_no, l.note_no) AS note_no,
        CASE WHEN first.run_no IS NULL THEN coalesce(l.results_of, l.run_no)
            ELSE coalesce(first.results_of, first.run_no) END AS run_no
    FROM run JOIN run_notes l USING (run_no) JOIN note USING (note_no)
    LEFT JOIN run_notes first ON (first.run_no, first.object_key) = (l.run_no, l.duplicate_of)
    WHERE l.state IN ('done', 'duplicate', 'unchanged') LIMIT 1
),
described AS (
    SELECT ordinal, string_agg({_ATTRIBUTE}, ',' ORDER BY a.position) AS attributes
    FROM entry JOIN entity_attributes a USING (run_no, note_no) GROUP BY ordinal
)
SELECT concat('{{"schema_version":', note.schema_version, ',"note_id":', to_json(note.note_id),
    ',"specialty":', to_json(note.specialty), ',"text":', to_json(t.text), ',"checksum":"', md5(t.text),
    '","content_sha256":"', t.content_sha256, '","patient_id":', {_NULLABLE.format("patient_id")},
    ',"encounter_id":', {_NULLABLE.format("encounter_id")}, ',"note_type":', {_NULLABLE.format("note_type")},
    ',"authored_at":', {_NULLABLE.format("authored_at")}, ',"source":', {_NULLABLE.format("source")},
    ',"language":', {_NULLABLE.format("language")}, ',"data_class":', {_NULLABLE.format("data_class")},
    ',"run_id":', coalesce(to_json(entry.run_id)::text, 'null'), ',"entities":[', (
        SELECT string_agg({_ENTITY}, ',' ORDER BY e.ordinal)
        FROM entities e LEFT JOIN described USING (ordinal)
        WHERE (e.run_no, e.note_no) = (entry.run_no, entry.note_no)),
    '],"sections":[', (
        SELECT string_agg({_SECTION}, ',' ORDER BY s.ordinal)
        FROM run_sections s WHERE (s.run_no, s.note_no) = (entry.run_no, entry.note_no)), ']}}')
FROM note LEFT JOIN entry ON true
JOIN note_texts t ON t.content_sha256 = coalesce(entry.content_sha256, note.content_sha256)
WHERE entry.content_sha256 IS NOT NULL OR NOT EXISTS (SELECT FROM run WHERE is_guarded)
"""  # noqa: S608 - constants
# What is found is written down by the statement that finds it: there is no answer without the row, and one commit is
# waited for and not two.
_NOTES: Final = f"""
WITH asked AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS asked (place integer, note_id text, run_id text,
        actor text, role text, address text, action text, request_id text)
),
found AS MATERIALIZED (
    SELECT asked.*, ({_NOTE}) AS document,
        run_id IS NULL OR EXISTS (SELECT FROM runs WHERE runs.run_id = asked.run_id) AS is_run_known
    FROM asked
),
audited AS (
    INSERT INTO audit (actor, role, address, action, note_id, run_id, notes, request_id)
    SELECT actor, role, address, action, note_id, run_id, 1, request_id FROM found
    WHERE actor IS NOT NULL AND document IS NOT NULL AND is_run_known ORDER BY place
)
SELECT document, is_run_known FROM found ORDER BY place
"""  # noqa: S608 - constants


class _Asked(NamedTuple):
    note_id: str
    run_id: str | None
    access: Access | None


class _Found(NamedTuple):
    document: bytes | None
    is_run_known: bool


class NoteReader:
    """Reads notes; those that are asked for at once by several are read together."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._spellings = Spellings()
        self._batches = Batches(self._read, at_once=_AT_ONCE, most=_MOST)

    async def read(self, note_id: str, run_id: str | None = None, access: Access | None = None) -> bytes | None:
        """The note with its entities and sections from a run, the latest finished one by default, as JSON in UTF-8.

        None if there is no such note. If there is, the access stands in the audit, durable, before this returns.

        Raises:
            RunNotFound: If a run is asked for that does not exist.
            StoreUnavailable: If it cannot be read, or the access cannot be written down.
        """
        found = await self._batches.answer(_Asked(note_id, run_id, access))
        if not found.is_run_known:
            raise RunNotFound(f"There is no run {run_id!r}.")
        return found.document

    async def _read(self, asked: list[_Asked]) -> list[_Found]:
        # Not arrays: their lengths are known to the planner, which would plan anew each time, for 0.7 ms.
        values = [Jsonb([_record(place, one) for place, one in enumerate(asked)])]
        async with self._pool.connection() as connection:
            # Others look for placeholders in the whole statement each time, as it is too long to be remembered.
            found = (await AsyncRawCursor(connection).execute(_NOTES, values)).pgresult
            if found is None:
                raise AssertionError("a SELECT has a result")
            # As the bytes that they came as: they are large, and leave as bytes.
            documents = [found.get_value(row, 0) for row in range(found.ntuples)]
            spelt = await self._spellings.spell(connection, documents)
        return [_Found(document, found.get_value(row, 1) == b"t") for row, document in enumerate(spelt)]


def _record(place: int, asked: _Asked) -> dict[str, str | int | None]:
    record: dict[str, str | int | None] = {"place": place, "note_id": asked.note_id, "run_id": asked.run_id}
    if (access := asked.access) is not None:
        record |= {name: getattr(access, name) for name in ("actor", "role", "address", "action", "request_id")}
    return record
