"""One step back or forth, also over the edges of the pages."""

from collections.abc import Iterator

import pytest
from tests.clinic import TEXTS

from hctap_client import Client
from hctap_core.answers import NoteSummary
from hctap_dashboard import picking
from hctap_dashboard.picking import Listing, Step, list_notes

IDS = sorted([*TEXTS, "late-1"])


def listing(ids: str, picked: str, after: str | None = None, next_cursor: str | None = None) -> Listing:
    notes = tuple(NoteSummary(note_id=note_id, specialty="x") for note_id in ids)
    return Listing(notes, picked, after, next_cursor)


@pytest.mark.parametrize(
    ("where", "previous", "following"),
    [
        (listing("abc", "a"), None, Step("b", None)),
        (listing("abc", "b"), Step("a", None), Step("c", None)),
        (listing("abc", "c"), Step("b", None), None),
        (listing("abc", "c", next_cursor="c"), Step("b", None), Step(None, "c")),
        (listing("def", "d", after="c"), Step("c", None), Step("e", "c")),
        (listing("efg", "d", after="d"), None, Step("e", "d")),
        (listing("", "d", after="d"), None, None),
    ],
)
def test_where_a_step_leads(where: Listing, previous: Step | None, following: Step | None) -> None:
    assert (where.previous, where.next) == (previous, following)


def test_the_picked_note_can_always_be_picked() -> None:
    assert listing("abc", "b").options == ["a", "b", "c"]
    assert listing("efg", "d", after="d").options == ["d", "e", "f", "g"]


@pytest.fixture
def client(api_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A client, and pages so small that steps cross their edges."""
    monkeypatch.setattr(picking, "PAGE_SIZE", 5)
    with Client(api_url) as client:
        yield client


def walk(client: Client, here: Listing, *, back: bool) -> Iterator[str]:
    while True:
        yield here.note_id
        step = here.previous if back else here.next
        if step is None:
            return
        found = list_notes(client, step.note_id, step.after)
        assert found is not None
        here = found


@pytest.mark.stack
def test_steps_forth_pass_every_note_once(client: Client) -> None:
    start = list_notes(client, None, None)
    assert start is not None
    assert list(walk(client, start, back=False)) == IDS


@pytest.mark.stack
def test_a_note_opened_by_its_id_goes_on_from_there(client: Client) -> None:
    start = list_notes(client, IDS[17], None)
    assert start is not None
    assert start.note_id == IDS[17]
    assert list(walk(client, start, back=False)) == IDS[17:]


@pytest.mark.stack
def test_a_cursor_beyond_the_last_note_starts_over(client: Client) -> None:
    start = list_notes(client, None, "zzzz")
    assert start is not None
    assert (start.note_id, start.after) == (IDS[0], None)
