"""What the API is asked for: notes, a text, searches from their first page and from one deep in the run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.api.copies import FIRST
from hctap_api.cursors import write_cursor
from hctap_core.errors import BadInput
from hctap_core.searches import EntitySearch, Order
from hctap_stores.database.connection import Connection, Database

# What the searches ask for; all are of the copies' run.
SEARCHES: Final[tuple[dict[str, Any], ...]] = (
    {"text": "chest pain"},
    {"text": "fever", "assertion": {"negated": True}},
    {"text": "metoprolol", "entity_types": ["MEDICATION"]},
    {"code": {"system": "ICD-10-CM", "code": "R07.9"}},
    {"code": {"system": "ICD-10-CM", "prefix": "E11"}},
    {"code": {"system": "ICD-10-CM", "prefix": "R"}, "assertion": {"negated": False}},
    {"entity_types": ["MEDICATION"], "sections": ["medications"]},
    {"entity_types": ["PROBLEM"], "specialties": ["Cardiology"]},
    {"entity_types": ["TEST"], "min_score": 0.8},
    {"text": "pain", "order": "text"},
)


@dataclass(frozen=True, slots=True)
class Material:
    """Note ids to ask for, a text of about 3 KB, searches, and the same searches at their thousandth page."""

    note_ids: Sequence[str]
    text: str
    searches: Sequence[bytes]
    deep_searches: Sequence[bytes]


def find_material(database: Database) -> Material:
    """What is asked of the copies' run."""
    with database.transaction() as connection:
        ids = connection.execute(
            "SELECT note_id FROM run_notes JOIN runs USING (run_no) WHERE run_id = %s ORDER BY md5(note_id) LIMIT 2000",
            (FIRST,),
        )
        note_ids = [str(note_id) for (note_id,) in ids]
        texts = [text for (text,) in connection.execute(
            "SELECT text FROM note_texts WHERE text NOT LIKE %s ORDER BY content_sha256 LIMIT 3", ("%Copy%",)
        )]  # fmt: skip
        deep = [_deep_search(connection, {**asked, "run_id": FIRST}) for asked in SEARCHES]
    text = "\n".join(texts * 9)[:3072]
    return Material(note_ids, text, [_body({**asked, "run_id": FIRST}) for asked in SEARCHES], deep)


def _deep_search(connection: Connection, asked: dict[str, Any]) -> bytes:
    """The search of the page that begins in the middle of the run, past a million entities."""
    search = EntitySearch(**asked)
    identity = search.model_dump_json(exclude={"cursor", "limit", "count", "facets"})
    row = connection.execute(
        "SELECT note_no FROM run_notes JOIN runs USING (run_no) WHERE run_id = %s ORDER BY note_no "
        "OFFSET (SELECT count(*) / 2 FROM run_notes JOIN runs USING (run_no) WHERE run_id = %s) LIMIT 1",
        (FIRST, FIRST),
    ).fetchone()
    if row is None:
        raise BadInput("The copies' run is empty.")
    key = (row[0], 0) if search.order is Order.NOTE else ("pain", row[0], 0)
    return _body({**asked, "cursor": write_cursor(identity, FIRST, key)})


def _body(asked: dict[str, Any]) -> bytes:
    return EntitySearch(**asked).model_dump_json().encode()
