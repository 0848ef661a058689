"""One example of each answer, as the OpenAPI shows them; made of the models, so that each is one."""

from datetime import UTC, datetime
from typing import Any, Final

from pydantic import BaseModel

from hctap_core.answers import PROBLEM_TYPE_PREFIX, Check, FieldError, Health, NoteDocument, NotePage, Problem, Version
from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_core.extractions import Extracted
from hctap_core.notes import NOTE_SCHEMA_VERSION, note_from_record
from hctap_core.permissions import ALLOWED, AuditPage, Identity, Permission, Role
from hctap_core.runs import Pipeline, Run, RunCounts, RunStatus
from hctap_core.searches import EntityPage
from hctap_core.vocabularies import CodeFound, ModelsInfo, TermsFound, VocabularyInfo

NOTE_ID: Final = "cardiology-001"
RUN_ID: Final = "20261121T093000Z-rules"
REQUEST_ID: Final = "5f0c1d4e9a7b4c3f8e2d6a1b0c9d8e7f"

_PROVENANCE: Final = {"extractor": "rules", "version": "1", "method": "vocabulary"}
_CUE: Final = {"attribute": "negated", "text": "No", "begin": 9, "end": 11, "rule": "negation.no"}
_ENTITIES: Final[tuple[dict[str, Any], ...]] = (
    {
        "entity_type": "PROBLEM", "text": "chest pain", "norm_text": "chest pain", "begin": 12, "end": 22,
        "score": 0.97, "section": "history_of_present_illness", "assertion": {"negated": True},
        "codes": [{"system": "ICD-10-CM", "code": "R07.9", "display": "Chest pain, unspecified", "release": "2025"}],
        "provenance": {**_PROVENANCE, "source": "icd10cm:R07.9", "cues": [_CUE]},
    },
    {
        "entity_type": "MEDICATION", "text": "aspirin", "norm_text": "aspirin", "begin": 27, "end": 34,
        "score": 0.99, "section": "history_of_present_illness",
        "codes": [{"system": "DRUGBANK", "code": "DB00945", "display": "Aspirin", "release": "2024"}],
        "attributes": [
            {"type": "STRENGTH", "text": "81 mg", "begin": 35, "end": 40, "norm": "81 mg"},
            {"type": "FREQUENCY", "text": "daily", "begin": 41, "end": 46, "norm": "1/day"},
        ],
        "provenance": {**_PROVENANCE, "source": "drugs:aspirin"},
    },
)  # fmt: skip


_HISTORY: Final = {"type": "history_of_present_illness", "loinc": "10164-2"}


