"""Entities name their term by its number, and codes stand once for each list and no more for each entity."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# A list whose number is below zero may quote its note. Of what was found before there were numbers nobody knows, so
# such lists count as quoting theirs.
LISTS = """
CREATE FUNCTION pg_temp.number_of(said text) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || left(encode(sha256(convert_to(said, 'UTF8')), 'hex'), 16))::bit(64)::bigint $$;
DROP VIEW found_codes;
DROP VIEW found_entities;
UPDATE code_lists SET codes_no = codes_no & 9223372036854775807 WHERE codes_no < 0;
CREATE TEMP TABLE listed_before ON COMMIT DROP AS
SELECT run_no, note_no, ordinal, codes, ~ (pg_temp.number_of(codes::text) & 9223372036854775807) AS codes_no FROM (
    SELECT c.run_no, c.note_no, c.ordinal, jsonb_agg(jsonb_build_object('system', c.system, 'code', c.code,
        'display', c.display, 'score', c.score, 'release', c.release, 'reason', c.reason) ORDER BY c.rank) AS codes
    FROM entity_codes c JOIN entities e USING (run_no, note_no, ordinal) WHERE e.codes_no IS NULL GROUP BY 1, 2, 3
) AS gathered;
INSERT INTO code_lists (codes_no, codes) SELECT DISTINCT ON (codes_no) codes_no, codes FROM listed_before
ON CONFLICT DO NOTHING;
INSERT INTO code_lists (codes_no, codes) VALUES ({empty}, '[]') ON CONFLICT DO NOTHING;
COMMENT ON TABLE code_lists IS
'Each list of codes once, by a hash of it; a number below zero is that of a list that may quote its note.';
CREATE TABLE listed_codes (
    codes_no BIGINT NOT NULL,
    rank INTEGER NOT NULL,
    system TEXT NOT NULL,
    code TEXT NOT NULL,
    display TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    release TEXT NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT listed_codes_pkey PRIMARY KEY (codes_no, rank)
);
CREATE INDEX listed_codes_code_idx ON listed_codes (system, code text_pattern_ops, codes_no);
COMMENT ON TABLE listed_codes IS 'The codes of each list, the best first.';
INSERT INTO listed_codes
SELECT codes_no, rank - 1, system, code, display, score, release, coalesce(reason, '')
FROM code_lists CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(codes) AS (
    system text, code text, display text, score double precision, release text, reason text)
) WITH ORDINALITY AS k (system, code, display, score, release, reason, rank);
"""

# Written anew and not updated: a table of dead rows would be twice as large from then on.
ENTITIES = """
CREATE TEMP TABLE entities_numbered ON COMMIT DROP AS
SELECT e.run_no, e.note_no, e.ordinal, e.entity_type, e.text, e.norm_text, e.begin_offset, e.end_offset, e.score,
    e.section, e.negated, e.uncertain, e.historical, e.hypothetical, e.family, e.provenance_no, e.cues::json,
    n.codes_no, pg_temp.number_of(concat(e.entity_type, E'\\n', e.norm_text, E'\\n', n.codes_no))
FROM entities e LEFT JOIN listed_before b USING (run_no, note_no, ordinal) CROSS JOIN LATERAL (
    SELECT coalesce(e.codes_no & 9223372036854775807, b.codes_no, {empty}) AS codes_no
) AS n;
DROP TABLE entities, entity_codes, listed_before;
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
    provenance_no BIGINT NOT NULL,
    cues JSON,
    codes_no BIGINT NOT NULL,
    term_no BIGINT NOT NULL
);
COMMENT ON TABLE entities IS 'What was found, in text order within its note.';
INSERT INTO entities SELECT * FROM entities_numbered ORDER BY run_no, note_no, ordinal;
DROP TABLE entities_numbered;
ALTER TABLE entities ADD CONSTRAINT entities_pkey PRIMARY KEY (run_no, note_no, ordinal);
CREATE INDEX entities_term_no_idx ON entities (run_no, term_no, note_no, ordinal);
DROP TABLE terms;
CREATE TABLE terms (
    term_no BIGINT NOT NULL,
    entity_type TEXT NOT NULL,
    norm_text TEXT NOT NULL,
    codes_no BIGINT NOT NULL,
    CONSTRAINT terms_pkey PRIMARY KEY (term_no)
);
COMMENT ON TABLE terms IS
'Each type, normal form and list of codes that entities have in common, once, by a hash of them.';
INSERT INTO terms SELECT DISTINCT term_no, entity_type, norm_text, codes_no FROM entities;
CREATE INDEX terms_codes_no_idx ON terms (codes_no);
CREATE INDEX terms_norm_text_trgm_idx ON terms USING gin (norm_text gin_trgm_ops);
CREATE INDEX terms_norm_text_words_idx ON terms USING gin (to_tsvector('english'::regconfig, norm_text));
"""

VIEWS = """
CREATE VIEW entity_codes AS
SELECT e.run_no, e.note_no, e.ordinal, k.rank, k.system, k.code, k.display, k.score, k.release, k.reason
FROM entities e JOIN listed_codes k USING (codes_no);
CREATE VIEW found_entities AS
SELECT l.run_no, r.note_no, r.ordinal, r.entity_type, r.text, r.norm_text, r.begin_offset, r.end_offset,
    r.score, r.section, r.negated, r.uncertain, r.historical, r.hypothetical, r.family,
    p.provenance || jsonb_build_object('cues', coalesce(r.cues::jsonb, '[]')) AS provenance
FROM run_notes l JOIN entities r ON r.run_no = coalesce(l.results_of, l.run_no) AND r.note_no = l.note_no
LEFT JOIN provenances p ON p.provenance_no = r.provenance_no
WHERE l.state IN ('done', 'unchanged');
CREATE VIEW found_codes AS
SELECT l.run_no, r.note_no, r.ordinal, k.rank, k.system, k.code, k.display, k.score, k.release, k.reason
FROM run_notes l JOIN entities r ON r.run_no = coalesce(l.results_of, l.run_no) AND r.note_no = l.note_no
JOIN listed_codes k ON k.codes_no = r.codes_no
WHERE l.state IN ('done', 'unchanged');
"""

REST = """
CREATE OR REPLACE FUNCTION erase_results() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM run_notes WHERE run_no = OLD.run_no;
    DELETE FROM entities WHERE run_no = OLD.run_no;
    DELETE FROM entity_attributes WHERE run_no = OLD.run_no;
    DELETE FROM entity_counts WHERE run_no = OLD.run_no;
    DELETE FROM run_sections WHERE run_no = OLD.run_no;
    RETURN OLD;
END;
$$;
CREATE OR REPLACE FUNCTION erase_all_results() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE run_notes, entities, entity_attributes, entity_counts, run_sections;
    RETURN NULL;
END;
$$;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hctap_bi') THEN
        GRANT SELECT ON entities, entity_codes, listed_codes, terms TO hctap_bi;
    END IF;
END
$$
"""
# The number of the list without codes.
EMPTY = 8180073448483349959


def upgrade() -> None:
    """Number all terms and lists, and put the table of codes for each entity into a view of the same name."""
    for statements in (LISTS, ENTITIES, VIEWS, REST):
        op.execute(statements.replace("{empty}", str(EMPTY)))
