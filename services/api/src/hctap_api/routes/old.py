"""The addresses that HC-TAP's users know, in its shapes; `/health` is the same for both."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from hctap_api import old_examples
from hctap_api.engine import tasks
from hctap_api.engine.workers import Workers
from hctap_api.gate import Gate, needs
from hctap_api.routes.parameters import NoteId
from hctap_api.routes.responses import (
    ANY_OTHER,
    ENGINE_UNAVAILABLE,
    INVALID,
    NOTE_NOT_FOUND,
    RUN_NOT_FOUND,
    UNAVAILABLE,
    answer,
)
from hctap_api.routes.runs import RunPath
from hctap_core.entities import EntityType
from hctap_core.errors import BadInput, NoteNotFound, RunNotFound
from hctap_core.extractions import ExtractOptions, NoteText
from hctap_core.old_shapes import (
    OLD_TYPES,
    OldConfig,
    OldEntity,
    OldExtraction,
    OldNote,
    OldStats,
    old_entities,
    old_stats,
)
from hctap_core.permissions import Permission
from hctap_core.runs import Run
from hctap_core.searches import EntityFilter, Match, Order
from hctap_stores.database.ledger import run_json
from hctap_stores.database.note_documents import NoteReader
from hctap_stores.database.pool import Pool
from hctap_stores.database.reading import latest_run_json
from hctap_stores.database.search.entities import EntitySearcher

MOST_CHARACTERS: Final = 100_000
MOST_FOUND: Final = 200
JSON: Final = "application/json"
All = Annotated[bool, Query(alias="all", description="Give entities of every type, not only of the two old ones.")]
Words = Annotated[str, Query(max_length=200, description="A part of the normal form.", pattern="^[^\\x00]*$")]


@dataclass(frozen=True, slots=True)
class OldSettings:
    """What `/config` says of where the data lie."""

    raw_bucket: str
    enriched_bucket: str


class OldExtractRequest(BaseModel):
    """A text to extract from, as HC-TAP took it."""

    model_config = ConfigDict(extra="ignore")

    text: NoteText
    note_id: str = Field(default="demo", max_length=200)


def make_old_router(pool: Pool, workers: Workers, gate: Gate, settings: OldSettings) -> APIRouter:
    """The routes `/notes/{id}`, `/search`, `/stats/…`, `/extract` and `/config`."""
    router = APIRouter(tags=["old"], responses=INVALID | UNAVAILABLE | ANY_OTHER)
    _add_note(router, pool, gate)
    _add_search(router, pool, gate)
    _add_stats(router, pool, gate, settings)

    @router.post(
        "/extract",
        response_model=OldExtraction,
        responses=answer("The entities of the text.", old_examples.EXTRACTION) | ENGINE_UNAVAILABLE,
        dependencies=needs(gate, Permission.EXTRACT_USE),
        operation_id="extract_old",
    )
    async def extract(given: OldExtractRequest, all_types: All = False) -> Response:  # noqa: FBT002 - a query parameter
        """Extract by rule what a text of at most 100,000 characters says."""
        if len(given.text) > MOST_CHARACTERS:
            raise BadInput(f"A text may have {MOST_CHARACTERS} characters here.", remedy="POST /v1/extract takes more.")
        found = await workers.run(
            tasks.find, given.note_id, given.text, "rules", explain=False, options=ExtractOptions(sections=False)
        )
        whole = [entity | {"note_id": given.note_id, "run_id": "API"} for entity in found["entities"]]
        return _json({"entities": old_entities(whole, all_types=all_types)})

    return router


def _add_note(router: APIRouter, pool: Pool, gate: Gate) -> None:
    reader = NoteReader(pool)

    @router.get(
        "/notes/{note_id}",
        response_model=OldNote,
        responses=answer("The note with its entities.", old_examples.OLD_NOTE) | NOTE_NOT_FOUND,
        dependencies=needs(gate, Permission.NOTES_READ),
        operation_id="get_note_by_old_address",
    )
    async def get_note(request: Request, note_id: NoteId, all_types: All = False) -> Response:  # noqa: FBT002 - a query parameter
        """Show a note with what the latest run found in it, nine keys an entity."""
        rendered = await reader.read(note_id, access=gate.access(request, "note.read", note_id=note_id))
        if rendered is None:
            raise NoteNotFound(f"There is no note {note_id!r}.", remedy="GET /v1/notes lists the ids.")
        note = json.loads(rendered)
        shown = {name: note[name] for name in ("note_id", "specialty", "text", "checksum")}
        return _json(shown | {"entities": old_entities(note["entities"], all_types=all_types)})


def _add_search(router: APIRouter, pool: Pool, gate: Gate) -> None:
    @router.get(
        "/search",
        response_model=list[OldEntity],
        responses=answer("The entities.", old_examples.FOUND) | RUN_NOT_FOUND,
        dependencies=needs(gate, Permission.ENTITIES_READ),
        operation_id="search_old",
    )
    async def search(
        request: Request,
        q: Words = "",
        entity_type: Annotated[EntityType | None, Query(alias="type")] = None,
        limit: Annotated[int, Query(json_schema_extra={"minimum": 1, "maximum": MOST_FOUND})] = 50,
        all_types: All = False,  # noqa: FBT002 - a query parameter
    ) -> Response:
        """Find entities by a part of their normal form; words in an address can be switched off."""
        if not 1 <= limit <= MOST_FOUND:
            raise BadInput(f"limit must be between 1 and {MOST_FOUND}.", remedy="POST /v1/entities/search has pages.")
        types = (entity_type,) if entity_type else None if all_types else tuple(map(EntityType, OLD_TYPES))
        asked = EntityFilter(text=q.strip() or None, match=Match.PART, entity_types=types)
        found = await EntitySearcher(pool, asked).page(Order.NOTE, limit, None)
        await gate.record(request, "entities.search", notes=found.notes)
        return _json(old_entities([json.loads(entity) for entity in found.entities], all_types=True))


def _add_stats(router: APIRouter, pool: Pool, gate: Gate, settings: OldSettings) -> None:
    stats = answer("The run in HC-TAP's words.", old_examples.STATS) | RUN_NOT_FOUND
    allowed = needs(gate, Permission.RUNS_READ)

    @router.get("/stats/latest", response_model=OldStats, responses=stats, dependencies=allowed)
    async def get_latest_stats() -> Response:
        """Count the run that finished last."""
        rendered = await latest_run_json(pool)
        if rendered is None:
            raise RunNotFound("No run has finished yet.", remedy="Run `make etl`, or `hctap-etl run`.")
        return _json(old_stats(Run.model_validate_json(rendered)).model_dump())

    @router.get("/stats/run/{run_id}", response_model=OldStats, responses=stats, dependencies=allowed)
    async def get_stats(run_id: RunPath) -> Response:
        """Count a run."""
        return _json(old_stats(Run.model_validate_json(await run_json(pool, run_id))).model_dump())

    @router.get(
        "/config",
        response_model=OldConfig,
        responses=answer("Where the data lie.", old_examples.CONFIG),
        dependencies=allowed,
    )
    async def get_config() -> Response:
        """Say where the data lie, in HC-TAP's names."""
        rendered = await latest_run_json(pool)
        run_id = json.loads(rendered)["run_id"] if rendered else ""
        config = OldConfig(
            RUN_ID=run_id,
            NOTES_DIR=f"s3://{settings.raw_bucket}/notes/",
            ENRICHED_FILE=f"s3://{settings.enriched_bucket}/entities/run={run_id}/",
            RUN_MANIFEST=f"s3://{settings.enriched_bucket}/runs/latest.json",
            ENRICHED_BUCKET=settings.enriched_bucket,
        )
        return _json(config.model_dump())


def _json(content: Any) -> Response:  # noqa: ANN401 - whatever JSON can say
    return Response(json.dumps(content, ensure_ascii=False, separators=(",", ":")), media_type=JSON)
