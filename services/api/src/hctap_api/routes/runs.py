"""The runs: listed, shown, with the ledger of their notes, and compared."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator

from hctap_api import examples, run_examples
from hctap_api.gate import Gate, needs
from hctap_api.remembering import Memory
from hctap_api.routes.parameters import DEFAULT_PAGE, RUN_ID_SHAPE, Cursor, Limit, NoteId, ObjectCursor, check_run_id
from hctap_api.routes.responses import ANY_OTHER, INVALID, NOTE_NOT_FOUND, RUN_NOT_FOUND, UNAVAILABLE, answer
from hctap_core.comparisons import ChangedNotes, Comparison, NoteComparison
from hctap_core.errors import RunNotFound
from hctap_core.ledgers import LedgerPage, RunPage
from hctap_core.permissions import Permission
from hctap_core.runs import NoteState, Run, RunStatus
from hctap_stores.database.ledger import ledger_page_json, run_json, runs_page_json
from hctap_stores.database.pool import Pool
from hctap_stores.database.reading import latest_run_json
from hctap_stores.database.search.comparison import RunPair, changed_notes, compare_runs, note_comparison_json
from hctap_stores.database.search.kept_comparisons import compare_finished, find_state

RUN_ANSWER = answer("The run with its counts, timings and evaluation.", examples.RUN)
RUNS_ANSWER = answer("A page of runs.", run_examples.RUN_PAGE)
JSON = "application/json"

RunPath = Annotated[
    str,
    Path(description="The run's id.", examples=[examples.RUN_ID], json_schema_extra=RUN_ID_SHAPE),
    AfterValidator(check_run_id),
]
OtherRun = Annotated[
    str, Path(description="The run to compare it with.", json_schema_extra=RUN_ID_SHAPE), AfterValidator(check_run_id)
]
RunCursor = Annotated[
    str | None,
    Query(
        description="`next_cursor` of the page before; without it, the newest runs.",
        examples=[examples.RUN_ID],
        json_schema_extra=RUN_ID_SHAPE,
    ),
    AfterValidator(lambda value: value if value is None else check_run_id(value)),
]


def make_runs_router(pool: Pool, gate: Gate, memory: Memory) -> APIRouter:
    """The routes under `/v1/runs`, and `/runs/latest`."""
    router = APIRouter(tags=["runs"], responses=UNAVAILABLE | ANY_OTHER, dependencies=needs(gate, Permission.RUNS_READ))

    @router.get(
        "/v1/runs", response_model=RunPage, responses=answer("A page of runs.", run_examples.RUN_PAGE) | INVALID
    )
    async def list_runs(
        cursor: RunCursor = None, limit: Limit = DEFAULT_PAGE, status: RunStatus | None = None
    ) -> Response:
        """List the runs, the newest first, all or those of a status."""
        return Response(await runs_page_json(pool, cursor, limit, status and status.value), media_type=JSON)

    async def get_latest_run() -> Response:
        """Show the run that finished last."""
        rendered = await latest_run_json(pool)
        if rendered is None:
            raise RunNotFound("No run has finished yet.", remedy="Run `make etl`, or `hctap-etl run`.")
        return Response(rendered, media_type=JSON)

    for path, name in (
        ("/v1/runs/latest", "get_latest_run"),
        ("/runs/latest", "get_latest_run_by_short_address"),
    ):
        router.add_api_route(
            path, get_latest_run, response_model=Run, responses=RUN_ANSWER | RUN_NOT_FOUND, operation_id=name
        )
    _add_run_routes(router, pool)
    _add_comparison_routes(router, pool, gate, memory)
    return router


def _add_run_routes(router: APIRouter, pool: Pool) -> None:
    missing = INVALID | RUN_NOT_FOUND

    @router.get("/v1/runs/{run_id}", response_model=Run, responses=RUN_ANSWER | missing)
    async def get_run(run_id: RunPath) -> Response:
        """Show a run."""
        return Response(await run_json(pool, run_id), media_type=JSON)

    @router.get(
        "/v1/runs/{run_id}/notes",
        response_model=LedgerPage,
        responses=answer("A page of the ledger.", run_examples.LEDGER) | missing,
    )
    async def list_ledger(
        run_id: RunPath, cursor: ObjectCursor = None, limit: Limit = DEFAULT_PAGE, state: NoteState | None = None
    ) -> Response:
        """List what became of each note of a run, all or those in a state."""
        return Response(await ledger_page_json(pool, run_id, cursor, limit, state), media_type=JSON)

    @router.get(
        "/v1/runs/{run_id}/quarantine",
        response_model=LedgerPage,
        responses=answer("A page of the quarantine.", run_examples.LEDGER) | missing,
    )
    async def list_quarantine(run_id: RunPath, cursor: ObjectCursor = None, limit: Limit = DEFAULT_PAGE) -> Response:
        """List the notes of a run that could not be worked on, each with its reason."""
        rendered = await ledger_page_json(pool, run_id, cursor, limit, NoteState.QUARANTINED)
        return Response(rendered, media_type=JSON)


def _add_comparison_routes(router: APIRouter, pool: Pool, gate: Gate, memory: Memory) -> None:
    allowed = needs(gate, Permission.RUNS_COMPARE)
    base = "/v1/runs/{run_id}/compare/{other_id}"

    @router.get(
        base,
        dependencies=allowed,
        response_model=Comparison,
        responses=answer("What changed.", run_examples.COMPARISON) | INVALID | RUN_NOT_FOUND,
    )
    async def compare(run_id: RunPath, other_id: OtherRun) -> Response:
        """Count the entities that were added, removed, asserted or coded otherwise from the first run to the second."""
        pair = RunPair(run_id, other_id)

        state = await find_state(pool, pair)

        async def make() -> str:
            made = await (compare_runs(pool, pair) if state is None else compare_finished(pool, pair, state))
            return made.model_dump_json()

        version = None if state is None else state.version
        return Response(await memory.answer(f"compare\n{run_id}\n{other_id}", version, make), media_type=JSON)

    @router.get(
        f"{base}/notes",
        dependencies=allowed,
        response_model=ChangedNotes,
        responses=answer("Notes with changes.", run_examples.CHANGED_NOTES) | INVALID | RUN_NOT_FOUND,
    )
    async def list_changed_notes(run_id: RunPath, other_id: OtherRun, cursor: Cursor = None) -> Response:
        """List the notes in which something changed, with how much; 100 notes are looked at for a page."""
        page = await changed_notes(pool, RunPair(run_id, other_id), cursor)
        return Response(page.model_dump_json(), media_type=JSON)

    @router.get(
        f"{base}/notes/{{note_id}}",
        dependencies=allowed,
        response_model=NoteComparison,
        responses=answer("All that changed in the note.", run_examples.NOTE_COMPARISON) | INVALID | NOTE_NOT_FOUND,
    )
    async def compare_note(request: Request, run_id: RunPath, other_id: OtherRun, note_id: NoteId) -> Response:
        """Show all that changed in a note, with what either run says."""
        rendered = await note_comparison_json(pool, RunPair(run_id, other_id), note_id)
        await gate.record(request, "note.compare", note_id=note_id, run_id=other_id)
        return Response(rendered, media_type=JSON)
