"""Statistics of finished runs, counted once; a patient's notes by time."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATISTICS = """
CREATE TABLE run_statistics (
    run_no INTEGER NOT NULL,
    name TEXT NOT NULL,
    specialty TEXT COLLATE "C" NOT NULL,
    value JSONB NOT NULL,
    CONSTRAINT run_statistics_pkey PRIMARY KEY (run_no, name, specialty),
    CONSTRAINT run_statistics_run_no_fkey FOREIGN KEY (run_no) REFERENCES runs (run_no) ON DELETE CASCADE
);
COMMENT ON TABLE run_statistics IS 'What a finished run found, counted; without a specialty it is of all notes.';
CREATE INDEX notes_patient_id_idx ON notes (patient_id, authored_at) WHERE patient_id IS NOT NULL;
"""


def upgrade() -> None:
    """Make the table and the index."""
    op.execute(STATISTICS)
