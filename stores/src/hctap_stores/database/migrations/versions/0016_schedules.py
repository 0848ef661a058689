"""Schedules: runs that are ordered again and again."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SCHEDULES = """
CREATE TABLE schedules (
    schedule_name TEXT COLLATE "C" NOT NULL,
    cron TEXT NOT NULL,
    run_order JSONB NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE,
    last_at TIMESTAMP WITH TIME ZONE,
    last_run_id TEXT,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT schedules_pkey PRIMARY KEY (schedule_name)
);
COMMENT ON TABLE schedules IS 'Runs that are ordered again and again, and when each is due next.';
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(SCHEDULES)
