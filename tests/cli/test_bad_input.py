"""What no reader wants to see, through `hctap extract`: nothing breaks, nothing gets lost, time stays linear."""

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.command_line import Outcome

Call = Callable[..., Outcome]
RULES = ("--extractor", "rules")
SENTENCE = "Denies chest pain. Lisinopril 10 mg PO daily. "

FILES: dict[str, tuple[bytes, str]] = {
    "binary.txt": (bytes(range(256)) * 40, "not_utf8"),
    "nul.txt": (b"Fever.\x00Cough.", "invalid_text"),
    "surrogates.json": (b'{"id": "s", "text": "Fever \\ud800"}', "invalid_text"),
    "empty.txt": (b" \n\t ", "empty_text"),
    "huge.txt": ((SENTENCE * 240_000).encode()[: 10 * 2**20], "too_large"),
    "deep.json": (b"[" * 100_000, "not_json"),
    "digits.json": (b'{"id": ' + b"9" * 100_000 + b', "text": "Fever."}', "not_json"),
    "punctuation.txt": (b".,;:!?()[]{}<>-_=+*/\\|'\"`~@#$%^&" * 2_000, "read"),
    "right-to-left.txt": ("\u202eFever\u202c \u200fכאב\u200e Fever.".encode(), "read"),
    "brackets.txt": (b"(" * 100_000 + b" Fever. " + b")" * 100_000, "read"),
    "headings.txt": (b"PLAN:\nFever.\n" * 10_000, "read"),
    "german.txt": ("Der Patient hat Fieber und Husten, keine Atemnot. Ödeme beidseits.".encode(), "read"),
    "chinese.txt": ("患者发热三天。无咳嗽。给予阿司匹林。".encode(), "read"),
    "tags.txt": (b"<script>alert(1)</script> </details> <!-- Fever --> &lt;", "read"),
}


def _rows(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(2**24)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_bad_note_is_answered_for(hctap: Call, folder: Path) -> None:
    (folder / "notes").mkdir()
    for name, (data, _) in FILES.items():
        (folder / "notes" / name).write_bytes(data)
    told = hctap("extract", folder / "notes", *RULES)
    assert told.code == 3
    rows = _rows(folder / "notes-hctap" / "notes.csv")
    assert {row["origin"]: row["reason"] or row["state"] for row in rows} == {
        name: expected for name, (_, expected) in FILES.items()
    }
    # every offset is the text's own
    texts = {Path(name).stem: data.decode() for name, (data, expected) in FILES.items() if expected == "read"}
    found = _rows(folder / "notes-hctap" / "entities.csv")
    for row in found:
        assert texts[row["note_id"]][int(row["begin"]) : int(row["end"])] == row["text"]
    assert sum(row["note_id"] == "headings" for row in found) == 10_000
    page = (folder / "notes-hctap" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert page.count("</details>") == page.count("<details") == len(texts)


@pytest.mark.parametrize(
    "piece",
    [SENTENCE, "PLAN:\nFever.\n", "(", ".,;-", "\u202eFever\u202c ", "患者发热。", "Fever, "],
    ids=["sentences", "headings", "brackets", "punctuation", "right to left", "Chinese", "one line"],
)
def test_ten_times_the_text_takes_at_most_twelve_times_the_time(hctap: Call, folder: Path, piece: str) -> None:
    count = 25_000 // len(piece)
    for name, times in (("short", 1), ("long", 10)):
        (folder / name).mkdir()
        line = json.dumps({"id": "n", "text": piece * count * times})
        (folder / name / "n.jsonl").write_text(line, encoding="utf-8")

    def seconds(name: str) -> float:
        begun = time.process_time()
        assert hctap("extract", folder / name, *RULES).code == 0
        return time.process_time() - begun

    seconds("short")  # what is loaded once does not count
    # Three tries, because the machine may be busy with something else in one of them.
    ratios = [seconds("long") / seconds("short")]
    while ratios[-1] > 12 and len(ratios) < 3:
        ratios.append(seconds("long") / seconds("short"))
    assert ratios[-1] <= 12, ratios
