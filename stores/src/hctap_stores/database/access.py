"""The tables of who may do what, and who did."""

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from hctap_stores.database.columns import key_column, metadata, moment

api_keys = Table(
    "api_keys",
    metadata,
    key_column("key_id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("scopes", ARRAY(Text)),
    Column("secret_sha256", Text, nullable=False),
    moment("created_at", nullable=False, now=True),
    moment("expires_at"),
    moment("revoked_at"),
    CheckConstraint("role IN ('reader', 'analyst', 'operator', 'admin')", name="role"),
    comment="Who may do what by which key; of a key only the hash of its secret is kept.",
)

audit = Table(
    "audit",
    metadata,
    Column("audit_no", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("address", Text),
    Column("action", Text, nullable=False),
    key_column("note_id", nullable=True),
    key_column("run_id", nullable=True),
    Column("notes", Integer, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("reason", Text),
    Index("audit_note_id_idx", "note_id", "audit_no", postgresql_where=text("note_id IS NOT NULL")),
    comment="Who read or changed what, when and from where; rows are added and never changed.",
)
