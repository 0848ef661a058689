"""Entities of a few terms or of a few codes, in order, without looking at more of them than a page has.

An index has the entities of each term and of each code in the order of notes, so a page is merged from the first ones
of each: the thousandth page costs what the first one does, however many entities there are. Of many terms or codes the
first ones are many too; then the entities are so many that going through them in their order finds a page soon.
"""

from collections.abc import Sequence
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from hctap_core.searches import CodeFilter, EntityFilter, Order
from hctap_stores.database.search.conditions import KEYS, Conditions, SearchedRun, literal

# Each costs a descent into an index and a page of entries.
MOST_STREAMS: Final = 64
# A run reads its own results and those of the runs that it stands on.
_SOURCES: Final = """
WITH RECURSIVE sources AS (
    SELECT run_no, base_run_no FROM runs WHERE run_no = %(run_no)s
    UNION SELECT r.run_no, r.base_run_no FROM runs r JOIN sources s ON r.run_no = s.base_run_no
) SELECT array_agg(run_no) FROM sources
"""
# From one code to the next by the index, past all entries of the one; the order is the index's own.
_CODES: Final = """
WITH RECURSIVE codes AS (
    (SELECT code FROM entity_codes WHERE run_no = %(source)s AND system = %(system)s AND code LIKE %(prefix)s
        ORDER BY code USING ~<~ LIMIT 1)
    UNION ALL
    SELECT (SELECT c.code FROM entity_codes c WHERE c.run_no = %(source)s AND c.system = %(system)s
        AND c.code LIKE %(prefix)s AND c.code ~>~ codes.code ORDER BY c.code USING ~<~ LIMIT 1)
    FROM codes WHERE codes.code IS NOT NULL
) SELECT code FROM codes WHERE code IS NOT NULL LIMIT %(most)s
"""
_BY_TERM: Final = "entities e"
_BY_CODE: Final = """entity_codes k
    JOIN entities e ON (e.run_no, e.note_no, e.ordinal) = (k.run_no, k.note_no, k.ordinal)"""
_LEDGER: Final = """JOIN run_notes l ON l.run_no = %(run_no)s AND l.note_no = e.note_no
    AND coalesce(l.results_of, l.run_no) = e.run_no AND l.state IN ('done', 'unchanged')"""


async def select_by_streams(
    connection: AsyncConnection[TupleRow],
    asked: EntityFilter,
    run: SearchedRun,
    conditions: Conditions,
    order: Order,
) -> str | None:
    """What finds the keys of a page by streams; None where there are too many, or none has the order."""
    if order is Order.SCORE or (order is Order.TEXT and conditions.values.get("terms") is None):
        return None
    sources = [run.run_no] if not run.carries else await find_sources(connection, run.run_no)
    terms: Sequence[str] | None = conditions.values.get("terms")
    if terms is not None and len(terms) * len(sources) <= MOST_STREAMS:
        return _merge(conditions, run, order, sources, terms, by_code=False)
    if asked.code is not None and order is Order.NOTE:
        codes = await _codes(connection, asked.code, sources)
        if len(codes) * len(sources) <= MOST_STREAMS:
            return _merge(conditions, run, order, sources, codes, by_code=True)
    return None


async def find_sources(connection: AsyncConnection[TupleRow], run_no: int) -> Sequence[int]:
    """The runs whose results a run reads: itself, and those that it stands on."""
    row = await (await connection.execute(_SOURCES, {"run_no": run_no})).fetchone()
    return row[0] if row else ()


async def _codes(connection: AsyncConnection[TupleRow], asked: CodeFilter, sources: Sequence[int]) -> list[str]:
    if asked.code is not None:
        return [asked.code] if asked.code.startswith(asked.prefix or "") else []
    prefix = f"{literal(asked.prefix or '')}%"
    found: set[str] = set()
    for source in sources:
        values = {"source": source, "system": asked.system.value, "prefix": prefix, "most": MOST_STREAMS + 1}
        # Not prepared: only with its value can a prefix be looked up in the index.
        rows = await connection.execute(_CODES, values, prepare=False)
        found |= {code for (code,) in await rows.fetchall()}
    return sorted(found)


def _merge(
    conditions: Conditions,
    run: SearchedRun,
    order: Order,
    sources: Sequence[int],
    values: Sequence[str],
    *,
    by_code: bool,
) -> str:
    keys = KEYS[order]
    named = [f"{key} AS key_{place}" for place, key in enumerate(keys)]
    # The order is that of the index: the codes' where those are gone through.
    places = [key.replace("e.", "k.") if by_code else key for key in keys]
    clauses = {name: clause for name, clause in conditions.clauses.items() if name not in ("run", "state", "terms")}
    if by_code:
        clauses["code"] = "k.run_no = s.source AND k.system = %(system)s AND k.code = s.value"
        if "after" in clauses:
            clauses["after"] = clauses["after"].replace("e.", "k.")
    else:
        clauses["terms"] = "e.run_no = s.source AND e.norm_text = s.value"
    conditions.values |= {"sources": list(sources), "streams": list(values)}
    source = " ".join((_BY_CODE if by_code else _BY_TERM, _LEDGER if run.carries else ""))
    numbers = ", ".join(f"key_{place}" for place in range(len(keys)))
    return f"""
        SELECT DISTINCT {numbers}, f.run_no, f.note_no, f.ordinal
        FROM unnest(%(sources)s::integer[]) AS a (source) CROSS JOIN unnest(%(streams)s::text[]) AS b (value)
        CROSS JOIN LATERAL (SELECT a.source, b.value) AS s
        CROSS JOIN LATERAL (
            SELECT {", ".join(named)}, e.run_no, e.note_no, e.ordinal FROM {source}
            WHERE {" AND ".join(clauses.values())} ORDER BY {", ".join(places)} LIMIT %(most)s
        ) AS f ORDER BY {numbers} LIMIT %(most)s
    """  # noqa: S608 - constants; values are parameters
