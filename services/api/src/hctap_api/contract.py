"""The contract of the API, complete with the one shape of its errors."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from hctap_api.routes.responses import NOT_ALLOWED, NOT_SIGNED_IN
from hctap_core.answers import Problem

DESCRIPTION: Final = """\
Clinical notes, and what the runs of HC-TAP found in them.

Every error is a problem of RFC 9457 (`application/problem+json`) with `type`, `title`, `status`, `detail`,
`instance` and `request_id`; where there is something to do about it, `remedy` says what. Offsets count code points
of the note's text, half-open.
"""
TAGS: Final = [
    {"name": "health", "description": "Whether the API is alive, ready, and which release it is."},
    {"name": "notes", "description": "Notes with their text, entities and sections."},
    {"name": "entities", "description": "Entities of a run: searched, counted, streamed."},
    {"name": "runs", "description": "Runs with their counts, timings and evaluation."},
    {"name": "evaluation", "description": "How runs agree with gold."},
    {"name": "statistics", "description": "Many notes and many runs at once."},
    {"name": "reviews", "description": "People judge what a run found; what they leave becomes gold."},
    {"name": "exports", "description": "Runs in the forms of others."},
    {"name": "audit", "description": "Who read which note; for admins."},
    {"name": "identity", "description": "Who asks, and what they may do."},
    {"name": "old", "description": "The addresses and shapes that users of HC-TAP know."},
    {"name": "extract", "description": "What a text says, on request; nothing is stored."},
    {"name": "vocabulary", "description": "What the engine knows: sources, models, codes, terms."},
]
HEADERS: Final = {
    "RequestId": {
        "description": "The id of the request: the caller's `X-Request-ID` where it is usable, else a new one.",
        "schema": {"type": "string", "maxLength": 64},
    },
    "RetryAfter": {"description": "Seconds after which to try again.", "schema": {"type": "integer"}},
}

SECURITY: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key, as `hctap-api keys create` shows it."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
}
# What needs no key: whether the API is alive and ready is asked by those who have none.
PUBLIC: Final = frozenset({"/health", "/ready", "/version"})
NEEDS_KEY: Final = {str(status): declared for status, declared in (NOT_SIGNED_IN | NOT_ALLOWED).items()}


def describe(app: FastAPI) -> None:
    """Let the application answer `/openapi.json` with the complete contract."""

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(app)
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]  # FastAPI's documented way


def _complete(app: FastAPI) -> dict[str, Any]:
    contract = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, tags=TAGS)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    components = contract.setdefault("components", {})
    components["headers"] = HEADERS
    components["securitySchemes"] = SECURITY
    for path, methods in contract["paths"].items():
        for operation in methods.values():
            if path not in PUBLIC:
                operation["security"] = [{name: []} for name in SECURITY]
                operation["responses"] = NEEDS_KEY | operation["responses"]
    components.setdefault("schemas", {}).update(problem.pop("$defs", {}), Problem=problem)
    return contract
