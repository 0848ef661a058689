"""Entities to take along."""

import csv
import io
import json

import pyarrow.parquet as pq
from tests.dashboard.views.test_explore import hit

from hctap_dashboard.downloads import COLUMNS, write_csv, write_json_lines, write_parquet

HITS = [hit('chest "pain", left', "n1", negated=True), hit("=SUM(A1)", "n2")]


def test_the_csv_has_every_column_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(write_csv(HITS).decode())))
    assert [row["text"] for row in rows] == ['chest "pain", left', "'=SUM(A1)"]
    assert rows[0].keys() == set(COLUMNS)
    assert rows[0]["assertion"] == "negated"
    assert write_csv(HITS) == write_csv(HITS)


def test_the_lines_are_the_records() -> None:
    lines = write_json_lines(HITS).decode().splitlines()
    assert [json.loads(line)["note_id"] for line in lines] == ["n1", "n2"]


def test_the_parquet_has_the_same_columns() -> None:
    table = pq.read_table(io.BytesIO(write_parquet(HITS)))
    assert tuple(table.column_names) == COLUMNS
    assert table.column("text").to_pylist() == ['chest "pain", left', "=SUM(A1)"]
    assert pq.read_table(io.BytesIO(write_parquet([]))).num_rows == 0
