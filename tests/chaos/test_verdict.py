from dataclasses import replace

from tests.chaos.verdict import Verdict, compare
from tests.integration.aftermath import Aftermath

CALM = Aftermath(
    objects={"entities/run=R/a": b"1", "entities/run=R/b": b"2"},
    exported=b"one\ntwo\n",
    manifest={"run_id": "R"},
    is_latest=True,
    ledger=[("n1", "", 0, "", "", "done"), ("n2", "", 0, "", "", "done")],
    shards=[(0, "done")],
)


def test_equal_aftermaths_lack_nothing() -> None:
    assert compare(CALM, replace(CALM)) == Verdict(0, 0, ())


def test_what_is_missing_is_lost() -> None:
    found = replace(CALM, exported=b"one\n", objects={"entities/run=R/a": b"1"}, ledger=CALM.ledger[:1])
    assert compare(CALM, found) == Verdict(3, 0, ("objects", "exported", "ledger"))


def test_what_is_there_twice_is_doubled() -> None:
    found = replace(CALM, exported=b"one\ntwo\ntwo\n", objects=CALM.objects | {"entities/run=R/c": b"2"})
    assert compare(CALM, found) == Verdict(0, 2, ("objects", "exported"))


def test_other_bytes_are_both() -> None:
    assert compare(CALM, replace(CALM, exported=b"one\ntw0\n")) == Verdict(1, 1, ("exported",))


def test_a_difference_that_no_result_shows_is_named() -> None:
    assert compare(CALM, replace(CALM, is_latest=False)) == Verdict(0, 0, ("is_latest",))
