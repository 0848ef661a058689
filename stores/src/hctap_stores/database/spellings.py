"""What many entities share, spelt out from memory: where they come from and their codes, each under a number.

Few records stand behind many entities, and none ever changes. Both are made of words of vocabularies and of ours, never
of words of notes.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

# JSON has no control character but as an escape, so this one stands in it for nothing else.
MARK: Final = "\x01"
# Before the number of a list of codes: of an entity that is negated or the like, and of one that is not.
ASSERTED: Final = "a"
PLAIN: Final = "p"
# Between two numbers of one mark, whose records follow on each other.
AND: Final = "."
# Codes of an entity as they stand in its JSON; the columns are those of `listed_codes`.
CODE: Final = """
concat('{"system":"', c.system, '","code":', to_json(c.code), ',"display":', to_json(c.display),
    ',"score":', c.score, ',"release":', to_json(c.release),
    ',"reason":', to_json(c.reason), '}')
"""
_RAW_MARK: Final = MARK.encode()
_AND: Final = AND.encode()
_BEFORE_CODES: Final = (ASSERTED.encode(), PLAIN.encode())
# Some hundred bytes each.
_MOST: Final = 50_000
_PLAINLY: Final = """
,"assertion":{"negated":false,"uncertain":false,"historical":false,"hypothetical":false,"family":false},"codes":[
""".strip()
# Each with what stands around it in every entity that has it.
_RECORDS: Final = f"""
SELECT provenance_no::text, concat('],"provenance":', left(provenance::text, -1), ',"cues":') FROM provenances
WHERE provenance_no = ANY(%(provenances)s::bigint[])
UNION ALL
SELECT spelling.* FROM code_lists, LATERAL (
    SELECT string_agg({CODE}, ',' ORDER BY c.rank) AS codes FROM listed_codes c
    WHERE c.codes_no = code_lists.codes_no
) AS rendered, LATERAL (VALUES
    (concat('{ASSERTED}', codes_no), concat(rendered.codes, '],"attributes":[')),
    (concat('{PLAIN}', codes_no), concat('{_PLAINLY}', rendered.codes, '],"attributes":['))
) AS spelling
WHERE codes_no = ANY(%(codes)s::bigint[])
"""  # noqa: S608 - constants


class Spellings:
    """Spells out the numbers that a statement has left in JSON, each between two marks.

    To look each up and to render it took PostgreSQL two fifths of its time for a note.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._known: dict[bytes, bytes] = {}

    async def spell(
        self, connection: AsyncConnection[TupleRow], documents: Sequence[bytes | None]
    ) -> list[bytes | None]:
        """The documents with the record of each number in its place, as JSON."""
        split = [None if document is None else document.split(_RAW_MARK) for document in documents]
        try:
            return [None if parts is None else _spelt(parts, self._known) for parts in split]
        except KeyError:
            known = await self._learn(connection, {mark for parts in split if parts for mark in parts[1::2]})
            return [None if parts is None else _spelt(parts, known) for parts in split]

    async def _learn(self, connection: AsyncConnection[TupleRow], marks: set[bytes]) -> dict[bytes, bytes]:
        if len(self._known) > self._most:
            # Who is being answered meanwhile keeps what it has.
            self._known = {}
        known = self._known
        marked = [mark for mark in marks if mark not in known]
        missing = {number for mark in marked for number in mark.split(_AND)} - known.keys()
        codes = {number for number in missing if number.startswith(_BEFORE_CODES)}
        asked = {"provenances": _integers(missing - codes), "codes": _integers({one[1:] for one in codes})}
        rows = await connection.execute(_RECORDS, asked)
        known.update((number.encode(), record.encode()) for number, record in await rows.fetchall())
        known.update((mark, b"".join(known[number] for number in mark.split(_AND))) for mark in marked)
        return known


def _spelt(parts: list[bytes], known: dict[bytes, bytes]) -> bytes:
    spelt = parts.copy()
    spelt[1::2] = [known[mark] for mark in parts[1::2]]
    return b"".join(spelt)


def _integers(numbers: Iterable[bytes]) -> list[int]:
    return sorted(map(int, numbers))
