"""Gold sets with versions, what an evaluation found in detail, and the decisions of reviewers."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GOLD = """
CREATE TABLE gold_sets (
    gold_no INTEGER GENERATED ALWAYS AS IDENTITY,
    name TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    content_sha256 TEXT NOT NULL,
    notes INTEGER NOT NULL,
    entities INTEGER NOT NULL,
    source TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT gold_sets_pkey PRIMARY KEY (gold_no)
);
CREATE UNIQUE INDEX gold_sets_name_key ON gold_sets (name, version);
COMMENT ON TABLE gold_sets IS 'Gold by name and version; the same content is the same version.';
CREATE TABLE gold_notes (
    gold_no INTEGER NOT NULL,
    note_id TEXT COLLATE "C" NOT NULL,
    record JSONB NOT NULL,
    CONSTRAINT gold_notes_pkey PRIMARY KEY (gold_no, note_id),
    CONSTRAINT gold_notes_gold_no_fkey FOREIGN KEY (gold_no) REFERENCES gold_sets (gold_no) ON DELETE CASCADE
);
COMMENT ON TABLE gold_notes IS 'The gold of each note of a set.';
"""

EVALUATIONS = """
ALTER TABLE evaluations ADD COLUMN gold_no INTEGER
    CONSTRAINT evaluations_gold_no_fkey REFERENCES gold_sets (gold_no);
ALTER TABLE evaluations ADD COLUMN details JSONB;
CREATE TABLE evaluation_errors (
    run_no INTEGER NOT NULL,
    gold_name TEXT NOT NULL,
    error_no INTEGER NOT NULL,
    kind TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    note_id TEXT COLLATE "C" NOT NULL,
    begin_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    other JSONB,
    CONSTRAINT evaluation_errors_pkey PRIMARY KEY (run_no, gold_name, error_no),
    CONSTRAINT evaluation_errors_run_no_gold_name_fkey FOREIGN KEY (run_no, gold_name)
        REFERENCES evaluations (run_no, gold_name) ON DELETE CASCADE
);
COMMENT ON TABLE evaluation_errors IS 'Where a run and a gold set differ; offsets refer to the text that the run read.';
"""

REVIEW = """
CREATE TABLE reviews (
    review_no INTEGER GENERATED ALWAYS AS IDENTITY,
    name TEXT COLLATE "C" NOT NULL,
    run_no INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT reviews_pkey PRIMARY KEY (review_no),
    CONSTRAINT reviews_run_no_fkey FOREIGN KEY (run_no) REFERENCES runs (run_no)
);
CREATE UNIQUE INDEX reviews_name_key ON reviews (name);
COMMENT ON TABLE reviews IS 'A queue of notes in which people judge what a run found.';
CREATE TABLE review_tasks (
    task_no INTEGER GENERATED ALWAYS AS IDENTITY,
    review_no INTEGER NOT NULL,
    place INTEGER NOT NULL,
    note_id TEXT COLLATE "C" NOT NULL,
    note_no BIGINT NOT NULL,
    content_sha256 TEXT COLLATE "C" NOT NULL,
    entities INTEGER NOT NULL,
    CONSTRAINT review_tasks_pkey PRIMARY KEY (task_no),
    CONSTRAINT review_tasks_review_no_fkey FOREIGN KEY (review_no) REFERENCES reviews (review_no) ON DELETE CASCADE
);
CREATE UNIQUE INDEX review_tasks_place_key ON review_tasks (review_no, place);
CREATE UNIQUE INDEX review_tasks_note_id_key ON review_tasks (review_no, note_id);
COMMENT ON TABLE review_tasks IS 'The notes of a review, in their order; the text and entities are those of its run.';
CREATE TABLE review_decisions (
    task_no INTEGER NOT NULL,
    reviewer TEXT COLLATE "C" NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    verdict TEXT NOT NULL,
    record JSONB,
    version INTEGER NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT review_decisions_pkey PRIMARY KEY (task_no, reviewer, item),
    CONSTRAINT review_decisions_task_no_fkey FOREIGN KEY (task_no)
        REFERENCES review_tasks (task_no) ON DELETE CASCADE,
    CONSTRAINT review_decisions_verdict_check
        CHECK (verdict IN ('accept', 'reject', 'change', 'add', 'withdrawn'))
);
COMMENT ON TABLE review_decisions IS 'What each reviewer says of each entity, and what they add; a version a write.';
CREATE TABLE review_states (
    task_no INTEGER NOT NULL,
    reviewer TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT review_states_pkey PRIMARY KEY (task_no, reviewer),
    CONSTRAINT review_states_task_no_fkey FOREIGN KEY (task_no)
        REFERENCES review_tasks (task_no) ON DELETE CASCADE,
    CONSTRAINT review_states_state_check CHECK (state IN ('open', 'done', 'skipped'))
);
COMMENT ON TABLE review_states IS 'How far each reviewer has come with each note.';
"""


def upgrade() -> None:
    """Make the tables."""
    for statements in (GOLD, EVALUATIONS, REVIEW):
        op.execute(statements)
