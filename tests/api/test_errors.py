"""Every error in one shape, without internals."""

from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from tests.clinic import serve

from hctap_api.envelope import Envelope
from hctap_api.errors import STATUS_OF_ERROR, install_error_handlers, slug_of, status_of
from hctap_core.answers import Problem
from hctap_core.errors import NoteNotFound, PlatformError, RunConflict, StoreUnavailable

SECRET = "denies chest pain"
# The server closes a connection on which the application failed.
NO_REUSE = httpx.Limits(max_keepalive_connections=0)


class Form(BaseModel):
    age: int


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A server whose routes go wrong in every way."""
    app = FastAPI()

    @app.get("/note")
    async def note() -> None:
        raise NoteNotFound("There is no note 'x'.", remedy="Look again.")

    @app.get("/conflict")
    async def conflict() -> None:
        raise RunConflict

    @app.get("/store")
    async def store() -> None:
        raise StoreUnavailable("PostgreSQL does not answer at 10.1.2.3:5432/hctap.", remedy="Start it.")

    @app.get("/fault")
    async def fault() -> None:
        raise ValueError(SECRET)

    @app.get("/ours")
    async def ours() -> None:
        raise PlatformError(f"PostgreSQL refused a statement. {SECRET}")

    @app.post("/form")
    async def form(body: Form) -> None: ...

    install_error_handlers(app)
    app.add_middleware(Envelope)
    with serve(app) as url, httpx.Client(base_url=url, limits=NO_REUSE) as client:
        yield client


def problem_of(response: httpx.Response, status: int) -> Problem:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(response.content)
    assert problem.status == status
    assert problem.request_id == response.headers["x-request-id"]
    assert response.headers["cache-control"] == "no-store"
    return problem


def test_a_domain_error_says_its_own_words(client: httpx.Client) -> None:
    problem = problem_of(client.get("/note"), 404)
    assert problem.type == "urn:hctap:problem:note-not-found"
    assert (problem.title, problem.detail, problem.remedy) == (
        "There is no such note",
        "There is no note 'x'.",
        "Look again.",
    )
    assert problem.instance == "/note"


def test_a_domain_error_without_words_says_what_its_class_says(client: httpx.Client) -> None:
    assert "worked on, or over" in problem_of(client.get("/conflict"), 409).detail


def test_a_store_that_is_away_says_when_to_try_again_and_not_where_it_is(client: httpx.Client) -> None:
    response = client.get("/store")
    problem = problem_of(response, 503)
    assert response.headers["retry-after"] == "5"
    assert problem.remedy == "Start it."
    assert "10.1.2.3" not in response.text


@pytest.mark.parametrize("path", ["/fault", "/ours"])
def test_a_fault_says_nothing_but_its_id(client: httpx.Client, path: str, caplog: pytest.LogCaptureFixture) -> None:
    response = client.get(path, headers={"X-Request-ID": "find-me"})
    problem = problem_of(response, 500)
    assert problem.type == "urn:hctap:problem:internal-error"
    assert "find-me" in str(problem.remedy)
    assert SECRET not in response.text
    assert "ValueError" not in response.text
    assert [record.request_id for record in caplog.records if record.msg == "request_failed"] == ["find-me"]  # type: ignore[attr-defined]


def test_an_unknown_path_and_a_wrong_method_are_problems(client: httpx.Client) -> None:
    assert problem_of(client.get("/nowhere"), 404).type == "urn:hctap:problem:not-found"
    response = client.delete("/note")
    assert problem_of(response, 405).type == "urn:hctap:problem:method-not-allowed"
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("body", "field"), [(f'{{"age": "{SECRET}"}}', "age"), (f'{{"age": {SECRET}', "body"), (f'"{SECRET}"', "body")]
)
def test_a_request_that_breaks_the_contract_names_the_field_and_not_the_value(
    client: httpx.Client, body: str, field: str
) -> None:
    response = client.post("/form", content=body, headers={"Content-Type": "application/json"})
    problem = problem_of(response, 422)
    assert [error.field for error in problem.errors or ()] == [field]
    assert SECRET not in response.text


def test_every_error_of_the_domain_has_a_status() -> None:
    kinds = list(PlatformError.__subclasses__())
    for kind in kinds:
        kinds += kind.__subclasses__()
    ours = {kind for kind in kinds if kind.__module__ == PlatformError.__module__}  # not those of tests and benchmarks
    assert ours <= STATUS_OF_ERROR.keys()


def test_a_new_error_has_the_status_of_its_family() -> None:
    class NoteGone(NoteNotFound):
        """The note was deleted."""

    assert status_of(NoteGone) is HTTPStatus.NOT_FOUND
    assert slug_of(NoteGone) == "note-gone"


@pytest.mark.stack
@pytest.mark.parametrize(
    ("path", "methods"),
    [("/v1/notes/cardiology-1", "DELETE, GET"), ("/v1/notes", "GET, POST"), ("/v1/notes/files", "POST")],
)
def test_a_method_that_an_address_has_not_is_answered_with_those_that_it_has(
    api_url: str, path: str, methods: str
) -> None:
    response = httpx.patch(api_url + path)
    assert (response.status_code, response.headers["allow"]) == (405, methods)
