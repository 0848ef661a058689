"""The tables of what goes out as exports, comes in as uploads, and is deleted."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from hctap_stores.database.columns import key_column, metadata, moment

exports = Table(
    "exports",
    metadata,
    Column("export_no", Integer, Identity(always=True), primary_key=True),
    Column("run_no", Integer, ForeignKey("runs.run_no", ondelete="CASCADE"), nullable=False),
    Column("form", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("notes", Integer),
    Column("entities", BigInteger),
    Column("files", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("error", Text),
    Column("created_by", Text, nullable=False),
    moment("created_at", nullable=False, now=True),
    moment("finished_at"),
    CheckConstraint("state IN ('queued', 'running', 'completed', 'failed')", name="state"),
    comment="Exports of runs that workers write under exports/ of the lake.",
)
uploads = Table(
    "uploads",
    metadata,
    Column("upload_no", Integer, Identity(always=True), primary_key=True),
    key_column("note_id"),
    Column("media_type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    key_column("object_key"),
    Column("characters", Integer, nullable=False),
    Column("run_no", Integer, ForeignKey("runs.run_no", ondelete="SET NULL")),
    Column("created_by", Text, nullable=False),
    moment("created_at", nullable=False, now=True),
    comment="Notes that came through the API, where their original lies, and the run that reads them.",
)
deletions = Table(
    "deletions",
    metadata,
    key_column("note_id", primary_key=True),
    key_column("content_sha256", nullable=True),
    Column("reason", Text, nullable=False),
    Column("deleted_by", Text, nullable=False),
    moment("deleted_at", nullable=False, now=True),
    Column("runs", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("remains", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    moment("erased_at"),
    comment="What is left of deleted notes: id and hash, no text; an id that stands here is never let in again.",
)
