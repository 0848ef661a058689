"""What a run found, counted: over its notes, a duplicate counting as the note it is."""

from collections.abc import Iterator
from typing import Any, Final

from psycopg.rows import dict_row

from hctap_stores.database.connection import Database

# Terms of a group are listed down to this rank.
TOP: Final = 50

_AFFIRMED: Final = "NOT (e.negated OR e.uncertain OR e.hypothetical OR e.family)"
# Month by UTC, as all times are kept.
_WORKED: Final = """
worked AS (
    SELECT DISTINCT ON (l.note_id) l.note_id, l.content_sha256, n.specialty, l.characters,
        to_char(n.authored_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, coalesce(first.note_no, l.note_no) AS results_no
    FROM run_notes l JOIN notes n ON n.note_no = l.note_no
    LEFT JOIN run_notes first ON (first.run_no, first.object_key) = (l.run_no, l.duplicate_of)
    WHERE l.run_no = %(run_no)s AND l.state IN ('done', 'duplicate', 'unchanged')
    ORDER BY l.note_id, l.duplicate_of NULLS FIRST, l.object_key
)
"""
_TOP_TERMS: Final = f"""
WITH {_WORKED}, forms AS MATERIALIZED (
    SELECT term_no, entity_type, norm_text, min(term_no) OVER (PARTITION BY entity_type, norm_text) AS form_no
    FROM terms WHERE entity_type IN ('PROBLEM', 'MEDICATION')
), told AS (
    SELECT e.note_no, f.form_no, count(*) AS mentions
    FROM run_notes l JOIN entities e ON e.run_no = coalesce(l.results_of, l.run_no) AND e.note_no = l.note_no
    JOIN forms f USING (term_no)
    WHERE l.run_no = %(run_no)s AND l.state IN ('done', 'unchanged') AND {_AFFIRMED}
    GROUP BY 1, 2
), grouped AS (
    SELECT CASE grouping(specialty, month) WHEN 0 THEN 'specialty_month' WHEN 1 THEN 'specialty' WHEN 2 THEN 'month'
            ELSE 'all' END AS grouping,
        specialty, month, form_no, count(*) AS notes, sum(mentions)::bigint AS mentions
    FROM worked JOIN told ON note_no = results_no
    GROUP BY GROUPING SETS ((form_no), (specialty, form_no), (month, form_no), (specialty, month, form_no))
), counted AS (
    SELECT grouping, specialty, month, entity_type, norm_text, notes, mentions
    FROM grouped JOIN forms ON term_no = grouped.form_no
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY grouping, specialty, month, entity_type
        ORDER BY notes DESC, mentions DESC, norm_text COLLATE "C") AS rank
    FROM counted
)
SELECT * FROM ranked WHERE rank <= %(top)s
ORDER BY grouping, specialty COLLATE "C" NULLS FIRST, month COLLATE "C" NULLS FIRST, entity_type, rank
"""  # noqa: S608 - constants
_VOLUMES: Final = f"""
WITH {_WORKED}, found AS (
    SELECT note_no, sum(entities) AS entities, sum(entities) FILTER (WHERE entity_type = 'PROBLEM') AS problems,
        sum(entities) FILTER (WHERE entity_type = 'MEDICATION') AS medications,
        sum(entities) FILTER (WHERE entity_type = 'TEST') AS tests,
        sum(entities) FILTER (WHERE entity_type = 'PROCEDURE') AS procedures,
        sum(entities) FILTER (WHERE entity_type = 'ANATOMY') AS anatomy
    FROM found_counts WHERE run_no = %(run_no)s GROUP BY note_no
)
SELECT specialty, month, count(*) AS notes, sum(characters)::bigint AS characters,
    coalesce(sum(entities), 0)::bigint AS entities, coalesce(sum(problems), 0)::bigint AS problems,
    coalesce(sum(medications), 0)::bigint AS medications, coalesce(sum(tests), 0)::bigint AS tests,
    coalesce(sum(procedures), 0)::bigint AS procedures, coalesce(sum(anatomy), 0)::bigint AS anatomy
FROM worked LEFT JOIN found ON note_no = results_no
GROUP BY specialty, month ORDER BY specialty COLLATE "C", month COLLATE "C" NULLS FIRST
"""  # noqa: S608 - constants
_ASSERTIONS: Final = f"""
WITH {_WORKED}
SELECT c.entity_type, sum(c.entities)::bigint AS entities, sum(c.affirmed)::bigint AS affirmed,
    sum(c.negated)::bigint AS negated, sum(c.uncertain)::bigint AS uncertain, sum(c.historical)::bigint AS historical,
    sum(c.hypothetical)::bigint AS hypothetical, sum(c.family)::bigint AS family
FROM worked w JOIN found_counts c ON c.run_no = %(run_no)s AND c.note_no = w.results_no
GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - constants
_COVERAGE: Final = f"""
WITH {_WORKED}, found AS (
    SELECT note_no, sum(entities) AS entities, sum(coded) AS coded,
        sum(entities) FILTER (WHERE entity_type = 'MEDICATION') AS medications,
        sum(measured) FILTER (WHERE entity_type = 'MEDICATION') AS medications_with_amount,
        sum(entities) FILTER (WHERE entity_type = 'TEST') AS tests,
        sum(measured) FILTER (WHERE entity_type = 'TEST') AS tests_with_value
    FROM found_counts WHERE run_no = %(run_no)s GROUP BY note_no
), headed AS (
    SELECT note_no FROM found_sections WHERE run_no = %(run_no)s GROUP BY note_no
)
SELECT count(*) AS notes, count(DISTINCT content_sha256) AS texts, coalesce(sum(characters), 0)::bigint AS characters,
    (SELECT count(*) FROM run_notes WHERE run_no = %(run_no)s AND state = 'quarantined') AS quarantined,
    count(*) FILTER (WHERE entities IS NULL) AS notes_without_entities,
    count(*) FILTER (WHERE headed.note_no IS NULL) AS notes_without_sections,
    coalesce(sum(entities), 0)::bigint AS entities, coalesce(sum(coded), 0)::bigint AS entities_with_code,
    coalesce(sum(medications), 0)::bigint AS medications,
    coalesce(sum(medications_with_amount), 0)::bigint AS medications_with_amount,
    coalesce(sum(tests), 0)::bigint AS tests, coalesce(sum(tests_with_value), 0)::bigint AS tests_with_value
