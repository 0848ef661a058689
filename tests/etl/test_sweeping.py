from hctap_cli.progress import Meter
from hctap_core.notes import note_from_record
from hctap_core.sources.records import SourceRecord
from hctap_etl.crew import Alone
from hctap_etl.intake import Intake, IntakeOptions
from hctap_etl.running import RunChoice, Runner
from hctap_etl.sweeping import Swept, sweep
from hctap_nlp.extractors import Extractor
from hctap_stores.database import runs
from hctap_stores.database.connection import Database
from hctap_stores.lake.lake import Lake


def test_only_parts_that_no_ledger_names_are_deleted(
    lake: Lake, database: Database, extractor: Extractor, meter: Meter
) -> None:
    note = note_from_record({"note_id": "a", "specialty": "Any", "text": "Fever and cough."})
    Intake(lake.raw, IntakeOptions(source="t")).take([SourceRecord("a", b"", note)], lambda _: None)
    runner = Runner(lake, database, Alone(extractor), meter)
    for run_id, is_incremental in (("R1", False), ("R2", True)):
        runner.work(runner.choose(RunChoice(run_id, is_incremental=is_incremental))[0])
    runs.create_run(database, "queued", runner.crew.pipeline)
    kept = {item.key for item in lake.enriched.list()}
    orphans = {"entities/run=R1/part-00000-dead.jsonl": b"1234", "entities/run=R2/part-00009-dead.jsonl": b"5"}
    others = {"entities/run=queued/part-00000-x.jsonl": b"6", "entities/run=unknown/part-00000-x.jsonl": b"7"}
    for key, data in (orphans | others).items():
        lake.enriched.write(key, data)
    assert sweep(lake.enriched, database) == Swept(2, 5)
    assert {item.key for item in lake.enriched.list()} == kept | set(others)
    assert sweep(lake.enriched, database) == Swept(0, 0)
