"""Files as texts: what kind a file is, by its content, and what it says; runs in a process of its own.

A file may have been made to do harm, so everything that it could bring about is the file's fault, and said so.
"""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT: Final = "text/plain"
ENDINGS: Final = {PDF: "pdf", DOCX: "docx", TEXT: "txt"}
MOST_PAGES: Final = 1000
# A page of text in a DOCX is some kilobytes; what unpacks to more is no note.
MOST_UNPACKED_BYTES: Final = 64 * 1_048_576
MOST_MEMBERS: Final = 2000
_PDF_SIGN: Final = b"%PDF-"
_PDF_SIGN_WITHIN: Final = 1024
_ZIP_SIGN: Final = b"PK\x03\x04"
_DOCUMENT: Final = "word/document.xml"
# What broken and hostile files have been seen to raise in readers.
_FAULTS: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    AssertionError,
    EOFError,
    OSError,
    MemoryError,
    NotImplementedError,
    zlib.error,
    struct.error,
    zipfile.BadZipFile,
)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file is and says; `fault` says in words why it cannot be used, `is_known` whether its kind is."""

    media_type: str
    text: str = ""
    fault: str | None = None
    is_known: bool = True


def read_file(data: bytes) -> ReadFile:
    """What a file says, whatever its name claims."""
    if _PDF_SIGN in data[:_PDF_SIGN_WITHIN]:
        return _read_pdf(data)
    if data.startswith(_ZIP_SIGN):
        return _read_docx(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return ReadFile(TEXT, fault="The file is neither PDF, DOCX nor text in UTF-8.", is_known=False)
    return ReadFile(TEXT, text)


def _read_pdf(data: bytes) -> ReadFile:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            return ReadFile(PDF, fault="The PDF is encrypted.")
        if len(reader.pages) > MOST_PAGES:
            return ReadFile(PDF, fault=f"The PDF has more than {MOST_PAGES} pages.")
        text = "\n".join(page.extract_text() for page in reader.pages).strip()
    except (PyPdfError, *_FAULTS):
        return ReadFile(PDF, fault="The PDF cannot be read.")
    return ReadFile(PDF, text) if text else ReadFile(PDF, fault="The PDF holds no text; it may be a scan.")


def _read_docx(data: bytes) -> ReadFile:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if _DOCUMENT not in {member.filename for member in members}:
                return ReadFile(DOCX, fault="The file is an archive and no DOCX.", is_known=False)
            if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
                return ReadFile(DOCX, fault="The DOCX unpacks to more than a note can be.")
        text = _text_of_docx(data)
    except _FAULTS:
        return ReadFile(DOCX, fault="The DOCX cannot be read.")
    return ReadFile(DOCX, text) if text else ReadFile(DOCX, fault="The DOCX holds no text.")


def _text_of_docx(data: bytes) -> str:
    """Paragraphs and tables in their order, a line each; the cells of a row with tabs between them."""
    from docx import Document
    from docx.opc.exceptions import OpcError
    from docx.table import Table
    from lxml.etree import LxmlError  # type: ignore[import-untyped]  # it has no stubs

    lines: list[str] = []
    try:
        for part in Document(io.BytesIO(data)).iter_inner_content():
            if isinstance(part, Table):
                lines += ["\t".join(cell.text for cell in row.cells) for row in part.rows]
            else:
                lines.append(part.text)
    except (OpcError, LxmlError) as error:
        raise ValueError(type(error).__name__) from None
    return "\n".join(lines).strip()
