"""`hctap extract` as a user gives it."""

import base64
import csv
import hashlib
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from tests.command_line import Outcome

from hctap_cli.outputs.columns import LAYOUTS
from hctap_cli.outputs.folder import ResultFolder

Call = Callable[..., Outcome]
RULES = ("--extractor", "rules")


@pytest.fixture
def notes(folder: Path) -> Path:
    """A folder with every kind of file, good and bad."""
    for name, data in {
        "Cardiology/a.txt": b"PMH: hypertension.\nDenies chest pain. Lisinopril 10 mg PO daily.",
        "b.jsonl": b'{"id": "<b>", "text": "Fever <script>alert(1)</script> & cough"}\nnonsense\n',
        "c.csv": b"id,note_text\n=1+1,Mother had gout.\n",
        "bad.txt": b"\xff\xfe\x00",
        "scan.pdf": b"%PDF",
    }.items():
        (folder / "notes" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "notes" / name).write_bytes(data)
    return folder / "notes"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_good_notes_are_read_and_bad_ones_are_listed(hctap: Call, notes: Path, folder: Path) -> None:
    told = hctap("extract", notes, *RULES)
    out = folder / "notes-hctap"
    assert told.code == 3
    assert "3 notes read" in " ".join(told.out.split())
    states = {row["origin"]: (row["note_id"], row["state"], row["reason"]) for row in _rows(out / "notes.csv")}
    assert states == {
        "Cardiology/a.txt": ("a", "read", ""),
        "b.jsonl:1": ("<b>", "read", ""),
        "b.jsonl:2": ("", "failed", "not_json"),
        "c.csv:row 1": ("'=1+1", "read", ""),
        "bad.txt": ("", "failed", "not_utf8"),
        "scan.pdf": ("", "skipped", "unknown_kind"),
    }
    assert [row["text"] for row in _rows(out / "entities.csv")] == [
        "hypertension", "chest pain", "Lisinopril", "Fever", "cough", "gout",
    ]  # fmt: skip
    summary = json.loads((out / "hctap.json").read_text())
    assert summary["notes"] == {"read": 3, "failed": 2, "skipped": 1}
    assert summary["rows"]["entities"] == 6
    assert {path.name for path in out.iterdir()} == {
        "report.html", "hctap.json", *(f"{x.name}.{end}" for x in LAYOUTS for end in ("csv", "parquet")),
    }  # fmt: skip


def test_the_same_notes_give_the_same_bytes_also_over_earlier_results(hctap: Call, notes: Path, folder: Path) -> None:
    for name in ("one", "two", "one"):
        assert hctap("extract", notes, *RULES, "--out", folder / name).code == 3
    for path in (folder / "one").iterdir():
        assert path.read_bytes() == (folder / "two" / path.name).read_bytes(), path.name


def test_the_report_is_one_page_that_can_load_nothing(hctap: Call, notes: Path, folder: Path) -> None:
    hctap("extract", notes, *RULES)
    page = (folder / "notes-hctap" / "report.html").read_text(encoding="utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in unescape(policy)
    assert unescape(policy).startswith("default-src 'none'; ")
    assert not re.search(r"https?:|//cdn|url\(|@import|<link|<img|\ssrc=|\sstyle=", page)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for said in ("hypertension", "I10", "10 mg", "Cardiology", "not json", "scan.pdf", "hc-negated"):
        assert said in page


def test_the_report_says_when_it_does_not_show_all_notes(hctap: Call, notes: Path, folder: Path) -> None:
    hctap("extract", notes, *RULES, "--report-notes", 2)
    page = (folder / "notes-hctap" / "report.html").read_text(encoding="utf-8")
    assert "The first 2 of 3 notes" in page
    assert page.count('<details class="note"') == 2
    assert len({row["note_id"] for row in _rows(folder / "notes-hctap" / "entities.csv")}) == 3


def test_files_of_others_are_left_alone(hctap: Call, notes: Path, folder: Path) -> None:
    told = hctap("extract", notes, *RULES, "--out", notes)
    assert told.code == 2
    assert "holds files that no extraction wrote" in told.err
    assert hctap("extract", notes, *RULES, "--out", notes / "bad.txt").code == 2
    assert hctap("extract", folder / "nowhere", *RULES).code == 2
    assert hctap("extract", notes / "scan.pdf", *RULES).code == 2


def test_one_file_and_all_good_ends_with_0(hctap: Call, notes: Path, folder: Path) -> None:
    told = hctap("extract", notes / "c.csv", *RULES)
    assert told.code == 0
    assert (folder / "c-hctap" / "report.html").is_file()
    assert "Not read" not in (folder / "c-hctap" / "report.html").read_text(encoding="utf-8")


def test_an_extractor_that_fails_is_the_notes_fault(
    hctap: Call, notes: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("Denies chest pain")

    monkeypatch.setattr("hctap_cli.guarding._check_spans", fail)
    told = hctap("--debug", "extract", notes, *RULES)
    assert told.code == 3
    reasons = [row["reason"] for row in _rows(folder / "notes-hctap" / "notes.csv")]
    assert reasons.count("extraction_failed") == 3
    assert "chest pain" not in told.out + told.err


def test_a_work_that_breaks_off_leaves_no_drafts(
    hctap: Call, notes: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ResultFolder, "add", break_off)
    told = hctap("extract", notes, *RULES)
    assert told.code == 2
    assert "No space left on device" in told.err
    assert list((folder / "notes-hctap").iterdir()) == []


def test_terms_of_ones_own_are_found(hctap: Call, folder: Path) -> None:
    (folder / "terms").mkdir()
    (folder / "terms" / "own.yaml").write_text("- {term: dyspepsia, type: PROBLEM, also: [grumbly tum]}\n")
    (folder / "a.txt").write_text("Has a grumbly tum.")
    assert hctap("extract", "a.txt", *RULES, "--terms", folder / "terms").code == 0
    (row,) = _rows(folder / "a-hctap" / "entities.csv")
    assert (row["text"], row["norm_text"]) == ("grumbly tum", "dyspepsia")


def test_documents_of_fhir_are_read(hctap: Call, folder: Path) -> None:
    data = base64.b64encode(b"Denies chest pain.").decode()
    content = [{"attachment": {"contentType": "text/plain", "data": data}}]
    resource = {"resourceType": "DocumentReference", "id": "d1", "status": "current", "content": content}
    (folder / "d.json").write_text(json.dumps(resource))
    assert hctap("extract", "d.json", *RULES).code == 0
    assert [row["text"] for row in _rows(folder / "d-hctap" / "entities.csv")] == ["chest pain"]
