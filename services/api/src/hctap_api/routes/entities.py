"""Entities of a run: searched for a page at a time, counted, or streamed whole."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse

from hctap_api import examples
from hctap_api.cursors import read_cursor, write_cursor
from hctap_api.gate import Gate, needs, principal_of
from hctap_api.routes.responses import ANY_OTHER, INVALID, RUN_NOT_FOUND, UNAVAILABLE, answer
from hctap_api.tables import COLUMNS, row_of, write_rows
from hctap_core.errors import EngineBusy, NotAllowed
from hctap_core.permissions import Permission
from hctap_core.searches import EntityPage, EntitySearch, Order
from hctap_stores.database.pool import Pool
from hctap_stores.database.search.conditions import KEY_TYPES
from hctap_stores.database.search.counting import Tally
from hctap_stores.database.search.entities import EntitySearcher, Found

CSV: Final = "text/csv"
LINES: Final = "application/x-ndjson"
# Each holds a connection until it has been read to its end.
MOST_STREAMS: Final = 3
_PAGING: Final = {"cursor", "limit", "count", "facets"}
_STREAMS: Final = {
    200: {
        "description": "The entities that were found: a page as JSON, or all of them as JSON Lines or CSV.",
        "content": {LINES: {"schema": {"type": "string"}}, CSV: {"schema": {"type": "string"}}},
    }
}


def make_entities_router(pool: Pool, gate: Gate) -> APIRouter:
    """The route `/v1/entities/search`."""
    router = APIRouter(
        tags=["entities"],
        responses=INVALID | RUN_NOT_FOUND | UNAVAILABLE | ANY_OTHER,
        dependencies=needs(gate, Permission.ENTITIES_READ),
    )
    streams = asyncio.Semaphore(MOST_STREAMS)
    page_answer = answer("The entities that were found.", examples.ENTITY_PAGE)
    page_answer[200]["content"] |= _STREAMS[200]["content"]

    @router.post("/v1/entities/search", response_model=EntityPage, responses=page_answer)
    async def search_entities(
        context: Request, request: EntitySearch, accept: Annotated[str, Header(include_in_schema=False)] = ""
    ) -> Response:
        """Find entities of a run; with `Accept: application/x-ndjson` or `text/csv` all of them, without pages.

        A page goes on where the one before ended, in the same run, whatever is written meanwhile. A text that several
        notes share is found once, under the note that stands for it; `also_in` names the others.
        """
        wanted = accept.split(",")[0].split(";")[0].strip().lower()
        if wanted in (CSV, LINES):
            if not principal_of(context).may(Permission.ENTITIES_EXPORT):
                raise NotAllowed("The key may not do entities:export.", remedy="Ask for pages, or for another key.")
            if streams.locked():
                raise EngineBusy("Too many answers are being streamed.", remedy="Try again in a moment.")
            searcher = EntitySearcher(pool, request)

            async def record(notes: int) -> None:
                await gate.record(context, "entities.export", run_id=request.run_id, notes=notes)

            chunks = _stream(searcher, request.order, _Stream(streams, record, as_csv=wanted == CSV))
            # The first piece is asked for here, so that an error is still a problem and not a torn answer.
            first = await anext(chunks)
            media_type = f"{CSV}; charset=utf-8; header=present" if wanted == CSV else LINES
            return StreamingResponse(_after(first, chunks), media_type=media_type)
        rendered, notes = await _page(pool, request)
        await gate.record(context, "entities.search", note_id=request.note_id, run_id=request.run_id, notes=notes)
        return Response(rendered, media_type="application/json")

    return router


async def _page(pool: Pool, request: EntitySearch) -> tuple[str, int]:
    search, key = _identity(request), None
    if request.cursor is not None:
        run_id, key = read_cursor(request.cursor, search, KEY_TYPES[request.order])
        # The next page is of the same run, though another may have finished meanwhile.
        request = request.model_copy(update={"run_id": run_id})
    searcher = EntitySearcher(pool, request)
    found = await searcher.page(request.order, request.limit, key)
    cursor = None if found.last_key is None else write_cursor(search, found.run_id, found.last_key)
    parts = [
        f'"run_id":{json.dumps(found.run_id)}',
        f'"entities":[{",".join(found.entities)}]',
        f'"next_cursor":{json.dumps(cursor)}',
    ]
    if request.count or request.facets:
        parts += _count(request, found, await searcher.tally(request.facets))
    return f"{{{','.join(parts)}}}", found.notes


def _count(request: EntitySearch, found: Found, tally: Tally) -> Iterator[str]:
    if request.count:
        total, is_exact = tally.total, tally.is_exact
        if not is_exact:
            # No estimate says less than can be seen, and the only page has all there is.
            is_exact = request.cursor is None and found.last_key is None
            shown = len(found.entities) + (found.last_key is not None)
            total = shown if is_exact else max(total, shown)
        yield f'"total":{total},"total_is_exact":{json.dumps(is_exact)}'
    if request.facets:
        counts = {
            facet.value: [{"value": value, "entities": count} for value, count in values]
            for facet, values in tally.facets.items()
        }
        yield f'"counted":{tally.counted},"facets":{json.dumps(counts, ensure_ascii=False)}'


def _identity(request: EntitySearch) -> str:
    return request.model_dump_json(exclude=_PAGING)


@dataclass(frozen=True, slots=True)
class _Stream:
    """How many streams there may be, where each piece is written down, and whether it is a table."""

    places: asyncio.Semaphore
    record: Callable[[int], Awaitable[None]]
    as_csv: bool


async def _stream(searcher: EntitySearcher, order: Order, stream: _Stream) -> AsyncIterator[bytes]:
    async with stream.places:
        head = write_rows([COLUMNS]) if stream.as_csv else b""
        async for found in searcher.stream(order):
            # Each piece is in the audit before it leaves.
            await stream.record(found.notes)
            if stream.as_csv:
                yield head + write_rows(row_of(json.loads(entity)) for entity in found.entities)
            else:
                yield "".join(f"{entity}\n" for entity in found.entities).encode()
            head = b""
        yield head


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
