"""The guide says what the program does."""

from pathlib import Path

import pytest

from hctap_cli.outputs.columns import LAYOUTS, Layout
from hctap_core.sources.tables import TEXT_COLUMNS

GUIDE = (Path(__file__).parents[2] / "docs" / "your-notes.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_it_names_every_table_and_explains_its_columns(layout: Layout) -> None:
    assert f"`{layout.name}.csv`" in GUIDE
    (row,) = (line for line in GUIDE.splitlines() if line.startswith(f"| {layout.name} |"))
    assert [name.strip("` ") for name in row.split("|")[2].split(",")] == [column.name for column in layout.columns]


def test_it_names_text_columns_that_are_looked_for() -> None:
    assert {"text", "note_text", "transcription", "report"} <= set(TEXT_COLUMNS)
    assert "`text`, `note_text`, `transcription`, `report` …" in GUIDE
