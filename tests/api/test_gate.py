"""Who may do what, cell by cell; and that reading the text of a note is written down."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from tests.api.matrix import ABSENT, BODIES, IDS, MATRIX, NOTHING_THERE, PERMISSION_OF_ROUTE, QUERIES
from tests.clinic import LATEST_RUN, serve, settings_of

from hctap_api.gate import REMEMBERED_SECONDS, Gate
from hctap_api.limits import RateLimiter
from hctap_api.main import create_app
from hctap_api.openapi import render
from hctap_core.errors import NotAllowed
from hctap_core.permissions import ALLOWED, CHANGING, AuditPage, Identity, Permission, Principal, Role
from hctap_core.reviews import ReviewOrder
from hctap_embedded.stack import Stack
from hctap_stores.database import keys, reviews
from hctap_stores.database.connection import Database


@pytest.fixture(scope="module")
def database(api_url: str, clinic_database: str) -> Iterator[Database]:
    assert api_url
    with Database(clinic_database) as opened:
        yield opened


@pytest.fixture(scope="module")
def token_of(database: Database) -> Callable[[Role], str]:
    tokens = {role: keys.create_key(database, role.value, role).token for role in Role}
    return lambda role: tokens[role]


@pytest.fixture(scope="module")
def url(stack: Stack, api_url: str, clinic_database: str, review: None) -> Iterator[str]:  # noqa: ARG001
    """The clinic's API once more, asking for keys."""
    assert api_url
    with serve(create_app(settings_of(stack, clinic_database, HCTAP_API_OPEN="0"))) as served:
        yield served


@pytest.fixture(scope="module")
def review(database: Database) -> None:
    """A review whose routes the matrix asks for."""
    reviews.create_review(database, ReviewOrder(name="matrix", run_id=LATEST_RUN, sample=1), "tests")


