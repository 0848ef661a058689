"""What the API's error answers mean: the problem's type names the error that is raised here."""

import httpx
from pydantic import ValidationError

from hctap_core.answers import PROBLEM_TYPE_PREFIX, Problem
from hctap_core.errors import (
    BadInput,
    CodeNotFound,
    EngineBusy,
    ExportNotFound,
    ExtractorUnavailable,
    FileTooLarge,
    GoldNotFound,
    InvalidSpan,
    MigrationNeeded,
    NotAllowed,
    NoteConflict,
    NoteNotFound,
    NotSignedIn,
    PlatformError,
    RequestConflict,
    ReviewConflict,
    ReviewNotFound,
    RunConflict,
    RunNotFound,
    ScheduleNotFound,
    StoreUnavailable,
    TooManyRequests,
    UnknownExtractor,
    UnsupportedInput,
)

ERROR_OF_PROBLEM: dict[str, type[PlatformError]] = {
    "note-not-found": NoteNotFound,
    "note-conflict": NoteConflict,
    "file-too-large": FileTooLarge,
    "unsupported-input": UnsupportedInput,
    "not-signed-in": NotSignedIn,
    "too-many-requests": TooManyRequests,
    "not-allowed": NotAllowed,
    "code-not-found": CodeNotFound,
    "engine-busy": EngineBusy,
    "extractor-unavailable": ExtractorUnavailable,
    "bad-input": BadInput,
    "run-not-found": RunNotFound,
    "gold-not-found": GoldNotFound,
    "export-not-found": ExportNotFound,
    "review-not-found": ReviewNotFound,
    "schedule-not-found": ScheduleNotFound,
    "review-conflict": ReviewConflict,
    "invalid-span": InvalidSpan,
    "run-conflict": RunConflict,
    "request-conflict": RequestConflict,
    "unknown-extractor": UnknownExtractor,
    "store-unavailable": StoreUnavailable,
    "migration-needed": MigrationNeeded,
    "not-ready": StoreUnavailable,
    "invalid-request": BadInput,
}


def error_of(response: httpx.Response) -> PlatformError:
    """The error that an answer of 400 and above stands for; it names the request id, never the answer's body."""
    problem = read_problem(response)
    if problem is None:
        return _error_of_stranger(response)
    known = ERROR_OF_PROBLEM.get(problem.type.removeprefix(PROBLEM_TYPE_PREFIX))
    kind = known or (BadInput if problem.status < httpx.codes.INTERNAL_SERVER_ERROR else PlatformError)
    fields = "".join(f" {item.field}: {item.message}." for item in problem.errors or ())
    reference = "" if known else f" (request {problem.request_id})"
    return kind(f"{problem.detail}{fields}{reference}", remedy=problem.remedy)


def read_problem(response: httpx.Response) -> Problem | None:
    """The problem in an answer of 400 and above, or None where it holds none."""
    if response.status_code < httpx.codes.BAD_REQUEST:
        return None
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return None


def _error_of_stranger(response: httpx.Response) -> PlatformError:
    """A proxy on the way, or another program on the port: not the API's own words."""
    if response.status_code in {httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT}:
        return StoreUnavailable(
            f"A server before the API answered {response.status_code}.", remedy="Try again shortly."
        )
    return PlatformError(
        f"The answer {response.status_code} is not one of the HC-TAP API's.", remedy="Check the API's address."
    )
