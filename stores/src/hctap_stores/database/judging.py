"""The tables of gold and of the people who make it."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from hctap_stores.database.columns import key_column, metadata, moment

gold_sets = Table(
    "gold_sets",
    metadata,
    Column("gold_no", Integer, Identity(always=True), primary_key=True),
    key_column("name"),
    Column("version", Integer, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("notes", Integer, nullable=False),
    Column("entities", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    moment("created_at", nullable=False, now=True),
    Index("gold_sets_name_key", "name", "version", unique=True),
    comment="Gold by name and version; the same content is the same version.",
)
gold_notes = Table(
    "gold_notes",
    metadata,
    Column("gold_no", Integer, ForeignKey("gold_sets.gold_no", ondelete="CASCADE"), primary_key=True),
    key_column("note_id", primary_key=True),
    Column("record", JSONB, nullable=False),
    comment="The gold of each note of a set.",
)
evaluation_errors = Table(
    "evaluation_errors",
    metadata,
    Column("run_no", Integer, primary_key=True, autoincrement=False),
    Column("gold_name", Text, primary_key=True),
    Column("error_no", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("entity_type", Text, nullable=False),
    key_column("note_id"),
    Column("begin_offset", Integer, nullable=False),
    Column("end_offset", Integer, nullable=False),
    Column("other", JSONB),
    ForeignKeyConstraint(["run_no", "gold_name"], ["evaluations.run_no", "evaluations.gold_name"], ondelete="CASCADE"),
    comment="Where a run and a gold set differ; offsets refer to the text that the run read.",
)
reviews = Table(
    "reviews",
    metadata,
    Column("review_no", Integer, Identity(always=True), primary_key=True),
    key_column("name"),
    Column("run_no", Integer, ForeignKey("runs.run_no"), nullable=False),
    Column("created_by", Text, nullable=False),
    moment("created_at", nullable=False, now=True),
    Index("reviews_name_key", "name", unique=True),
    comment="A queue of notes in which people judge what a run found.",
)
review_tasks = Table(
    "review_tasks",
    metadata,
    Column("task_no", Integer, Identity(always=True), primary_key=True),
    Column("review_no", Integer, ForeignKey("reviews.review_no", ondelete="CASCADE"), nullable=False),
    Column("place", Integer, nullable=False),
    key_column("note_id"),
    Column("note_no", BigInteger, nullable=False),
    key_column("content_sha256"),
    Column("entities", Integer, nullable=False),
    Index("review_tasks_place_key", "review_no", "place", unique=True),
    Index("review_tasks_note_id_key", "review_no", "note_id", unique=True),
    comment="The notes of a review, in their order; the text and entities are those of its run.",
)
review_decisions = Table(
    "review_decisions",
    metadata,
    Column("task_no", Integer, ForeignKey("review_tasks.task_no", ondelete="CASCADE"), primary_key=True),
    key_column("reviewer", primary_key=True),
    key_column("item", primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("record", JSONB),
    Column("version", Integer, nullable=False),
    moment("decided_at", nullable=False, now=True),
    CheckConstraint("verdict IN ('accept', 'reject', 'change', 'add', 'withdrawn')", name="verdict"),
    comment="What each reviewer says of each entity, and what they add; a version a write.",
)
review_states = Table(
    "review_states",
    metadata,
    Column("task_no", Integer, ForeignKey("review_tasks.task_no", ondelete="CASCADE"), primary_key=True),
    key_column("reviewer", primary_key=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    moment("changed_at", nullable=False, now=True),
    CheckConstraint("state IN ('open', 'done', 'skipped')", name="state"),
    comment="How far each reviewer has come with each note.",
)
