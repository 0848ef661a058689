"""The route of a note that stands before FastAPI's: it answers the plain requests, with the same answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from tests.clinic import LATEST_RUN, ODD_ID, serve, settings_of

from hctap_api.main import create_app
from hctap_api.routes.direct import DirectRoute
from hctap_core.permissions import AuditPage, Role
from hctap_embedded.stack import Stack
from hctap_stores.database.connection import Database
from hctap_stores.database.keys import create_key


async def _pass(request: Request) -> None:
    assert request


async def _say(request: Request) -> Response:
    return Response(request.path_params["note_id"])


ROUTE = DirectRoute("/v1/notes/{note_id}", admit=_pass, is_plain=lambda given: "!" not in given["note_id"], answer=_say)
CHANGING_HEADERS = {"content-length", "date", "x-request-id", "ratelimit", "ratelimit-policy"}


@pytest.mark.parametrize(
    ("changes", "is_taken"),
    [
        ({}, True),
        ({"path": "/v1/notes/a b"}, True),
        ({"path": "/v1/notes/"}, False),
        ({"path": "/v1/notes/a/fhir"}, False),
        ({"path": "/notes/a"}, False),
        ({"path": "/v1/notes/a!"}, False),
        ({"method": "HEAD"}, False),
        ({"method": "DELETE"}, False),
        ({"query_string": b"run_id=x"}, False),
        ({"headers": [(b"content-length", b"1")]}, False),
        ({"headers": [(b"transfer-encoding", b"chunked")]}, False),
        ({"headers": [(b"accept-encoding", b"gzip")]}, True),
        ({"type": "websocket"}, False),
    ],
)
def test_only_plain_requests_are_taken(changes: dict[str, Any], is_taken: bool) -> None:  # noqa: FBT001 - a column
    scope = {"type": "http", "method": "GET", "path": "/v1/notes/a", "query_string": b"", "headers": []}
    match, child_scope = ROUTE.matches(scope | changes)
    assert match is (Match.FULL if is_taken else Match.NONE)
    assert child_scope.get("route") is (ROUTE if is_taken else None)


POSTED = DirectRoute("/v1/extract", method="POST", admit=_pass, answer=_say)
JSON_HEADERS = {"content-type": "application/json", "content-length": "2"}


@pytest.mark.parametrize(
    ("changes", "is_taken"),
    [
        ({}, True),
        ({"content-type": "application/json; charset=utf-8"}, False),
        ({"content-type": "text/plain"}, False),
        ({"content-length": "0"}, False),
        ({"content-length": None}, False),
        ({"transfer-encoding": "chunked"}, False),
    ],
)
def test_only_json_of_a_known_length_is_taken(changes: dict[str, str | None], is_taken: bool) -> None:  # noqa: FBT001
    headers = [(name.encode(), value.encode()) for name, value in (JSON_HEADERS | changes).items() if value]
    scope = {"type": "http", "method": "POST", "path": "/v1/extract", "query_string": b"", "headers": headers}
    assert POSTED.matches(scope)[0] is (Match.FULL if is_taken else Match.NONE)
    assert POSTED.matches(scope | {"method": "GET"})[0] is Match.NONE


@pytest.mark.stack
@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "Denies fever.", "id": "x", "explain": true, "options": {"entity_types": ["PROBLEM"]}}',
        b'{"text": "Fever.", "options": {"sections": false, "min_score": 0.5}}',
        b'{"text": "  "}',
        b'{"text": "Fever.", "unknown": 1, "options": {"min_score": 7}}',
        b'{"text": 7, "id": null}',
        b'{"text": "Fever."',
        b"[]",
        b"7",
        b"null",
        b'{"text": "\xff"}',
        b"[" * 100_000,
    ],
)
def test_a_text_is_answered_as_by_the_whole_route(api_url: str, body: bytes) -> None:
    direct, whole = (
        httpx.post(f"{api_url}/v1/extract", content=body, headers={"Content-Type": kind}, timeout=60)
        for kind in ("application/json", "application/json; charset=utf-8")
    )
    assert direct.status_code == whole.status_code
    given = [{**one.json(), "request_id": None} for one in (direct, whole)]
    assert given[0] == given[1]
    same = [
        {name: value for name, value in one.headers.items() if name not in CHANGING_HEADERS} for one in (direct, whole)
    ]
    assert same[0] == same[1]


@pytest.mark.stack
@pytest.mark.parametrize("note_id", ["cardiology-1", "cardiology-2", "script-1", ODD_ID])
def test_the_answer_is_that_of_the_whole_route(api_url: str, note_id: str) -> None:
    address = f"{api_url}/v1/notes/{quote(note_id, safe='')}"
    plain, whole = (httpx.get(address, params=given, timeout=60) for given in ({}, {"run_id": LATEST_RUN}))
    assert plain.status_code == whole.status_code == 200
    assert plain.content == whole.content
    same = [
        {name: value for name, value in one.headers.items() if name not in CHANGING_HEADERS} for one in (plain, whole)
    ]
    assert same[0] == same[1]


@pytest.fixture(scope="module")
def token_of(api_url: str, clinic_database: str) -> Callable[[Role], str]:
    """Keys of this module's own."""
    assert api_url
    with Database(clinic_database) as database:
        made = {role: create_key(database, f"direct-{role}", role).token for role in (Role.READER, Role.ADMIN)}
    return lambda role: made[role]


