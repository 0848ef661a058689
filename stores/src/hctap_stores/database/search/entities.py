"""Entities that were searched for: a page, a count, facets, or all of them one after the other."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_core.errors import RunNotFound
from hctap_core.searches import MOST_COUNTED, MOST_FACETED, EntityFilter, Facet, Order
from hctap_stores.database.pool import Pool
from hctap_stores.database.search.conditions import KEYS, Conditions, SearchedRun, after, conditions_of, terms_query
from hctap_stores.database.search.streams import select_by_streams

_STREAMED_AT_ONCE: Final = 1000
_MOST_VALUES: Final = 50
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
        FROM entity_codes c WHERE (c.run_no, c.note_no, c.ordinal) = (e.run_no, e.note_no, e.ordinal)), '[]'),
    'attributes', coalesce((
        SELECT json_agg(json_build_object('type', a.type, 'text', a.text, 'begin', a.begin_offset,
            'end', a.end_offset, 'norm', a.norm) ORDER BY a.position)
        FROM entity_attributes a WHERE (a.run_no, a.note_no, a.ordinal) = (e.run_no, e.note_no, e.ordinal)), '[]'),
    'provenance', (
        SELECT p.provenance || jsonb_build_object('cues', coalesce(e.cues, '[]'))
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
"""
# Of what is counted by, from the entities that were chosen.
_FACETS: Final = {
    Facet.ENTITY_TYPE: ("e.entity_type", ""),
    Facet.SECTION: ("e.section", ""),
    Facet.SPECIALTY: ("e.specialty", ""),
    Facet.NORM_TEXT: ("e.norm_text", ""),
    Facet.CODE: (
        "f.system || ' ' || f.code",
        "JOIN entity_codes f ON (f.run_no, f.note_no, f.ordinal) = (e.run_no, e.note_no, e.ordinal)",
    ),
    Facet.ASSERTION: (
        "f.name",
        """CROSS JOIN LATERAL (SELECT name FROM (VALUES ('negated', e.negated), ('uncertain', e.uncertain),
            ('historical', e.historical), ('hypothetical', e.hypothetical), ('family', e.family), ('present',
            NOT (e.negated OR e.uncertain OR e.historical OR e.hypothetical OR e.family))) AS v (name, holds)
            WHERE holds) AS f""",
    ),
}
# More than so many entities are not counted: of 2.6 million that took 15 s. They are chosen once for all facets.
_COUNTED: Final = f"""
WITH e AS MATERIALIZED (
    SELECT e.run_no, e.note_no, e.ordinal, e.entity_type, e.section, e.norm_text, e.negated, e.uncertain, e.historical,
        e.hypothetical, e.family, n.specialty
    FROM {{source}} WHERE {{where}} LIMIT {MOST_FACETED}
)
{{parts}}
"""  # noqa: S608 - constants
_COUNTED_BY: Final = f"""
SELECT * FROM (SELECT '{{facet}}', {{value}} AS value, count(*) AS entities FROM e {{join}} GROUP BY 2) AS counted
ORDER BY entities DESC, value COLLATE "C" LIMIT {_MOST_VALUES}
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Found:
    """Entities as JSON with how many notes they are of, and the key of the last one where there are more."""

    run_id: str
    entities: Sequence[str]
    notes: int
    last_key: tuple[object, ...] | None = None


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
            if key is not None:
                after(conditions, order, key)
            conditions.values["most"] = limit + 1
            streams = await select_by_streams(connection, self._asked, run, conditions, order)
            page = _page(conditions, order) if streams is None else _HYDRATED.format(streams)
            rows = await _rows(connection, _render(page, order), conditions.values)
        more = len(rows) > limit
        last_key = tuple(rows[limit - 1][2:]) if more else None
        return Found(run.run_id, [row[0] for row in rows[:limit]], _count_notes(rows[:limit]), last_key)

    async def count(self) -> tuple[int, bool]:
        """How many entities there are, up to a limit, and whether that is all of them."""
        async with self._pool.connection() as connection:
            _, conditions = await self._prepare(connection)
            inner = f"SELECT 1 FROM {conditions.source} WHERE {conditions.where} LIMIT {MOST_COUNTED + 1}"  # noqa: S608
            rows = await _rows(connection, f"SELECT count(*) FROM ({inner}) AS found", conditions.values)  # noqa: S608
        count = int(rows[0][0])
        return min(count, MOST_COUNTED), count <= MOST_COUNTED

    async def facets(self, facets: Sequence[Facet]) -> dict[Facet, list[tuple[str, int]]]:
        """The commonest values of the entities by each facet, with how many have each."""
        counts: dict[Facet, list[tuple[str, int]]] = {facet: [] for facet in facets}
        if not counts:
            return counts
        parts = []
        for facet in counts:
            value, join = _FACETS[facet]
            parts.append(_COUNTED_BY.format(facet=facet.value, value=value, join=join))
        async with self._pool.connection() as connection:
            _, conditions = await self._prepare(connection)
            query = _COUNTED.format(
                source=conditions.source,
                where=conditions.where,
                parts=" UNION ALL ".join(f"({part})" for part in parts),
            )
            for facet, name, count in await _rows(connection, query, conditions.values):
                counts[Facet(facet)].append((str(name), int(count)))
        # What is put together keeps no order that could be relied on.
        return {facet: sorted(found, key=lambda one: (-one[1], one[0])) for facet, found in counts.items()}

    async def stream(self, order: Order) -> AsyncIterator[Found]:
        """All the entities as JSON, some at a time, as they stood when the first were read.

        Raises:
            RunNotFound: If there is no such run, or none has finished.
        """
        async with self._pool.connection() as connection, connection.transaction():
            run, conditions = await self._prepare(connection)
            async with connection.cursor("entities") as cursor:
                conditions.values["most"] = None
                await cursor.execute(_render(_page(conditions, order), order), conditions.values)
                while rows := await cursor.fetchmany(_STREAMED_AT_ONCE):
                    yield Found(run.run_id, [row[0] for row in rows], _count_notes(rows))

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
