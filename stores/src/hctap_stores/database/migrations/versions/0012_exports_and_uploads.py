"""Exports that workers write into the lake, and notes that were uploaded."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

EXPORTS = """
CREATE TABLE exports (
    export_no INTEGER GENERATED ALWAYS AS IDENTITY,
    run_no INTEGER NOT NULL,
    form TEXT NOT NULL,
    state TEXT NOT NULL,
    notes INTEGER,
    entities BIGINT,
    files JSONB DEFAULT '[]'::jsonb NOT NULL,
    error TEXT,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT exports_pkey PRIMARY KEY (export_no),
    CONSTRAINT exports_run_no_fkey FOREIGN KEY (run_no) REFERENCES runs (run_no) ON DELETE CASCADE,
    CONSTRAINT exports_state_check CHECK (state IN ('queued', 'running', 'completed', 'failed'))
);
COMMENT ON TABLE exports IS 'Exports of runs that workers write under exports/ of the lake.';
"""

UPLOADS = """
CREATE TABLE uploads (
    upload_no INTEGER GENERATED ALWAYS AS IDENTITY,
    note_id TEXT COLLATE "C" NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    object_key TEXT COLLATE "C" NOT NULL,
    characters INTEGER NOT NULL,
    run_no INTEGER,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT uploads_pkey PRIMARY KEY (upload_no),
    CONSTRAINT uploads_run_no_fkey FOREIGN KEY (run_no) REFERENCES runs (run_no) ON DELETE SET NULL
);
COMMENT ON TABLE uploads IS 'Notes that came through the API, where their original lies, and the run that reads them.';
"""


def upgrade() -> None:
    """Make the tables."""
    for statements in (EXPORTS, UPLOADS):
        op.execute(statements)
