"""Silver that is made while the run goes on is the silver that is made at its end."""

import hashlib
import tempfile
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.etl.small_runs import carry_out, manifest_at, parts_of

from hctap_core.errors import RunConflict, StoreUnavailable
from hctap_core.runs import Part, RunStatus
from hctap_etl import running
from hctap_etl.products.ahead import Ahead
from hctap_etl.products.growing import Growing, Made
from hctap_etl.products.producing import make_entities
from hctap_etl.running import Beginning, Runner
from hctap_etl.scratch import Place, Scratch
from hctap_stores.database import plan

PARTS = [Part(key=f"part-{number}", sha256="", rows=1, bytes=1) for number in range(3)]


def _name(parts: Iterable[Part]) -> Generator[Made]:
    for part in parts:
        yield "PROBLEM", part.key.encode(), part.rows


def _take(growing: Growing) -> tuple[list[bytes], bool]:
    """What it gives of the parts, and whether they were asked for again."""
    asked: list[Part] = []

    def wanted() -> Iterator[Part]:
        for part in PARTS:
            asked.append(part)
            yield part

    return [data for _, data, _ in growing.take(PARTS, wanted())], asked == PARTS


WHOLE = [b"part-0", b"part-1", b"part-2"]


def _give_all(growing: Growing) -> None:
    growing.begin()
    growing.expect(range(3))
    for shard, part in enumerate(PARTS):
        growing.add(shard, part)


def test_parts_are_taken_in_the_order_of_their_shards() -> None:
    with Growing(_name) as growing:
        growing.begin()
        growing.expect([4, 7, 9])
        for shard, part in ((9, PARTS[2]), (4, PARTS[0]), (7, PARTS[1])):
            growing.add(shard, part)
        assert _take(growing) == (WHOLE, False)
        assert _take(growing) == (WHOLE, True), "once"


@pytest.mark.parametrize("given", [PARTS[:2], [], [*PARTS[:2], PARTS[0]]])
def test_what_was_made_of_other_parts_is_not_taken(given: list[Part]) -> None:
    with Growing(_name) as growing:
        growing.begin()
        growing.expect(range(3))
        for shard, part in enumerate(given):
            growing.add(shard, part)
        assert _take(growing) == (WHOLE, True)


def test_a_run_that_it_did_not_begin_with_is_made_at_its_end() -> None:
    with Growing(_name) as growing:
        growing.expect(range(3))
        for shard, part in enumerate(PARTS):
            growing.add(shard, part)
        assert _take(growing) == (WHOLE, True)


def test_it_ends_with_the_block_whatever_is_missing() -> None:
    ended = threading.Event()

    def make(parts: Iterable[Part]) -> Generator[Made]:
        try:
            yield from _name(parts)
        finally:
            ended.set()

    with Growing(make) as growing:
        growing.begin()
        growing.expect(range(3))
        growing.add(0, PARTS[0])
    assert ended.is_set()


def test_without_room_it_is_made_at_the_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "gone"))
    with Growing(_name) as growing:
        _give_all(growing)
        assert _take(growing) == (WHOLE, True)


@pytest.mark.parametrize("failure", [StoreUnavailable("S3 is away.", remedy="Start it."), MemoryError(), OSError()])
@pytest.mark.parametrize("times", [1, 2])
def test_what_prevents_it_is_tried_again_and_then_said(times: int, failure: Exception) -> None:
    failures = [failure] * times

    def make(parts: Iterable[Part]) -> Generator[Made]:
        if failures:
            raise failures.pop()
        yield from _name(parts)

    with Growing(make) as growing:
        _give_all(growing)
        if times == 1:
            assert _take(growing) == (WHOLE, True)
        else:
            with pytest.raises(type(failure)):
                _take(growing)


