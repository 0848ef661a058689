"""What the engine knows: sources with releases and licences, models, codes and terms."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from hctap_api import examples
from hctap_api.engine import tasks
from hctap_api.engine.workers import Workers
from hctap_api.gate import Gate, needs
from hctap_api.routes.responses import ANY_OTHER, CODE_NOT_FOUND, ENGINE_UNAVAILABLE, INVALID, answer
from hctap_core.entities import CodeSystem
from hctap_core.errors import CodeNotFound
from hctap_core.permissions import Permission
from hctap_core.vocabularies import CodeFound, ModelsInfo, TermSearch, TermsFound, VocabularyInfo

CodePath = Annotated[str, Path(description="The code, with its dots.", min_length=1, max_length=40, examples=["I10"])]


def make_vocabulary_router(workers: Workers, gate: Gate) -> APIRouter:
    """The routes `/v1/vocabulary…` and `/v1/models`."""
    router = APIRouter(
        tags=["vocabulary"],
        responses=ENGINE_UNAVAILABLE | ANY_OTHER,
        dependencies=needs(gate, Permission.VOCABULARY_READ),
    )

    @router.get(
        "/v1/vocabulary",
        response_model=VocabularyInfo,
        responses=answer("The vocabulary that is installed.", examples.VOCABULARY),
    )
    async def get_vocabulary() -> Response:
        """Show the sources with their releases and licences, and the hash that results name."""
        return Response(await workers.run(tasks.describe_vocabulary), media_type="application/json")

    @router.get(
        "/v1/models", response_model=ModelsInfo, responses=answer("The extractors and models.", examples.MODELS)
    )
    async def get_models() -> Response:
        """Show the extractors that can be asked for, and the models with their corpora, licences and hashes."""
        return Response(await workers.run(tasks.describe_models), media_type="application/json")

    @router.get(
        "/v1/vocabulary/codes/{system}/{code}",
        response_model=CodeFound,
        responses=answer("What the code means.", examples.CODE) | INVALID | CODE_NOT_FOUND,
    )
    async def get_code(system: CodeSystem, code: CodePath) -> Response:
        """Show a code's title and edition, and the concepts of the vocabulary that carry it."""
        found = await workers.run(tasks.find_code, system.value, code)
        if found is None:
            raise CodeNotFound(
                "The vocabulary knows no such code.", remedy="POST /v1/vocabulary/terms/search finds codes by words."
            )
        return Response(found, media_type="application/json")

    @router.post(
        "/v1/vocabulary/terms/search",
        response_model=TermsFound,
        responses=answer("The terms, those that begin with the words first.", examples.TERMS) | INVALID,
    )
    async def search_terms(request: TermSearch) -> Response:
        """Find the terms that hold some words, with what each means and its codes."""
        kind = request.entity_type.value if request.entity_type else None
        found = await workers.run(tasks.search_terms, request.words, kind, request.limit)
        return Response(found, media_type="application/json")

    return router
