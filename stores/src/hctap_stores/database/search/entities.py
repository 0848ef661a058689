"""Entities that were searched for: a page, a count, facets, or all of them one after the other."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_core.errors import RunNotFound
from hctap_core.searches import EntityFilter, Facet, Order
from hctap_stores.database.pool import Pool
from hctap_stores.database.search.conditions import (
    KEYS,
    Conditions,
    SearchedRun,
    after,
    among_all,
    conditions_of,
    terms_query,
)
from hctap_stores.database.search.counting import Tally, tally_entities
from hctap_stores.database.search.narrowing import narrow_notes
from hctap_stores.database.search.streams import select_by_streams

_STREAMED_AT_ONCE: Final = 1000
_RUN: Final = """
SELECT run_no, run_id, base_run_no IS NOT NULL FROM runs
WHERE CASE WHEN %(run_id)s::text IS NULL THEN status IN ('succeeded', 'partial') ELSE run_id = %(run_id)s END
ORDER BY (selection IS NULL) DESC, finished_at DESC NULLS LAST, run_no DESC LIMIT 1
"""
_HIT: Final = """
json_build_object(
    'schema_version', %(entity_version)s::integer, 'note_id', e.note_id, 'run_id', %(run_id)s::text,
    'entity_type', e.entity_type, 'text', e.text, 'norm_text', e.norm_text, 'begin', e.begin_offset,
    'end', e.end_offset, 'score', e.score, 'section', e.section,
    'assertion', json_build_object('negated', e.negated, 'uncertain', e.uncertain,
        'historical', e.historical, 'hypothetical', e.hypothetical, 'family', e.family),
    'codes', coalesce((
        SELECT json_agg(json_build_object('system', c.system, 'code', c.code, 'display', c.display,
            'score', c.score, 'release', c.release, 'reason', c.reason) ORDER BY c.rank)
        FROM listed_codes c WHERE c.codes_no = e.codes_no), '[]'),
    'attributes', coalesce((
        SELECT json_agg(json_build_object('type', a.type, 'text', a.text, 'begin', a.begin_offset,
            'end', a.end_offset, 'norm', a.norm) ORDER BY a.position)
        FROM entity_attributes a WHERE (a.run_no, a.note_no, a.ordinal) = (e.run_no, e.note_no, e.ordinal)), '[]'),
    'provenance', (
        SELECT p.provenance || jsonb_build_object('cues', coalesce(e.cues::jsonb, '[]'))
        FROM provenances p WHERE p.provenance_no = e.provenance_no),
    'specialty', e.specialty,
    'also_in', coalesce((
        SELECT json_agg(d.note_id ORDER BY d.note_id)
        FROM run_notes f JOIN run_notes d ON (d.run_no, d.duplicate_of) = (f.run_no, f.object_key)
        WHERE f.run_no = %(run_no)s AND f.note_no = e.note_no AND d.duplicate_of IS NOT NULL), '[]'))::text