@contextmanager
def asking(stack: Stack, url: str, **settings: str) -> Iterator[Callable[..., httpx.Response]]:
    """Ask an API over the clinic that wants keys: a path, a key or none, parameters."""
    app = create_app(settings_of(stack, url, HCTAP_API_OPEN="0", **settings))
    with serve(app) as served, httpx.Client(base_url=served, timeout=60) as client:

        def ask(path: str, key: str | None, **given: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            return client.get(path, headers=headers, params=given)

        yield ask


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()["type"].removeprefix("urn:hctap:problem:")


@pytest.mark.stack
def test_refusals_are_those_of_the_whole_route_and_only_what_is_read_is_written_down(
    stack: Stack, clinic_database: str, token_of: Callable[[Role], str]
) -> None:
    reader = token_of(Role.READER)
    with asking(stack, clinic_database, HCTAP_API_REQUESTS_PER_MINUTE="0") as ask:
        for given in ({}, {"run_id": LATEST_RUN}):
            assert problem(ask("/v1/notes/cardiology-1", None, **given)) == (401, "not-signed-in")
            assert problem(ask("/v1/notes/nobody", reader, **given)) == (404, "note-not-found")
        assert problem(ask("/v1/notes/a%07", reader)) == (422, "invalid-request")
        assert ask("/v1/notes/cardiology-1", reader).status_code == 200
        entries = AuditPage.model_validate_json(ask("/v1/audit", token_of(Role.ADMIN)).content).entries
    read = [one for one in entries if one.actor == reader.split("_")[1]]
    assert [(one.action, one.note_id, one.run_id, one.notes) for one in read] == [
        ("note.read", "cardiology-1", None, 1)
    ]


@pytest.mark.stack
def test_it_is_limited_as_all_are(stack: Stack, clinic_database: str, token_of: Callable[[Role], str]) -> None:
    with asking(stack, clinic_database, HCTAP_API_REQUESTS_PER_MINUTE="2") as ask:
        responses = [ask("/v1/notes/cardiology-1", token_of(Role.READER)) for _ in range(8)]
    # A new minute may begin meanwhile.
    refused = [response for response in responses if response.status_code != httpx.codes.OK]
    assert len(refused) >= 4
    assert {problem(response) for response in refused} == {(429, "too-many-requests")}
    assert all(int(response.headers["retry-after"]) <= 60 for response in refused)
