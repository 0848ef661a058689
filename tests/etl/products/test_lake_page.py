"""What `docs/lake.md` says, done."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyarrow import parquet
from tests.command_line import Outcome

from hctap_etl.products.layout import GOLD, SILVER_ENTITIES, SILVER_NOTES
from hctap_stores.lake.lake import Lake

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "lake.md").read_text()
BUCKET = "s3://hc-tap-enriched-entities/"


def the_code(language: str) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
    return str(code)


def answer_in_python() -> list[tuple[Any, ...]]:
    names: dict[str, Any] = {}
    exec(compile(the_code("python"), "lake.md", "exec"), names)  # noqa: S102 - the page's own code
    return list(names["answer"].fetchall())


def answer_in_sql(lake: Lake, folder: Path) -> list[tuple[Any, ...]]:
    """The answer over a copy in files: what reads S3 itself is an extension from the network."""
    for item in lake.enriched.list():
        found = lake.enriched.read(item.key)
        assert found
        (folder / item.key).parent.mkdir(parents=True, exist_ok=True)
        (folder / item.key).write_bytes(found.data)
    code = the_code("sql")
    assert code.count(BUCKET) == 1
    with duckdb.connect() as connection:
        return list(connection.execute(code.replace(BUCKET, f"{folder}/")).fetchall())


def leave_unnamed(lake: Lake) -> None:
    """Leave some notes that nobody has, as of a run that was given up and as of the one that is published."""
    for item in list(lake.enriched.list(SILVER_NOTES.prefix)):
        found = lake.enriched.read(item.key)
        assert found
        notes = parquet.read_table(io.BytesIO(found.data))
        place = notes.column_names.index("note_id")
        others = notes.set_column(place, "note_id", [[f"no {note_id}" for note_id in notes["note_id"].to_pylist()]])
        data = io.BytesIO()
        parquet.write_table(others.slice(others.num_rows // 2), data)
        for key in (item.key.replace("/part-", "/part-9"), re.sub("/run=[^/]+/", "/run=zzz/", item.key)):
            lake.enriched.write(key, data.getvalue())
    for item in list(lake.enriched.list(SILVER_ENTITIES.prefix)):
        found = lake.enriched.read(item.key)
        assert found
        lake.enriched.write(re.sub("/run=[^/]+/", "/run=zzz/", item.key), found.data)


def test_the_queries_read_what_the_manifest_names(
    hctap: Callable[..., Outcome],
    lake: Lake,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    assert hctap("import", ROOT / "samples/dev/notes.jsonl").code == 0
    assert hctap("run", "--extractor", "rules").code == 0
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    rows = answer_in_python()
    assert len(rows) == 10
    assert [row[2] for row in rows] == sorted((row[2] for row in rows), reverse=True)
    assert rows[0][2] > 1
    assert rows[0][1] in capsys.readouterr().out
    leave_unnamed(lake)
    assert answer_in_python() == rows
    assert answer_in_sql(lake, tmp_path) == rows


def test_the_page_names_every_product() -> None:
    for table in (SILVER_NOTES, SILVER_ENTITIES, *GOLD):
        assert f"| `{table.name}` | `{table.prefix}/run=…" in PAGE
