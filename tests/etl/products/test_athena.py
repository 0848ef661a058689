from pathlib import Path

import pytest

from hctap_etl.products.athena import main, render_ddl
from hctap_etl.products.layout import SILVER_ENTITIES, TABLES

CONTRACTS = Path(__file__).parents[3] / "contracts" / "athena"


def test_the_files_are_fresh() -> None:
    assert main([str(CONTRACTS), "--check"]) == 0
    assert len(list(CONTRACTS.iterdir())) == len(TABLES)


def test_stale_and_unknown_files_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.sql").write_text("x")
    assert main([str(tmp_path), "--check"]) == 1
    said = capsys.readouterr().err
    assert "old.sql" in said
    assert "gold_coverage.sql" in said
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0


def test_partitions_are_no_columns() -> None:
    ddl = render_ddl(SILVER_ENTITIES)
    assert "PARTITIONED BY (`run` string, `entity_type` string)" in ddl
    assert "\n  `entity_type`" not in ddl
    assert "`codes` array<struct<`system`:string,`code`:string" in ddl
