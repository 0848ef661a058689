"""Notes that are deleted: what is left of them, and the reason in the audit."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

DELETIONS = """
CREATE TABLE deletions (
    note_id TEXT COLLATE "C" NOT NULL,
    content_sha256 TEXT COLLATE "C",
    reason TEXT NOT NULL,
    deleted_by TEXT NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    runs JSONB DEFAULT '[]'::jsonb NOT NULL,
    remains JSONB DEFAULT '{}'::jsonb NOT NULL,
    erased_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT deletions_pkey PRIMARY KEY (note_id)
);
COMMENT ON TABLE deletions IS
'What is left of deleted notes: id and hash, no text; an id that stands here is never let in again.';
ALTER TABLE audit ADD COLUMN reason TEXT;
"""


def upgrade() -> None:
    """Make the table and the column."""
    op.execute(DELETIONS)
