from pathlib import Path

import pytest

from hctap_core.errors import UnsupportedInput
from hctap_core.reasons import QuarantineReason
from hctap_core.sources.tables import read_rows


@pytest.mark.parametrize(
    ("table", "column", "fields"),
    [
        ("text\nFever\n", None, {"text": "Fever"}),
        ("id,TEXT \n7,Fever\n", None, {"note_id": "7", "text": "Fever"}),
        ("specialty;Note_Text\nUrology;Pain, fever\n", None, {"specialty": "Urology", "text": "Pain, fever"}),
        ("note\ttranscription\nno\tFever\n", None, {"text": "Fever"}),
        ("a|report\nx|Fever\n", None, {"text": "Fever"}),
        ('a,Finding Text\n"1","Fever\nCough"\n', "finding text", {"text": "Fever\nCough"}),
        ("id,text\nshort\n", None, {"note_id": "short", "text": ""}),
        ("id,text\n7,Fever,,\n", None, {"note_id": "7", "text": "Fever"}),
        ("\ufefftext\nFièvre\n", None, {"text": "Fièvre"}),
    ],
    ids=[
        "text alone",
        "with id",
        "semicolons",
        "tabs, the more telling name",
        "bars",
        "named",
        "short row",
        "empty cells",
        "BOM",
    ],
)
def test_the_text_is_found(tmp_path: Path, table: str, column: str | None, fields: dict[str, str]) -> None:
    path = tmp_path / "t.csv"
    path.write_text(table, encoding="utf-8")
    assert [row.fields for row in read_rows(path, column)] == [fields]


def test_a_text_with_commas_that_is_not_quoted_is_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,text\n1,Fever, chills\n2,Cough\n")
    cut, whole = read_rows(path)
    assert cut.fault
    assert (cut.fault.reason, cut.fault.detail) == (QuarantineReason.SCHEMA, "the row has 3 cells, the header 2")
    assert (cut.data, cut.fields) == (b"1,Fever, chills\r\n", {})
    assert whole.fields == {"note_id": "2", "text": "Cough"}


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_quotation_mark_that_is_not_closed_makes_no_note_of_the_rows_below(tmp_path: Path, end: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f'id,text\n1,"Fe""ver\n\n"\n2,"Cough\n3,Chills{end}')
    whole, open_row = read_rows(path)
    assert whole.fields == {"note_id": "1", "text": 'Fe"ver\n\n'}
    assert open_row.fault
    assert (open_row.fault.reason, b"Chills" in open_row.data) == (QuarantineReason.SCHEMA, True)


@pytest.mark.parametrize("column", [None, "finding"])
def test_a_table_without_text_is_refused(tmp_path: Path, column: str | None) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(UnsupportedInput, match="no column"):
        list(read_rows(path, column))
