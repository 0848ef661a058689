"""The first tables: notes, the catalogue of the lake, runs with their ledger, and what the runs found."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EXTENSIONS = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
"""

TABLES = """
CREATE TABLE batches (
    batch_id TEXT COLLATE "C" NOT NULL,
    source TEXT NOT NULL,
    source_name TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE NOT NULL,
    counts JSONB NOT NULL,
    CONSTRAINT batches_pkey PRIMARY KEY (batch_id)
);
COMMENT ON TABLE batches IS 'What each import brought.';

CREATE TABLE note_texts (
    content_sha256 TEXT COLLATE "C" NOT NULL,
    text TEXT NOT NULL,
    characters INTEGER NOT NULL,
    CONSTRAINT note_texts_pkey PRIMARY KEY (content_sha256)
);
COMMENT ON TABLE note_texts IS 'Each distinct text once; a text that a run has seen is never lost.';

CREATE TABLE runs (
    run_no INTEGER GENERATED ALWAYS AS IDENTITY,
    run_id TEXT COLLATE "C" NOT NULL,
    status TEXT NOT NULL,
    pipeline JSONB NOT NULL,
    pipeline_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE,
    counts JSONB DEFAULT '{}'::jsonb NOT NULL,
    duration_ms_p50 DOUBLE PRECISION,
    duration_ms_p95 DOUBLE PRECISION,
    notes_per_second DOUBLE PRECISION,
    evaluation JSONB DEFAULT '{}'::jsonb NOT NULL,
    error TEXT,
    CONSTRAINT runs_pkey PRIMARY KEY (run_no),
    CONSTRAINT runs_status_check
        CHECK (status IN ('queued', 'running', 'partial', 'succeeded', 'failed', 'cancelled'))
);
CREATE INDEX runs_finished_at_idx ON runs (finished_at DESC, run_no DESC);
CREATE UNIQUE INDEX runs_run_id_key ON runs (run_id);
COMMENT ON TABLE runs IS 'One pipeline over the notes of the lake; published when its manifest stands in the lake.';

CREATE TABLE entities (
    run_no INTEGER NOT NULL,
    note_no BIGINT NOT NULL,
    ordinal INTEGER NOT NULL,
    entity_type TEXT NOT NULL,
    text TEXT NOT NULL,
    norm_text TEXT NOT NULL,
    begin_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    section TEXT NOT NULL,
    negated BOOLEAN NOT NULL,
    uncertain BOOLEAN NOT NULL,
    historical BOOLEAN NOT NULL,
    hypothetical BOOLEAN NOT NULL,
    family BOOLEAN NOT NULL,
    provenance JSONB NOT NULL,
    CONSTRAINT entities_pkey PRIMARY KEY (run_no, note_no, ordinal),
    CONSTRAINT entities_run_no_fkey FOREIGN KEY (run_no) REFERENCES runs (run_no) ON DELETE CASCADE
);
CREATE INDEX entities_norm_text_trgm_idx ON entities USING gin (norm_text gin_trgm_ops);
CREATE INDEX entities_note_no_idx ON entities (note_no);
CREATE INDEX entities_type_norm_text_idx ON entities (run_no, entity_type, norm_text);
COMMENT ON TABLE entities IS 'What was found, in text order within its note.';

CREATE TABLE entity_attributes (
    run_no INTEGER NOT NULL,
    note_no BIGINT NOT NULL,
    ordinal INTEGER NOT NULL,
    position INTEGER NOT NULL,
    type TEXT NOT NULL,
    text TEXT NOT NULL,
    begin_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    norm TEXT,
    CONSTRAINT entity_attributes_pkey PRIMARY KEY (run_no, note_no, ordinal, position),
    CONSTRAINT entity_attributes_run_no_fkey FOREIGN KEY (run_no) REFERENCES runs (run_no) ON DELETE CASCADE
);
COMMENT ON TABLE entity_attributes IS 'The parts of a medication''s regimen or a test''s result.';

CREATE TABLE entity_codes (
    run_no INTEGER NOT NULL,
    note_no BIGINT NOT NULL,
    ordinal INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    system TEXT NOT NULL,
    code TEXT NOT NULL,
    display TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    release TEXT NOT NULL,
    CONSTRAINT entity_codes_pkey PRIMARY KEY (run_no, note_no, ordinal, rank),
    CONSTRAINT entity_codes_run_no_fkey FOREIGN KEY (run_no) REFERENCES runs (run_no) ON DELETE CASCADE
);
CREATE INDEX entity_codes_code_idx ON entity_codes (system, code text_pattern_ops);
COMMENT ON TABLE entity_codes IS 'The codes of each entity, the best first.';

CREATE TABLE evaluations (
    run_no INTEGER NOT NULL,
    gold_name TEXT NOT NULL,
    scores JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT evaluations_pkey PRIMARY KEY (run_no, gold_name),
    CONSTRAINT evaluations_run_no_fkey FOREIGN KEY (run_no) REFERENCES runs (run_no) ON DELETE CASCADE
);
COMMENT ON TABLE evaluations IS 'How a run agrees with a gold set.';

CREATE TABLE lake_objects (
    object_key TEXT COLLATE "C" NOT NULL,
    etag TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    is_own_key BOOLEAN NOT NULL,
    note_id TEXT COLLATE "C",
    content_sha256 TEXT COLLATE "C",
    note JSONB,
    batch_id TEXT,
    reason TEXT,
    detail TEXT,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT lake_objects_pkey PRIMARY KEY (object_key),
    CONSTRAINT lake_objects_note_or_reason_check CHECK ((reason IS NULL) = (note IS NOT NULL)),
    CONSTRAINT lake_objects_content_sha256_fkey FOREIGN KEY (content_sha256) REFERENCES note_texts (content_sha256)
);
COMMENT ON TABLE lake_objects IS
'What each object of the raw bucket held at its etag, so that only new or changed objects are read.';

CREATE TABLE notes (
    note_no BIGINT GENERATED ALWAYS AS IDENTITY,
    note_id TEXT COLLATE "C" NOT NULL,
    specialty TEXT NOT NULL,
    checksum TEXT NOT NULL,
    content_sha256 TEXT COLLATE "C" NOT NULL,
    patient_id TEXT,
    encounter_id TEXT,
    note_type TEXT,
    authored_at TIMESTAMP WITH TIME ZONE,
    source TEXT,
    language TEXT,
    data_class TEXT,
    batch_id TEXT,
    schema_version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT notes_pkey PRIMARY KEY (note_no),
    CONSTRAINT notes_content_sha256_fkey FOREIGN KEY (content_sha256) REFERENCES note_texts (content_sha256)
);
CREATE INDEX notes_content_sha256_idx ON notes (content_sha256);
CREATE UNIQUE INDEX notes_note_id_key ON notes (note_id);
COMMENT ON TABLE notes IS 'The current version of each note.';

CREATE TABLE run_sections (
    run_no INTEGER NOT NULL,
    note_no BIGINT NOT NULL,
    ordinal INTEGER NOT NULL,
    begin_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    header TEXT NOT NULL,
    type TEXT NOT NULL,
    CONSTRAINT run_sections_pkey PRIMARY KEY (run_no, note_no, ordinal),
    CONSTRAINT run_sections_run_no_fkey FOREIGN KEY (run_no) REFERENCES runs (run_no) ON DELETE CASCADE
);
COMMENT ON TABLE run_sections IS 'The sections of each note as a run saw them.';

CREATE TABLE run_shards (
    run_no INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    state TEXT NOT NULL,
    object_key TEXT COLLATE "C",
    sha256 TEXT,
    rows INTEGER,
    bytes BIGINT,
    attempt INTEGER DEFAULT 0 NOT NULL,
    duration_us BIGINT,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT run_shards_pkey PRIMARY KEY (run_no, shard),
    CONSTRAINT run_shards_state_check CHECK (state IN ('pending', 'done')),
    CONSTRAINT run_shards_run_no_fkey FOREIGN KEY (run_no) REFERENCES runs (run_no) ON DELETE CASCADE
);
COMMENT ON TABLE run_shards IS 'The parts of a run''s work; a done shard names its object in the lake.';

CREATE TABLE run_notes (
    run_no INTEGER NOT NULL,
    object_key TEXT COLLATE "C" NOT NULL,
    etag TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    note_no BIGINT,
    note_id TEXT COLLATE "C",
    content_sha256 TEXT COLLATE "C",
    state TEXT NOT NULL,
    reason TEXT,
    detail TEXT,
    duplicate_of TEXT COLLATE "C",
    shard INTEGER,
    attempt INTEGER DEFAULT 0 NOT NULL,
    entity_count INTEGER DEFAULT 0 NOT NULL,
    characters INTEGER DEFAULT 0 NOT NULL,
    duration_us BIGINT,
    CONSTRAINT run_notes_pkey PRIMARY KEY (run_no, object_key),
    CONSTRAINT run_notes_state_check
        CHECK (state IN ('pending', 'done', 'duplicate', 'quarantined', 'unchanged')),
    CONSTRAINT run_notes_reason_check CHECK ((state = 'quarantined') = (reason IS NOT NULL)),
    CONSTRAINT run_notes_run_no_fkey FOREIGN KEY (run_no) REFERENCES runs (run_no) ON DELETE CASCADE,
    CONSTRAINT run_notes_note_no_fkey FOREIGN KEY (note_no) REFERENCES notes (note_no),
    CONSTRAINT run_notes_content_sha256_fkey FOREIGN KEY (content_sha256) REFERENCES note_texts (content_sha256)
);
CREATE INDEX run_notes_note_no_idx ON run_notes (note_no, run_no);
CREATE INDEX run_notes_shard_idx ON run_notes (run_no, shard);
COMMENT ON TABLE run_notes IS 'The ledger: one row for each note of each run.';
"""


def upgrade() -> None:
    """Make the extensions and the tables."""
    op.execute(EXTENSIONS)
    op.execute(TABLES)
