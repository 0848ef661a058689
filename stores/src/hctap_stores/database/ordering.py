"""The tables of orders: what was asked for once, and who is there to do it."""

from sqlalchemy import Column, Double, Identity, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from hctap_stores.database.columns import key_column, metadata, moment

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    key_column("key_sha256", primary_key=True),
    Column("request_sha256", Text, nullable=False),
    Column("answer", Text, nullable=False),
    moment("created_at", nullable=False, now=True),
    comment="What was asked for under a key of the caller, and the id of what came of it.",
)
schedules = Table(
    "schedules",
    metadata,
    key_column("schedule_name", primary_key=True),
    Column("cron", Text, nullable=False),
    Column("run_order", JSONB, nullable=False),
    moment("next_at"),
    moment("last_at"),
    Column("last_run_id", Text),
    Column("changed_by", Text, nullable=False),
    moment("changed_at", nullable=False, now=True),
    comment="Runs that are ordered again and again, and when each is due next.",
)
workers = Table(
    "workers",
    metadata,
    Column("worker_no", Integer, Identity(always=True), primary_key=True),
    Column("extractor", Text, nullable=False),
    Column("pipeline_hash", Text, nullable=False),
    Column("jobs_at_once", Integer, nullable=False),
    Column("heartbeat_seconds", Double, nullable=False),
    moment("started_at", nullable=False, now=True),
    moment("seen_at", nullable=False, now=True),
    comment="The workers of the queue, and when each gave its last sign.",
)
