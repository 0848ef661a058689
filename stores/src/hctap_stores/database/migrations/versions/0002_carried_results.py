"""Results that a run carries over from an earlier one; fewer checks and indexes in the way of COPY."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CARRIED = """
ALTER TABLE runs ADD COLUMN is_incremental BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE runs ADD COLUMN base_run_no INTEGER CONSTRAINT runs_base_run_no_fkey REFERENCES runs (run_no);
ALTER TABLE run_notes ADD COLUMN results_of INTEGER
    CONSTRAINT run_notes_results_of_fkey REFERENCES runs (run_no);
CREATE INDEX run_notes_results_of_idx ON run_notes (results_of) WHERE results_of IS NOT NULL;
ALTER TABLE run_shards ADD COLUMN by_type JSONB DEFAULT '{}'::jsonb NOT NULL;
UPDATE run_shards s SET by_type = found.by_type FROM (
    SELECT run_no, shard, jsonb_object_agg(entity_type, count) AS by_type FROM (
        SELECT l.run_no, l.shard, e.entity_type, count(*)
        FROM run_notes l JOIN entities e USING (run_no, note_no) WHERE l.shard IS NOT NULL GROUP BY 1, 2, 3
    ) AS counted GROUP BY 1, 2
) AS found WHERE (s.run_no, s.shard) = (found.run_no, found.shard);
"""

# The results of a note under the run that answers for it, be they its own or carried over.
VIEWS = """
CREATE VIEW found_entities AS
SELECT l.run_no, r.note_no, r.ordinal, r.entity_type, r.text, r.norm_text, r.begin_offset, r.end_offset,
    r.score, r.section, r.negated, r.uncertain, r.historical, r.hypothetical, r.family, r.provenance
FROM run_notes l JOIN entities r ON r.run_no = coalesce(l.results_of, l.run_no) AND r.note_no = l.note_no
WHERE l.state IN ('done', 'unchanged');

CREATE VIEW found_codes AS
SELECT l.run_no, r.note_no, r.ordinal, r.rank, r.system, r.code, r.display, r.score, r.release
FROM run_notes l JOIN entity_codes r ON r.run_no = coalesce(l.results_of, l.run_no) AND r.note_no = l.note_no
WHERE l.state IN ('done', 'unchanged');

CREATE VIEW found_attributes AS
SELECT l.run_no, r.note_no, r.ordinal, r.position, r.type, r.text, r.begin_offset, r.end_offset, r.norm
FROM run_notes l JOIN entity_attributes r ON r.run_no = coalesce(l.results_of, l.run_no) AND r.note_no = l.note_no
WHERE l.state IN ('done', 'unchanged');

CREATE VIEW found_sections AS
SELECT l.run_no, r.note_no, r.ordinal, r.begin_offset, r.end_offset, r.header, r.type
FROM run_notes l JOIN run_sections r ON r.run_no = coalesce(l.results_of, l.run_no) AND r.note_no = l.note_no
WHERE l.state IN ('done', 'unchanged');
"""

# A check for each row costs as much as its COPY; the commit of a shard holds its run's row instead, and these two
# triggers do what the references did when a run goes.
REFERENCES = """
ALTER TABLE entities DROP CONSTRAINT entities_run_no_fkey;
ALTER TABLE entity_codes DROP CONSTRAINT entity_codes_run_no_fkey;
ALTER TABLE entity_attributes DROP CONSTRAINT entity_attributes_run_no_fkey;
ALTER TABLE run_sections DROP CONSTRAINT run_sections_run_no_fkey;

CREATE FUNCTION erase_results() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM entities WHERE run_no = OLD.run_no;
    DELETE FROM entity_codes WHERE run_no = OLD.run_no;
    DELETE FROM entity_attributes WHERE run_no = OLD.run_no;
    DELETE FROM run_sections WHERE run_no = OLD.run_no;
    RETURN OLD;
END;
$$;
CREATE FUNCTION erase_all_results() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE entities, entity_codes, entity_attributes, run_sections;
    RETURN NULL;
END;
$$;
CREATE TRIGGER erase_results AFTER DELETE ON runs FOR EACH ROW EXECUTE FUNCTION erase_results();
CREATE TRIGGER erase_all_results AFTER TRUNCATE ON runs FOR EACH STATEMENT EXECUTE FUNCTION erase_all_results();
"""

# A search for parts of words looks through each distinct term once, not through every mention of it.
TERMS = """
CREATE TABLE terms (
    entity_type TEXT NOT NULL,
    norm_text TEXT NOT NULL,
    CONSTRAINT terms_pkey PRIMARY KEY (entity_type, norm_text)
);
COMMENT ON TABLE terms IS 'Each normal form that any run has found, once: where a search for parts of words begins.';
INSERT INTO terms SELECT DISTINCT entity_type, norm_text FROM entities;
DROP INDEX entities_norm_text_trgm_idx;
CREATE INDEX terms_norm_text_trgm_idx ON terms USING gin (norm_text gin_trgm_ops);
"""


def upgrade() -> None:
    """Make the columns, views and terms."""
    for statements in (CARRIED, VIEWS, REFERENCES, TERMS):
        op.execute(statements)
