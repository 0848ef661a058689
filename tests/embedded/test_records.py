from pathlib import Path

import pytest

from hctap_embedded.records import STACK_JSON, ProcessRecord, RecordKeeper, StackRecord, read_record, write_record

RECORD = StackRecord({"s3": 20_000}, {"s3": ProcessRecord(7, 1.5, "digest")})


def test_a_record_comes_back(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    assert read_record(tmp_path) == RECORD


@pytest.mark.parametrize(
    "content", ["", '{"ports": {"s3":', "[]", "null", "{}", '{"ports": [], "processes": {}}', '{"ports": {"s3": "x"}}']
)
def test_a_broken_record_is_an_empty_one(tmp_path: Path, content: str) -> None:
    (tmp_path / STACK_JSON).write_text(content, encoding="utf-8")
    assert read_record(tmp_path) == StackRecord()


def test_a_process_is_set_and_forgotten() -> None:
    changed = RECORD.with_process("s3", None).with_process("valkey", ProcessRecord(8, 2.0))
    assert changed == StackRecord({"s3": 20_000}, {"valkey": ProcessRecord(8, 2.0)})


def test_the_keeper_writes_each_change(tmp_path: Path) -> None:
    keeper = RecordKeeper(tmp_path)
    assert keeper.choose_port("s3", lambda record: 20_000 + len(record.ports)) == 20_000
    keeper.set_process("s3", ProcessRecord(7, 1.5, "digest"))
    assert read_record(tmp_path) == keeper.record == RECORD
