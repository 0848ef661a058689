"""Reviews: made, listed, agreed on, and made gold."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator

from hctap_api import review_examples
from hctap_api.gate import Gate, needs, principal_of
from hctap_api.routes.parameters import check_plain
from hctap_api.routes.responses import (
    ANY_OTHER,
    INVALID,
    NOTE_NOT_FOUND,
    REVIEW_CONFLICT,
    REVIEW_NOT_FOUND,
    UNAVAILABLE,
    answer,
    created,
)
from hctap_api.routes.runs import JSON
from hctap_api.sessions import Sessions
from hctap_core.golds import GoldSet
from hctap_core.permissions import Permission
from hctap_core.reviews import NAME_PATTERN, Agreement, Promotion, Review, ReviewList, ReviewOrder
from hctap_stores.database import review_results, reviews

BASE = "/v1/reviews/{name}"
ReviewPath = Annotated[str, Path(description="The review's name.", pattern=NAME_PATTERN, examples=["ward-7"])]
Reviewer = Annotated[
    str,
    Query(description="A reviewer, as the review lists them.", min_length=1, max_length=200),
    AfterValidator(check_plain),
]


def make_reviews_router(sessions: Sessions, gate: Gate) -> APIRouter:
    """The routes of reviews as a whole; those of their notes are in `judging`."""
    router = APIRouter(tags=["reviews"], responses=INVALID | UNAVAILABLE | ANY_OTHER)
    _add_lists(router, sessions, gate)
    _add_changes(router, sessions, gate)
    return router


def _add_lists(router: APIRouter, sessions: Sessions, gate: Gate) -> None:
    @router.get(
        "/v1/reviews",
        response_model=ReviewList,
        responses=answer("The reviews.", review_examples.REVIEWS),
        dependencies=needs(gate, Permission.NOTES_READ),
    )
    async def list_reviews() -> Response:
        """List the reviews, the newest first, with how far their reviewers have come."""
        found = await sessions.do(reviews.list_reviews)
        return Response(ReviewList(reviews=tuple(found)).model_dump_json(), media_type=JSON)

    @router.get(
        BASE,
        response_model=Review,
        responses=answer("The review.", review_examples.REVIEW) | REVIEW_NOT_FOUND,
        dependencies=needs(gate, Permission.NOTES_READ),
    )
    async def get_review(name: ReviewPath) -> Response:
        """Show a review, with how far its reviewers have come."""
        found = await sessions.do(lambda database: reviews.find_review(database, name))
        return Response(found.model_dump_json(), media_type=JSON)

    @router.get(
        f"{BASE}/agreement",
        response_model=Agreement,
        responses=answer("How they agree.", review_examples.AGREEMENT) | REVIEW_NOT_FOUND,
        dependencies=needs(gate, Permission.RUNS_COMPARE),
    )
    async def get_agreement(name: ReviewPath, first: Reviewer, second: Reviewer) -> Response:
        """Show how two reviewers agree over the notes that both have done: Cohen's kappa, and F1 of their spans."""
        measure = partial(review_results.measure_agreement, name=name, first=first, second=second)
        return Response((await sessions.do(measure)).model_dump_json(), media_type=JSON)


def _add_changes(router: APIRouter, sessions: Sessions, gate: Gate) -> None:
    allowed = needs(gate, Permission.REVIEWS_CHANGE)

    @router.post(
        "/v1/reviews",
        status_code=201,
        response_model=Review,
        responses=created("The review.", review_examples.REVIEW) | NOTE_NOT_FOUND | REVIEW_CONFLICT,
        dependencies=allowed,
    )
    async def create_review(request: Request, order: ReviewOrder) -> Response:
        """Make a queue of notes to judge, with what a run found in them: named ones, specialties, a sample, or all."""
        by = principal_of(request).actor
        made = await sessions.do(lambda database: reviews.create_review(database, order, by))
        await gate.record(request, "review.create", run_id=made.run_id, notes=0)
        return Response(made.model_dump_json(), 201, media_type=JSON)

    @router.post(
        f"{BASE}/promote",
        status_code=201,
        response_model=GoldSet,
        responses=created("The gold set.", review_examples.GOLD) | REVIEW_NOT_FOUND | REVIEW_CONFLICT,
        dependencies=allowed,
    )
    async def promote_review(request: Request, name: ReviewPath, promotion: Promotion) -> Response:
        """Make a version of a gold set of the notes that reviewers have done; the first of them who has counts."""
        by = principal_of(request).actor
        made = await sessions.do(lambda database: review_results.promote_review(database, name, promotion, by))
        await gate.record(request, "review.promote", notes=0)
        return Response(made.model_dump_json(), 201, media_type=JSON)
