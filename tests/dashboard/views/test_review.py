"""Reviews, against the real API with two people who have keys."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from streamlit.testing.v1 import AppTest
from tests.clinic import CARDIOLOGY_TEXT, fill_database, serve, settings_of
from tests.dashboard.pages import address_of, click, html_of, open_page, text_of

from hctap_api.main import create_app
from hctap_client import Client
from hctap_core.entities import EntityType
from hctap_core.permissions import Role
from hctap_core.reviews import ReviewOrder
from hctap_dashboard.judging import list_items, make_record, name_added, name_next, name_previous
from hctap_embedded.stack import Stack
from hctap_stores.database import keys
from hctap_stores.database.connection import Database

pytestmark = pytest.mark.stack

NAME = "ward-7"


@pytest.fixture(scope="module")
def ward(stack: Stack, new_database: Callable[[], str]) -> Iterator[tuple[Client, Client, Client]]:
    """The clients of an operator, an analyst and a reader of an API with a review of one note."""
    url = new_database()
    fill_database(url)
    with Database(url) as database:
        tokens = [
            keys.create_key(database, role.value, role).token for role in (Role.OPERATOR, Role.ANALYST, Role.READER)
        ]
    with serve(create_app(settings_of(stack, url, HCTAP_API_OPEN="0"))) as address, ExitStack() as clients:
        operator, analyst, reader = (clients.enter_context(Client(address, key=token)) for token in tokens)
        operator.create_review(ReviewOrder(name=NAME, note_ids=("cardiology-1",)))
        yield operator, analyst, reader


def open_task(client: Client, **state: str) -> AppTest:
    (task,) = client.review_tasks(NAME).tasks
    return open_page(client, "review", review=NAME, task=str(task.task_no), **state)


def test_a_review_is_judged_by_two_compared_and_made_gold(ward: tuple[Client, Client, Client]) -> None:
    operator, analyst, _ = ward
    for client, first in ((operator, "Accept"), (analyst, "Reject")):
        page = click(open_task(client, item="e0"), first)
        assert not page.exception
        assert address_of(page)["item"] == "e1"
        assert "1 of 7 items decided" in text_of(page)
        page = click(page, "Done with this note")
        assert "cardiology-1 done" in text_of(page)
    queue = open_page(operator, "review", review=NAME)
    shown = text_of(queue)
    assert "1 cardiology-1 7 1 done" in shown
    assert "Over 1 note that both have done" in shown
    assert "Is it right 7 85.7 0.00" in shown
    assert "Gold ward-7@1: 1 note," in text_of(click(queue, "Promote"))


def test_a_change_is_kept_and_stands_after_a_reload(ward: tuple[Client, Client, Client]) -> None:
    operator, _, _ = ward
    page = open_task(operator, item="e1")
    (said,) = [box for box in page.multiselect if box.label == "Assertion"]
    assert said.value == ["uncertain"]
    said.set_value(["historical"])
    page = click(page, "Keep the change")
    assert not page.exception
    again = open_task(operator, item="e1")
    assert "historical" in text_of(again)
    assert '<span class="hc-chip hc-chip-change">change</span>' in html_of(again)


def test_a_reader_sees_reviews_and_makes_none(ward: tuple[Client, Client, Client]) -> None:
    operator, _, reader = ward
    page = open_page(reader, "review")
    assert NAME in text_of(page)
    assert not page.expander
    assert open_page(operator, "review").expander


def test_a_review_that_is_not_there_is_said(ward: tuple[Client, Client, Client]) -> None:
    operator, _, _ = ward
    page = open_page(operator, "review", review="nothing")
    assert not page.exception
    assert "The reviews cannot be shown" in text_of(page)


def test_items_are_in_text_order_and_a_new_one_has_a_name_of_its_own(ward: tuple[Client, Client, Client]) -> None:
    operator, _, _ = ward
    document = operator.review_task(NAME, operator.review_tasks(NAME).tasks[0].task_no)
    items = list_items(document)
    assert [item.entity.begin for item in items] == sorted(item.entity.begin for item in items)
    assert name_next(items, items[-1]) == items[0].name
    assert name_previous(items, items[0]) == items[-1].name
    assert name_added(items, document) == "a1"
    begin = CARDIOLOGY_TEXT.index("Mother")
    record = make_record(document.text, (begin, begin + 6), EntityType.PROBLEM, ["family"], "HPO HP:0001945")
    assert record.text == "Mother"
    assert record.assertion is not None
    assert record.assertion.family
    assert record.codes[0].code == "HP:0001945"