def test_what_found_no_room_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[object] = []
    write, clear = Scratch.write, Scratch.clear

    def write_two(scratch: Scratch, blocks: Sequence[bytes]) -> Place:
        if len(held) == 3:
            raise OSError
        held.append(None)
        return write(scratch, blocks)

    def make(parts: Iterable[Part]) -> Generator[Made]:
        held.append(parts)
        try:
            yield from _name(parts)
        finally:
            held.remove(parts)

    def clear_all(scratch: Scratch) -> None:
        held[:] = [each for each in held if each is not None]
        clear(scratch)

    monkeypatch.setattr(Scratch, "write", write_two)
    monkeypatch.setattr(Scratch, "clear", clear_all)
    with Growing(make) as growing:
        _give_all(growing)
        taken = growing.take(PARTS, PARTS)
        assert held == [], "neither what was made nor what was half made"
        assert [data for _, data, _ in taken] == WHOLE


def test_who_abandons_it_gets_no_more_objects() -> None:
    written: list[bytes] = []
    is_first, may_go_on = threading.Event(), threading.Event()

    def write(wanted: Iterable[Part]) -> list[Part]:
        for _, data, _ in growing.take(PARTS, wanted):
            written.append(data)
            is_first.set()
            may_go_on.wait(10)
        return PARTS

    def abandon() -> None:
        growing.abandon()
        may_go_on.set()

    def interrupt() -> None:
        is_first.wait(10)
        raise KeyboardInterrupt

    with Growing(_name) as growing:
        _give_all(growing)
        with pytest.raises(KeyboardInterrupt), Ahead(PARTS, write, list, abandon):
            interrupt()
    assert written == WHOLE[:1]


@pytest.fixture
def made_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts that were read at the end of a run, since what was made of them before was not taken."""
    seen: list[str] = []
    take: Callable[..., Iterable[Made]] = Growing.take

    def watched(self: Growing, parts: list[Part], wanted: Iterable[Part]) -> Iterable[Made]:
        def noted() -> Iterator[Part]:
            for part in wanted:
                seen.append(part.key)
                yield part

        return take(self, parts, noted())

    monkeypatch.setattr(Growing, "take", watched)
    return seen


@pytest.fixture
def many_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shard for each note."""
    monkeypatch.setattr(plan, "MIN_SHARD_BYTES", 1)
    monkeypatch.setattr(plan, "MAX_SHARD_BYTES", 1)


def _silver(runner: Runner) -> list[tuple[str, int]]:
    products = manifest_at(runner, "runs/R/manifest.json").products
    return sorted((part.sha256, part.rows) for part in products if part.key.startswith("silver/entities/"))


def _from_lines(runner: Runner) -> list[tuple[str, int]]:
    parts = manifest_at(runner, "runs/R/manifest.json").parts
    made = make_entities(runner.lake, parts)
    return sorted((hashlib.sha256(data).hexdigest(), rows) for _, data, rows in made)


@pytest.mark.usefixtures("many_shards")
def test_a_new_run_takes_what_was_made_meanwhile(runner: Runner, made_again: list[str]) -> None:
    carry_out(runner, run_id="R")
    assert made_again == []
    assert len(_silver(runner)) > 1
    assert _silver(runner) == _from_lines(runner)


@pytest.mark.usefixtures("many_shards")
def test_a_run_that_goes_on_after_a_stop_is_whole(
    runner: Runner, made_again: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    committed: list[int] = []
    commit = running.commit_rows

    def stop_at_the_second(*given: Any) -> bool:
        committed.append(1)
        if len(committed) == 2:
            raise RunConflict("Stopped.", remedy="Go on.")
        return commit(*given)

    with monkeypatch.context() as patch:
        patch.setattr(running, "commit_rows", stop_at_the_second)
        with pytest.raises(RunConflict):
            carry_out(runner, run_id="R")
    assert not list(runner.lake.enriched.list("silver/")), "nothing of a run that is not over"
    stored, beginning = carry_out(runner, run_id="R")
    assert (stored.run.status, beginning) == (RunStatus.SUCCEEDED, Beginning.CONTINUED)
    assert len(made_again) == len(parts_of(runner, "R"))
    assert _silver(runner) == _from_lines(runner)
