"""Files as texts: good ones, broken ones, and such as were made to do harm."""

import io
import zipfile
import zlib

import pytest
from docx import Document

from hctap_api.engine import files
from hctap_api.engine.files import DOCX, PDF, TEXT, read_file


def make_pdf(*lines: str) -> bytes:
    """A PDF of one page, as small as one can be."""
    shown = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
    content = f"BT /F1 12 Tf 72 720 Td {shown} ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(data)
    return data + b"xref\n0 6\n0000000000 65535 f \n" + table + end


def make_docx(*lines: str, row: tuple[str, ...] = ()) -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    if row:
        cells = document.add_table(rows=1, cols=len(row)).rows[0].cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def make_zip(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return stream.getvalue()


def test_a_text_is_read_as_it_is() -> None:
    assert read_file("Fever.\r\nNausée \U0001f600".encode()) == files.ReadFile(TEXT, "Fever.\r\nNausée \U0001f600")


def test_a_pdf_gives_its_lines() -> None:
    found = read_file(make_pdf("Denies chest pain.", "Aspirin 81 mg daily."))
    assert (found.media_type, found.fault) == (PDF, None)
    assert found.text.split("\n") == ["Denies chest pain.", "Aspirin 81 mg daily."]


def test_a_docx_gives_paragraphs_and_tables_in_order() -> None:
    found = read_file(make_docx("Denies chest pain.", row=("Sodium", "140")))
    assert (found.media_type, found.text) == (DOCX, "Denies chest pain.\nSodium\t140")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        pytest.param(b"%PDF-1.7 and no more", "cannot be read", id="a PDF that is none"),
        pytest.param(make_pdf("x")[:200], "", id="half a PDF"),
        pytest.param(make_pdf(), "no text", id="a PDF without text"),
        pytest.param(make_zip(a=b"x"), "no DOCX", id="an archive of something else"),
        pytest.param(make_zip(word__document_xml=b"<not xml"), "cannot be read", id="a DOCX that is none"),
        pytest.param(make_docx("x")[:400], "cannot be read", id="half a DOCX"),
        pytest.param(make_docx(), "no text", id="an empty DOCX"),
        pytest.param(
            make_zip(word__document_xml=b"0" * (files.MOST_UNPACKED_BYTES + 1)), "unpacks to more", id="a zip bomb"
        ),
        pytest.param(b"\xff\xfe\x00\x01", "neither", id="bytes"),
        pytest.param(b"a\x00b", "neither", id="a text with NUL"),
        pytest.param(zlib.compress(b"x"), "neither", id="something compressed"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, fault: str) -> None:
    found = read_file(data)
    assert found.fault is not None
    assert fault in found.fault
    assert found.text == ""


def test_a_docx_cannot_make_its_reader_fetch_or_grow() -> None:
    bomb = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    good = make_docx("Fever &a;")
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                head, _, body = data.partition(b"?>")
                data = head + b"?>" + bomb + body.replace(b"Fever &amp;a;", b"Fever &b;&c;")
            new.writestr(name, data)
    found = read_file(stream.getvalue())
    assert "root:" not in found.text
    assert "aaaa" not in found.text
