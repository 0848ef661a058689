"""Cells that a spreadsheet would run."""

import csv
import io

import pytest

from hctap_api.tables import write_rows


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\uff1d1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    written = next(csv.reader(io.StringIO(write_rows([[cell]]).decode(), newline="")))
    assert written == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["pain", 'say "ah", please', "a\nb", "1-2", ""])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert next(csv.reader(io.StringIO(write_rows([[cell, "x"]]).decode(), newline=""))) == [cell, "x"]


def test_numbers_are_not_text() -> None:
    assert write_rows([[-1, 0.5, True]]) == b"-1,0.5,true\r\n"
