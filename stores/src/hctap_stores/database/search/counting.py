"""How many entities a search finds, and how they fall by facets: read from counts, or from a sample of the run.

To count among 2.6 million entities those that fulfil two conditions took 1 to 3 s. Where what was counted in each note
does not say it, a share of the notes, or of the entities of a term or code, is looked at. It is taken by a hash of
their keys: the same at each time, and spread over the whole run.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from hctap_core.searches import EntityFilter, Facet
from hctap_stores.database.rows import ASSERTIONS
from hctap_stores.database.search.conditions import Conditions, SearchedRun, lists_query
from hctap_stores.database.search.narrowing import narrow_notes
from hctap_stores.database.search.streams import find_sources

# So many entities are looked at, of so many counts of notes: 10,000 cost some 60 ms more.
MOST_EXAMINED: Final = 6_000
MOST_COUNTS: Final = 1_500
# Entities that lie anywhere cost more than those of a note do.
MOST_SCATTERED: Final = 2_000
# Of more entries of an index, notes are taken.
MOST_ENTRIES: Final = 300_000
_MOST_VALUES: Final = 50
# Of so many times more entities than are looked at, their notes are found sooner by number than in the ledger.
_LARGE: Final = 10
# PostgreSQL's own hash, by which it partitions tables as well: multiples of a number would fall in with what repeats.
_SHARE: Final = "hashint8extended({key}) & 2147483647 < 2147483648 * share"
_OWN: Final = ("", "k.run_no = %(run_no)s")
_CARRIED: Final = (
    """JOIN run_notes l ON l.run_no = %(run_no)s AND l.note_no = k.note_no
        AND coalesce(l.results_of, l.run_no) = k.run_no AND l.state IN ('done', 'unchanged')""",
    "k.run_no = ANY(%(sources)s)",
)
# Of all entities of notes the ledger has the number, note by note: 60,000 rows of a run with 275,000 counts of types.
_LEDGER: Final = """
SELECT coalesce(k.results_of, k.run_no) AS run_no, k.note_no, k.entity_count AS weight FROM run_notes k
WHERE k.run_no = %(run_no)s AND k.state IN ('done', 'unchanged') AND {possible}
"""
_COUNTS: Final = """
SELECT k.run_no, k.note_no, {weight} AS weight FROM entity_counts k {ledger} WHERE {possible}
"""
_OF_CHOSEN: Final = """
), e AS MATERIALIZED (
    SELECT f.* FROM chosen c CROSS JOIN LATERAL (
        SELECT {columns} FROM entities e WHERE (e.run_no, e.note_no) = (c.run_no, c.note_no) AND {where} OFFSET 0
    ) AS f
)
{parts}
"""
# A finished run knows how much it found, until a note is deleted: its ledger is then read until it was counted anew.
_KNOWN: Final = """
SELECT (counts->>'entities')::bigint AS entities, (counts->>'distinct')::bigint AS texts FROM runs r
WHERE run_no = %(run_no)s AND status IN ('succeeded', 'partial') AND counts ? 'entities' AND NOT EXISTS (
    SELECT FROM deletions d WHERE d.erased_at IS NULL AND d.runs @> to_jsonb(r.run_no))
