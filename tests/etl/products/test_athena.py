import re
from dataclasses import replace
from pathlib import Path

import pytest

from hctap_core.entities import EntityType
from hctap_etl.products.athena import main, render_all, render_partitions, render_table
from hctap_etl.products.layout import SILVER_ENTITIES, SILVER_NOTES, TABLES

# As Hive's grammar has them.
_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'")
CONTRACTS = Path(__file__).parents[3] / "contracts" / "athena"


def test_the_files_are_fresh() -> None:
    assert main([str(CONTRACTS), "--check"]) == 0
    assert len(list(CONTRACTS.iterdir())) == 2 * len(TABLES)


def test_stale_and_unknown_files_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.sql").write_text("x")
    assert main([str(tmp_path), "--check"]) == 1
    said = capsys.readouterr().err
    assert "old.sql" in said
    assert "gold_coverage.sql" in said
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0


def test_partitions_are_no_columns() -> None:
    ddl = render_table(SILVER_ENTITIES)
    assert "PARTITIONED BY (`run` string, `entity_type` string)" in ddl
    assert "\n  `entity_type`" not in ddl
    assert "`codes` array<struct<`system`:string,`code`:string" in ddl


def test_each_file_has_one_statement_whose_quotes_are_closed() -> None:
    for path, text in render_all(CONTRACTS).items():
        statement = _LITERAL.sub("literal", re.sub(r"^--.*\n", "", text))
        assert "'" not in statement, path.name
        assert statement.count("`") % 2 == 0, path.name
        assert statement.count(";") == 1, path.name
        assert statement.endswith(";\n"), path.name


def test_a_run_is_shown_when_somebody_says_so() -> None:
    assert render_partitions(SILVER_NOTES).endswith(
        "ALTER TABLE `hctap`.`silver_notes` ADD IF NOT EXISTS\n  PARTITION (run = '${run_id}');\n"
    )
    for kind in EntityType:
        assert f"(run = '${{run_id}}', entity_type = '{kind.value}')" in render_partitions(SILVER_ENTITIES)
    assert not [text for text in render_all(CONTRACTS).values() if "MSCK" in text]


def test_every_partition_has_its_values() -> None:
    for table in TABLES:
        for values in re.findall(r"PARTITION \((.*)\)", render_partitions(table)):
            assert tuple(value.split(" = ")[0] for value in values.split(", ")) == table.partitions


def test_an_apostrophe_is_escaped() -> None:
    ddl = render_table(replace(SILVER_ENTITIES, comment="Hive's \\"))
    assert r"COMMENT 'Hive\'s \\'" in ddl
    assert "'" not in _LITERAL.sub("", ddl)
