"""Extraction on request: texts in, what they say out; nothing is stored."""

import asyncio
from typing import Final

from fastapi import APIRouter, Request, Response

from hctap_api import examples
from hctap_api.engine import tasks
from hctap_api.engine.workers import Workers
from hctap_api.gate import Gate, needs
from hctap_api.routes.direct import DirectRoute, read_body
from hctap_api.routes.responses import ANY_OTHER, ENGINE_UNAVAILABLE, INVALID, answer
from hctap_core.errors import EngineBusy, ExtractorUnavailable
from hctap_core.extractions import BatchRequest, BatchText, Extracted, ExtractedBatch, ExtractRequest
from hctap_core.permissions import Permission

_AT_ONCE: Final = 8


def make_direct_extract(workers: Workers, gate: Gate) -> DirectRoute:
    """The route of one text for those who post it as JSON; the one below says what it is and answers the others."""

    async def extract(request: Request) -> Response:
        return await _extract(workers, await read_body(request, ExtractRequest))

    return DirectRoute("/v1/extract", method="POST", admit=gate.requires(Permission.EXTRACT_USE), answer=extract)


def make_extract_router(workers: Workers, gate: Gate) -> APIRouter:
    """The routes `/v1/extract` and `/v1/extract/batch`."""
    router = APIRouter(
        tags=["extract"],
        responses=INVALID | ENGINE_UNAVAILABLE | ANY_OTHER,
        dependencies=needs(gate, Permission.EXTRACT_USE),
    )

    @router.post("/v1/extract", response_model=Extracted, responses=answer("What the text says.", examples.EXTRACTED))
    async def extract(request: ExtractRequest) -> Response:
        """Extract what a text says; neither the text nor the answer is kept."""
        return await _extract(workers, request)

    @router.post(
        "/v1/extract/batch",
        response_model=ExtractedBatch,
        responses=answer("What each text says, in the order of the texts.", {"results": [examples.EXTRACTED]}),
    )
    async def extract_batch(request: BatchRequest) -> Response:
        """Extract what each of many texts says; one on which the extractor fails says so and stops no other."""
        # However many there are, a batch takes few of the places of all.
        places = asyncio.Semaphore(_AT_ONCE)

        async def find(text: BatchText) -> bytes:
            try:
                async with places:
                    return await workers.run(
                        tasks.extract,
                        text.id,
                        text.text,
                        request.extractor,
                        explain=request.explain,
                        options=request.options,
                    )
            except (EngineBusy, ExtractorUnavailable):
                raise
            except Exception as error:  # noqa: BLE001 - one text that breaks the extractor must not stop the others
                return Extracted(id=text.id, failure=type(error).__name__).model_dump_json().encode()

        results = await asyncio.gather(*map(find, request.texts))
        return Response(b'{"results":[' + b",".join(results) + b"]}", media_type="application/json")

    return router


async def _extract(workers: Workers, asked: ExtractRequest) -> Response:
    found = await workers.run(
        tasks.extract, asked.id, asked.text, asked.extractor, explain=asked.explain, options=asked.options
    )
    return Response(found, media_type="application/json")
