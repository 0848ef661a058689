"""Silver and gold of a real run, read back the way their users read them."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.command_line import Outcome

from hctap_core.errors import RunConflict
from hctap_core.runs import Manifest, Part
from hctap_etl.products.ahead import Ahead, _Abandoned
from hctap_etl.products.layout import GOLD, SILVER_ENTITIES, SILVER_NOTES
from hctap_etl.products.producing import make_entities, write_entities
from hctap_etl.products.silver import arrow_schema
from hctap_stores.lake.lake import Lake

Call = Callable[..., Outcome]
NOTES: list[dict[str, Any]] = [
    {
        "note_id": "a",
        "specialty": "Cardiology",
        "authored_at": "2025-04-30T23:30:00.123456-02:00",
        "text": "Assessment: fever and cough. Denies gout.\nAspirin 81 mg daily.",
    },
    {"note_id": "b", "specialty": "Cardiology", "text": "Fever 😀 again. Mother had gout."},
    {"note_id": "dup", "specialty": "Surgery", "text": "Fever 😀 again. Mother had gout."},
    {"note_id": "none", "specialty": "Surgery", "text": "A pleasant conversation."},
]


@pytest.fixture
def ran(hctap: Call, folder: Path) -> Call:
    (folder / "notes.jsonl").write_text("".join(json.dumps(note) + "\n" for note in NOTES))
    assert hctap("import", "notes.jsonl").code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "R").code == 0
    return hctap


def manifest_in(lake: Lake) -> Manifest:
    found = lake.enriched.read("runs/R/manifest.json")
    assert found
    return Manifest.model_validate_json(found.data)


def downloaded(lake: Lake, folder: Path) -> Manifest:
    manifest = manifest_in(lake)
    for part in manifest.products:
        found = lake.enriched.read(part.key)
        assert found
        assert (len(found.data), hashlib.sha256(found.data).hexdigest()) == (part.bytes, part.sha256)
        (folder / part.key).parent.mkdir(parents=True, exist_ok=True)
        (folder / part.key).write_bytes(found.data)
    return manifest


def test_silver_holds_what_the_parts_hold(ran: Call, lake: Lake, folder: Path) -> None:
    manifest = downloaded(lake, folder)
    lines = [
        json.loads(line)
        for part in manifest.parts
        if (found := lake.enriched.read(part.key))
        for line in found.data.decode().splitlines()
    ]
    rows = []
    for path in sorted(folder.glob("silver/entities/run=R/entity_type=*/*.parquet")):
        assert pq.read_schema(path).equals(arrow_schema(SILVER_ENTITIES))
        kind = path.parent.name.removeprefix("entity_type=")
        rows += [row | {"entity_type": kind} for row in pq.ParquetFile(path).read().to_pylist()]
    assert len(rows) == len(lines) == manifest.entity_count > 0
    rows.sort(key=lambda row: (row["note_id"], row["begin"]))
    lines.sort(key=lambda row: (row["note_id"], row["begin"]))
    texts = {note["note_id"]: note["text"] for note in NOTES}
    for row, line in zip(rows, lines, strict=True):
        assert texts[row["note_id"]][row["begin"] : row["end"]] == row["text"]
        same = (
            "note_id",
            "entity_type",
            "text",
            "norm_text",
            "begin",
            "end",
            "score",
            "section",
            "codes",
            "attributes",
        )
        assert {name: row[name] for name in same} == {name: line[name] for name in same}
        assert {name: row[name] for name in line["assertion"]} == line["assertion"]
        assert (row["rule"], row["cues"]) == (line["provenance"]["source"], line["provenance"]["cues"])
    (notes,) = folder.glob("silver/notes/run=R/*.parquet")
    read = {row["note_id"]: row for row in pq.ParquetFile(notes).read().to_pylist()}
    assert {name: row["results_of"] for name, row in read.items()} == {"a": "a", "b": "b", "dup": "b", "none": "none"}
    assert read["a"]["authored_at"].isoformat() == "2025-05-01T01:30:00.123000+00:00"
    assert "text" not in arrow_schema(SILVER_NOTES).names
    assert ran("publish", "R").code == 0


def test_gold_counts_every_note(ran: Call, lake: Lake, folder: Path) -> None:
    downloaded(lake, folder)
    gold: dict[str, list[dict[str, Any]]] = {}
    for table in GOLD:
        (path,) = (folder / table.prefix).glob("run=R/*.jsonl")
        gold[table.name] = [json.loads(line) for line in path.read_text().splitlines()]
        assert {name for row in gold[table.name] for name in row} == {name for name, _ in table.columns}
    tops = {
        (row["grouping"], row["specialty"], row["month"], row["norm_text"]): (row["notes"], row["rank"])
        for row in gold["gold_top_terms"]
    }
    assert tops["all", None, None, "fever"] == (3, 1)
    assert tops["specialty", "Surgery", None, "fever"] == (1, 1)
    assert tops["specialty_month", "Cardiology", "2025-05", "aspirin"] == (1, 1)
    assert not [key for key in tops if key[3] == "gout"]
    assert [(row["specialty"], row["month"], row["notes"]) for row in gold["gold_volumes"]] == [
        ("Cardiology", None, 1),
        ("Cardiology", "2025-05", 1),
        ("Surgery", None, 2),
    ]
    rates = {row["entity_type"]: row for row in gold["gold_assertion_rates"]}["PROBLEM"]
    assert (rates["negated"], rates["family"], rates["negated_rate"]) == (1, 2, round(1 / rates["entities"], 6))
    (coverage,) = gold["gold_coverage"]
    assert (coverage["notes"], coverage["texts"], coverage["notes_without_entities"]) == (4, 3, 1)
    assert (coverage["medications"], coverage["medications_with_amount"]) == (1, 1)
    assert ran("publish", "R").code == 0


def test_products_made_again_are_the_same(ran: Call, lake: Lake) -> None:
    before = manifest_in(lake)
    assert before.products
    for part in before.products[:2]:
        lake.enriched._client().delete_object(Bucket=lake.enriched.name, Key=part.key)
    again = ran("publish", "latest")
    assert (again.code, before.products[0].key in again.out.replace("\n", "")) == (0, True), again.out
    assert manifest_in(lake).products == before.products
    assert all(lake.enriched.read(part.key) for part in before.products)


def test_what_is_carried_over_is_in_the_products(ran: Call, lake: Lake, folder: Path) -> None:
    (folder / "more.jsonl").write_text(json.dumps({"note_id": "new", "specialty": "Surgery", "text": "Fever."}) + "\n")
    assert ran("import", "more.jsonl").code == 0
    assert ran("run", "--extractor", "rules", "--run-id", "R2", "--incremental").code == 0
    found = lake.enriched.read("runs/R2/manifest.json")
    assert found
    manifest = Manifest.model_validate_json(found.data)
    silver = {part.key: part.rows for part in manifest.products if part.key.startswith("silver/entities/run=R2/")}
    assert (manifest.counts.unchanged, sum(silver.values())) == (3, manifest.entity_count)
    assert manifest.entity_count == manifest_in(lake).entity_count + 1
    (gold,) = (part for part in manifest.products if part.key.startswith("gold/coverage/run=R2/"))
    there = lake.enriched.read(gold.key)
    assert there
    coverage = json.loads(there.data)
    assert (coverage["notes"], coverage["texts"], coverage["notes_without_entities"]) == (5, 4, 1)
    trail = " ".join(ran("lineage", "R2/a/0").out.split())
    assert ("the run R, since neither text nor pipeline has changed" in trail, "does not hold" in trail) == (
        True,
        False,
    )


def test_another_object_under_a_products_key_is_a_conflict(ran: Call, lake: Lake) -> None:
    lake.enriched.write(manifest_in(lake).products[0].key, b"other")
    outcome = ran("publish", "R")
    assert (outcome.code, "holds something else" in outcome.err) == (5, True)


def test_a_large_run_is_cut_and_loses_nothing(ran: Call, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {part.rows for part in manifest_in(lake).products if "entities" in part.key}
    monkeypatch.setattr("hctap_etl.products.silver.ROWS_A_GROUP", 1)
    monkeypatch.setattr("hctap_etl.products.silver.MAX_OBJECT_BYTES", 1)
    assert ran("publish", "R").code == 0
    cut = [part for part in manifest_in(lake).products if "entities" in part.key]
    assert {part.rows for part in cut} == {1}
    assert len(cut) == manifest_in(lake).entity_count > len(before)
    assert len({part.key for part in cut}) == len(cut)


def test_duckdb_reads_the_keys_as_partitions(ran: Call, lake: Lake, folder: Path) -> None:
    downloaded(lake, folder)
    assert ran("runs", "show", "R").code == 0
    relation = duckdb.sql(
        f"""
        SELECT n.note_id, e.norm_text FROM read_parquet('{folder}/silver/notes/*/*.parquet', hive_partitioning = true) n
        JOIN read_parquet('{folder}/silver/entities/*/*/*.parquet', hive_partitioning = true) e
            ON e.run = n.run AND e.note_id = n.results_of
        WHERE e.entity_type = 'PROBLEM' AND NOT e.negated AND NOT e.family AND n.run = 'R' ORDER BY ALL
        """  # noqa: S608 - the test's own folder
    )
    assert relation
    found = relation.fetchall()
    assert found == [("a", "cough"), ("a", "fever"), ("b", "fever"), ("dup", "fever")]


def test_who_abandons_the_entities_ahead_waits_for_no_more_than_a_part(lake: Lake) -> None:
    asked = 0
    may_go_on = threading.Event()

    def parts() -> Iterator[Part]:
        nonlocal asked
        for number in range(1000):
            asked += 1
            yield Part(key=f"entities/none-{number}", sha256="", rows=0, bytes=0)
            may_go_on.wait(60)

    with Ahead(parts(), lambda wanted: write_entities(lake, "R", make_entities(lake, wanted)), list) as ahead:
        assert not ahead._written.done()
        ahead._over.set()
        may_go_on.set()
        with pytest.raises(_Abandoned):
            ahead.products()
    assert asked <= 2
    assert not list(lake.enriched.list("silver/"))


def test_what_the_database_tells_is_asked_for_when_it_may_be() -> None:
    told = Part(key="gold/volumes", sha256="", rows=1, bytes=1)
    asked = threading.Event()

    def count() -> list[Part]:
        asked.set()
        return [told]

    with Ahead([], list, count) as ahead:
        assert not asked.wait(0.05)
        ahead.begin_counting()
        assert asked.wait(60), "beside the rest, before anybody wants it"
        assert ahead.products() == [told]
    with Ahead([], list, count) as ahead:
        assert ahead.products() == [told], "and at the latest then"


def test_what_prevents_the_entities_ahead_is_said(lake: Lake) -> None:
    gone = Part(key="entities/gone", sha256="", rows=1, bytes=1)

    def write(wanted: Iterable[Part]) -> list[Part]:
        return write_entities(lake, "R", make_entities(lake, wanted))

    with Ahead([gone], write, list) as ahead, pytest.raises(RunConflict, match="entities/gone is missing"):
        ahead.products()
