import json
import os
from pathlib import Path

import pytest

from hctap_core.errors import UnsupportedInput
from hctap_core.notes import MAX_NOTE_BYTES, MAX_RECORD_BYTES
from hctap_core.reasons import QuarantineReason as Reason
from hctap_core.sources.files import Reading, find_files, find_others, read_file
from hctap_core.sources.records import SourceRecord


def _read(*paths: Path) -> list[SourceRecord]:
    return [record for file in find_files(paths) for record in read_file(file)]


def _shown(records: list[SourceRecord]) -> list[tuple[str, ...]]:
    return [
        (record.note.note_id, record.note.specialty, record.note.text)
        if record.note
        else (record.fault.reason.value if record.fault else "",)
        for record in records
    ]


def _line(note_id: str, text: str) -> str:
    return json.dumps({"note_id": note_id, "specialty": "Urology", "text": text})


def test_a_folder_gives_its_files_by_name(tmp_path: Path) -> None:
    for name, data in {
        "b.txt": b"\xef\xbb\xbfCough\r\n",
        "Cardiology/a.txt": "Fièvre".encode(),
        "Cardiology/deep/Neurology/c.TXT": b"Gait",
        "d.json": _line("dd", "Fever").encode(),
        "e.jsonl": (_line("e1", "Fever") + "\n\n" + _line("e2", "Cough")).encode(),
        "picture.png": b"\x89PNG",
        ".hidden/x.txt": b"secret",
        ".y.txt": b"secret",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert _shown(_read(tmp_path)) == [
        ("a", "Cardiology", "Fièvre"),
        ("c", "Neurology", "Gait"),
        ("b", "Unknown", "Cough\r\n"),
        ("dd", "Urology", "Fever"),
        ("e1", "Urology", "Fever"),
        ("e2", "Urology", "Cough"),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY_TEXT),
        (b"caf\xe9", Reason.NOT_UTF8),
        (b"x" * (MAX_NOTE_BYTES + 1), Reason.TOO_LARGE),
        (b"x" * (MAX_RECORD_BYTES + 1), Reason.TOO_LARGE),
        (b"a\0b", Reason.INVALID_TEXT),
    ],
)
def test_a_text_file_that_is_no_note(tmp_path: Path, data: bytes, reason: Reason) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    (record,) = _read(tmp_path / "a.txt")
    assert record.fault
    assert record.fault.reason is reason
    assert record.data == (data if len(data) <= MAX_RECORD_BYTES else b"")


def test_a_file_name_that_is_no_id(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (tmp_path / name).write_text("Fever")
    (record,) = _read(tmp_path)
    assert _shown([record]) == [("invalid_id",)]
    assert record.origin.endswith("caf\\udce9.txt")
    record.origin.encode()


def test_lines_are_judged_one_by_one(tmp_path: Path) -> None:
    huge = b'{"text": "' + b"x" * (2 * MAX_RECORD_BYTES) + b'"}'
    lines = [
        b"\xef\xbb\xbf" + _line("a", "Fever").encode(),
        b"not json",
        b"  ",
        huge,
        b"\xff",
        _line("z", "x").encode(),
    ]
    (tmp_path / "n.ndjson").write_bytes(b"\n".join(lines))
    records = _read(tmp_path / "n.ndjson")
    assert _shown(records) == [
        ("a", "Urology", "Fever"),
        ("not_json",),
        ("too_large",),
        ("not_utf8",),
        ("z", "Urology", "x"),
    ]
    assert [record.origin.rpartition(":")[2] for record in records] == ["1", "2", "4", "5", "6"]
    assert [len(record.data) < 200 for record in records] == [True] * 5


TABLE = b""",description,medical_specialty,sample_name,transcription,keywords
0,"One, two", Allergy / Immunology , x,"SUBJECTIVE:, ""quoted""
next line",k
1,d,,x,Cough,
2,d,Surgery,x,,
3,d,Surgery,x,caf\xe9,
4,d,Surgery
"""


def test_a_table_is_judged_row_by_row(tmp_path: Path) -> None:
    (tmp_path / "mtsamples.csv").write_bytes(b"\xef\xbb\xbf" + TABLE)
    records = _read(tmp_path / "mtsamples.csv")
    assert _shown(records) == [
        ("mtsamples-00001", "Allergy / Immunology", 'SUBJECTIVE:, "quoted"\nnext line'),
        ("mtsamples-00002", "Unknown", "Cough"),
        ("empty_text",),
        ("not_utf8",),
        ("empty_text",),
    ]
    assert records[3].data == b"3,d,Surgery,x,caf\xe9,\r\n"
    assert records[3].origin.endswith("mtsamples.csv:row 4")


def test_a_table_may_name_its_notes(tmp_path: Path) -> None:
    table = "note_id,Medical_Specialty,transcription,patient_id\nn1,Surgery,Fever,p1\nn2,Surgery,Fever,\n"
    (tmp_path / "t.csv").write_text(table)
    notes = [record.note for record in _read(tmp_path / "t.csv")]
    assert [(note.note_id, note.patient_id) for note in notes if note] == [("n1", "p1"), ("n2", None)]


def test_a_field_that_is_too_large_spoils_its_own_row(tmp_path: Path) -> None:
    rows = ["medical_specialty,transcription", f"Surgery,{'x' * (MAX_RECORD_BYTES + 1)}", "Surgery,Fever"]
    (tmp_path / "t.csv").write_text("\n".join(rows))
    assert _shown(_read(tmp_path / "t.csv")) == [("too_large",), ("t-00002", "Surgery", "Fever")]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("missing.txt", None, "no file or folder"),
        ("note.docx", b"PK", "No reader knows"),
        ("t.csv", b"a,b\n1,2\n", "no column that is known"),
        ("t.csv", b"", "no column that is known"),
    ],
)
def test_what_no_reader_knows_is_said(tmp_path: Path, name: str, data: bytes | None, said: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(UnsupportedInput, match=said):
        _read(tmp_path / name)


def test_a_folder_without_notes_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInput, match="holds no notes"):
        _read(tmp_path)


def test_a_file_that_vanishes_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(_line("a", "x"))
    (file,) = find_files([tmp_path])
    (tmp_path / "a.jsonl").unlink()
    with pytest.raises(UnsupportedInput, match="cannot be read: No such file"):
        list(read_file(file))


def test_what_has_a_text_is_a_note_where_that_is_enough(tmp_path: Path) -> None:
    lines = [
        {"id": 7, "text": "Fever", "checksum": "of other bytes", "more": [1]},
        {"note_id": "n", "text": "Cough", "specialty": "Urology", "patient_id": 12},
        {"text": "Gout", "note_id": None},
        {"id": "x", "body": "Fever"},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (file,) = find_files([tmp_path / "a.jsonl"])
    records = list(read_file(file, Reading(needs_whole_notes=False)))
    assert _shown(records) == [
        ("7", "Unknown", "Fever"),
        ("n", "Urology", "Cough"),
        ("a-00003", "Unknown", "Gout"),
        (Reason.SCHEMA.value,),
    ]
    assert records[1].note is not None
    assert records[1].note.patient_id == "12"
    assert {record.fault.reason for record in read_file(file) if record.fault} == {Reason.SCHEMA}
    bodies = [record for record in read_file(file, Reading(needs_whole_notes=False, text_column="body")) if record.note]
    assert _shown(bodies) == [("x", "Unknown", "Fever")]


def test_files_of_other_kinds_are_told(tmp_path: Path) -> None:
    for name in ("b.docx", "sub/a.pdf", "note.txt", ".hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in find_others(tmp_path)] == ["b.docx", "a.pdf"]
