"""A finished run over notes that are hard to spell, and exports of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Outcome

from hctap_core.runs import Pipeline, Run, RunStatus
from hctap_stores.database.documents import Document

_SHARED = "Mother had diabetes. Potassium 3.1 mmol/L (L) (3.5-5.1). BP 142/78. Possible pneumonia."
NOTES: list[dict[str, Any]] = [
    {
        "note_id": "a & b",
        "text": 'Says "fever, chills";\r\n\tno cough 😀=\\N.\n\nMEDICATIONS:\nLisinopril 10 mg PO daily for 5 days.',
        "patient_id": "p=2;x",
        "note_type": 'consult, "urgent"',
        "authored_at": "2025-04-22T23:30:00-02:00",
        "encounter_id": "e 1",
        "language": "en-US",
    },
    {"note_id": "b", "text": _SHARED},
    {
        "note_id": "dup",
        "text": _SHARED,
    },
    {"note_id": "é-none", "text": "Pleasant conversation.", "patient_id": "p1"},
]


@pytest.fixture
def finished(hctap: Callable[..., Outcome], folder: Path) -> Callable[..., Outcome]:
    """The command line, with the run R finished behind it."""
    lines = [json.dumps({"specialty": "Cardiology"} | note) + "\n" for note in NOTES]
    (folder / "notes.jsonl").write_text("".join(lines))
    assert hctap("import", "notes.jsonl").code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "R").code == 0
    return hctap


@pytest.fixture
def run_record() -> Run:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    pipeline = Pipeline(extractor="rules", extractor_version="1", code_version="1+abc")
    return Run(
        run_id="R",
        status=RunStatus.SUCCEEDED,
        pipeline=pipeline,
        pipeline_hash=pipeline.hash,
        created_at=moment,
        finished_at=moment,
    )


@pytest.fixture
def make_document() -> Callable[..., Document]:
    def make(text: str, entities: list[dict[str, Any]], **more: Any) -> Document:
        facts: dict[str, Any] = {
            "note_id": "n",
            "note_no": 7,
            "patient_no": 1,
            "duplicate_of": None,
            "object_key": "notes/n.json",
            "etag": "e",
            "content_sha256": "s",
            "checksum": "c",
            "specialty": "Cardiology",
            "patient_id": "p",
            "encounter_id": None,
            "note_type": None,
            "authored_at": None,
            "source": None,
            "language": None,
            "data_class": None,
            "batch_id": None,
            "sections": [],
        }
        return Document(text=text, entities=entities, **(facts | more))

    return make


@pytest.fixture
def make_entity() -> Callable[..., dict[str, Any]]:
    """An entity as the stores give it; assertions and attributes in short."""

    def make(kind: str, text: str, *flags: str, begin: int = 0, **more: Any) -> dict[str, Any]:
        names = ("negated", "uncertain", "historical", "hypothetical", "family")
        attributes = [
            {"type": name, "text": said, "begin": 0, "end": len(said), "norm": norm}
            for name, said, norm in more.pop("attributes", ())
        ]
        return {
            "schema_version": 1,
            "note_id": "n",
            "run_id": "R",
            "entity_type": kind,
            "text": text,
            "norm_text": text.lower(),
            "begin": begin,
            "end": begin + len(text),
            "score": 0.95,
            "section": "plan",
            "assertion": {name: name in flags for name in names},
            "codes": [],
            "attributes": attributes,
            "provenance": {"extractor": "rules", "version": "1", "method": "vocabulary", "source": "t", "cues": []},
        } | more

    return make
