"""What notes measured beside their entities, summed up for a run: identifiers by kind, requests and their cost."""

from typing import Any, Final

from hctap_stores.database.connection import Connection

# The notes of a run that were read, whether here or in the run that they are carried over from.
_PHI: Final = """
SELECT key, sum(value::bigint)::bigint FROM run_notes, jsonb_each_text(measures->'phi') WHERE run_no = %s
GROUP BY 1 ORDER BY 1
"""
_PHI_NOTES: Final = "SELECT count(*) FROM run_notes WHERE run_no = %s AND measures->'phi' <> '{}'::jsonb"
_USAGE: Final = """
SELECT key, sum(value::double precision) FROM run_notes, jsonb_each_text(measures->'usage')
WHERE run_no = %s AND results_of IS NULL GROUP BY 1 ORDER BY 1
"""


def sum_measures(connection: Connection, run_no: int) -> dict[str, Any]:
    """The sums of a run, as `RunCounts` has them; what was carried over cost nothing this time."""
    phi: dict[str, int] = dict(connection.execute(_PHI, (run_no,)).fetchall())
    found = connection.execute(_PHI_NOTES, (run_no,)).fetchone()
    usage: dict[str, float] = dict(connection.execute(_USAGE, (run_no,)).fetchall())
    return {"phi": phi, "phi_notes": found[0] if found else 0, "usage": usage}
