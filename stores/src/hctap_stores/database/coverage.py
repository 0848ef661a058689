"""The coverage of a run, measured where its results lie."""

from typing import Any, Final

from psycopg.types.json import Jsonb

from hctap_core.coverage import Coverage, compare
from hctap_core.entities import Assertion
from hctap_stores.database.connection import Connection

_FLAGS: Final = tuple(Assertion.model_fields)
_SHARES: Final = ", ".join(f"sum({flag})::float8 / sum(entities) AS {flag}" for flag in _FLAGS)
_TEXTS: Final = """
SELECT count(*), avg((entity_count = 0)::int)::float8 FROM run_notes
WHERE run_no = %s AND state IN ('done', 'unchanged')
"""
_HEADINGS: Final = "SELECT avg((type = 'unknown')::int)::float8 FROM found_sections WHERE run_no = %s"
_ENTITIES: Final = f"""
SELECT {_SHARES}, (sum(entities - coded) FILTER (WHERE entity_type = 'PROBLEM'))::float8
    / sum(entities) FILTER (WHERE entity_type = 'PROBLEM') AS uncoded_problems
FROM found_counts WHERE run_no = %s
"""  # noqa: S608 - constants
_TYPES: Final = """
SELECT entity_type, sum(entities)::bigint FROM found_counts WHERE run_no = %s GROUP BY 1 ORDER BY 1
"""
_BEFORE: Final = """
SELECT b.run_id, b.counts->'coverage' FROM runs b JOIN runs r ON r.run_no = %s
WHERE b.run_no <> r.run_no AND b.status IN ('succeeded', 'partial')
    AND b.selection IS NOT DISTINCT FROM r.selection
    AND b.pipeline->>'extractor' = r.pipeline->>'extractor' AND b.counts->'coverage' <> 'null'::jsonb
    AND b.finished_at < coalesce(r.finished_at, now())
ORDER BY b.finished_at DESC, b.run_no DESC LIMIT 1
"""


def measure_coverage(connection: Connection, run_no: int) -> Coverage:
    """What the run covered, by distinct texts and all that was found in them."""
    texts, no_entities = _one(connection, _TEXTS, (run_no,))
    (unknown,) = _one(connection, _HEADINGS, (run_no,))
    *shares, uncoded = _one(connection, _ENTITIES, (run_no,))
    rates = {"no_entities": no_entities, "unknown_headings": unknown, "uncoded_problems": uncoded}
    rates |= {f"assertion.{flag}": share for flag, share in zip(_FLAGS, shares, strict=True)}
    for entity_type, count in connection.execute(_TYPES, (run_no,)):
        rates[f"per_note.{entity_type}"] = count / texts if texts else None
    return Coverage(texts=texts, rates={name: round(rate, 6) for name, rate in rates.items() if rate is not None})


def write_coverage(connection: Connection, run_no: int, threshold: float, *, repeated: int | None = None) -> None:
    """Measure a run, compare it with the finished run of the same extractor before it, and keep that in its counts.

    What was measured for a run that this one repeats note by note is its own.
    """
    coverage = _read_coverage(connection, repeated) or measure_coverage(connection, run_no)
    found = connection.execute(_BEFORE, (run_no,)).fetchone()
    if found is not None:
        coverage = compare(coverage, Coverage.model_validate(found[1]), found[0], threshold)
    connection.execute(
        "UPDATE runs SET counts = counts || jsonb_build_object('coverage', %s::jsonb) WHERE run_no = %s",
        (Jsonb(coverage.model_dump(mode="json")), run_no),
    )


def _read_coverage(connection: Connection, run_no: int | None) -> Coverage | None:
    row = connection.execute(
        "SELECT counts->'coverage'->'texts', counts->'coverage'->'rates' FROM runs WHERE run_no = %s", (run_no,)
    ).fetchone()
    return Coverage(texts=row[0], rates=row[1]) if row and row[1] else None


def _one(connection: Connection, query: str, values: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a tuple or a dict
    return connection.execute(query, values).fetchone() or ()
