"""What the routes can answer, as the OpenAPI declares it."""

from http import HTTPStatus
from typing import Any, Final

from hctap_api.errors import PROBLEM_MEDIA_TYPE
from hctap_api.examples import CHECKS, FAILED_CHECK, NOTE_ID, problem_example
from hctap_core.answers import FieldError

Responses = dict[int | str, dict[str, Any]]

_REQUEST_ID: Final = {"X-Request-ID": {"$ref": "#/components/headers/RequestId"}}
_RETRY_AFTER: Final = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}


def answer(description: str, example: object) -> Responses:
    """Success as JSON, with its example."""
    content = {"application/json": {"example": example}}
    return {int(HTTPStatus.OK): {"description": description, "headers": _REQUEST_ID, "content": content}}


def created(description: str, example: object) -> Responses:
    """What was made, as JSON, with its example."""
    content = {"application/json": {"example": example}}
    return {int(HTTPStatus.CREATED): {"description": description, "headers": _REQUEST_ID, "content": content}}


def accepted(description: str, example: object) -> Responses:
    """What will be done, as JSON, with its example and the address where it is to be followed."""
    content = {"application/json": {"example": example}}
    headers = _REQUEST_ID | {"Location": {"description": "Where to look.", "schema": {"type": "string"}}}
    return {int(HTTPStatus.ACCEPTED): {"description": description, "headers": headers, "content": content}}


def taken(description: str, example: object) -> Responses:
    """What is being done, as JSON, with its example; who asks again is told how far it has come."""
    content = {"application/json": {"example": example}}
    return {int(HTTPStatus.ACCEPTED): {"description": description, "headers": _REQUEST_ID, "content": content}}


