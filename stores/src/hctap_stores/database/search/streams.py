"""Entities of a few terms, in order, without looking at more of them than a page has.

An index has the entities of each term in the order of notes, so a page is merged from the first ones of each: the
thousandth page costs what the first one does, however many entities there are. A code is looked for by the terms that
have it. Of many terms the first ones are many too; then the entities are so many that going through them in their order
finds a page soon. In the order of texts one term comes after the other, however many there are.
"""

from collections.abc import Sequence
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from hctap_core.searches import CodeFilter, EntityFilter, Order
from hctap_stores.database.search.conditions import Conditions, SearchedRun, lists_query

# Each costs a descent into an index and a page of entries.
MOST_STREAMS: Final = 128
# So many terms are looked for in a run: each costs a descent as well.
_MOST_CANDIDATES: Final = 1000
# A run reads its own results and those of the runs that it stands on.
_SOURCES: Final = """
WITH RECURSIVE sources AS (
    SELECT run_no, base_run_no FROM runs WHERE run_no = %(run_no)s
    UNION SELECT r.run_no, r.base_run_no FROM runs r JOIN sources s ON r.run_no = s.base_run_no
) SELECT array_agg(run_no) FROM sources
"""
# Terms of all runs have a code: those of other vocabularies, too, that the run at hand has nothing of.
_PRESENT: Final = """
SELECT term_no FROM unnest(%(candidates)s::bigint[]) AS c (term_no) WHERE EXISTS (
    SELECT FROM unnest(%(sources)s::integer[]) AS s (run_no)
    JOIN entities e ON (e.run_no, e.term_no) = (s.run_no, c.term_no)) LIMIT %(most)s
"""
_LEDGER: Final = """JOIN run_notes l ON l.run_no = %(run_no)s AND l.note_no = e.note_no
    AND coalesce(l.results_of, l.run_no) = e.run_no AND l.state IN ('done', 'unchanged')"""
# In the order of texts a term comes before the key, at it, or behind it.
_AFTER_TEXT: Final = """(e.note_no, e.ordinal) > (
    CASE WHEN t.norm_text = %(key_0)s::text THEN %(key_1)s::bigint ELSE 0 END,
    CASE WHEN t.norm_text = %(key_0)s::text THEN %(key_2)s::bigint ELSE 0 END)"""


async def select_by_streams(
    connection: AsyncConnection[TupleRow],
    asked: EntityFilter,
    run: SearchedRun,
    conditions: Conditions,
    order: Order,
) -> str | None:
    """What finds the keys of a page by streams; None where there are too many, or none has the order."""
    terms: Sequence[int] | None = conditions.values.get("terms")
    by_code = terms is None
    if order is Order.SCORE or (by_code and (asked.code is None or order is Order.TEXT)):
        return None
    sources = [run.run_no] if not run.carries else await find_sources(connection, run.run_no)
    if terms is None:
        terms = await _terms_of(connection, asked.code) if asked.code is not None else ()
    if order is Order.TEXT:
        return _follow(conditions, run, sources)
    if len(terms) * len(sources) > MOST_STREAMS and len(terms) <= _MOST_CANDIDATES:
        terms = await _present(connection, terms, sources)
    if len(terms) * len(sources) > MOST_STREAMS:
        return None
    return _merge(conditions, run, sources, terms, by_code=by_code)


async def find_sources(connection: AsyncConnection[TupleRow], run_no: int) -> Sequence[int]:
    """The runs whose results a run reads: itself, and those that it stands on."""
    row = await (await connection.execute(_SOURCES, {"run_no": run_no})).fetchone()
    return row[0] if row else ()


async def _terms_of(connection: AsyncConnection[TupleRow], asked: CodeFilter) -> list[int]:
    lists, values = lists_query(asked)
    query = f"SELECT term_no FROM terms WHERE codes_no IN ({lists}) LIMIT {_MOST_CANDIDATES + 1}"  # noqa: S608 - constants
    # Not prepared: only with its value can a prefix be looked up in the index.
    rows = await connection.execute(query, values, prepare=False)
    return [term_no for (term_no,) in await rows.fetchall()]


async def _present(
    connection: AsyncConnection[TupleRow], candidates: Sequence[int], sources: Sequence[int]
) -> list[int]:
    values = {"candidates": list(candidates), "sources": list(sources), "most": MOST_STREAMS + 1}
    return [term_no for (term_no,) in await (await connection.execute(_PRESENT, values)).fetchall()]


def _merge(
    conditions: Conditions, run: SearchedRun, sources: Sequence[int], terms: Sequence[int], *, by_code: bool
) -> str:
    """The first entities of each term, in the order of notes."""
    left = {"run", "state", "terms"} | ({"code"} if by_code else set())
    clauses = [clause for name, clause in conditions.clauses.items() if name not in left]
    conditions.values |= {"sources": list(sources), "streams": list(terms)}
    stream = _stream(run, ["e.run_no = a.source AND e.term_no = b.term_no", *clauses])
    return f"""
        SELECT f.note_no AS key_0, f.ordinal AS key_1, f.run_no, f.note_no, f.ordinal
        FROM unnest(%(sources)s::integer[]) AS a (source) CROSS JOIN unnest(%(streams)s::bigint[]) AS b (term_no)
        CROSS JOIN LATERAL ({stream}) AS f ORDER BY 1, 2 LIMIT %(most)s
    """  # noqa: S608 - constants; values are parameters


def _follow(conditions: Conditions, run: SearchedRun, sources: Sequence[int]) -> str:
    """The entities of one normal form after the other, in their order, as far as the page goes."""
    left = {"run", "state", "terms", "after"}
    clauses = [clause for name, clause in conditions.clauses.items() if name not in left]
    later = ""
    if "after" in conditions.clauses:
        clauses.append(_AFTER_TEXT)
        later = "AND norm_text >= %(key_0)s::text"
    conditions.values |= {"sources": list(sources)}
    stream = _stream(run, ["e.run_no = a.source AND e.term_no = t.term_no", *clauses])
    return f"""
        SELECT t.norm_text AS key_0, f.note_no AS key_1, f.ordinal AS key_2, f.run_no, f.note_no, f.ordinal
        FROM (SELECT term_no, norm_text FROM terms WHERE term_no = ANY(%(terms)s) {later} ORDER BY norm_text) AS t
        CROSS JOIN LATERAL (
            SELECT f.* FROM unnest(%(sources)s::integer[]) AS a (source) CROSS JOIN LATERAL ({stream}) AS f
        ) AS f ORDER BY t.norm_text, f.note_no, f.ordinal LIMIT %(most)s
    """  # noqa: S608 - constants; values are parameters


def _stream(run: SearchedRun, clauses: Sequence[str]) -> str:
    return f"""
        SELECT e.run_no, e.note_no, e.ordinal FROM entities e {_LEDGER if run.carries else ""}
        WHERE {" AND ".join(clauses)} ORDER BY e.note_no, e.ordinal LIMIT %(most)s
    """  # noqa: S608 - constants; values are parameters
