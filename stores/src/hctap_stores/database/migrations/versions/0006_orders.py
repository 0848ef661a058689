"""Runs on order: over some of the notes, asked for once, taken by a worker that is known to live."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ORDERS = """
ALTER TABLE runs ADD COLUMN selection JSONB;
CREATE TABLE idempotency_keys (
    key_sha256 TEXT COLLATE "C" NOT NULL,
    request_sha256 TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (key_sha256)
);
COMMENT ON TABLE idempotency_keys IS 'What was asked for under a key of the caller, and the id of what came of it.';
CREATE TABLE workers (
    worker_no INTEGER GENERATED ALWAYS AS IDENTITY,
    extractor TEXT NOT NULL,
    pipeline_hash TEXT NOT NULL,
    jobs_at_once INTEGER NOT NULL,
    heartbeat_seconds DOUBLE PRECISION NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT workers_pkey PRIMARY KEY (worker_no)
);
COMMENT ON TABLE workers IS 'The workers of the queue, and when each gave its last sign.';
"""


def upgrade() -> None:
    """Make the column and the tables."""
    op.execute(ORDERS)