FROM worked LEFT JOIN found ON found.note_no = results_no LEFT JOIN headed ON headed.note_no = results_no
"""  # noqa: S608 - constants
_QUERIES: Final = {
    "top_terms": _TOP_TERMS,
    "volumes": _VOLUMES,
    "assertion_rates": _ASSERTIONS,
    "coverage": _COVERAGE,
}
_FACTS: Final = """
SELECT DISTINCT ON (l.note_id) l.note_id, n.specialty, n.note_type, n.authored_at, n.patient_id, n.encounter_id,
    n.source, n.language, n.data_class, n.batch_id, l.object_key, l.etag, l.content_sha256, n.checksum,
    coalesce(first.note_id, l.note_id) AS results_of, l.characters
FROM run_notes l JOIN notes n ON n.note_no = l.note_no
LEFT JOIN run_notes first ON (first.run_no, first.object_key) = (l.run_no, l.duplicate_of)
WHERE l.run_no = %(run_no)s AND l.state IN ('done', 'duplicate', 'unchanged')
ORDER BY l.note_id, l.duplicate_of NULLS FIRST, l.object_key
"""


def read_aggregate(database: Database, run_no: int, name: str) -> Iterator[dict[str, Any]]:
    """The rows of an aggregate: `top_terms`, `volumes`, `assertion_rates` or `coverage`."""
    with database.transaction() as connection, connection.cursor("aggregate", row_factory=dict_row) as cursor:
        # With the default, the groups of a large run go to disk.
        connection.execute("SET LOCAL work_mem = '64MB'")
        yield from cursor.execute(_QUERIES[name], {"run_no": run_no, "top": TOP})


def read_note_facts(database: Database, run_no: int) -> Iterator[dict[str, Any]]:
    """What is known of each note that a run worked on, without its text; `results_of` names whose results are its."""
    with database.transaction() as connection, connection.cursor("facts", row_factory=dict_row) as cursor:
        cursor.itersize = 5000
        yield from cursor.execute(_FACTS, {"run_no": run_no})
