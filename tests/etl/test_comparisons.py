"""What changed between the two newest runs is counted ahead by a worker, kept, and gone when a deletion changes it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from psycopg.types.json import Jsonb
from tests.command_line import Outcome
from tests.etl.queued_work import serve
from tests.pools import ask_pool

from hctap_cli.progress import Meter
from hctap_core.comparisons import Comparison
from hctap_core.deletions import DeletionReason
from hctap_core.ledgers import RunPage
from hctap_core.runs import FINISHED
from hctap_etl.crew import Alone
from hctap_etl.erasing import clear_lake
from hctap_etl.lineage.telling import Lineage
from hctap_etl.working import QueueWork
from hctap_nlp.extractors import Extractor
from hctap_stores.database.auditing import Access
from hctap_stores.database.comparisons import METHOD, find_newest, order_newest
from hctap_stores.database.connection import Database
from hctap_stores.database.erasing import erase_note
from hctap_stores.database.ledger import runs_page_json
from hctap_stores.database.orders import CHORES
from hctap_stores.database.pool import Pool
from hctap_stores.database.search import kept_comparisons
from hctap_stores.database.search.comparison import RunPair, compare_runs
from hctap_stores.database.search.kept_comparisons import compare_finished, compare_newest, find_state
from hctap_stores.lake.lake import Lake

pytestmark = pytest.mark.stack
Call = Callable[..., Outcome]
Given = TypeVar("Given")
PAIR = RunPair("ONE", "TWO")
ACCESS = Access(actor="k1", role="admin", address="127.0.0.1", action="note.delete", request_id="r-1", notes=0)
TEXTS = {"a": "Fever and cough.", "b": "History of gout.", "c": "Denies chest pain.", "d": "Asthma."}
JOBS = "SELECT task_name FROM procrastinate.procrastinate_jobs WHERE queue_name = %s ORDER BY id"


@pytest.fixture
def two_runs(hctap: Call, folder: Path, database: Database, lake: Lake) -> Lake:
    """Two finished runs over the same notes; in the second one, a problem is another's and one is gone."""
    with database.transaction() as connection:
        connection.execute("TRUNCATE deletions, terms, procrastinate.procrastinate_jobs CASCADE")
    (folder / "notes").mkdir()
    for name, text in TEXTS.items():
        (folder / "notes" / f"{name}.txt").write_text(text)
    assert hctap("import", folder / "notes").code == 0
    for run_id in (PAIR.first, PAIR.second):
        assert hctap("run", "--extractor", "rules", "--run-id", run_id).code == 0
    with database.transaction() as connection:
        connection.execute("UPDATE entities SET family = true WHERE run_no = 2 AND norm_text = 'gout'")
        connection.execute("DELETE FROM entities WHERE run_no = 2 AND norm_text = 'asthma'")
    return lake


def asked(database: Database, ask: Callable[[Pool], Awaitable[Given]]) -> Given:
    return ask_pool(database.url, ask)


def counted(database: Database) -> Comparison:
    return asked(database, lambda pool: compare_runs(pool, PAIR))


async def known(pool: Pool) -> Comparison:
    state = await find_state(pool, PAIR)
    assert state is not None
    return await compare_finished(pool, PAIR, state)


def rows(database: Database, query: str, *values: object) -> list[tuple[Any, ...]]:
    with database.transaction() as connection:
        return connection.execute(query, values).fetchall()


def kept(database: Database) -> list[Comparison]:
    found = rows(database, "SELECT counts FROM comparisons WHERE method = %s", METHOD)
    return [Comparison(first=PAIR.first, second=PAIR.second, **counts) for (counts,) in found]


def delete(database: Database, note_id: str) -> None:
    assert erase_note(database, note_id, DeletionReason.CONSENT_WITHDRAWN, ACCESS)