def problem(description: str, example: dict[str, Any]) -> Responses:
    """A problem under the example's status."""
    retry = _RETRY_AFTER if example["status"] == HTTPStatus.SERVICE_UNAVAILABLE else {}
    content = {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    return {example["status"]: {"description": description, "headers": _REQUEST_ID | retry, "content": content}}


NOTE_NOT_FOUND: Final = problem(
    "There is no such note, or no such run.",
    problem_example(
        404,
        "note-not-found",
        "There is no such note",
        f"There is no note {NOTE_ID!r}.",
        instance=f"/v1/notes/{NOTE_ID}",
        remedy="GET /v1/notes lists the ids.",
    ),
)
RUN_NOT_FOUND: Final = problem(
    "No run has finished yet.",
    problem_example(
        404,
        "run-not-found",
        "There is no such run",
        "No run has finished yet.",
        instance="/v1/runs/latest",
        remedy="Run `make etl`, or `hctap-etl run`.",
    ),
)
INVALID: Final = problem(
    "A part of the request cannot be used; `errors` names it.",
    problem_example(
        422,
        "invalid-request",
        "A part of the request cannot be used",
        "Of the request, 1 part cannot be used.",
        instance="/v1/notes",
        errors=(FieldError(field="limit", message="Input should be less than or equal to 200"),),
    ),
)
UNAVAILABLE: Final = problem(
    "A store does not answer, or the database awaits a migration.",
    problem_example(
        503,
        "store-unavailable",
        "A store does not answer",
        "A store does not answer. The answer of /ready says what the API lacks.",
        instance="/v1/notes",
        remedy="Start the stack with `make up`, or set HCTAP_DATABASE_URL.",
    ),
)
NOT_READY: Final = problem(
    "Something that the API stands on cannot be used; `checks` says which and what to do.",
    problem_example(
        503,
        "not-ready",
        "The API is not ready",
        "These cannot be used: database.",
        instance="/ready",
        remedy=FAILED_CHECK.remedy,
        checks=(FAILED_CHECK, CHECKS[1]),
    ),
)
NOT_SIGNED_IN: Final = problem(
    "A valid key is needed.",
    problem_example(
        401,
        "not-signed-in",
        "A valid key is needed",
        "A key is needed.",
        instance="/v1/notes",
        remedy="Send it as `Authorization: Bearer KEY`, or as `X-API-Key`.",
    ),
)
NOT_ALLOWED: Final = problem(
    "The key may not do this.",
    problem_example(
        403,
        "not-allowed",
        "The key may not do this",
        "The key may not do audit:read.",
        instance="/v1/audit",
        remedy="Ask an admin for another key.",
    ),
)
ENGINE_UNAVAILABLE: Final = problem(
    "The language engine cannot be used, is still loading, or too many texts wait for it.",
    problem_example(
        503,
        "engine-busy",
        "Too many texts wait for the extractor",
        "Too many texts wait for the extractor. The answer of /ready says what the API lacks.",
        instance="/v1/extract",
        remedy="Try again in a few seconds.",
    ),
)
NOTE_CONFLICT: Final = problem(
    "Another note has this id.",
    problem_example(
        409,
        "note-conflict",
        "Another note has this id",
        "Another note has this id.",
        instance="/v1/notes",
        remedy="Give the note another id, or none.",
    ),
)
TOO_LARGE: Final = problem(
    "The file or the body is too large.",
    problem_example(
        413,
        "file-too-large",
        "The file is too large",
        "A file may have 10485760 bytes.",
        instance="/v1/notes/files",
        remedy="Send less at a time.",
    ),
)
UNSUPPORTED: Final = problem(
    "The file is of no kind that can be read.",
    problem_example(
        415,
        "unsupported-input",
        "No reader knows this file or folder",
        "The file is neither PDF, DOCX nor text in UTF-8.",
        instance="/v1/notes/files",
        remedy="Send PDF or DOCX with text, or text in UTF-8.",
    ),
)
EXPORT_NOT_FOUND: Final = problem(
    "There is no such export, or no such file of it.",
    problem_example(
        404,
        "export-not-found",
        "There is no such export, or no such file of it",
        "There is no such export.",
        instance="/v1/exports/7",
        remedy="GET /v1/exports lists them.",
    ),
)
SCHEDULE_NOT_FOUND: Final = problem(
    "There is no such schedule.",
    problem_example(
        404,
        "schedule-not-found",
        "There is no such schedule",
        "There is no schedule 'nightly'.",
        instance="/v1/schedules/nightly",
        remedy="GET /v1/schedules lists them.",
    ),
)
REVIEW_NOT_FOUND: Final = problem(
    "There is no such review, note or entity to judge.",
    problem_example(
        404,
        "review-not-found",
        "There is no such review, note or entity to judge",
        "There is no such review.",
        instance="/v1/reviews/ward-7",
        remedy="GET /v1/reviews lists them.",
    ),
)
REVIEW_CONFLICT: Final = problem(
    "Somebody else has written meanwhile, or the name is taken.",
    problem_example(
        409,
        "review-conflict",
        "Somebody else has written meanwhile",
        "The decision has another version by now.",
        instance="/v1/reviews/ward-7/tasks/1/decisions/e0",
        remedy="Read the note again.",
    ),
)
GOLD_NOT_FOUND: Final = problem(
    "There is no such run, no such gold set, or no evaluation under this name.",
    problem_example(
        404,
        "gold-not-found",
        "There is no such gold set, or no evaluation under this name",
        "There is no such gold set.",
        instance="/v1/runs/20261121T093000Z-hybrid/evaluations",
        remedy="GET /v1/gold lists them.",
    ),
)
CONFLICT: Final = problem(
    "The run is not in a state for this, or the Idempotency-Key was sent with another request.",
    problem_example(
        409,
        "run-conflict",
        "The run is not in a state for this: taken by another pipeline, worked on, or over",
        "The run is finished.",
        instance="/v1/runs/20261121T093000Z-hybrid/cancel",
        remedy="There is nothing to cancel.",
    ),
)
EXTRACTOR_NOT_FOUND: Final = problem(
    "There is no extractor of that name.",
    problem_example(
        404,
        "unknown-extractor",
        "There is no extractor of that name",
        "There is no extractor of that name.",
        instance="/v1/runs",
        remedy="Known extractors: hybrid, rules, model.",
    ),
)
CODE_NOT_FOUND: Final = problem(
    "The vocabulary knows no such code.",
    problem_example(
        404,
        "code-not-found",
        "The vocabulary knows no such code",
        "The vocabulary knows no such code.",
        instance="/v1/vocabulary/codes/ICD-10-CM/X",
        remedy="POST /v1/vocabulary/terms/search finds codes by words.",
    ),
)
ANY_OTHER: Final[Responses] = {
    "default": {
        "description": "Any other error, in the same shape.",
        "headers": _REQUEST_ID,
        "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
