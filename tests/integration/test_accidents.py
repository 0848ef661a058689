"""What others do to the stores in the middle of a run: it is said with its remedy, and nothing is lost."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from tests.command_line import Outcome
from tests.integration.read_only import Door, open_door

from hctap_cli.lines import render_lines
from hctap_core.notes import note_from_record
from hctap_core.runs import MANIFEST_VERSION, RunStatus
from hctap_core.sources.records import SourceRecord
from hctap_etl import running
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.shards import describe_part
from hctap_stores.database import plan, runs
from hctap_stores.database.connection import Database
from hctap_stores.database.export import read_entities
from hctap_stores.lake.keys import LATEST_KEY, manifest_key, note_key, products_key
from hctap_stores.lake.lake import Lake

Call = Callable[..., Outcome]
RUN = ("run", "--extractor", "rules", "--run-id")
NOTES = 12
NEWER = json.dumps({"manifest_version": MANIFEST_VERSION + 1, "schema_version": 99, "of": "a newer program"}).encode()


@dataclass
class Ground:
    """What accidents happen to."""

    lake: Lake
    database: Database
    door: Door

    def write(self, note_id: str, text: str) -> None:
        """Lay a note into the lake, over what is there."""
        record = {"note_id": note_id, "specialty": "Any", "text": text}
        self.lake.raw.write(note_key(note_id), json.dumps(record).encode())

    def exported(self, run_id: str) -> bytes:
        """What a run found, without its name."""
        records = read_entities(self.database, runs.find_run(self.database, run_id).run_no, run_id)
        return render_lines(record | {"run_id": ""} for record in records)


@dataclass(frozen=True)
class Accident:
    """What happens after the second shard, how the command ends and what it says, and what mends it."""

    happen: Callable[[Ground], object]
    code: int
    said: tuple[str, ...] = ()
    mend: Callable[[Ground], object] = field(default=lambda _: None)


def _shut(ground: Ground) -> None:
    ground.door.is_shut = True


def _unlock(ground: Ground) -> None:
    ground.door.is_shut = False


def _lay(key: str) -> Callable[[Ground], None]:
    return lambda ground: ground.lake.enriched.write(key, NEWER)


def _take_away(key: str) -> Callable[[Ground], None]:
    def take(ground: Ground) -> None:
        found = ground.lake.enriched.read(key)
        assert found
        assert found.data == NEWER, "it was left as it is"
        ground.lake.enriched.delete(key)

    return take


_VERSION = "newer than this program's"
_UPDATE = "Update this program"
ACCIDENTS = {
    "an object is deleted": Accident(lambda g: g.lake.raw.delete(note_key("n11")), 0),
    "an object is overwritten": Accident(lambda g: g.write("n11", "Gout."), 0),
    "an object becomes no note": Accident(lambda g: g.lake.raw.write(note_key("n11"), b"\xff"), 0),
    "an object is added": Accident(lambda g: g.write("n99", "Gout."), 0),
    "the buckets turn read-only": Accident(_shut, 4, ("refuses access to the bucket", "grant"), _unlock),
    **{
        f"{key.format(run='R')} is of a newer version": Accident(
            _lay(key.format(run="R")), 4, (key.format(run="R"), _VERSION, _UPDATE), _take_away(key.format(run="R"))
        )
        for key in (manifest_key("{run}"), products_key("{run}"), LATEST_KEY)
    },
}


@pytest.fixture
def ground(lake: Lake, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """Twelve notes, three to a shard; commands reach the lake through the door."""
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", 600)
    fields = [
        {"note_id": f"n{place:02}", "specialty": "Any", "text": f"Fever on day {place}."} for place in range(NOTES)
    ]
    records = [SourceRecord("t", b"", note_from_record(record)) for record in fields]
    Intake(lake.raw, IntakeOptions(source="t")).take(records, lambda _: None)
    with open_door(str(lake.address.endpoint_url)) as door:
        monkeypatch.setenv("AWS_ENDPOINT_URL", door.url)
        yield Ground(lake, database, door)


@pytest.mark.parametrize("name", ACCIDENTS)
def test_an_accident_in_the_middle_of_a_run(
    hctap: Call, ground: Ground, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    accident, shards = ACCIDENTS[name], 0
    assert hctap(*RUN, "calm").code == 0

    def happen_at_the_second(*arguments: object) -> object:
        nonlocal shards
        shards += 1
        if shards == 2:
            accident.happen(ground)
        return describe_part(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(running, "describe_part", happen_at_the_second)
        ended = hctap(*RUN, "R")
    assert ended.code == accident.code, ended.err
    assert all(words in ended.err for words in accident.said), ended.err
    assert "Traceback" not in ended.err
    accident.mend(ground)
    completed = hctap(*RUN, "R")
    assert completed.code == 0, completed.err
    stored = runs.find_run(ground.database, "R")
    assert (stored.run.status, stored.is_published, stored.run.counts.done) == (RunStatus.SUCCEEDED, True, NOTES)
    assert ground.exported("R") == ground.exported("calm")
    latest = ground.lake.enriched.read(LATEST_KEY)
    assert latest
    assert json.loads(latest.data)["run_id"] == "R"


@pytest.mark.parametrize(
    ("name", "code", "done"),
    [
        ("an object is deleted", 0, NOTES - 1),
        ("an object is overwritten", 0, NOTES),
        ("an object becomes no note", 3, NOTES - 1),
        ("an object is added", 0, NOTES + 1),
    ],
)
def test_the_next_run_sees_what_happened(hctap: Call, ground: Ground, name: str, code: int, done: int) -> None:
    assert hctap(*RUN, "R").code == 0
    ACCIDENTS[name].happen(ground)
    assert hctap(*RUN, "next").code == code
    assert runs.find_run(ground.database, "next").run.counts.done == done
    assert (b"Gout" in ground.exported("next")) is (name in {"an object is overwritten", "an object is added"})


def test_a_run_id_of_another_pipeline_is_refused_and_the_run_left(hctap: Call, ground: Ground) -> None:
    assert hctap(*RUN, "R").code == 0
    before = ground.exported("R")
    with ground.database.transaction() as connection:
        connection.execute("UPDATE runs SET pipeline_hash = 'another'")
    refused = hctap(*RUN, "R")
    assert refused.code == 5
    assert "was begun with another pipeline" in refused.err
    assert "Give the new run another id." in refused.err
    assert ground.exported("R") == before
    assert hctap(*RUN, "R2").code == 0
