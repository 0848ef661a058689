"""What a client asks about reviews, and what it writes."""

from collections.abc import Sequence

from hctap_client.connection import DEFAULT_PAGE_SIZE, Connection, Parameters, part_of
from hctap_core.gold import GoldEntity
from hctap_core.golds import GoldSet
from hctap_core.reviews import (
    Agreement,
    Decision,
    DecisionWrite,
    Promotion,
    Review,
    ReviewDocument,
    ReviewList,
    ReviewOrder,
    ReviewTaskPage,
    StateWrite,
    StateWritten,
    TaskState,
    Verdict,
)


class ReviewCalls(Connection):
    """Reviews: made, listed, judged, agreed on, made gold."""

    def create_review(self, order: ReviewOrder) -> Review:
        """Make a queue of notes to judge.

        Raises:
            ReviewConflict: There is a review of that name.
            NoteNotFound: The run has none of the notes.
        """
        return self.send("/v1/reviews", order, Review)

    def reviews(self) -> ReviewList:
        """The reviews, the newest first."""
        return self.read("/v1/reviews", ReviewList)

    def review(self, name: str) -> Review:
        """A review, with how far its reviewers have come.

        Raises:
            ReviewNotFound: There is no such review.
        """
        return self.read(f"/v1/reviews/{part_of(name)}", Review)

    def review_tasks(
        self, name: str, *, state: TaskState | None = None, after: int | None = None, limit: int = DEFAULT_PAGE_SIZE
    ) -> ReviewTaskPage:
        """A page of the queue, all or what is in a state for this reviewer."""
        given: dict[str, str | int | None] = {"limit": limit, "cursor": after, "state": state and state.value}
        parameters: Parameters = {name: value for name, value in given.items() if value is not None}
        return self.read(f"/v1/reviews/{part_of(name)}/tasks", ReviewTaskPage, parameters)

    def review_task(self, name: str, task_no: int) -> ReviewDocument:
        """A note to judge, with what this reviewer has decided."""
        return self.read(f"/v1/reviews/{part_of(name)}/tasks/{task_no}", ReviewDocument)

    def decide(
        self,
        name: str,
        task_no: int,
        item: str,
        verdict: Verdict,
        *,
        record: GoldEntity | None = None,
        version: int = 0,
    ) -> Decision:
        """Keep a decision; `version` is that of the decision it replaces, 0 where there is none.

        Raises:
            ReviewConflict: The decision has another version by now.
            InvalidSpan: The record does not fit the text, or the verdict not the item.
        """
        path = f"/v1/reviews/{part_of(name)}/tasks/{task_no}/decisions/{part_of(item)}"
        return self.put(path, DecisionWrite(verdict=verdict, record=record, version=version), Decision)

    def set_review_state(self, name: str, task_no: int, state: TaskState, *, version: int = 0) -> StateWritten:
        """Say how far this reviewer has come with a note.

        Raises:
            ReviewConflict: The state has another version by now.
        """
        path = f"/v1/reviews/{part_of(name)}/tasks/{task_no}/state"
        return self.put(path, StateWrite(state=state, version=version), StateWritten)

    def agreement(self, name: str, first: str, second: str) -> Agreement:
        """How two reviewers agree over the notes that both have done."""
        parameters: Parameters = {"first": first, "second": second}
        return self.read(f"/v1/reviews/{part_of(name)}/agreement", Agreement, parameters)

    def promote_review(self, name: str, gold: str, reviewers: Sequence[str]) -> GoldSet:
        """Make a version of a gold set of what reviewers have done, the first of them who has done a note counts.

        Raises:
            ReviewConflict: None of them has done a note.
        """
        promotion = Promotion(gold=gold, reviewers=tuple(reviewers))
        return self.send(f"/v1/reviews/{part_of(name)}/promote", promotion, GoldSet)
