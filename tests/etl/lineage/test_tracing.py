"""One entity followed back, and what is said where the way is broken."""

from collections.abc import Callable

import pytest
from tests.command_line import Outcome

from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.lake.keys import note_key
from hctap_stores.lake.lake import Lake

Call = Callable[..., Outcome]


def words(outcome: Outcome) -> str:
    return " ".join(outcome.out.split())


def test_an_entity_leads_back_to_object_version_checksum_pipeline_and_run(
    ran: Call, lake: Lake, database: Database
) -> None:
    outcome = ran("lineage", "R/a/1")
    said = words(outcome)
    assert (outcome.code, said.count("holds"), "does not hold" in said) == (0, 5, False), said
    stored = runs.find_run(database, "R").run
    there = lake.raw.read(note_key("a"))
    assert there
    version = lake.raw.find_version(note_key("a"), there.etag)
    for fact in (
        "PROBLEM 'cough'",
        f"s3://{lake.raw.name}/notes/a.json",
        there.etag,
        version,
        stored.pipeline_hash,
        stored.pipeline.code_version,
        "R, succeeded",
        "Miller, John.jsonl",
    ):
        assert fact
        assert str(fact) in said
    assert ran("lineage", "--run", "R", "--note", "a", "--entity", "1").out == outcome.out


def test_a_duplicate_names_the_note_that_stands_for_it(ran: Call) -> None:
    outcome = ran("lineage", "latest/dup/1")
    assert (outcome.code, "a, which has the same text" in words(outcome)) == (0, True)


def test_an_older_version_of_the_object_still_bears_it_out(ran: Call, lake: Lake) -> None:
    lake.raw.write(note_key("a"), b'{"note_id": "a", "specialty": "S", "text": "Other."}')
    outcome = ran("lineage", "R/a/1")
    assert (outcome.code, "does not hold" in outcome.out) == (0, False)


def test_what_was_tampered_with_does_not_hold(ran: Call, lake: Lake) -> None:
    for item in lake.enriched.list("entities/"):
        lake.enriched.write(item.key, b'{"note_id": "a", "entity_type": "PROBLEM", "begin": 0, "end": 1}\n')
    outcome = ran("lineage", "R/a/1")
    assert (outcome.code, outcome.out.count("does not hold")) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("R/a/99",), "has no entity 99 in the note 'a'"),
        (("R/none/0",), "has no entity 0 in the note 'none'"),
        (("X/a/0",), "There is no run 'X'"),
        (("R/a",), "RUN_ID/NOTE_ID/NUMBER"),
        ((), "Say which note"),
    ],
)
def test_what_cannot_be_followed(ran: Call, arguments: tuple[str, ...], said: str) -> None:
    outcome = ran("lineage", *arguments)
    assert (outcome.code, said in " ".join(outcome.err.split())) == (2, True), outcome.err
