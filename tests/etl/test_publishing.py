"""Two processes that publish runs at the same time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

from tests.etl.small_runs import carry_out, manifest_at

from hctap_core.deletions import DeletionReason
from hctap_core.runs import Manifest
from hctap_etl.erasing import clear_lake
from hctap_etl.publishing import publish
from hctap_etl.running import Runner
from hctap_stores.database import runs
from hctap_stores.database.auditing import Access
from hctap_stores.database.connection import Database
from hctap_stores.database.erasing import erase_note
from hctap_stores.lake.keys import LATEST_KEY, manifest_key
from hctap_stores.lake.lake import Lake

_SECONDS = 20.0


class Hesitant(Lake):
    """The real lake, which waits where it is known that a run is the latest and not yet written."""

    def __init__(self, lake: Lake) -> None:
        super().__init__(lake.address)
        self.is_reached, self.may_go_on = Event(), Event()

    def publish(self, manifest: Manifest, *, is_latest: bool) -> None:
        self.is_reached.set()
        assert self.may_go_on.wait(_SECONDS)
        super().publish(manifest, is_latest=is_latest)


class Late(Database):
    """A real session that publishes when somebody else has done something, the first time."""

    def __init__(self, url: str, before: Callable[[], None]) -> None:
        super().__init__(url)
        self._before: Callable[[], None] | None = before

    @contextmanager
    def lock(self, name: str, *, busy: str, patience_seconds: float | None = None) -> Iterator[None]:
        if name == "hctap-publish" and self._before is not None:
            before, self._before = self._before, None
            before()
        with super().lock(name, busy=busy, patience_seconds=patience_seconds):
            yield


def test_what_was_deleted_meanwhile_does_not_come_back(runner: Runner) -> None:
    first, _ = carry_out(runner, run_id="R1")

    def delete() -> None:
        access = Access(actor="a", role="admin", address=None, action="note.delete", request_id="r", note_id="b")
        erase_note(runner.database, "b", DeletionReason.PATIENT_REQUEST, access)
        clear_lake(runner.lake, runner.database, "b", runner.drift_threshold)

    with Late(runner.database.url, delete) as late:
        publish(runner.lake, late, first)
    manifest = manifest_at(runner, manifest_key("R1"))
    assert (manifest.counts.done, manifest.errors) == (2, 1)
    assert all(runner.lake.enriched.read(part.key) for part in (*manifest.parts, *manifest.products))


def test_a_run_that_finishes_meanwhile_stays_the_latest(runner: Runner) -> None:
    first, _ = carry_out(runner, run_id="R1")
    hesitant = Hesitant(runner.lake)
    with runner.database.twin() as session, runner.database.twin() as another, ThreadPoolExecutor(2) as pool:
        # As an evaluation does.
        again = pool.submit(publish, hesitant, session, first)
        assert hesitant.is_reached.wait(_SECONDS)
        second = pool.submit(carry_out, replace(runner, database=another), run_id="R2", must_be_new=True)
        # It is done by then, unless it waits for its turn.
        wait([second], timeout=2.0)
        hesitant.may_go_on.set()
        again.result()
        second.result()
    assert runs.find_run(runner.database, "latest").run.run_id == "R2"
    assert manifest_at(runner, LATEST_KEY).run_id == "R2"
    assert manifest_at(runner, manifest_key("R1")).run_id == "R1"
