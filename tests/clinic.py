"""A small clinic in a real database, and the API over it: what the tests of API, client and dashboard look at.

Runs, in order: `first` (finished), `second` (finished last, so the latest), `third` (still running).
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
import uvicorn
from fastapi import FastAPI

from hctap_api.main import create_app
from hctap_api.serving import configure_server
from hctap_api.settings import Settings, read_settings
from hctap_core.differences import describe
from hctap_core.evaluation import evaluate
from hctap_core.gold import GoldNote
from hctap_core.notes import Note, note_from_record
from hctap_core.reasons import QuarantineReason
from hctap_core.runs import Part, Pipeline
from hctap_embedded.stack import Stack
from hctap_etl.publishing import manifest_of
from hctap_stores.database.catalogue import CataloguedObject, record
from hctap_stores.database.connection import Database
from hctap_stores.database.evaluations import Findings, write_evaluation
from hctap_stores.database.gold import store_gold
from hctap_stores.database.plan import write_plan
from hctap_stores.database.results import begin_shard, commit_shard, pending_shards
from hctap_stores.database.revisions import upgrade
from hctap_stores.database.rows import NoteResult, render_rows
from hctap_stores.database.runs import create_run, find_run, finish_run
from hctap_stores.lake.address import LakeAddress
from hctap_stores.lake.keys import note_key
from hctap_stores.lake.lake import Lake

FIRST_RUN: Final = "20261120T080000Z-rules"
LATEST_RUN: Final = "20261121T080000Z-rules"
RUNNING_RUN: Final = "20261122T080000Z-rules"
CARDIOLOGY_TEXT: Final = (
    "HISTORY OF PRESENT ILLNESS:\r\nMr. Example denies chest pain. Possible pneumonia. History of stroke.\r\n"
    "Mother had breast cancer. Return if fever.\r\n\r\nMEDICATIONS:\r\naspirin 81 mg daily\r\n"
)
EARLIER_TEXT: Final = "Patient has gout."
SCRIPT_TEXT: Final = (
    'Fever <script>window.hctapPwned = 1</script> & cough "dry" <img src=x onerror="window.hctapPwned = 2">\n'
    "</mark></div> 😀 asthma"
)
ODD_ID: Final = "ward 3 – nöte #7?%2B&a=b+c"
TEXTS: Final = {
    "cardiology-1": CARDIOLOGY_TEXT,
    "cardiology-2": CARDIOLOGY_TEXT,
    "changed-1": "Patient has asthma.",
    "script-1": SCRIPT_TEXT,
    ODD_ID: "asthma",
    "plain-1": "Nothing of note.",
    "table-1": "LABS\nSodium     140\nPotassium  4.1\nRemarks: no fever   today.\n",
    **{f"ward-{number:03}": f"Day {number}: cough." for number in range(1, 131)},
}
_FINDINGS: Final[tuple[tuple[str, str, dict[str, bool]], ...]] = (
    ("chest pain", "PROBLEM", {"negated": True}),
    ("pneumonia", "PROBLEM", {"uncertain": True}),
    ("stroke", "PROBLEM", {"historical": True}),
    ("breast cancer", "PROBLEM", {"family": True}),
    ("breast", "ANATOMY", {"family": True}),
    ("fever", "PROBLEM", {"hypothetical": True}),
    ("aspirin", "MEDICATION", {}),
    ("Fever", "PROBLEM", {}),
    ("<script>window.hctapPwned = 1</script>", "PROCEDURE", {}),
    ("cough", "PROBLEM", {}),
    ("asthma", "PROBLEM", {}),
    ("gout", "PROBLEM", {}),
)


def make_note(note_id: str, text: str, **more: Any) -> Note:
    """A note of the clinic."""
    specialty = note_id.partition("-")[0].title()
    return note_from_record({"note_id": note_id, "specialty": specialty, "text": text, **more})


def find_entities(text: str) -> list[dict[str, Any]]:
    """What a run of the clinic finds: each phrase at its first place in the text, with its assertion."""
    found = []
    for phrase, entity_type, assertion in _FINDINGS:
        begin = text.find(phrase)
        if begin >= 0:
            found.append(_entity(begin, phrase, entity_type, assertion))
    return sorted(found, key=lambda entity: (entity["begin"], -entity["end"]))


def fill_database(url: str) -> None:
    """Bring a database to the schema and put the clinic into it."""
    upgrade(url)
    with Database(url) as database:
        earlier = TEXTS | {"changed-1": EARLIER_TEXT}
        add_notes(database, {note_id: earlier[note_id] for note_id in ("cardiology-1", "changed-1")})
        _work(database, FIRST_RUN)
        add_notes(database, TEXTS)
        broken = CataloguedObject("notes/broken.json", "b", 3, reason=QuarantineReason.NOT_JSON, detail="not JSON")
        record(database, [broken])
        _work(database, LATEST_RUN)
        run_no = find_run(database, LATEST_RUN).run_no
        _evaluate(database, run_no, "samples-dev", {"cardiology-1", "script-1"})
        _evaluate(database, run_no, "samples-test", {"changed-1"})
        add_notes(database, {"late-1": "Came after the run."})
        write_plan(database, create_run(database, RUNNING_RUN, _pipeline()).run_no)


def settings_of(stack: Stack, database_url: str, **more: str) -> Settings:
    """The API's settings for a stack and one of its databases."""
    environment = {
        **stack.addresses().environment(),
        "HCTAP_DATABASE_URL": database_url,
        "HCTAP_RAW_BUCKET": "clinic-raw",
        "HCTAP_ENRICHED_BUCKET": "clinic-enriched",
        # An engine takes a second and 300 MB: only the tests of the engine's routes start one.
        "HCTAP_API_WORKERS": "0",
        **more,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return read_settings()


@contextmanager
def open_clinic(stack: Stack, database_url: str) -> Iterator[str]:
    """The address of an API over the clinic, served in this process."""
    fill_database(database_url)
    settings = settings_of(stack, database_url)
    make_buckets(settings)
    _publish(settings)
    with serve(create_app(settings)) as url:
        yield url


def make_buckets(settings: Settings) -> None:
    """Make the buckets that the settings name."""
    lake_of(settings).prepare()


def lake_of(settings: Settings) -> Lake:
    """The lake that the settings name."""
    address = LakeAddress(
        raw_bucket=settings.raw_bucket,
        enriched_bucket=settings.enriched_bucket,
        endpoint_url=settings.s3_endpoint,
        region=settings.s3_region,
        access_key_id=settings.s3_access_key_id,
        secret_access_key=settings.s3_secret_access_key,
    )
    return Lake(address)


def _publish(settings: Settings) -> None:
    with Database(settings.database_url) as database:
        for run_id in (FIRST_RUN, LATEST_RUN):
            manifest = manifest_of(database, find_run(database, run_id), ())
            lake_of(settings).publish(manifest, is_latest=run_id == LATEST_RUN)


@contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """Run an application in a thread of this process, on a port that the system chooses; gives its address."""
    server = uvicorn.Server(configure_server(app, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server took too long"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"


def _entity(begin: int, phrase: str, entity_type: str, assertion: dict[str, bool]) -> dict[str, Any]:
    no = {"negated": False, "uncertain": False, "historical": False, "hypothetical": False, "family": False}
    cues = [{"attribute": name, "text": "", "begin": 0, "end": 0, "rule": f"{name}.section"} for name in assertion]
    provenance = {
        "extractor": "rules",
        "version": "1",
        "method": "vocabulary",
        "source": f"test:{phrase}",
        "cues": cues,
    }
    code = {
        "system": "ICD-10-CM",
        "code": "R07.9",
        "display": "Chest pain, unspecified",
        "score": 1.0,
        "release": "t",
        "reason": "",
    }
    dose = {"type": "STRENGTH", "text": "81 mg", "begin": begin + 8, "end": begin + 13, "norm": "81 mg"}
    return {
        "entity_type": entity_type,
        "text": phrase,
        "norm_text": phrase.lower(),
        "begin": begin,
        "end": begin + len(phrase),
        "score": 0.9,
        "section": "medications" if entity_type == "MEDICATION" else "history_of_present_illness",
        "assertion": no | assertion,
        "codes": [code] if phrase == "chest pain" else [],
        "attributes": [dose] if phrase == "aspirin" else [],
        "provenance": provenance,
    }


def _pipeline() -> Pipeline:
    return Pipeline(extractor="rules", extractor_version="1", code_version="0.1.0", vocabulary="ab" * 32)


def add_notes(database: Database, texts: dict[str, str]) -> None:
    notes = [make_note(note_id, text, source="clinic") for note_id, text in texts.items()]
    record(
        database,
        [
            CataloguedObject(note_key(note.note_id), note.checksum, len(note.to_json()), is_own_key=True, note=note)
            for note in notes
        ],
    )


def _work(database: Database, run_id: str) -> None:
    run_no = create_run(database, run_id, _pipeline()).run_no
    write_plan(database, run_no)
    for shard in pending_shards(database, run_no):
        results = [
            NoteResult(note, find_entities(note.text), _sections(note.text), duration_us=1500)
            for note in begin_shard(database, run_no, shard)
        ]
        rows = sum(len(result.entities) for result in results)
        part = Part(key=f"entities/run={run_id}/{shard}", sha256=hashlib.sha256(b"").hexdigest(), rows=rows, bytes=0)
        commit_shard(database, run_no, shard, part, render_rows(run_no, results), begun_ns=time.monotonic_ns())
    finish_run(database, run_no)


def _sections(text: str) -> list[dict[str, Any]]:
    begin = text.find("MEDICATIONS:")
    if begin < 0:
        return []
    head = {"begin": 0, "end": begin, "header": "HISTORY OF PRESENT ILLNESS:", "type": "history_of_present_illness"}
    return [head, {"begin": begin, "end": len(text), "header": "MEDICATIONS:", "type": "medications"}]


def _evaluate(database: Database, run_no: int, name: str, note_ids: set[str]) -> None:
    """Evaluate the run against a gold that agrees but for one entity a note, which it does not have."""
    gold, found = [], {}
    for note_id in sorted(note_ids):
        found[note_id] = find_entities(TEXTS[note_id])
        gold.append(GoldNote.model_validate({"note_id": note_id, "entities": found[note_id][1:] or found[note_id]}))
    kept = store_gold(database, name, gold, source="file", by="tests")
    write_evaluation(database, run_no, name, evaluate(gold, found), Findings(kept, *describe(gold, found)))
