"""The client against the real API, and against what is no API."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import Response
from tests.clinic import CARDIOLOGY_TEXT, EARLIER_TEXT, FIRST_RUN, LATEST_RUN, ODD_ID, TEXTS, serve, settings_of

from hctap_api.main import create_app
from hctap_client import Client
from hctap_core.errors import (
    BadInput,
    MigrationNeeded,
    NoteNotFound,
    PlatformError,
    RunNotFound,
    SettingsInvalid,
    StoreUnavailable,
)
from hctap_embedded.stack import Stack


@pytest.fixture
def client(api_url: str) -> Iterator[Client]:
    """A client of the clinic's API."""
    with Client(api_url) as client:
        yield client


@contextmanager
def client_of_stranger(status: int, body: str, media_type: str = "application/json") -> Iterator[Client]:
    """A client that was sent to a server which is not the API."""
    app = FastAPI()

    @app.get("/{path:path}")
    async def answer(path: str) -> Response:
        assert path == "health"
        return Response(body, status, media_type=media_type)

    with serve(app) as url, Client(url) as client:
        yield client


@pytest.mark.stack
def test_it_reads_health_readiness_and_version(client: Client) -> None:
    assert client.health().status == "healthy"
    assert [check.name for check in client.ready().checks] == ["database", "redis", "s3"]
    assert client.ready().status == "ready"
    assert client.version().service == "hctap-api"


@pytest.mark.stack
def test_it_reads_a_note_of_the_latest_and_of_a_named_run(client: Client) -> None:
    note = client.note("cardiology-1")
    assert (note.text, note.run_id) == (CARDIOLOGY_TEXT, LATEST_RUN)
    assert all(note.text[entity.begin : entity.end] == entity.text for entity in note.entities)
    assert client.note("changed-1", FIRST_RUN).text == EARLIER_TEXT


@pytest.mark.stack
@pytest.mark.parametrize("note_id", [*sorted(TEXTS)[:3], ODD_ID])
def test_any_id_stands_safely_in_the_address(client: Client, note_id: str) -> None:
    assert client.note(note_id).note_id == note_id


@pytest.mark.stack
def test_it_pages_through_all_notes(client: Client) -> None:
    page = client.notes(limit=100)
    seen = [note.note_id for note in page.notes]
    while page.next_cursor is not None:
        page = client.notes(after=page.next_cursor, limit=100)
        seen += [note.note_id for note in page.notes]
    assert seen == sorted([*TEXTS, "late-1"])


@pytest.mark.stack
def test_it_reads_the_latest_run(client: Client) -> None:
    assert client.latest_run().run_id == LATEST_RUN


@pytest.mark.stack
@pytest.mark.parametrize("note_id", ["nobody", "a/b", "..", "", "x" * 201, "\x00", " a"])
def test_an_id_without_a_note_is_not_found(client: Client, note_id: str) -> None:
    with pytest.raises(NoteNotFound) as caught:
        client.note(note_id)
    assert caught.value.remedy


@pytest.mark.stack
def test_a_run_that_does_not_exist_is_not_found(client: Client) -> None:
    with pytest.raises(RunNotFound):
        client.note("cardiology-1", "nothing")


@pytest.mark.stack
@pytest.mark.parametrize(
    "ask", [lambda client: client.notes(limit=1000), lambda client: client.note("cardiology-1", "a b")]
)
def test_what_the_api_refuses_is_bad_input_with_the_field(client: Client, ask: Callable[[Client], Any]) -> None:
    with pytest.raises(BadInput, match=r"limit|run_id"):
        ask(client)


@pytest.mark.stack
def test_a_database_without_schema_says_what_to_do(stack: Stack, new_database: Callable[[], str]) -> None:
    app = create_app(settings_of(stack, new_database()))
    with serve(app) as url, Client(url) as client:
        with pytest.raises(MigrationNeeded) as caught:
            client.latest_run()
        readiness = client.ready()
    assert caught.value.remedy == "Run `hctap-etl db upgrade`."
    assert readiness.status == "not_ready"
    assert next(check.name for check in readiness.checks if not check.ok) == "database"


@pytest.mark.stack
def test_a_database_that_is_away_is_an_unavailable_store(stack: Stack) -> None:
    settings = settings_of(stack, "postgresql://hctap:x@127.0.0.1:9/hctap")
    with serve(create_app(settings)) as url, Client(url) as client, pytest.raises(StoreUnavailable) as caught:
        client.latest_run()
    assert "make up" in str(caught.value.remedy)


def test_an_api_that_is_away_is_an_unavailable_store_with_a_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with Client(url) as client, pytest.raises(StoreUnavailable, match="does not answer") as caught:
            client.health()
    assert "make up" in str(caught.value.remedy)


def test_an_api_that_hangs_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Client(url, timeout=0.2) as client, pytest.raises(StoreUnavailable, match="ReadTimeout"):
            client.health()


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (200, "<html>chest pain</html>", PlatformError, "not a Health"),
        (200, '{"status": "chest pain"}', PlatformError, "fields: status"),
        (200, '{"status": "healthy", "chest": "pain"}', PlatformError, "fields: chest"),
        (404, "not here: pain", PlatformError, "404 is not one"),
        (302, "", PlatformError, "302 is not one"),
        (502, "<html>pain</html>", StoreUnavailable, "502"),
        (500, '{"status": 500, "detail": "pain"}', PlatformError, "500 is not one"),
    ],
)
def test_what_is_not_the_api_is_said_without_repeating_it(
    status: int, body: str, kind: type[PlatformError], words: str
) -> None:
    with client_of_stranger(status, body) as client, pytest.raises(kind, match=words) as caught:
        client.health()
    assert "pain" not in str(caught.value)
    assert caught.value.remedy


def test_a_fault_of_the_api_names_the_request() -> None:
    body = (
        '{"type": "urn:hctap:problem:internal-error", "title": "t", "status": 500, "detail": "Went wrong.",'
        ' "instance": "/health", "request_id": "find-me"}'
    )
    with client_of_stranger(500, body) as client, pytest.raises(PlatformError, match="find-me") as caught:
        client.health()
    assert type(caught.value) is PlatformError


@pytest.mark.parametrize("address", ["", "127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http://["])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SettingsInvalid, match="http://host:port"):
        Client(address)


@pytest.mark.parametrize(
    ("address", "trusts"),
    [
        ("http://127.0.0.1:1", False),
        ("http://[::1]:1", False),
        ("http://localhost:1/", False),
        ("https://api.example", True),
    ],
)
def test_a_proxy_of_the_environment_is_used_for_other_machines_only(address: str, *, trusts: bool) -> None:
    with Client(address) as client:
        assert client.http.trust_env is trusts
        assert not client.base_url.endswith("/")
