"""What silver's files take to be made."""

import io
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pyarrow.parquet as pq

from hctap_etl.products.layout import SILVER_NOTES
from hctap_etl.products.silver import note_objects

_MAKE = """
import sys
from hctap_etl.products.silver import entity_objects, note_objects
from hctap_etl.rendering import ShardWriter
from hctap_etl.outlines import OutlineFile
from hctap_core.runs import Part
from hctap_nlp.extraction import Extraction, Mention
from hctap_stores.database.rows import LedgerNote

writer = ShardWriter("R", 1, is_outlined=True)
fever = Mention("PROBLEM", 0, 5, "fever", 1.0, "rule", "x")
writer.add(LedgerNote("k", 1, "n", "Fever"), Extraction("Fever", (fever,), (), "rules", "1"))
with OutlineFile() as outlines:
    outlines.keep("k", writer.outlines)
    made = entity_objects(None, [Part(key="k", sha256="0" * 64, rows=1, bytes=1)], outlines)
    print([(kind, rows) for kind, _, rows in made])
print([rows for _, rows in note_objects([{"note_id": "n", "characters": 5}])], "pandas" in sys.modules)
print(sys.modules["pyarrow"].default_memory_pool().backend_name)
"""


def test_silver_is_made_without_pandas_and_in_the_memory_of_the_system() -> None:
    made = subprocess.run([sys.executable, "-c", _MAKE], capture_output=True, text=True, check=True)
    assert made.stdout == "[('PROBLEM', 1)]\n[1] False\nsystem\n"


def test_facts_of_notes_are_read_back() -> None:
    west = timezone(timedelta(hours=-2))
    rows: list[dict[str, Any]] = [
        dict.fromkeys(name for name, _ in SILVER_NOTES.columns) | fact
        for fact in (
            {"note_id": 'a "b"\n\\é😀', "authored_at": datetime(2025, 4, 30, 23, 30, 0, 123456, west), "characters": 7},
            {"note_id": "null", "authored_at": datetime(987, 1, 2, tzinfo=UTC), "source": ""},
        )
    ]
    ((data, count),) = note_objects(rows)
    rows[0]["authored_at"] = datetime(2025, 5, 1, 1, 30, 0, 123000, UTC)
    assert count == len(rows)
    read = pq.read_table(io.BytesIO(data)).to_pylist()
    assert json.dumps(read, default=str) == json.dumps(rows, default=str)
