"""What changed between two finished runs, counted once and kept; how many deletions took something from a run."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

COMPARISONS = """
ALTER TABLE runs ADD COLUMN erasures INTEGER DEFAULT 0 NOT NULL;
CREATE TABLE comparisons (
    first_no INTEGER NOT NULL,
    second_no INTEGER NOT NULL,
    method INTEGER NOT NULL,
    counts JSONB NOT NULL,
    counted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT comparisons_pkey PRIMARY KEY (first_no, second_no),
    CONSTRAINT comparisons_first_no_fkey FOREIGN KEY (first_no) REFERENCES runs (run_no) ON DELETE CASCADE,
    CONSTRAINT comparisons_second_no_fkey FOREIGN KEY (second_no) REFERENCES runs (run_no) ON DELETE CASCADE
);
CREATE INDEX comparisons_second_no_idx ON comparisons (second_no);
COMMENT ON TABLE comparisons IS
'What changed between two finished runs, in numbers; gone when a note of either is deleted.';
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hctap_bi') THEN
        GRANT SELECT ON comparisons TO hctap_bi;
    END IF;
END
$$
"""


def upgrade() -> None:
    """Make the table and the column; a worker counts the newest pair when it starts."""
    op.execute(COMPARISONS)
