"""What `docs/lake.md` says, done."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Outcome

from hctap_etl.products.layout import GOLD, SILVER_ENTITIES, SILVER_NOTES

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "lake.md").read_text()


def test_the_query_runs_on_the_local_lake(
    hctap: Callable[..., Outcome],
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert hctap("import", ROOT / "samples/dev/notes.jsonl").code == 0
    assert hctap("run", "--extractor", "rules").code == 0
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "lake.md", "exec"), names)  # noqa: S102 - the page's own code
    rows = names["answer"].fetchall()
    assert len(rows) == 10
    assert [row[2] for row in rows] == sorted((row[2] for row in rows), reverse=True)
    assert rows[0][2] > 1
    assert rows[0][1] in capsys.readouterr().out


def test_the_page_names_every_product() -> None:
    for table in (SILVER_NOTES, SILVER_ENTITIES, *GOLD):
        assert f"| `{table.name}` | `{table.prefix}/run=…" in PAGE