def test_a_worker_counts_ahead_what_a_run_only_orders(
    two_runs: Lake, database: Database, extractor: Extractor, meter: Meter
) -> None:
    assert kept(database) == [], "the command itself counts nothing"
    assert rows(database, JOBS, CHORES) == [("compare_newest",)]
    work = QueueWork(two_runs, database, Alone(extractor), meter, Lineage())  # type: ignore[arg-type]
    serve(work, database.url, orders=(CHORES,))
    assert kept(database) == [counted(database)]
    assert (kept(database)[0].total.reasserted, kept(database)[0].total.removed) == (1, 1)
    assert asked(database, known) == counted(database)
    assert not order_newest(database), "it is kept"
    assert rows(database, JOBS, CHORES) == []


@pytest.mark.usefixtures("two_runs")
def test_it_is_the_pair_that_the_list_of_runs_begins_with(database: Database) -> None:
    page = RunPage.model_validate_json(asked(database, lambda pool: runs_page_json(pool, None, 100, None)))
    finished = [run.run_id for run in page.runs if run.status in FINISHED]
    with database.transaction() as connection:
        newest = find_newest(connection)
    assert newest is not None
    assert [newest.second_id, newest.first_id] == finished[:2]


def test_before_a_second_run_there_is_nothing_to_compare(hctap: Call, folder: Path, database: Database) -> None:
    (folder / "a.txt").write_text(TEXTS["a"])
    assert hctap("import", folder).code == 0
    assert hctap("run", "--extractor", "rules", "--run-id", "ONE").code == 0
    assert (order_newest(database), compare_newest(database)) == (False, None)


@pytest.mark.usefixtures("two_runs")
def test_stores_of_an_earlier_version_are_caught_up_with_once(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("TRUNCATE procrastinate.procrastinate_jobs CASCADE")
    assert (order_newest(database), order_newest(database)) == (True, True)
    assert rows(database, JOBS, CHORES) == [("compare_newest",)]
    assert (compare_newest(database), compare_newest(database)) == (PAIR, PAIR)
    assert kept(database) == [counted(database)]


def test_a_deletion_takes_it_and_has_it_counted_anew(two_runs: Lake, database: Database) -> None:
    compare_newest(database)
    before = kept(database)[0]
    delete(database, "b")
    assert kept(database) == []
    assert rows(database, "SELECT DISTINCT erasures FROM runs") == [(1,)]
    clear_lake(two_runs, database, "b", 0.2)
    assert ("compare_newest",) in rows(database, JOBS, CHORES)
    compare_newest(database)
    after = kept(database)[0]
    assert after == counted(database)
    assert (after.total.reasserted, after.texts.both) == (0, before.texts.both - 1)


@pytest.mark.usefixtures("two_runs")
def test_what_was_counted_while_a_note_was_deleted_is_not_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:

    async def count_and_delete(pool: Pool, pair: RunPair) -> Comparison:
        made = await compare_runs(pool, pair)
        await asyncio.to_thread(delete, database, "b")
        return made

    monkeypatch.setattr(kept_comparisons, "compare_runs", count_and_delete)
    assert asked(database, known).total.reasserted == 1
    assert kept(database) == []
    monkeypatch.undo()
    assert asked(database, known).total.reasserted == 0
    assert kept(database) == [counted(database)]


@pytest.mark.usefixtures("two_runs")
def test_two_that_count_at_once_keep_one(database: Database) -> None:

    async def both(pool: Pool) -> list[Comparison]:
        return list(await asyncio.gather(known(pool), known(pool)))

    first, second = asked(database, both)
    assert first == second
    assert kept(database) == [first]


@pytest.mark.parametrize(("method", "is_replaced"), [(METHOD - 1, True), (METHOD + 1, False)])
@pytest.mark.usefixtures("two_runs")
def test_what_another_version_counted_is_not_believed(database: Database, method: int, *, is_replaced: bool) -> None:
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO comparisons (first_no, second_no, method, counts) VALUES (1, 2, %s, %s)", (method, Jsonb({}))
        )
    assert asked(database, known) == counted(database)
    assert len(kept(database)) == is_replaced, "what a newer program counted stays"


@pytest.mark.usefixtures("two_runs")
def test_it_goes_with_its_run(database: Database) -> None:
    compare_newest(database)
    with database.transaction() as connection:
        connection.execute("DELETE FROM runs WHERE run_id = 'ONE'")
    assert kept(database) == []