"""
_HYDRATED: Final = """
SELECT e.*, n.note_id, n.specialty
FROM ({}) AS f JOIN entities e USING (run_no, note_no, ordinal) JOIN notes n ON n.note_no = f.note_no
"""  # The entities of a note are put in order when the note is come to, so no more notes are read than a page needs.
_BY_NOTES: Final = """
SELECT e.*, n.note_id, n.specialty FROM notes n
CROSS JOIN LATERAL (SELECT * FROM entities e WHERE {where} OFFSET 0) AS e
WHERE {there} ORDER BY n.note_no, e.ordinal LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Entities as JSON with how many notes they are of, and the key of the last one where there are more."""

    run_id: str
    entities: Sequence[str]
    notes: int
    last_key: tuple[object, ...] | None = None


# Notes of specialties that are looked up at once for a page; of more, a page meets enough on its way.
FEW_NOTES: Final = 500
_FEW_NOTES: Final = """
SELECT count(*) < %(few)s FROM (SELECT FROM notes WHERE specialty = ANY(%(specialties)s) LIMIT %(few)s) AS found
"""


class EntitySearcher:
    """One search of a run."""

    def __init__(self, pool: Pool, asked: EntityFilter) -> None:
        self._pool = pool
        self._asked = asked

    async def page(self, order: Order, limit: int, key: Sequence[object] | None) -> Found:
        """The entities after a key.

        Raises:
            RunNotFound: If there is no such run, or none has finished.
        """
        async with self._pool.connection() as connection:
            run, conditions = await self._prepare(connection)
            if await self._has_few_notes(connection):
                among_all(conditions)
            if key is not None:
                after(conditions, order, key)
            conditions.values["most"] = limit + 1
            streams = await select_by_streams(connection, self._asked, run, conditions, order)
            if streams is not None:
                page = _HYDRATED.format(streams)
            else:
                page = self._page_by_notes(run, conditions, order) or _page(conditions, order)
            rows = await _rows(connection, _render(page, order), conditions.values)
        more = len(rows) > limit
        last_key = tuple(rows[limit - 1][2:]) if more else None
        return Found(run.run_id, [row[0] for row in rows[:limit]], _count_notes(rows[:limit]), last_key)

    async def tally(self, facets: Sequence[Facet]) -> Tally:
        """How many entities there are, and the commonest values of them by each facet."""
        async with self._pool.connection() as connection:
            run, conditions = await self._prepare(connection)
            return await tally_entities(connection, self._asked, run, among_all(conditions), facets)

    async def stream(self, order: Order) -> AsyncIterator[Found]:
        """All the entities as JSON, some at a time, as they stood when the first were read.

        Raises:
            RunNotFound: If there is no such run, or none has finished.
        """
        async with self._pool.connection() as connection, connection.transaction():
            run, conditions = await self._prepare(connection)
            async with connection.cursor("entities") as cursor:
                conditions.values["most"] = None
                await cursor.execute(_render(_page(among_all(conditions), order), order), conditions.values)
                while rows := await cursor.fetchmany(_STREAMED_AT_ONCE):
                    yield Found(run.run_id, [row[0] for row in rows], _count_notes(rows))

    def _page_by_notes(self, run: SearchedRun, conditions: Conditions, order: Order) -> str | None:
        """A page from the notes that can have such entities, in their order; None where nothing is known of them."""
        notes = narrow_notes(self._asked, conditions)
        if order is not Order.NOTE or run.carries or not (notes.counts or notes.has_section):
            return None
        later = ["{}.note_no >= %(key_0)s"] if "after" in conditions.clauses else []
        there = []
        for name, table, clauses in (
            ("k", "entity_counts", notes.counts),
            ("s", "run_sections", ["s.type = ANY(%(sections)s)"] if notes.has_section else []),
        ):
            if clauses:
                mine = [f"{name}.run_no = %(run_no)s", f"{name}.note_no = n.note_no", *clauses]
                mine += [clause.format(name) for clause in later]
                there.append(f"EXISTS (SELECT FROM {table} {name} WHERE {' AND '.join(mine)})")
        there += [clause.replace("k.note_no", "n.note_no") for clause in notes.notes]
        there += [clause.format("n") for clause in later]
        where = " AND ".join(["e.run_no = %(run_no)s", "e.note_no = n.note_no", *notes.rest])
        return _BY_NOTES.format(there=" AND ".join(there), where=where)

    async def _has_few_notes(self, connection: AsyncConnection[TupleRow]) -> bool:
        """Whether the notes of the specialties are so few that a page looks in vain at most notes."""
        if self._asked.specialties is None:
            return False
        values = {"specialties": list(self._asked.specialties), "few": FEW_NOTES}
        (row,) = await _rows(connection, _FEW_NOTES, values)
        return bool(row[0])

    async def _prepare(self, connection: AsyncConnection[TupleRow]) -> tuple[SearchedRun, Conditions]:
        run = await find_searched_run(connection, self._asked.run_id)
        terms = None
        if self._asked.text is not None:
            query, values = terms_query(self._asked)
            terms = [row[0] for row in await _rows(connection, query, values)]
        conditions = conditions_of(self._asked, run, terms)
        conditions.values |= {"run_id": run.run_id, "entity_version": ENTITY_SCHEMA_VERSION}
        return run, conditions


async def find_searched_run(connection: AsyncConnection[TupleRow], run_id: str | None) -> SearchedRun:
    """The run of an id, by default the one that finished last.

    Raises:
        RunNotFound: If there is none.
    """
    row = await (await connection.execute(_RUN, {"run_id": run_id})).fetchone()
    if row is None:
        missing = "No run has finished yet." if run_id is None else f"There is no run {run_id!r}."
        raise RunNotFound(missing, remedy="Run `make etl`, or `hctap-etl run`.")
    return SearchedRun(*row)


def _count_notes(rows: Sequence[TupleRow]) -> int:
    return len({row[1] for row in rows})


def _page(conditions: Conditions, order: Order) -> str:
    keys = ", ".join(KEYS[order])
    return (
        f"SELECT e.*, n.note_id, n.specialty FROM {conditions.source} "  # noqa: S608 - constants; values are parameters
        f"WHERE {conditions.where} ORDER BY {keys} LIMIT %(most)s"
    )


def _render(page: str, order: Order) -> str:
    keys = ", ".join(KEYS[order])
    return f"SELECT {_HIT}, e.note_no, {keys} FROM ({page}) AS e ORDER BY {keys}"  # noqa: S608 - constants; values are parameters


async def _rows(connection: AsyncConnection[TupleRow], query: str, values: dict[str, Any]) -> list[TupleRow]:
    # Not prepared: the best plan of a search depends on its values.
    return await (await connection.execute(query, values, prepare=False)).fetchall()
