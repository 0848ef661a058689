"""Amazon Comprehend Medical's own protocol, so that its clients need another address and nothing else.

Clients speak JSON 1.1 (`X-Amz-Target`) or, boto3 since 1.40, Smithy's RPC over CBOR; both are answered.
Sources: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html,
https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import cbor2
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from hctap_api.engine import tasks
from hctap_api.engine.workers import Workers
from hctap_api.gate import Gate
from hctap_core.comprehend import conditions_answer, entities_answer, medications_answer
from hctap_core.errors import EngineBusy, ExtractorUnavailable, NotAllowed, NotSignedIn, TooManyRequests
from hctap_core.extractions import ExtractOptions, ExtractRequest
from hctap_core.permissions import Permission

TARGET: Final = "ComprehendMedical_20181030"
JSON_TYPE: Final = "application/x-amz-json-1.1"
CBOR_TYPE: Final = "application/cbor"
_EXTRACTOR: Final = "hybrid"
_Shape = Callable[[Iterable[Mapping[str, Any]], str], dict[str, Any]]
# Operation -> its shape, and how many characters it takes there.
OPERATIONS: Final[dict[str, tuple[_Shape, int]]] = {
    "DetectEntitiesV2": (entities_answer, 20_000),
    "InferICD10CM": (conditions_answer, 10_000),
    "InferRxNorm": (medications_answer, 10_000),
}


class _Refusal(Exception):
    """An error in the words of that protocol."""

    def __init__(self, kind: str, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(kind)
        self.kind, self.message, self.status = kind, message, status


def make_comprehend_router(workers: Workers, gate: Gate) -> APIRouter:
    """The routes `POST /` and `POST /service/…/operation/…`; their contract is Amazon's, not this API's."""
    router = APIRouter(include_in_schema=False)
    admit = gate.requires(Permission.EXTRACT_USE)

    async def work(request: Request, operation: str, given: Callable[[], Any]) -> tuple[HTTPStatus, dict[str, Any]]:
        try:
            return HTTPStatus.OK, await _answer(workers, operation, await _admitted(request, admit, given))
        except _Refusal as refusal:
            return refusal.status, {"__type": refusal.kind, "message": refusal.message, "Message": refusal.message}

    @router.post("/")
    async def by_target(request: Request) -> Response:
        target = request.headers.get("x-amz-target", "")
        if not target:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        body = await request.body()
        service, _, operation = target.partition(".")
        known = operation if service == TARGET else ""
        status, answer = await work(request, known, lambda: json.loads(body))
        return Response(json.dumps(answer, ensure_ascii=False), status, media_type=JSON_TYPE)

    @router.post("/service/{service}/operation/{operation}")
    async def by_path(request: Request, service: str, operation: str) -> Response:
        body = await request.body()
        known = operation if service == TARGET else ""
        status, answer = await work(request, known, lambda: cbor2.loads(body))
        headers = {"smithy-protocol": "rpc-v2-cbor"}
        return Response(cbor2.dumps(answer), status, headers=headers, media_type=CBOR_TYPE)

    return router


async def _admitted(request: Request, admit: Callable[[Request], Any], given: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever came
    try:
        await admit(request)
    except (NotSignedIn, NotAllowed) as error:
        raise _Refusal("AccessDeniedException", error.message, HTTPStatus.FORBIDDEN) from None
    except TooManyRequests as error:
        raise _Refusal("TooManyRequestsException", error.message, HTTPStatus.TOO_MANY_REQUESTS) from None
    try:
        return given()
    except (ValueError, cbor2.CBORDecodeError, RecursionError):
        raise _Refusal("SerializationException", "The request's body cannot be read.") from None


async def _answer(workers: Workers, operation: str, given: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever came
    if operation not in OPERATIONS:
        raise _Refusal("UnknownOperationException", f"These operations are known: {', '.join(OPERATIONS)}.")
    shape, most = OPERATIONS[operation]
    text = given.get("Text") if isinstance(given, dict) else None
    if not isinstance(text, str):
        raise _Refusal("InvalidRequestException", "Text is missing.")
    if len(text) > most:
        raise _Refusal("TextSizeLimitExceededException", f"Text has more than {most} characters.")
    try:
        request = ExtractRequest(text=text)
    except ValueError:
        raise _Refusal("InvalidRequestException", "Text is empty, or holds what no text holds.") from None
    try:
        found = await workers.run(
            tasks.find, "-", request.text, _EXTRACTOR, explain=False, options=ExtractOptions(sections=False)
        )
    except (EngineBusy, ExtractorUnavailable) as error:
        raise _Refusal("ServiceUnavailableException", error.message, HTTPStatus.SERVICE_UNAVAILABLE) from None
    entities = found["entities"]
    version = entities[0]["provenance"]["version"] if entities else "0"
    return shape(entities, f"{_EXTRACTOR}-{version}")