def ask(url: str, method: str, path: str, token: str | None = None, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = BODIES.get(path)
    ids = ABSENT if PERMISSION_OF_ROUTE.get((method, path)) in CHANGING else IDS
    sent = None if method == "get" else body
    given = headers | more.pop("headers", {})
    return httpx.request(
        method, url + path.format(**ids), params=QUERIES.get((method, path)), json=sent, headers=given, timeout=20
    )


def problem(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("urn:hctap:problem:")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_each_cell_of_the_matrix(role: Role, permission: Permission) -> None:
    assert (permission in ALLOWED[role]) is (role.value in MATRIX[permission].split())
    narrowed = Principal(actor="k", role=role, scopes=frozenset({Permission.NOTES_READ}))
    assert narrowed.may(permission) is (permission is Permission.NOTES_READ)


def test_every_route_of_the_contract_has_its_permission() -> None:
    import json

    routes = {
        (method, path)
        for path, methods in json.loads(render())["paths"].items()
        for method, operation in methods.items()
        if "security" in operation
    }
    # Whoever has a key may know whose it is.
    assert routes == {*PERMISSION_OF_ROUTE, ("get", "/v1/me")}


@pytest.mark.stack
@pytest.mark.parametrize("role", Role)
def test_each_key_is_told_whose_it_is_and_what_it_may_do(url: str, token_of: Callable[[Role], str], role: Role) -> None:
    assert problem(ask(url, "get", "/v1/me")) == (401, "not-signed-in")
    identity = Identity.model_validate_json(ask(url, "get", "/v1/me", token_of(role)).content)
    assert identity.role is role
    assert set(identity.permissions) == ALLOWED[role]
    assert identity.may(Permission.RUNS_CHANGE) is (role in {Role.OPERATOR, Role.ADMIN})


@pytest.mark.stack
@pytest.mark.parametrize(("method", "path"), PERMISSION_OF_ROUTE)
def test_each_route_lets_in_whoever_may(url: str, token_of: Callable[[Role], str], method: str, path: str) -> None:
    response = ask(url, method, path)
    assert problem(response) == (401, "not-signed-in")
    assert response.headers["www-authenticate"].startswith("Bearer")
    for role in Role:
        response = ask(url, method, path, token_of(role))
        may = role.value in MATRIX[PERMISSION_OF_ROUTE[method, path]].split()
        if may:
            # Without workers the engine's routes answer 503, which is behind the gate; so is what is not there.
            is_absent = PERMISSION_OF_ROUTE[method, path] in CHANGING or (method, path) in NOTHING_THERE
            # A file that is none is refused behind the gate.
            expected = {422} if path == "/v1/notes/files" else {404} if is_absent else {200, 503}
            assert response.status_code in expected, (role, response.text)
        else:
            assert problem(response) == (403, "not-allowed")


@pytest.mark.stack
@pytest.mark.parametrize("path", ["/health", "/version", "/ready", "/openapi.json"])
def test_whether_it_is_alive_needs_no_key(url: str, path: str) -> None:
    assert httpx.get(url + path).status_code == 200


@pytest.mark.stack
def test_only_valid_keys_are_taken(url: str, database: Database) -> None:
    def status(token: str) -> int:
        return ask(url, "get", "/v1/notes", token).status_code

    made = keys.create_key(database, "short", Role.READER, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert status(made.token) == 401
    good = keys.create_key(database, "good", Role.READER)
    assert status(good.token) == 200
    assert httpx.get(f"{url}/v1/notes", headers={"X-API-Key": good.token}).status_code == 200
    for bad in (good.token[:-1], good.token + "x", f"hctap_{good.key.key_id}_", "hctap__", "x", "a.b.c"):
        assert status(bad) == 401
    none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."
    assert status(none) == 401
    assert httpx.get(f"{url}/v1/notes", auth=("admin", "admin")).status_code == 401
    gone = keys.create_key(database, "gone", Role.READER)
    keys.revoke_key(database, gone.key.key_id)
    assert status(gone.token) == 401
    assert REMEMBERED_SECONDS <= 5


@pytest.mark.stack
def test_a_narrowed_key_does_less_than_its_role(url: str, database: Database) -> None:
    narrow = keys.create_key(database, "narrow", Role.ADMIN, scopes=[Permission.RUNS_READ]).token
    assert ask(url, "get", "/v1/runs", narrow).status_code == 200
    assert ask(url, "get", "/v1/notes/cardiology-1", narrow).status_code == 403


@pytest.mark.stack
def test_a_reader_gets_pages_and_no_streams(url: str, token_of: Callable[[Role], str]) -> None:
    lines = {"headers": {"Accept": "application/x-ndjson"}}
    assert ask(url, "post", "/v1/entities/search", token_of(Role.READER), **lines).status_code == 403
    assert ask(url, "post", "/v1/entities/search", token_of(Role.ANALYST), **lines).status_code == 200


@pytest.mark.stack
def test_reading_a_note_is_written_down_before_it_is_answered(
    url: str, token_of: Callable[[Role], str], clinic_database: str
) -> None:
    headers = {"X-Request-ID": "find-me-7"}
    ask(url, "get", "/v1/notes/{note_id}", token_of(Role.READER), headers=headers)
    ask(url, "post", "/v1/entities/search", token_of(Role.READER), headers={"X-Request-ID": "find-me-8"})
    response = httpx.get(f"{url}/v1/audit", headers={"Authorization": f"Bearer {token_of(Role.ADMIN)}"})
    entries = {entry.request_id: entry for entry in AuditPage.model_validate_json(response.content).entries}
    read, searched = entries["find-me-7"], entries["find-me-8"]
    assert (read.action, read.note_id, read.notes, read.role) == ("note.read", "cardiology-1", 1, "reader")
    assert read.address == "127.0.0.1"
    assert (searched.action, searched.notes > 5) == ("entities.search", True)
    of_note = httpx.get(
        f"{url}/v1/audit?note_id=cardiology-1&limit=1", headers={"Authorization": f"Bearer {token_of(Role.ADMIN)}"}
    )
    assert AuditPage.model_validate_json(of_note.content).entries[0].note_id == "cardiology-1"
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with psycopg.connect(clinic_database) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.stack
def test_an_open_api_answers_to_no_proxy(api_url: str) -> None:
    response = httpx.get(f"{api_url}/v1/notes", headers={"X-Forwarded-For": "192.0.2.1"})
    assert problem(response) == (401, "not-signed-in")


@pytest.mark.stack
def test_other_origins_are_let_in_by_setting_only(stack: Stack, clinic_database: str, api_url: str) -> None:
    asked = {"Origin": "https://ward.example", "Access-Control-Request-Method": "GET"}
    assert "access-control-allow-origin" not in httpx.options(f"{api_url}/v1/notes", headers=asked).headers
    settings = settings_of(stack, clinic_database, HCTAP_API_CORS_ORIGINS="https://ward.example")
    with serve(create_app(settings)) as url:
        allowed = httpx.options(f"{url}/v1/notes", headers=asked).headers
        assert allowed["access-control-allow-origin"] == "https://ward.example"
        other = httpx.options(f"{url}/v1/notes", headers=asked | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("permission", sorted(CHANGING))
def test_a_read_only_api_changes_nothing_even_for_admins(permission: Permission) -> None:
    import asyncio
    from unittest.mock import Mock

    from fastapi import Request

    request = Request({"type": "http", "headers": [], "method": "POST", "path": "/", "query_string": b""})
    gate = Gate(Mock(), Mock(), RateLimiter(None, 0), is_open=True, is_read_only=True)
    with pytest.raises(NotAllowed, match="read-only"):
        asyncio.run(gate.requires(permission)(request))
    asyncio.run(Gate(Mock(), Mock(), RateLimiter(None, 0), is_open=True).requires(permission)(request))
