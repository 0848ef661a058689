"""The command line in this process, over stores of its own; and its parts, for those who look inside."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.command_line import Outcome, calling
from tests.etl.small_runs import TEXTS, bring_in

from hctap_cli.progress import Meter
from hctap_core.notes import note_from_record
from hctap_core.sources.records import SourceRecord
from hctap_embedded.stack import Stack
from hctap_etl.__main__ import main
from hctap_etl.crew import Alone, Crew
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.lineage.telling import Lineage
from hctap_etl.processes import Processes
from hctap_etl.program import Program
from hctap_etl.recipe import Recipe
from hctap_etl.running import Runner
from hctap_etl.settings import read_settings
from hctap_etl.working import QueueWork
from hctap_nlp.extractors import Extractor, load_extractor
from hctap_stores.database import plan, revisions
from hctap_stores.database.connection import Database
from hctap_stores.lake.lake import Lake


@pytest.fixture
def settings_in_place(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "140")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Outcome]]:
    """Give a command as on the command line."""
    with calling("hctap-etl", main, capsys, monkeypatch) as run:
        yield run


@pytest.fixture
def hctap(
    database: Database,  # noqa: ARG001 - migrated and empty before the command
    settings_in_place: None,  # noqa: ARG001 - the same
    call: Callable[..., Outcome],
    extractor: Extractor,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Outcome]:
    """Give a command with empty stores behind it; the rules, which take a second to load, are loaded once."""
    load, open_crew = Program.load_extractor, Program.open_crew

    def load_once(program: Program, name: str | None, terms: Path | None = None) -> Extractor:
        is_plain = name == extractor.name and program.terms_folder(terms) is None
        return extractor if is_plain else load(program, name, terms)

    def open_in_process(
        program: Program, name: str | None, workers: int | None, terms: Path | None, **more: Any
    ) -> AbstractContextManager[Crew]:
        return open_crew(program, name, workers or 0, terms, **more)

    monkeypatch.setattr(Program, "load_extractor", load_once)
    monkeypatch.setattr(Program, "open_crew", open_in_process)
    return call


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The module's database: migrated, empty."""
    revisions.upgrade(database_url)
    with Database(database_url) as opened:
        with opened.transaction() as connection:
            connection.execute("TRUNCATE runs, notes, note_texts, lake_objects, batches RESTART IDENTITY CASCADE")
        yield opened


@pytest.fixture
def lake(stack: Stack, settings_in_place: None) -> Lake:  # noqa: ARG001 - the settings must be in place
    """The test's buckets, made and empty."""
    prepared = Lake(read_settings(stack.home).lake)
    prepared.prepare()
    return prepared


@pytest.fixture(scope="session")
def extractor(stack: Stack) -> Extractor:
    """The real extractor; its vocabulary lies where the command line looks for it."""
    return load_extractor("rules", stack.home / "vocabulary")


@pytest.fixture
def meter() -> Meter:
    """Progress that nobody sees."""
    return Meter(Console(quiet=True))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def runner(lake: Lake, database: Database, extractor: Extractor, meter: Meter) -> Runner:
    """What runs in this process, over four notes of three texts."""
    bring_in(lake, TEXTS)
    return Runner(lake, database, Alone(extractor), meter)


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    """A database of the test's own, migrated."""
    address = new_database()
    revisions.upgrade(address)
    return address


@pytest.fixture
def work(
    lake: Lake, url: str, stack: Stack, extractor: Extractor, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> Iterator[QueueWork]:
    """A worker's tasks over twelve notes, a shard each."""
    assert extractor.name == "rules", "its vocabulary is compiled"
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", 1)
    fields = [{"note_id": f"n{place:02}", "specialty": "Any", "text": f"Fever on day {place}."} for place in range(12)]
    records = [SourceRecord("t", b"", note_from_record(record)) for record in fields]
    Intake(lake.raw, IntakeOptions(source="t")).take(records, lambda _: None)
    with Processes(Recipe("rules", stack.home / "vocabulary"), 2) as crew, Database(url) as database:
        yield QueueWork(lake, database, crew, meter, Lineage())
