"""How errors answer: one table from error class to status, one shape (RFC 9457 problem details)."""

import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from hctap_api.envelope import SECURITY_HEADERS
from hctap_api.request_ids import REQUEST_ID_HEADER, request_id_of
from hctap_core.answers import PROBLEM_TYPE_PREFIX, Check, FieldError, Problem
from hctap_core.errors import (
    BadInput,
    CodeNotFound,
    EngineBusy,
    ExportNotFound,
    ExtractorUnavailable,
    FileTooLarge,
    GoldNotFound,
    InvalidSpan,
    KeyNotFound,
    LlmReplyUnusable,
    MalformedRecord,
    MigrationNeeded,
    NotAllowed,
    NoteConflict,
    NoteNotFound,
    NoteRefused,
    NotSignedIn,
    PlatformError,
    RequestConflict,
    ReviewConflict,
    ReviewNotFound,
    RunConflict,
    RunNotFound,
    ScheduleNotFound,
    SettingsInvalid,
    StorePartUnavailable,
    StoreUnavailable,
    TooManyRequests,
    UnknownExtractor,
    UnsupportedInput,
)

log = logging.getLogger(__name__)

PROBLEM_MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
OLD_PATHS = ("/notes/", "/search", "/stats/", "/extract", "/config")

_STATUS_HEADERS: dict[HTTPStatus, dict[str, str]] = {
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": str(RETRY_AFTER_SECONDS)},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Bearer realm="hctap"'},
}
STATUS_OF_ERROR: dict[type[PlatformError], HTTPStatus] = {
    BadInput: HTTPStatus.BAD_REQUEST,
    MalformedRecord: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoteRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidSpan: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnsupportedInput: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    NotAllowed: HTTPStatus.FORBIDDEN,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    KeyNotFound: HTTPStatus.NOT_FOUND,
    NoteNotFound: HTTPStatus.NOT_FOUND,
    NoteConflict: HTTPStatus.CONFLICT,
    FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    CodeNotFound: HTTPStatus.NOT_FOUND,
    RunNotFound: HTTPStatus.NOT_FOUND,
    GoldNotFound: HTTPStatus.NOT_FOUND,
    ExportNotFound: HTTPStatus.NOT_FOUND,
    ReviewNotFound: HTTPStatus.NOT_FOUND,
    ScheduleNotFound: HTTPStatus.NOT_FOUND,
    ReviewConflict: HTTPStatus.CONFLICT,
    RunConflict: HTTPStatus.CONFLICT,
    RequestConflict: HTTPStatus.CONFLICT,
    UnknownExtractor: HTTPStatus.NOT_FOUND,
    EngineBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    LlmReplyUnusable: HTTPStatus.BAD_GATEWAY,
    ExtractorUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    StorePartUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    MigrationNeeded: HTTPStatus.SERVICE_UNAVAILABLE,
    SettingsInvalid: HTTPStatus.INTERNAL_SERVER_ERROR,
    PlatformError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def problem_response(  # noqa: PLR0913 - the members of a problem, all but two of them named
    request: Request,
    status: HTTPStatus,
    slug: str,
    title: str,
    detail: str,
    *,
    remedy: str | None = None,
    errors: Sequence[FieldError] | None = None,
    checks: Sequence[Check] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The problem as a response; 503 says when to try again."""
    problem = Problem(
        type=PROBLEM_TYPE_PREFIX + slug,
        title=title,
        status=status,
        detail=detail,
        instance=request.url.path,
        request_id=request_id_of(request.scope),
        remedy=remedy,
        errors=None if errors is None else tuple(errors),
        checks=None if checks is None else tuple(checks),
        **_old_words(request, status, detail),
    )
    retry = _STATUS_HEADERS.get(status, {})
    return Response(
        problem.model_dump_json(exclude_none=True),
        status,
        headers={**retry, **(headers or {})},
        media_type=PROBLEM_MEDIA_TYPE,
    )


def _old_words(request: Request, status: HTTPStatus, detail: str) -> dict[str, str]:
    """What HC-TAP's users look for in an error, at the addresses that they know."""
    if not request.url.path.startswith(OLD_PATHS):
        return {}
    return {"error": status.phrase.lower().replace(" ", "_"), "message": detail}


def slug_of(kind: type[PlatformError]) -> str:
    """The last word of a problem's type: `NoteNotFound` is `note-not-found`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


def status_of(kind: type[PlatformError]) -> HTTPStatus:
    """The status of an error class, or of its nearest ancestor in the table."""
    return next(STATUS_OF_ERROR[ancestor] for ancestor in kind.__mro__ if ancestor in STATUS_OF_ERROR)


async def answer_platform_error(request: Request, error: Exception) -> Response:
    """One of the domain's errors: its own words, but none of a fault inside."""
    if not isinstance(error, PlatformError):
        raise error
    kind = type(error)
    status = status_of(kind)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return _answer_fault(request, error)
    title = (kind.__doc__ or status.phrase).strip().splitlines()[0]
    detail = error.message
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        # The message names hosts and ports, which are the operator's to know: it goes to the log.
        detail = f"{title} The answer of /ready says what the API lacks."
        facts = {"error": f"{kind.__name__}: {error.message}", "remedy": error.remedy}
        log.warning("request_refused", extra={"request_id": request_id_of(request.scope), **facts})
    return problem_response(request, status, slug_of(kind), title.rstrip("."), detail, remedy=error.remedy)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """What the framework refuses: an unknown path, a method that a path does not have."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    slug = status.phrase.lower().replace(" ", "-")
    headers = error.headers
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(sorted(_methods_of(request)))}
    return problem_response(
        request, status, slug, status.phrase, f"{status.description or status.phrase}.", headers=headers
    )


def _methods_of(request: Request) -> set[str]:
    """The methods that an address has in all routes together; the router names those of one route alone.

    An address that the contract has as it stands has no others, though it would fit the form of another.
    """
    if (declared := request.app.openapi()["paths"].get(request.url.path)) is not None:
        return {name.upper() for name in declared if name.upper() in _METHODS}
    return {
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    }


async def answer_invalid_request(request: Request, error: Exception) -> Response:
    """A request whose parts break the contract: names the parts, never repeats their values."""
    if not isinstance(error, RequestValidationError):
        raise error
    fields = [FieldError(field=_place(item), message=_message(item)) for item in error.errors()]
    return problem_response(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-request",
        "A part of the request cannot be used",
        f"Of the request, {len(fields)} {'part' if len(fields) == 1 else 'parts'} cannot be used.",
        errors=fields,
    )


async def answer_fault(request: Request, error: Exception) -> Response:
    """A fault of ours: the log has the class and the place under the request id, the answer has the id alone."""
    response = _answer_fault(request, error)
    # Starlette answers a fault outside of every middleware, so the envelope is put on here.
    response.headers.update(SECURITY_HEADERS | {REQUEST_ID_HEADER: request_id_of(request.scope)})
    return response


def install_error_handlers(app: FastAPI) -> None:
    """Let every error of the app answer as a problem."""
    app.add_exception_handler(PlatformError, answer_platform_error)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(RequestValidationError, answer_invalid_request)
    app.add_exception_handler(Exception, answer_fault)


def _answer_fault(request: Request, error: Exception) -> Response:
    request_id = request_id_of(request.scope)
    log.error("request_failed", extra={"request_id": request_id}, exc_info=error)
    return problem_response(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal-error",
        "Something went wrong in the API",
        "The request could not be answered.",
        remedy=f"Look for request {request_id} in the API's log.",
    )


def _place(item: Mapping[str, Any]) -> str:
    location = item["loc"]
    # What is no JSON has no fields, only the offset at which it stops to be JSON.
    inner = () if item["type"] == "json_invalid" else location[1:]
    return ".".join(str(part) for part in inner) or str(location[0])


def _message(item: Mapping[str, Any]) -> str:
    # A value error's message is a validator's own; Pydantic's messages state the limit and not the value.
    return str(item["msg"]).removeprefix("Value error, ")
