"""Plain files, folders and zips."""

import zipfile
from pathlib import Path

import pytest
from tests.nlp.vocabulary.imports import samples

from hctap_core.errors import UnsupportedInput
from hctap_nlp.vocabulary.imports.files import find_files


def test_a_release_is_found_in_a_zip_among_other_files(tmp_path: Path) -> None:
    path = tmp_path / "RxNorm_full_prescribe_09022025.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
        archive.writestr("rrf/RXNCONSO.RRF", samples.conso("29046", "RXNORM", "IN", "zorblaxin"))
        archive.writestr("rrf/RXNSAT.RRF", "x|\n")
    (file,) = find_files([path])
    assert file.name.endswith(":rrf/RXNCONSO.RRF")
    assert [line.split("|")[14] for line in file.lines()] == ["zorblaxin"]
    card, _ = samples.bring(tmp_path / "v", [path])
    assert card.release == "2025-09-02"


def test_tables_are_taken_where_nothing_else_is(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("term\nx\n")
    assert [file.name for file in find_files([tmp_path])] == ["a.csv"]
    (tmp_path / "LoincTableCore.csv").write_text(samples.LOINC_COLUMNS)
    assert [file.name for file in find_files([tmp_path])] == ["LoincTableCore.csv"]


def test_the_bytes_that_were_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("term\n" + "x\n" * 50_000)
    told: list[int] = []
    (file,) = find_files([tmp_path])
    assert len(list(file.lines(told.append))) == 50_001
    assert sum(told) == file.size
    assert len(told) == 3


@pytest.mark.parametrize("name", ["nowhere.csv", "empty"])
def test_what_is_not_there_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnsupportedInput):
        find_files([tmp_path / name])


def test_bytes_that_are_no_utf8_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"term\n\xff\n")
    with pytest.raises(UnsupportedInput, match="not UTF-8"):
        list(find_files([tmp_path])[0].lines())


def test_a_damaged_zip_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("RXNCONSO.RRF", samples.conso("29046", "RXNORM", "IN", "zorblaxin") * 2000)
    data = bytearray(path.read_bytes())
    data[60:90] = bytes(30)
    path.write_bytes(bytes(data))
    with pytest.raises(UnsupportedInput):
        list(find_files([path])[0].lines())
