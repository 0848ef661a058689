"""Notes in packs; counts of entities by note and type; the records of provenance once each."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PACKS = """
CREATE TABLE lake_packs (
    pack_no INTEGER GENERATED ALWAYS AS IDENTITY,
    object_key TEXT COLLATE "C" NOT NULL,
    etag TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    records INTEGER NOT NULL,
    CONSTRAINT lake_packs_pkey PRIMARY KEY (pack_no)
);
CREATE UNIQUE INDEX lake_packs_object_key_key ON lake_packs (object_key, etag);
COMMENT ON TABLE lake_packs IS
'Each version of a pack of notes that was read; a row stays, since ledgers name it.';
ALTER TABLE lake_objects ADD COLUMN pack_no INTEGER
    CONSTRAINT lake_objects_pack_no_fkey REFERENCES lake_packs (pack_no);
ALTER TABLE lake_objects ADD COLUMN pack_offset BIGINT;
ALTER TABLE lake_objects ADD COLUMN own_key TEXT COLLATE "C";
CREATE INDEX lake_objects_pack_no_idx ON lake_objects (pack_no) WHERE pack_no IS NOT NULL;
ALTER TABLE run_notes ADD COLUMN pack_no INTEGER;
ALTER TABLE run_notes ADD COLUMN pack_offset BIGINT;
"""

# A record of provenance is the same for thousands of entities, and as JSON it costs as much as the rest of a row.
PROVENANCES = """
CREATE TABLE provenances (
    provenance_no BIGINT NOT NULL,
    provenance JSONB NOT NULL,
    CONSTRAINT provenances_pkey PRIMARY KEY (provenance_no)
);
COMMENT ON TABLE provenances IS 'Each record of where entities come from once, without their cues, by a hash of it.';
INSERT INTO provenances
SELECT row_number() OVER (), provenance FROM (SELECT DISTINCT provenance - 'cues' AS provenance FROM entities) AS known;
ALTER TABLE entities ADD COLUMN provenance_no BIGINT;
ALTER TABLE entities ADD COLUMN cues JSONB;
UPDATE entities e SET provenance_no = p.provenance_no, cues = nullif(e.provenance->'cues', '[]')
FROM provenances p WHERE p.provenance = e.provenance - 'cues';
ALTER TABLE entities ALTER COLUMN provenance_no SET NOT NULL;
DROP VIEW found_entities;
ALTER TABLE entities DROP COLUMN provenance;
CREATE VIEW found_entities AS
SELECT l.run_no, r.note_no, r.ordinal, r.entity_type, r.text, r.norm_text, r.begin_offset, r.end_offset,
    r.score, r.section, r.negated, r.uncertain, r.historical, r.hypothetical, r.family,
    p.provenance || jsonb_build_object('cues', coalesce(r.cues, '[]')) AS provenance
FROM run_notes l JOIN entities r ON r.run_no = coalesce(l.results_of, l.run_no) AND r.note_no = l.note_no
LEFT JOIN provenances p ON p.provenance_no = r.provenance_no
WHERE l.state IN ('done', 'unchanged');
"""

COUNTS = """
CREATE TABLE entity_counts (
    run_no INTEGER NOT NULL,
    note_no BIGINT NOT NULL,
    entity_type TEXT NOT NULL,
    entities INTEGER NOT NULL,
    affirmed INTEGER NOT NULL,
    negated INTEGER NOT NULL,
    uncertain INTEGER NOT NULL,
    historical INTEGER NOT NULL,
    hypothetical INTEGER NOT NULL,
    family INTEGER NOT NULL,
    coded INTEGER NOT NULL,
    measured INTEGER NOT NULL,
    CONSTRAINT entity_counts_pkey PRIMARY KEY (run_no, note_no, entity_type)
);
COMMENT ON TABLE entity_counts IS 'How many entities of each type a note has: all, by assertion, coded, measured.';
INSERT INTO entity_counts
SELECT run_no, note_no, entity_type, count(*),
    count(*) FILTER (WHERE NOT (negated OR uncertain OR historical OR hypothetical OR family)),
    count(*) FILTER (WHERE negated), count(*) FILTER (WHERE uncertain), count(*) FILTER (WHERE historical),
    count(*) FILTER (WHERE hypothetical), count(*) FILTER (WHERE family), count(is_coded), count(is_measured)
FROM entities
LEFT JOIN (SELECT DISTINCT run_no, note_no, ordinal, true AS is_coded FROM entity_codes) AS c
    USING (run_no, note_no, ordinal)
LEFT JOIN (
    SELECT DISTINCT run_no, note_no, ordinal, true AS is_measured FROM entity_attributes
    WHERE type IN ('STRENGTH', 'DOSE', 'VALUE')) AS a USING (run_no, note_no, ordinal)
GROUP BY run_no, note_no, entity_type;
CREATE VIEW found_counts AS
SELECT l.run_no, r.note_no, r.entity_type, r.entities, r.affirmed, r.negated, r.uncertain, r.historical,
    r.hypothetical, r.family, r.coded, r.measured
FROM run_notes l JOIN entity_counts r ON r.run_no = coalesce(l.results_of, l.run_no) AND r.note_no = l.note_no
WHERE l.state IN ('done', 'unchanged');

CREATE OR REPLACE FUNCTION erase_results() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM entities WHERE run_no = OLD.run_no;
    DELETE FROM entity_codes WHERE run_no = OLD.run_no;
    DELETE FROM entity_attributes WHERE run_no = OLD.run_no;
    DELETE FROM entity_counts WHERE run_no = OLD.run_no;
    DELETE FROM run_sections WHERE run_no = OLD.run_no;
    RETURN OLD;
END;
$$;
CREATE OR REPLACE FUNCTION erase_all_results() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE entities, entity_codes, entity_attributes, entity_counts, run_sections;
    RETURN NULL;
END;
$$;
"""

# Most notes are shorter than what compression would save a page of, and packing and unpacking costs on every way.
STORAGE = "ALTER TABLE note_texts ALTER COLUMN text SET STORAGE EXTERNAL"


def upgrade() -> None:
    """Make packs, provenances and counts, and fill them from what is there."""
    for statements in (PACKS, PROVENANCES, COUNTS, STORAGE):
        op.execute(statements)