def _dump(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json")


def _note() -> dict[str, Any]:
    note = note_from_record(
        {"note_id": NOTE_ID, "specialty": "Cardiology", "text": "HISTORY: No chest pain. On aspirin 81 mg daily."}
    )
    of_run = {"note_id": NOTE_ID, "run_id": RUN_ID}
    document = NoteDocument.model_validate(
        note.model_dump()
        | {"run_id": RUN_ID, "entities": [entity | of_run for entity in _ENTITIES]}
        | {"sections": [{"begin": 0, "end": 47, "header": "HISTORY:", **_HISTORY}]}
    )
    return _dump(document)


def _run() -> dict[str, Any]:
    pipeline = Pipeline(extractor="rules", extractor_version="1", code_version="0.1.0")
    counts = RunCounts(
        notes=60, distinct=60, done=60, entities=1480, characters=96_000, by_type={"MEDICATION": 410, "PROBLEM": 1070}
    )
    scores = {"precision": 0.9, "recall": 0.8, "f1": 0.8471, "right": 72, "predicted": 80, "gold": 90}
    return _dump(
        Run(
            run_id=RUN_ID,
            status=RunStatus.SUCCEEDED,
            pipeline=pipeline,
            pipeline_hash=pipeline.hash,
            created_at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
            started_at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
            finished_at=datetime(2026, 11, 21, 9, 30, 4, tzinfo=UTC),
            counts=counts,
            duration_ms_p50=3.1,
            duration_ms_p95=8.4,
            notes_per_second=240.0,
            evaluation={"samples-test": {"strict": {"micro": scores, "by_type": {"PROBLEM": scores}}}},
        )
    )


def problem_example(
    status: int,
    slug: str,
    title: str,
    detail: str,
    *,
    instance: str,
    remedy: str | None = None,
    errors: tuple[FieldError, ...] | None = None,
    checks: tuple[Check, ...] | None = None,
) -> dict[str, Any]:
    """A problem as it is answered: members without a value are left out."""
    problem = Problem(
        type=PROBLEM_TYPE_PREFIX + slug, title=title, status=status, detail=detail, instance=instance,
        request_id=REQUEST_ID, remedy=remedy, errors=errors, checks=checks,
    )  # fmt: skip
    return problem.model_dump(mode="json", exclude_none=True)


HEALTH: Final = _dump(Health())
VERSION: Final = _dump(
    Version(
        service="hctap-api",
        version="0.1.0",
        api="v1",
        note_schema_version=NOTE_SCHEMA_VERSION,
        entity_schema_version=ENTITY_SCHEMA_VERSION,
    )
)
CHECKS: Final = (Check(name="database", ok=True, duration_ms=1.4), Check(name="redis", ok=True, duration_ms=0.6))
FAILED_CHECK: Final = Check(
    name="database",
    ok=False,
    duration_ms=2000.3,
    detail="database did not answer within 2 s.",
    remedy="Start the stack with `make up`, or set HCTAP_DATABASE_URL.",
)
READY: Final = {"status": "ready", "checks": [_dump(check) for check in CHECKS]}
NOTE: Final = _note()
RUN: Final = _run()
PAGE: Final = _dump(
    NotePage.model_validate(
        {
            "notes": [
                {
                    "note_id": NOTE_ID,
                    "specialty": "Cardiology",
                    "note_type": "Progress note",
                    "characters": 1520,
                }
            ],
            "next_cursor": NOTE_ID,
        }
    )
)
_FULL: Final[dict[str, Any]] = {"assertion": {}, "codes": [], "attributes": []}
EXTRACTED: Final = _dump(
    Extracted.model_validate(
        {"id": "-", "entities": [_FULL | entity for entity in _ENTITIES], "sections": NOTE["sections"]}
    )
)
_CODE: Final = {"system": "ICD-10-CM", "code": "R07.9", "display": "Chest pain, unspecified", "release": "2026-04"}
_CONCEPT: Final = {"entity_type": "PROBLEM", "name": "chest pain", "source": "curated", "codes": [_CODE]}
CODE: Final = _dump(CodeFound.model_validate(_CODE | {"concepts": [_CONCEPT | {"terms": ["chest pain"]}]}))
TERMS: Final = _dump(TermsFound.model_validate({"terms": [_CONCEPT | {"term": "chest pain"}]}))
VOCABULARY: Final = _dump(
    VocabularyInfo.model_validate(
        {
            "hash": "ab" * 32, "terms": 250_000, "concepts": 60_000, "by_type": {"PROBLEM": 36_000}, "own_rows": 0,
            "sources": [
                {
                    "name": "icd10cm", "release": "2026-04", "licence": "public domain (CDC/NCHS)",
                    "rows": 11_000, "concepts": 10_000,
                }
            ],
        }
    )
)  # fmt: skip
MODELS: Final = _dump(
    ModelsInfo.model_validate(
        {
            "extractors": ["hybrid", "rules", "model"], "default_extractor": "hybrid", "version": "0.1.0",
            "hash": "cd" * 32,
            "models": [
                {"name": "case-report", "genre": "case_report", "labels": ["PROBLEM"], "corpora": ["maccrobat2020"]}
            ],
            "corpora": [
                {
                    "name": "maccrobat2020", "genre": "case_report", "licence": "CC BY 4.0",
                    "documents": 155, "spans": 13_558,
                }
            ],
            "files": [{"name": "case-report.crf", "bytes": 3_676_608, "sha256": "ef" * 32}],
        }
    )
)  # fmt: skip
ENTITY_PAGE: Final = _dump(
    EntityPage.model_validate(
        {
            "run_id": RUN_ID,
            "entities": [entity | {"specialty": "Cardiology"} for entity in NOTE["entities"][:1]],
            "next_cursor": "WyIxYjI0YTc1ZjBjMmQxZTNmIiwiMjAyNjExMjFUMDkzMDAwWi1ydWxlcyIsMSwwXQ",
            "total": 31, "total_is_exact": True, "counted": 31,
            "facets": {"entity_type": [{"value": "PROBLEM", "entities": 31}]},
        }
    )
)  # fmt: skip
IDENTITY: Final = _dump(
    Identity(
        actor="mfrggzdfmztwq2lk",
        role=Role.READER,
        permissions=tuple(p for p in Permission if p in ALLOWED[Role.READER]),
    )
)
AUDIT: Final = _dump(
    AuditPage.model_validate(
        {
            "entries": [
                {
                    "audit_no": 7, "at": "2026-11-21T09:31:00Z", "actor": "mfrggzdfmztwq2lk", "role": "reader",
                    "address": "192.0.2.7", "action": "note.read", "note_id": NOTE_ID, "run_id": RUN_ID, "notes": 1,
                    "request_id": REQUEST_ID,
                }
            ]
        }
    )
)  # fmt: skip
