"""The statistics of a run: counted once when it is finished, since nothing that it found changes any more."""

from typing import Final

from hctap_stores.database.connection import Connection

# Pairs are counted among so many of the commonest problems and medications.
_PAIRED: Final = 40
_MOST_SPECIALTIES: Final = 200
_AFFIRMED: Final = "NOT (e.negated OR e.uncertain OR e.historical OR e.hypothetical OR e.family)"
_WORKED: Final = """
CREATE TEMP TABLE worked ON COMMIT DROP AS
SELECT DISTINCT ON (l.note_id) l.note_no, n.specialty, l.characters, coalesce(first.note_no, l.note_no) AS results_no
FROM run_notes l JOIN notes n ON n.note_no = l.note_no
LEFT JOIN run_notes first ON (first.run_no, first.object_key) = (l.run_no, l.duplicate_of)
WHERE l.run_no = %(run_no)s AND l.state IN ('done', 'duplicate', 'unchanged')
ORDER BY l.note_id, l.duplicate_of NULLS FIRST, l.object_key
"""
# Whose results are whose, with statistics of its own: by coalesce() the planner expects a hundredth of the rows.
_ANSWERED: Final = """
CREATE TEMP TABLE answered ON COMMIT DROP AS
SELECT coalesce(results_of, run_no) AS run_no, note_no FROM run_notes
WHERE run_no = %(run_no)s AND state IN ('done', 'unchanged')
"""
# How often each term stands in each section, affirmed or not: few rows, of which codes and sections are counted.
_SPREAD: Final = f"""
CREATE TEMP TABLE spread ON COMMIT DROP AS
SELECT e.term_no, e.section, {_AFFIRMED} AS affirmed, count(*) AS times
FROM answered JOIN entities e USING (run_no, note_no) GROUP BY 1, 2, 3
"""  # noqa: S608 - constants
# Terms of one type and normal form count as one, whatever their codes, under the number of the first of them.
_FORMS: Final = """
CREATE TEMP TABLE forms ON COMMIT DROP AS
SELECT t.term_no, t.entity_type, t.norm_text, t.codes_no, s.times,
    min(t.term_no) OVER (PARTITION BY t.entity_type, t.norm_text) AS form_no
FROM (SELECT term_no, sum(times) FILTER (WHERE affirmed) AS times FROM spread GROUP BY 1) AS s
JOIN terms t USING (term_no) WHERE s.times > 0
"""
# Each text's terms are counted once, and then as often as notes have the text.
_TOLD: Final = f"""
CREATE TEMP TABLE told ON COMMIT DROP AS
SELECT e.note_no, f.form_no, count(*) AS mentions
FROM answered JOIN entities e USING (run_no, note_no) JOIN forms f USING (term_no) WHERE {_AFFIRMED} GROUP BY 1, 2
"""  # noqa: S608 - constants
_CODED: Final = """
CREATE TEMP TABLE coded ON COMMIT DROP AS
SELECT DISTINCT ON (form_no) form_no, system, code, display FROM (
    SELECT form_no, system, code, max(display) AS display, sum(times) AS times
    FROM forms JOIN listed_codes USING (codes_no) WHERE rank = 0 GROUP BY 1, 2, 3
) AS counted ORDER BY form_no, times DESC, system, code
"""
_COUNTED: Final = """
CREATE TEMP TABLE counted ON COMMIT DROP AS
SELECT c.specialty, f.entity_type, f.norm_text, c.form_no, c.notes, c.mentions FROM (
    SELECT coalesce(w.specialty, '') AS specialty, t.form_no, count(*) AS notes, sum(t.mentions)::bigint AS mentions
    FROM told t JOIN worked w ON w.results_no = t.note_no
    GROUP BY GROUPING SETS ((t.form_no), (w.specialty, t.form_no))
) AS c JOIN forms f ON f.term_no = c.form_no
"""
_WRITE_TERMS: Final = """
INSERT INTO run_statistics (run_no, name, specialty, value)
SELECT %(run_no)s, 'terms', specialty, jsonb_object_agg(entity_type, terms) FROM (
    SELECT specialty, entity_type, jsonb_agg(jsonb_build_object('norm_text', norm_text, 'notes', notes,
        'mentions', mentions, 'system', system, 'code', code, 'display', display) ORDER BY rank) AS terms
    FROM (
        SELECT *, row_number() OVER (PARTITION BY specialty, entity_type
            ORDER BY notes DESC, mentions DESC, norm_text COLLATE "C") AS rank
        FROM counted
    ) AS ranked LEFT JOIN coded USING (form_no)
    WHERE rank <= %(most)s GROUP BY 1, 2
) AS typed GROUP BY specialty
"""
_WRITE_PAIRS: Final = """
WITH chosen AS (
    SELECT entity_type, norm_text, form_no, notes FROM (
        SELECT *, row_number() OVER (PARTITION BY entity_type
            ORDER BY notes DESC, mentions DESC, norm_text COLLATE "C") AS rank
        FROM counted WHERE specialty = '' AND entity_type IN ('PROBLEM', 'MEDICATION')
    ) AS ranked WHERE rank <= %(paired)s
), placed AS (
    SELECT w.note_no, c.entity_type, c.norm_text, c.notes
    FROM told t JOIN chosen c USING (form_no) JOIN worked w ON w.results_no = t.note_no
), pairs AS (
    SELECT p.norm_text AS problem, m.norm_text AS medication, count(*) AS notes,
        round(count(*)::numeric * (SELECT count(*) FROM worked) / (min(p.notes) * min(m.notes)), 4) AS lift
    FROM placed p JOIN placed m USING (note_no)
    WHERE p.entity_type = 'PROBLEM' AND m.entity_type = 'MEDICATION' GROUP BY 1, 2
)
INSERT INTO run_statistics (run_no, name, specialty, value)
SELECT %(run_no)s, 'pairs', '', jsonb_build_object('notes', (SELECT count(*) FROM worked),
    'problems', (SELECT coalesce(jsonb_object_agg(norm_text, notes), '{}') FROM chosen WHERE entity_type = 'PROBLEM'),
    'medications', (
        SELECT coalesce(jsonb_object_agg(norm_text, notes), '{}') FROM chosen WHERE entity_type = 'MEDICATION'),
    'pairs', (SELECT coalesce(jsonb_agg(jsonb_build_object('problem', problem, 'medication', medication,
        'notes', notes, 'lift', lift) ORDER BY notes DESC, problem COLLATE "C", medication COLLATE "C"), '[]')
        FROM pairs))
"""
_WRITE_SUMMARY: Final = """
WITH found AS (SELECT * FROM found_counts WHERE run_no = %(run_no)s), typed AS (
    SELECT f.entity_type, sum(entities) AS entities, sum(affirmed) AS affirmed, sum(negated) AS negated,
        sum(uncertain) AS uncertain, sum(historical) AS historical, sum(hypothetical) AS hypothetical,
        sum(family) AS family
    FROM found f JOIN worked w ON w.results_no = f.note_no GROUP BY 1
), of_specialty AS (
    SELECT w.specialty, f.entity_type, sum(f.entities) AS entities
    FROM found f JOIN worked w ON w.results_no = f.note_no GROUP BY 1, 2
), specialties AS (
    SELECT specialty, count(*) AS notes, sum(characters) AS characters FROM worked GROUP BY 1
    ORDER BY 2 DESC, 1 LIMIT %(specialties)s
), sectioned AS (
    SELECT section, sum(times)::bigint AS entities FROM spread GROUP BY 1
)
INSERT INTO run_statistics (run_no, name, specialty, value)
SELECT %(run_no)s, 'summary', '', jsonb_build_object('notes', (SELECT count(*) FROM worked),
    'types', (SELECT coalesce(jsonb_object_agg(entity_type, to_jsonb(typed) - 'entity_type'), '{}') FROM typed),
    'specialties', (SELECT coalesce(jsonb_agg(jsonb_build_object('specialty', specialty, 'notes', notes,
        'characters', characters, 'entities', (
            SELECT coalesce(jsonb_object_agg(entity_type, entities), '{}') FROM of_specialty o
            WHERE o.specialty = s.specialty)) ORDER BY notes DESC, specialty), '[]') FROM specialties s),
    'sections', (SELECT coalesce(jsonb_object_agg(section, entities), '{}') FROM sectioned))
"""
# Of tables made in the transaction nothing else knows how large they are.
_ANALYZED: Final = {
    _WORKED: "worked",
    _ANSWERED: "answered",
    _FORMS: "forms",
    _TOLD: "told",
    _COUNTED: "counted",
}
_STATEMENTS: Final = (
    *(_WORKED, _ANSWERED, _SPREAD, _FORMS, _TOLD, _CODED, _COUNTED),
    *(_WRITE_TERMS, _WRITE_PAIRS, _WRITE_SUMMARY),
)
_REPEAT: Final = """
INSERT INTO run_statistics (run_no, name, specialty, value)
SELECT %s, name, specialty, value FROM run_statistics WHERE run_no = %s
"""


def write_statistics(connection: Connection, run_no: int, *, repeated: int | None = None) -> None:
    """Count what a run found, in the transaction at hand; what was counted before is replaced.

    What was counted for a run that this one repeats note by note is its own.
    """
    connection.execute("DELETE FROM run_statistics WHERE run_no = %s", (run_no,))
    if repeated is not None and connection.execute(_REPEAT, (run_no, repeated)).rowcount:
        return
    # Its models are of answers, which a run that repeats another makes none of.
    from hctap_core.statistics import MOST_TERMS

    values = {"run_no": run_no, "most": MOST_TERMS, "paired": _PAIRED, "specialties": _MOST_SPECIALTIES}
    # With the default, the groups of a large run go to disk.
    connection.execute("SET LOCAL work_mem = '64MB'")
    for statement in _STATEMENTS:
        connection.execute(statement, values)
        if table := _ANALYZED.get(statement):
            connection.execute(f"ANALYZE {table}")
    for table in ("worked", "answered", "spread", "forms", "told", "coded", "counted"):
        connection.execute(f"DROP TABLE {table}")
