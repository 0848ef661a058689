"""The notes of a review: listed, read, judged."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from hctap_api import review_examples
from hctap_api.gate import Gate, needs, principal_of
from hctap_api.routes.parameters import DEFAULT_PAGE, Limit
from hctap_api.routes.responses import (
    ANY_OTHER,
    INVALID,
    REVIEW_CONFLICT,
    REVIEW_NOT_FOUND,
    UNAVAILABLE,
    answer,
)
from hctap_api.routes.reviews import BASE, ReviewPath
from hctap_api.routes.runs import JSON
from hctap_api.sessions import Sessions
from hctap_core.errors import NotAllowed
from hctap_core.permissions import Permission
from hctap_core.reviews import (
    ITEM_PATTERN,
    Decision,
    DecisionWrite,
    ReviewDocument,
    ReviewTaskPage,
    StateWrite,
    StateWritten,
    TaskState,
)
from hctap_stores.database import reviews
from hctap_stores.database.reviews import TaskPlace

TaskPath = Annotated[int, Path(description="The note's number in the queue.", ge=1, le=2**31 - 1)]
ItemPath = Annotated[
    str,
    Path(
        description="`e` and the place of an entity of the run, or `a` and a word of your own for one that you add.",
        pattern=ITEM_PATTERN,
        examples=["e0"],
    ),
]
After = Annotated[int | None, Query(description="`next_cursor` of the page before.", ge=0, le=2**31 - 1)]


def make_judging_router(sessions: Sessions, gate: Gate) -> APIRouter:
    """The routes of the notes of reviews."""
    router = APIRouter(tags=["reviews"], responses=INVALID | REVIEW_NOT_FOUND | UNAVAILABLE | ANY_OTHER)
    _add_reading(router, sessions, gate)
    _add_writing(router, sessions, gate)
    return router


def _place(request: Request, name: str, task_no: int) -> TaskPlace:
    return TaskPlace(name, task_no, principal_of(request).actor)


def _add_reading(router: APIRouter, sessions: Sessions, gate: Gate) -> None:
    allowed = needs(gate, Permission.NOTES_READ)

    @router.get(
        f"{BASE}/tasks",
        response_model=ReviewTaskPage,
        responses=answer("A page of the queue.", review_examples.TASKS),
        dependencies=allowed,
    )
    async def list_review_tasks(
        request: Request,
        name: ReviewPath,
        cursor: After = None,
        limit: Limit = DEFAULT_PAGE,
        state: TaskState | None = None,
    ) -> Response:
        """List the notes of a review in their order, all or those that are open, done or skipped for you."""
        reviewer = principal_of(request).actor
        tasks, after = await sessions.do(
            lambda database: reviews.list_tasks(database, name, reviewer, cursor, limit, state)
        )
        page = ReviewTaskPage(review=name, tasks=tuple(tasks), next_cursor=after)
        return Response(page.model_dump_json(), media_type=JSON)

    @router.get(
        f"{BASE}/tasks/{{task_no}}",
        response_model=ReviewDocument,
        responses=answer("The note to judge.", review_examples.DOCUMENT),
        dependencies=allowed,
    )
    async def get_review_task(request: Request, name: ReviewPath, task_no: TaskPath) -> Response:
        """Show a note to judge: the text that the run read, what it found, and what you have decided."""
        place = _place(request, name, task_no)
        found = await sessions.do(lambda database: reviews.read_task(database, place))
        await gate.record(request, "review.read", note_id=found.note_id, run_id=found.run_id)
        return Response(found.model_dump_json(), media_type=JSON)


def _add_writing(router: APIRouter, sessions: Sessions, gate: Gate) -> None:
    allowed = needs(gate, Permission.REVIEWS_DECIDE)

    @router.put(
        f"{BASE}/tasks/{{task_no}}/decisions/{{item}}",
        response_model=Decision,
        responses=answer("The decision as it is kept.", review_examples.DECISION) | REVIEW_CONFLICT,
        dependencies=allowed,
    )
    async def write_decision(
        request: Request, name: ReviewPath, task_no: TaskPath, item: ItemPath, write: DecisionWrite
    ) -> Response:
        """Keep what you say of an entity; each reviewer has decisions of their own, and each write its version."""
        if not principal_of(request).may(Permission.NOTES_READ):
            raise NotAllowed("The key may not do notes:read.", remedy="Ask an admin for another key.")
        place = _place(request, name, task_no)
        kept = await sessions.do(partial(reviews.write_decision, place=place, item=item, write=write))
        await gate.record(request, "review.decide", notes=0)
        return Response(kept.model_dump_json(), media_type=JSON)

    @router.put(
        f"{BASE}/tasks/{{task_no}}/state",
        response_model=StateWritten,
        responses=answer("The state as it is kept.", review_examples.STATE) | REVIEW_CONFLICT,
        dependencies=allowed,
    )
    async def write_review_state(request: Request, name: ReviewPath, task_no: TaskPath, write: StateWrite) -> Response:
        """Say how far you have come with a note; when it is done, what you did not decide counts as accepted."""
        place = _place(request, name, task_no)
        kept = await sessions.do(partial(reviews.write_state, place=place, write=write))
        return Response(kept.model_dump_json(), media_type=JSON)
