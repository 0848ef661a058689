"""The commands as they are given, over real stores."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.command_line import Outcome

from hctap_core.entities import Entity
from hctap_core.runs import Manifest
from hctap_etl import crew, processes, running
from hctap_etl.pipeline import pipeline_of
from hctap_nlp.extractors import Extractor
from hctap_nlp.extractors.rules import RulesExtractor
from hctap_stores.database import revisions, runs
from hctap_stores.database.connection import Database
from hctap_stores.lake.lake import Lake

Call = Callable[..., Outcome]
# The rules alone load fastest, and the commands do the same with every extractor.
RUN = ("run", "--extractor", "rules")
SECRET = "Mrs. Miller has gout"
SAMPLES = Path(__file__).parents[3] / "samples"


@pytest.fixture
def notes(folder: Path) -> Path:
    source = folder / "notes"
    source.mkdir()
    texts = {"a": "Fever and cough.", "b": "Denies chest pain.", "c": "Fever and cough."}
    for name, text in texts.items():
        (source / f"{name}.txt").write_text(text)
    return source


def test_from_notes_to_scores_command_by_command(hctap: Call, notes: Path, folder: Path, lake: Lake) -> None:
    imported = hctap("import", notes, "--source", "ward 7", "--data-class", "internal")
    assert (imported.code, "3 new notes" in " ".join(imported.out.split())) == (0, True)
    assert "1 have a text that another note of the import has too" in " ".join(imported.out.split())
    run = hctap(*RUN, "--run-id", "R")
    assert (run.code, "R  succeeded" in run.out, "Run R begins." in run.err) == (0, True, True)
    assert "3, each answered for: 2 extracted, 1 duplicates of those" in run.out

    again = hctap(*RUN, "R")
    assert (again.code, "there is nothing to do" in again.err) == (0, True)
    listed = hctap("runs", "list")
    assert (listed.code, "R" in listed.out, "succeeded" in listed.out) == (0, True, True)
    assert hctap("runs", "show", "latest").out == run.out

    exported = hctap("runs", "export", "R")
    parts = [found.data for item in lake.enriched.list("entities/") if (found := lake.enriched.read(item.key))]
    assert exported.out.encode() == b"".join(parts)
    entities = [Entity.model_validate_json(line) for line in exported.out.splitlines()]
    assert {entity.note_id for entity in entities} == {"a", "b"}

    gold = folder / "ward7.jsonl"
    fever = {"entity_type": "PROBLEM", "text": "Fever", "begin": 0, "end": 5}
    gold.write_text(json.dumps({"note_id": "c", "entities": [fever]}))
    scored = hctap("evaluate", "--gold", gold)
    assert (scored.code, "ward7: 1 of 1 notes" in scored.out) == (0, True)
    latest = lake.enriched.read("runs/latest.json")
    assert latest
    scores = Manifest.model_validate_json(latest.data).evaluation["ward7"]
    assert scores["strict"]["by_type"]["PROBLEM"]["right"] == 1
    (folder / "p.jsonl").write_text(exported.out)
    from_file = hctap("evaluate", "--gold", gold, "--predictions", folder / "p.jsonl", "--name", "x")
    assert (from_file.code, "x: 0 of 1 notes" in from_file.out) == (0, True)


def test_notes_in_quarantine_make_it_partial(hctap: Call, notes: Path, lake: Lake) -> None:
    (notes / "bad.txt").write_bytes(b"caf\xe9")
    imported = hctap("import", notes)
    assert (imported.code, "not_utf8" in imported.out, "Save the note as UTF-8" in imported.out) == (3, True, True)
    lake.raw.write("notes/bad.json", b"bad")
    run = hctap(*RUN, "--run-id", "R")
    assert (run.code, "R  partial" in run.out, "1 in quarantine" in run.out) == (3, True, True)
    assert hctap(*RUN, "R").code == 3
    (line,) = hctap("runs", "quarantine", "R").out.splitlines()
    record = json.loads(line)
    assert (record["key"], record["reason"]) == ("notes/bad.json", "not_json")
    assert lake.enriched.read(record["quarantine"])


def test_runs_that_are_not_finished_are_told_apart(
    hctap: Call, database: Database, database_url: str, folder: Path, extractor: Extractor
) -> None:
    pipeline = pipeline_of(extractor)
    for run_id in ("LEFT", "BUSY"):
        runs.create_run(database, run_id, pipeline)
    runs.note_error(database, 1, "The disk is full.")
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET status = 'running'")
    with Database(database_url) as worker, worker.lock(runs.run_lock("BUSY"), busy=""):
        shown = {line.split()[0]: line.split()[1] for line in hctap("runs", "list").out.splitlines()}
    assert shown == {"run": "status", "LEFT": "interrupted", "BUSY": "running"}
    assert "The disk is full." in hctap("runs", "show", "LEFT").out
    (folder / "gold.jsonl").write_text('{"note_id": "a", "entities": []}')
    refused = hctap("evaluate", "--gold", "gold.jsonl", "--run", "LEFT")
    assert (refused.code, "The run LEFT is not finished." in refused.err) == (5, True)


def test_an_empty_lake_is_said(hctap: Call) -> None:
    outcome = hctap(*RUN)
    assert (outcome.code, "The lake holds no notes" in outcome.out) == (0, True)


def test_the_whole_job(hctap: Call, lake: Lake) -> None:
    arguments = ["job", "--extractor", "rules"]
    for half in ("dev", "test"):
        arguments += ["--import", f"{SAMPLES}/{half}/notes.jsonl", "--gold", f"{SAMPLES}/{half}/gold.jsonl"]
    first = hctap(*arguments)
    assert (first.code, "68  " in first.out, "new notes" in first.out) == (0, True, True)
    assert "dev: 34 of 34 notes" in first.out
    assert "test: 34 of 34 notes" in first.out
    assert "What to do next" in first.out
    second = hctap(*arguments)
    assert (second.code, "in the lake already, not written again" in second.out) == (0, True)
    latest = lake.enriched.read("runs/latest.json")
    assert latest
    manifest = Manifest.model_validate_json(latest.data)
    assert (manifest.note_count, set(manifest.evaluation)) == (68, {"dev", "test"})


def test_a_job_over_bad_notes_is_partial(hctap: Call, notes: Path) -> None:
    (notes / "empty.txt").write_text("")
    assert hctap("job", "--extractor", "rules", "--import", notes).code == 3


@pytest.mark.usefixtures("settings_in_place")
def test_the_schema_is_made_by_command(
    call: Call, new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HCTAP_DATABASE_URL", new_database())
    assert "database: none" in call("db", "current").out
    refused = call("run")
    assert (refused.code, "Run `hctap-etl db upgrade`." in refused.err) == (4, True)
    for _ in range(2):
        assert call("db", "upgrade").out == f"The database is at schema {revisions.NEEDED_REVISION}.\n"
    assert f"database: {revisions.NEEDED_REVISION}" in call("db", "current").out


def test_the_buckets_are_made_by_command(hctap: Call, lake: Lake) -> None:
    prepared = hctap("lake", "prepare")
    assert (prepared.code, lake.raw.name in prepared.out, lake.enriched.name in prepared.out) == (0, True, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["import", "nowhere"], 2, "error: There is no file or folder nowhere."),
        (["runs", "show", "nope"], 2, "error: There is no run 'nope'. `hctap-etl runs list`"),
        (["run", "--extractor", "magic"], 2, "error: There is no extractor 'magic'."),
        ([*RUN, "--resume"], 2, "error: There is no run to resume."),
        (["run", "--resume", "--new"], 2, "cannot be given together"),
        (["run", "A", "--run-id", "B"], 2, "cannot be given together"),
        (["run", "--queue", "--wait", "--extractor", "comprehend"], 2, "leave --queue out"),
        (["run", "--queue", "--extractor", "bedrock"], 2, "leave --queue out"),
        ([*RUN, "--run-id", "a/b"], 2, "error: A run id has"),
        (["evaluate", "--gold", "x", "--run", "a", "--predictions", "b"], 2, "cannot be given together"),
        (["evaluate", "--gold", "nowhere.jsonl"], 2, "error: nowhere.jsonl cannot be read"),
        (["extract", "nowhere.txt"], 2, "error: nowhere.txt cannot be read"),
        (["frobnicate"], 2, "No such command"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_wrong_use_is_said_in_a_line(hctap: Call, arguments: list[str], code: int, said: str) -> None:
    outcome = hctap(*arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert said in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.usefixtures("folder")
def test_without_stores_a_command_says_how_to_start_them(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = call("run")
    assert (outcome.code, outcome.err) == (
        4,
        "error: No database is known. Start the stack with `make up`, or set HCTAP_DATABASE_URL.\n",
    )
    monkeypatch.setenv("HCTAP_DATABASE_URL", "postgresql://x:y@127.0.0.1:1/z")
    outcome = call("runs", "list")
    assert (outcome.code, "PostgreSQL does not answer at 127.0.0.1:1/z. Start the" in outcome.err) == (4, True)


def test_a_lake_that_is_away_is_said(hctap: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    outcome = hctap(*RUN)
    assert (outcome.code, "error: S3 does not answer at http://127.0.0.1:1." in outcome.err) == (4, True)


def test_a_run_of_another_pipeline_is_a_conflict(hctap: Call, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hctap("import", notes)
    assert hctap(*RUN, "R").code == 0
    other = {"code_version": "another"}
    monkeypatch.setattr(crew, "pipeline_of", lambda engine: pipeline_of(engine).model_copy(update=other))
    outcome = hctap(*RUN, "R")
    assert (outcome.code, "another pipeline" in outcome.err) == (5, True)


@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_a_fault_of_the_program_never_quotes_a_note(
    hctap: Call, notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], debug: tuple[str]
) -> None:
    def fail(*_: object) -> None:
        raise KeyError(SECRET)

    hctap("import", notes)
    monkeypatch.setattr(running, "describe_part", fail)
    with pytest.raises(KeyError) as caught:
        hctap(*debug, *RUN)
    sys.excepthook(caught.type, caught.value, caught.tb)
    printed = capsys.readouterr().err
    assert "error: An unexpected KeyError in fail, line" in printed
    assert ("running.py:" in printed) is bool(debug)
    assert SECRET not in printed


def test_no_note_text_is_logged_or_printed(hctap: Call, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (notes / "d.txt").write_text(SECRET)
    monkeypatch.setenv("HCTAP_LOG_LEVEL", "DEBUG")

    def fail(*_: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr(RulesExtractor, "extract", fail)
    outcomes = [hctap("--debug", "import", notes), hctap("--debug", *RUN)]
    assert outcomes[1].code == 3
    assert "note_failed" in outcomes[1].err
    for outcome in outcomes:
        assert SECRET not in outcome.out + outcome.err


def test_a_text_is_extracted_without_stores(folder: Path, environment: dict[str, str]) -> None:
    program = (
        "import sys; sys.argv = ['hctap-etl', 'extract', 'note.txt', '--extractor', 'rules', '--format', 'jsonl']\n"
        "from hctap_etl.__main__ import main\n"
        "try: main()\n"
        "finally: print(*sorted({'sqlalchemy', 'alembic', 'boto3', 'obstore', 'psycopg'} & set(sys.modules)))\n"
    )
    (folder / "note.txt").write_text("Denies chest pain.")
    home = {"HCTAP_HOME": environment["HCTAP_HOME"]}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=home, text=True)
    line, imported = done.stdout.split("\n", 1)
    assert [entity["text"] for entity in json.loads(line)["entities"]] == ["chest pain"]
    assert imported == "\n"


def test_extract_shows_a_table_or_lines(hctap: Call, folder: Path) -> None:
    (folder / "note.txt").write_text("Denies chest pain.\nMEDICATIONS: [bold]aspirin[/bold] 81 mg daily")
    (folder / "notes.jsonl").write_text('{"id": "a", "text": "Fever"}\nnonsense\n{"id": "b", "text": "Zzz."}')
    shown = hctap("extract", "--extractor", "rules", "note.txt")
    assert shown.code == 0
    assert "negated" in shown.out
    assert "strength 81 mg" in shown.out
    lines = hctap("extract", "--extractor", "rules", "notes.jsonl")
    assert (lines.code, [json.loads(line)["id"] for line in lines.out.splitlines()]) == (3, ["a", "b"])
    assert "left out: not_json: line 2: the line is not JSON" in lines.err
    assert hctap("extract", "--extractor", "rules", "notes.jsonl", "-o", "out.jsonl").out == ""
    assert (folder / "out.jsonl").read_text() == lines.out
    hctap("extract", "--extractor", "rules", "notes.jsonl", "--format", "table", "--output", "out.txt")
    assert "Nothing was found." in (folder / "out.txt").read_text()
    refused = hctap("extract", "--extractor", "rules", "notes.jsonl", "-o", "no/such/folder")
    assert (refused.code, "cannot be written" in refused.err) == (2, True)


def test_the_first_job_is_done_once(hctap: Call, notes: Path) -> None:
    first = hctap("job", "--extractor", "rules", "--import", notes, "--unless-finished")
    assert (first.code, "3, each answered for" in first.out) == (0, True)
    second = hctap("job", "--extractor", "rules", "--import", notes, "--unless-finished")
    assert (second.code, "nothing to do" in second.out) == (0, True)


def test_an_incremental_run_over_unchanged_notes_starts_no_process(
    hctap: Call, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hctap("import", notes).code == 0
    assert hctap(*RUN, "ONE").code == 0
    monkeypatch.setattr(processes, "Nursery", None)
    again = hctap(*RUN, "TWO", "--incremental", "--workers", "1")
    assert (again.code, "3, each answered for: 1 duplicates of those, 2 unchanged" in again.out) == (0, True)
