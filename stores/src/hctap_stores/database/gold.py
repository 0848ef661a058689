"""Gold sets in the database: by name, with versions that never change."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hctap_core.errors import GoldNotFound
from hctap_core.gold import GoldNote
from hctap_core.golds import GoldSet, hash_gold, split_reference
from hctap_stores.database.connection import Connection, Database

_SETS: Final = "SELECT name, version, notes, entities, content_sha256, source, created_by, created_at FROM gold_sets"


def store_gold(database: Database, name: str, gold: Sequence[GoldNote], *, source: str, by: str) -> GoldSet:
    """Keep gold under a name; what is the same as a version that is there is that version, else it is the next one."""
    content = hash_gold(gold)
    with database.transaction() as connection:
        # One at a time: versions are counted.
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"hctap-gold-{name}",))
        row = connection.execute(
            "SELECT version FROM gold_sets WHERE name = %s AND content_sha256 = %s", (name, content)
        ).fetchone()
        version = int(row[0]) if row else _write(connection, name, gold, (content, source, by))
    return find_gold_set(database, f"{name}@{version}")


def find_gold_set(database: Database, reference: str) -> GoldSet:
    """The gold set of `NAME@VERSION`, or the newest of `NAME`.

    Raises:
        GoldNotFound: If there is none.
    """
    wanted = split_reference(reference)
    if wanted is not None:
        where = "WHERE name = %s AND (%s::integer IS NULL OR version = %s) ORDER BY version DESC LIMIT 1"
        found = _select(database, where, (wanted[0], wanted[1], wanted[1]))
        if found:
            return found[0]
    raise GoldNotFound("There is no such gold set.", remedy="GET /v1/gold lists them.")


def list_gold_sets(database: Database) -> list[GoldSet]:
    """All gold sets, by name, the newest version first."""
    return _select(database, "ORDER BY name, version DESC", ())


def read_gold_notes(database: Database, gold: GoldSet) -> list[GoldNote]:
    """The gold of a set, by note id."""
    with database.transaction() as connection:
        rows = connection.execute(
            """
            SELECT record FROM gold_notes JOIN gold_sets USING (gold_no) WHERE name = %s AND version = %s
            ORDER BY note_id
            """,
            (gold.name, gold.version),
        )
        return [GoldNote.model_validate(record) for (record,) in rows]


def _write(connection: Connection, name: str, gold: Sequence[GoldNote], facts: tuple[str, str, str]) -> int:
    entities = sum(len(note.entities) for note in gold)
    row = connection.execute(
        """
        INSERT INTO gold_sets (name, version, content_sha256, notes, entities, source, created_by)
        SELECT %(name)s, coalesce(max(version), 0) + 1, %(content)s, %(notes)s, %(entities)s, %(source)s, %(by)s
        FROM gold_sets WHERE name = %(name)s
        RETURNING gold_no, version
        """,
        {
            "name": name,
            "content": facts[0],
            "notes": len(gold),
            "entities": entities,
            "source": facts[1],
            "by": facts[2],
        },
    ).fetchone()
    gold_no, version = row or (0, 0)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO gold_notes (gold_no, note_id, record) VALUES (%s, %s, %s)",
            [(gold_no, note.note_id, Jsonb(note.model_dump(mode="json"))) for note in gold],
        )
    return int(version)


def _select(database: Database, tail: str, values: Sequence[Any]) -> list[GoldSet]:
    with database.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return [GoldSet.model_validate(row) for row in cursor.execute(f"{_SETS} {tail}", values)]
