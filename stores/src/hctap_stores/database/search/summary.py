"""All that changed between two runs, counted some texts at a time: memory stays flat, and two parts go at once.

One statement joined all of both runs on disk: 48 s over 60,000 notes and 2.6 million entities a run on two cores. The
parts stay in memory.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from hctap_core.comparisons import ChangeCounts, TextCounts
from hctap_stores.database.pool import Pool
from hctap_stores.database.search.sides import BOTH, CHANGES, SIDE, TEXTS

_TEXTS_AT_ONCE: Final = 500
_PARTS_AT_ONCE: Final = 2
# Texts are compared, not notes: in either run a text is worked on once, under the note that stands for it.
_TEXTS: Final = """
WITH first AS (
    SELECT DISTINCT ON (content_sha256) content_sha256, note_no, coalesce(results_of, run_no) AS source
    FROM run_notes WHERE run_no = %(first)s AND state IN ('done', 'unchanged') ORDER BY content_sha256, object_key
), second AS (
    SELECT DISTINCT ON (content_sha256) content_sha256, note_no, coalesce(results_of, run_no) AS source
    FROM run_notes WHERE run_no = %(second)s AND state IN ('done', 'unchanged') ORDER BY content_sha256, object_key
)
SELECT f.note_no, f.source, s.note_no, s.source FROM first f FULL JOIN second s USING (content_sha256)
ORDER BY f.source, f.note_no
"""
_FIRST_CODE: Final = "({s}_codes.codes->0->>'system') || ' ' || ({s}_codes.codes->0->>'code')"


def _sum(condition: str) -> str:
    return f"coalesce(sum(n) FILTER (WHERE {condition}), 0)::bigint"


# Pairs that are alike in all that is counted become one before they are counted by each of it.
_PART: Final = f"""
WITH texts AS MATERIALIZED (
    {TEXTS}
), {SIDE.format(side="first")}, {SIDE.format(side="second")},
pairs AS (
    SELECT coalesce(s.entity_type, f.entity_type) AS entity_type, coalesce(s.section, f.section) AS section,
        coalesce({_FIRST_CODE.format(s="s")}, {_FIRST_CODE.format(s="f")}) AS code,
        {CHANGES}
    FROM {BOTH}
),
counted AS (
    SELECT entity_type, section, code, is_added, is_removed, is_reasserted, is_recoded, count(*) AS n
    FROM pairs GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT grouping(entity_type, section, code) AS grouping, coalesce(entity_type, section, code, '') AS value,
    {_sum("is_added")}, {_sum("is_removed")}, {_sum("is_reasserted")}, {_sum("is_recoded")},
    {_sum("NOT (is_added OR is_removed OR is_reasserted OR is_recoded)")}
FROM counted GROUP BY GROUPING SETS ((), (entity_type), (section), (code))
"""  # noqa: S608 - constants
# GROUPING counts in bits what is not grouped by: type, section, code.
_GROUPS: Final = {0b111: "total", 0b011: "by_type", 0b101: "by_section", 0b110: "by_code"}
_Counts = dict[str, dict[str, list[int]]]


class _Text(NamedTuple):
    """The notes that stand for a text in either run, and the runs that their results are of."""

    first_no: int | None
    first_source: int | None
    second_no: int | None
    second_source: int | None


class Summary(NamedTuple):
    """How many texts and entities changed; `groups` by what they are counted by, then by value."""

    texts: TextCounts
    total: ChangeCounts
    groups: Mapping[str, Mapping[str, ChangeCounts]]


async def summarise(pool: Pool, first: int, second: int) -> Summary:
    """What changed from one run to another, by their numbers."""
    async with pool.connection() as connection:
        rows = await connection.execute(_TEXTS, {"first": first, "second": second})
        texts = [_Text(*row) for row in await rows.fetchall()]
    shared = [text for text in texts if text.first_no is not None and text.second_no is not None]
    counts: _Counts = {name: {} for name in _GROUPS.values()}
    parts = [shared[begin : begin + _TEXTS_AT_ONCE] for begin in range(0, len(shared), _TEXTS_AT_ONCE)]

    async def work() -> None:
        while parts:
            await _count(pool, parts.pop(), counts)

    try:
        await asyncio.gather(*(work() for _ in range(_PARTS_AT_ONCE)))
    finally:
        # Where one failed, the other ends with the part that it has.
        parts.clear()
    groups = {name: {value: _record(one) for value, one in found.items()} for name, found in counts.items()}
    told = TextCounts(
        both=len(shared),
        only_first=sum(text.second_no is None for text in texts),
        only_second=sum(text.first_no is None for text in texts),
    )
    return Summary(told, groups.pop("total").get("", ChangeCounts()), groups)


async def _count(pool: Pool, texts: Sequence[_Text], counts: _Counts) -> None:
    values: dict[str, Any] = {name: [getattr(text, name) for text in texts] for name in _Text._fields}
    async with pool.connection() as connection:
        rows = await (await connection.execute(_PART, values, prepare=False)).fetchall()
    for grouping, value, *more in rows:
        sums = counts[_GROUPS[grouping]].setdefault(value, [0] * len(more))
        sums[:] = [one + other for one, other in zip(sums, more, strict=True)]


def _record(counts: Sequence[int]) -> ChangeCounts:
    return ChangeCounts(**dict(zip(("added", "removed", "reasserted", "recoded", "same"), counts, strict=True)))
