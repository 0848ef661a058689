"""The tables of the database, as SQLAlchemy metadata; the migrations make them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from hctap_stores.database.access import api_keys, audit
from hctap_stores.database.columns import flag, key_column, metadata, moment, run_column, run_of_result
from hctap_stores.database.findings import (
    code_lists,
    entities,
    entity_attributes,
    entity_counts,
    listed_codes,
    provenances,
    run_sections,
    terms,
)
from hctap_stores.database.judging import gold_sets, reviews
from hctap_stores.database.ordering import idempotency_keys, schedules, workers
from hctap_stores.database.traffic import deletions, exports, uploads
from hctap_stores.database.word_tables import note_words, texts_to_index

__all__ = [
    "api_keys",
    "audit",
    "code_lists",
    "deletions",
    "entities",
    "entity_attributes",
    "entity_counts",
    "exports",
    "gold_sets",
    "idempotency_keys",
    "listed_codes",
    "metadata",
    "note_words",
    "provenances",
    "reviews",
    "run_sections",
    "schedules",
    "terms",
    "texts_to_index",
    "uploads",
    "workers",
]

note_texts = Table(
    "note_texts",
    metadata,
    key_column("content_sha256", primary_key=True),
    Column("text", Text, nullable=False),
    Column("characters", Integer, nullable=False),
    comment="Each distinct text once; a text that a run has seen is never lost.",
)

notes = Table(
    "notes",
    metadata,
    Column("note_no", BigInteger, Identity(always=True), primary_key=True),
    key_column("note_id"),
    Column("specialty", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    key_column("content_sha256"),
    Column("patient_id", Text),
    Column("encounter_id", Text),
    Column("note_type", Text),
    moment("authored_at"),
    Column("source", Text),
    Column("language", Text),
    Column("data_class", Text),
    Column("batch_id", Text),
    Column("schema_version", Integer, nullable=False),
    moment("created_at", nullable=False, now=True),
    moment("updated_at", nullable=False, now=True),
    Index("notes_note_id_key", "note_id", unique=True),
    Index("notes_content_sha256_idx", "content_sha256"),
    Index("notes_patient_id_idx", "patient_id", "authored_at", postgresql_where=text("patient_id IS NOT NULL")),
    comment="The current version of each note.",
)

lake_objects = Table(
    "lake_objects",
    metadata,
    key_column("object_key", primary_key=True),
    Column("etag", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    flag("is_own_key"),
    key_column("note_id", nullable=True),
    key_column("content_sha256", nullable=True),
    Column("note", JSONB),
    Column("batch_id", Text),
    Column("reason", Text),
    Column("detail", Text),
    moment("seen_at", nullable=False, now=True),
    Column("pack_no", Integer, ForeignKey("lake_packs.pack_no")),
    Column("pack_offset", BigInteger),
    key_column("own_key", nullable=True),
    CheckConstraint("(reason IS NULL) = (note IS NOT NULL)", name="note_or_reason"),
    Index("lake_objects_pack_no_idx", "pack_no", postgresql_where=text("pack_no IS NOT NULL")),
    comment="What each object of the raw bucket held at its etag, so that only new or changed objects are read.",
)

lake_packs = Table(
    "lake_packs",
    metadata,
    Column("pack_no", Integer, Identity(always=True), primary_key=True),
    key_column("object_key"),
    Column("etag", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("records", Integer, nullable=False),
    Index("lake_packs_object_key_key", "object_key", "etag", unique=True),
    comment="Each version of a pack of notes that was read; a row stays, since ledgers name it.",
)

batches = Table(
    "batches",
    metadata,
    key_column("batch_id", primary_key=True),
    Column("source", Text, nullable=False),
    Column("source_name", Text, nullable=False),
    moment("started_at", nullable=False),
    moment("finished_at", nullable=False),
    Column("counts", JSONB, nullable=False),
    comment="What each import brought.",
)

runs = Table(
    "runs",
    metadata,
    Column("run_no", Integer, Identity(always=True), primary_key=True),
    key_column("run_id"),
    Column("status", Text, nullable=False),
    Column("pipeline", JSONB, nullable=False),
    Column("pipeline_hash", Text, nullable=False),
    moment("created_at", nullable=False, now=True),
    moment("started_at"),
    moment("finished_at"),
    moment("published_at"),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("duration_ms_p50", Double),
    Column("duration_ms_p95", Double),
    Column("notes_per_second", Double),
    Column("evaluation", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("error", Text),
    Column("is_incremental", Boolean, nullable=False, server_default=text("false")),
    Column("base_run_no", Integer, ForeignKey("runs.run_no")),
    Column("selection", JSONB),
    Column("erasures", Integer, nullable=False, server_default=text("0")),
    CheckConstraint(
        "status IN ('queued', 'running', 'partial', 'succeeded', 'failed', 'cancelled')",
        name="status",
    ),
    Index("runs_run_id_key", "run_id", unique=True),
    Index("runs_finished_at_idx", text("finished_at DESC, run_no DESC")),
    comment="One pipeline over the notes of the lake; published when its manifest stands in the lake.",
)

run_notes = Table(
    "run_notes",
    metadata,
    run_of_result(),
    key_column("object_key", primary_key=True),
    Column("etag", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("note_no", BigInteger),
    key_column("note_id", nullable=True),
    key_column("content_sha256", nullable=True),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    key_column("duplicate_of", nullable=True),
    Column("shard", Integer),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("entity_count", Integer, nullable=False, server_default=text("0")),
    Column("characters", Integer, nullable=False, server_default=text("0")),
    Column("duration_us", BigInteger),
    Column("results_of", Integer),
    key_column("raw_sha256", nullable=True),
    Column("measures", JSONB),
    Column("pack_no", Integer),
    Column("pack_offset", BigInteger),
    CheckConstraint("state IN ('pending', 'done', 'duplicate', 'quarantined', 'unchanged')", name="state"),
    CheckConstraint("(state = 'quarantined') = (reason IS NOT NULL)", name="reason"),
    Index("run_notes_note_no_idx", "note_no", "run_no"),
    Index("run_notes_shard_idx", "run_no", "shard"),
    Index(
        "run_notes_duplicate_of_idx",
        "run_no",
        "duplicate_of",
        postgresql_where=text("duplicate_of IS NOT NULL"),
    ),
    Index("run_notes_results_of_idx", "results_of", postgresql_where=text("results_of IS NOT NULL")),
    comment="The ledger: one row for each note of each run.",
)

run_shards = Table(
    "run_shards",
    metadata,
    run_column(),
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    key_column("object_key", nullable=True),
    Column("sha256", Text),
    Column("rows", Integer),
    Column("bytes", BigInteger),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("duration_us", BigInteger),
    moment("finished_at"),
    Column("by_type", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    CheckConstraint("state IN ('pending', 'done')", name="state"),
    comment="The parts of a run's work; a done shard names its object in the lake.",
)

run_statistics = Table(
    "run_statistics",
    metadata,
    run_column(),
    Column("name", Text, primary_key=True),
    key_column("specialty", primary_key=True),
    Column("value", JSONB, nullable=False),
    comment="What a finished run found, counted; without a specialty it is of all notes.",
)

evaluations = Table(
    "evaluations",
    metadata,
    run_column(),
    Column("gold_name", Text, primary_key=True),
    Column("scores", JSONB, nullable=False),
    moment("created_at", nullable=False, now=True),
    Column("gold_no", Integer, ForeignKey("gold_sets.gold_no")),
    Column("details", JSONB),
    comment="How a run agrees with a gold set.",
)

comparisons = Table(
    "comparisons",
    metadata,
    Column("first_no", Integer, ForeignKey("runs.run_no", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("second_no", Integer, ForeignKey("runs.run_no", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("method", Integer, nullable=False),
    Column("counts", JSONB, nullable=False),
    moment("counted_at", nullable=False, now=True),
    Index("comparisons_second_no_idx", "second_no"),
    comment="What changed between two finished runs, in numbers; gone when a note of either is deleted.",
)