"""
# Of a large run some notes are then taken by their numbers alone, which lie close together, and looked up there.
_BY_SAMPLE: Final = f"""
WITH size AS (
    SELECT %(entities)s::bigint AS most, least(1, %(most_examined)s::float8 / greatest(%(entities)s, 1),
        %(most_counts)s::float8 / greatest(%(texts)s, 1)) AS share
), sampled AS MATERIALIZED (
    SELECT note_no FROM notes CROSS JOIN size WHERE {_SHARE.format(key="note_no, 0")}
), chosen AS MATERIALIZED (
    SELECT l.* FROM sampled s CROSS JOIN LATERAL (
        SELECT coalesce(k.results_of, k.run_no) AS run_no, k.note_no, k.entity_count AS weight FROM run_notes k
        WHERE (k.note_no, k.run_no) = (s.note_no, %(run_no)s) AND k.state IN ('done', 'unchanged') OFFSET 0
    ) AS l
{_OF_CHOSEN}
"""  # noqa: S608 - constants
_BY_NOTES: Final = f"""
WITH in_section AS MATERIALIZED (
    SELECT DISTINCT run_no, note_no FROM run_sections WHERE run_no = ANY(%(sources)s) AND type = ANY(%(sections)s)
), possible AS MATERIALIZED (
    {{possible}}
), size AS (
    SELECT coalesce(sum(weight), 0)::bigint AS most, least(1, %(most_examined)s::float8 / greatest(sum(weight), 1),
        %(most_counts)s::float8 / greatest(count(*), 1)) AS share
    FROM possible
), chosen AS MATERIALIZED (
    SELECT p.run_no, p.note_no, sum(weight) AS weight FROM possible p CROSS JOIN size
    WHERE {_SHARE.format(key="p.note_no, 0")} GROUP BY 1, 2
{_OF_CHOSEN}"""  # noqa: S608 - constants
_BY_ENTRIES: Final = f"""
WITH possible AS MATERIALIZED (
    SELECT k.run_no, k.note_no, k.ordinal FROM entities k {{ledger}} WHERE {{possible}} LIMIT %(most_entries)s + 1
), size AS (
    SELECT count(*) AS most, least(1, %(most_scattered)s::float8 / greatest(count(*), 1)) AS share FROM possible
), chosen AS MATERIALIZED (
    SELECT p.*, 1 AS weight FROM possible p CROSS JOIN size
    WHERE most <= %(most_entries)s AND {_SHARE.format(key="p.note_no, p.ordinal")}
), e AS MATERIALIZED (
    SELECT f.* FROM chosen c CROSS JOIN LATERAL (
        SELECT {{columns}} FROM entities e
        WHERE (e.run_no, e.note_no, e.ordinal) = (c.run_no, c.note_no, c.ordinal) AND {{where}} OFFSET 0
    ) AS f
)
{{parts}}
"""  # noqa: S608 - constants
_COLUMNS: Final = ", ".join(
    f"e.{name}"
    for name in ("run_no", "note_no", "ordinal", "entity_type", "section", "norm_text", "codes_no", *ASSERTIONS)
)
_IN_SECTION: Final = "(k.run_no, k.note_no) IN (SELECT run_no, note_no FROM in_section)"
_PARTS: Final = "{parts}"
_MOST: Final = "SELECT '' AS facet, 'most' AS value, most AS entities FROM size"
_EXAMINED: Final = f"""
{_MOST} UNION ALL SELECT '', 'all', (share >= 1)::integer FROM size
UNION ALL SELECT '', 'examined', coalesce(sum(weight), 0)::bigint FROM chosen
UNION ALL SELECT '', 'found', count(*) FROM e
"""  # noqa: S608 - constants
# Of what is counted by, from the entities that were chosen.
_FACETS: Final = {
    Facet.ENTITY_TYPE: ("e.entity_type", ""),
    Facet.SECTION: ("e.section", ""),
    Facet.SPECIALTY: ("n.specialty", "JOIN notes n USING (note_no)"),
    Facet.NORM_TEXT: ("e.norm_text", ""),
    Facet.ASSERTION: (
        "f.name",
        """CROSS JOIN LATERAL (SELECT name FROM (VALUES ('negated', e.negated), ('uncertain', e.uncertain),
            ('historical', e.historical), ('hypothetical', e.hypothetical), ('family', e.family), ('present',
            NOT (e.negated OR e.uncertain OR e.historical OR e.hypothetical OR e.family))) AS v (name, holds)
            WHERE holds) AS f""",
    ),
}
# Entities are counted by the numbers of their lists, and each list is read once: to find the codes of 6,000 entities
# that lie anywhere touched 21,000 pages.
_COUNT_CODES: Final = """
SELECT k.system || ' ' || k.code AS value, sum(times)::bigint AS entities
FROM (SELECT codes_no, count(*) AS times FROM e GROUP BY 1) AS listed JOIN listed_codes k USING (codes_no) GROUP BY 1
"""
_COUNT: Final = "SELECT {value} AS value, count(*) AS entities FROM e {join} GROUP BY 1"
_COUNTED_BY: Final = f"""
SELECT '{{facet}}', value, entities FROM ({{counted}}) AS counted
ORDER BY entities DESC, value COLLATE "C" LIMIT {_MOST_VALUES}
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class _Way:
    """A statement that counts; `is_known` says that the number of its entries is that of the entities found."""

    query: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How many entities there are, exactly or about; the facets are of `counted` of them."""

    total: int
    is_exact: bool
    counted: int
    facets: dict[Facet, list[tuple[str, int]]] = field(default_factory=dict)


async def tally_entities(
    connection: AsyncConnection[TupleRow],
    asked: EntityFilter,
    run: SearchedRun,
    conditions: Conditions,
    facets: Sequence[Facet],
) -> Tally:
    """Count what fulfils the conditions, and the commonest values of it by each facet."""
    values = dict(conditions.values)
    values.setdefault("sections", None)
    values |= {"most_examined": MOST_EXAMINED, "most_counts": MOST_COUNTS}
    values |= {"most_scattered": MOST_SCATTERED, "most_entries": MOST_ENTRIES}
    values["sources"] = await find_sources(connection, run.run_no) if run.carries else [run.run_no]
    ways = [await _by_sample(connection, asked, conditions, values) or _by_notes(asked, run, conditions)]
    if (by_entries := _by_entries(run, conditions, asked)) is not None:
        ways.insert(0, by_entries)
    for way in ways:
        query = way.query.replace(_PARTS, _list_parts(facets, is_known=way.is_known))
        # Not prepared: the best plan depends on the values.
        rows = await (await connection.execute(query, values, prepare=False)).fetchall()
        sizes = {name: int(amount) for facet, name, amount in rows if not facet}
        if way is ways[-1] or sizes["most"] <= MOST_ENTRIES:
            break
    return _read(way, sizes, rows, facets)


def _list_parts(facets: Sequence[Facet], *, is_known: bool) -> str:
    parts = [_MOST if is_known and not facets else _EXAMINED]
    for facet in dict.fromkeys(facets):
        counted = (
            _COUNT_CODES if facet is Facet.CODE else _COUNT.format(value=_FACETS[facet][0], join=_FACETS[facet][1])
        )
        parts.append(_COUNTED_BY.format(facet=facet.value, counted=counted))
    return " UNION ALL ".join(f"({part})" for part in parts)


def _read(way: _Way, sizes: Mapping[str, int], rows: Sequence[TupleRow], facets: Sequence[Facet]) -> Tally:
    counts: dict[Facet, list[tuple[str, int]]] = {facet: [] for facet in facets}
    for facet, name, count in rows:
        if facet:
            counts[Facet(facet)].append((str(name), int(count)))
    # What is put together keeps no order that could be relied on.
    ordered = {facet: sorted(values, key=lambda one: (-one[1], one[0])) for facet, values in counts.items()}
    found = sizes.get("found", 0)
    if way.is_known:
        return Tally(sizes["most"], is_exact=True, counted=found, facets=ordered)
    # As many of those that were not looked at fulfil the conditions as of those that were.
    total = round(found * sizes["most"] / max(sizes["examined"], 1))
    return Tally(total, is_exact=bool(sizes["all"]), counted=found, facets=ordered)


async def _by_sample(
    connection: AsyncConnection[TupleRow], asked: EntityFilter, conditions: Conditions, values: dict[str, Any]
) -> _Way | None:
    """Look at a share of the notes of a large run whose entities are counted; None where they are not, or are few."""
    notes = narrow_notes(asked, conditions)
    if not notes.is_any or notes.notes or notes.rest:
        return None
    known = await (await connection.execute(_KNOWN, values)).fetchone()
    if known is None or known[0] < MOST_EXAMINED * _LARGE:
        return None
    values["entities"], values["texts"] = known
    return _Way(_BY_SAMPLE.format(columns=_COLUMNS, where="true", parts=_PARTS), is_known=True)


def _by_notes(asked: EntityFilter, run: SearchedRun, conditions: Conditions) -> _Way:
    """Look at a share of the notes that can have such an entity."""
    notes = narrow_notes(asked, conditions)
    if notes.is_any:
        possible = _LEDGER.format(possible=_all(notes.notes))
    else:
        ledger, mine = _CARRIED if run.carries else _OWN
        clauses = [mine, *notes.notes, *notes.counts, *([_IN_SECTION] if notes.has_section else [])]
        possible = _COUNTS.format(weight=notes.weight, ledger=ledger, possible=_all(clauses))
    query = _BY_NOTES.format(possible=possible, columns=_COLUMNS, where=_all(notes.rest), parts=_PARTS)
    return _Way(query, notes.is_exact)


def _by_entries(run: SearchedRun, conditions: Conditions, asked: EntityFilter) -> _Way | None:
    """Look at a share of what an index has of the terms or of the code."""
    ledger, _ = _CARRIED if run.carries else _OWN
    rest = {name: clause for name, clause in conditions.clauses.items() if name not in {"run", "state"}}
    possible = [_CARRIED[1] if run.carries else _OWN[1]]
    if "terms" in rest:
        possible.append(rest.pop("terms").replace("e.term_no", "k.term_no"))
    elif asked.code is not None and asked.code.code is not None and asked.code.prefix is None:
        lists, _ = lists_query(asked.code)
        possible.append(f"k.term_no IN (SELECT term_no FROM terms WHERE codes_no IN ({lists}))")  # noqa: S608 - constants
        rest.pop("code")
    else:
        return None
    query = _BY_ENTRIES.format(
        ledger=ledger, possible=_all(possible), columns=_COLUMNS, where=_all(rest.values()), parts=_PARTS
    )
    return _Way(query, is_known=not rest)


def _all(clauses: Iterable[str]) -> str:
    return " AND ".join(clauses) or "true"
