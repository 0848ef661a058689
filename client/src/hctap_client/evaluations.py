"""What a client asks about gold and evaluations."""

from collections.abc import Iterator

from hctap_client.connection import DEFAULT_PAGE_SIZE, Connection, Parameters, part_of
from hctap_core.entities import EntityType
from hctap_core.golds import (
    ErrorKind,
    EvaluationAccepted,
    EvaluationError,
    EvaluationErrorPage,
    EvaluationList,
    EvaluationOrder,
    EvaluationReport,
    GoldSetList,
)


class EvaluationCalls(Connection):
    """Evaluations: listed, shown, started, with every difference."""

    def gold_sets(self) -> GoldSetList:
        """The gold sets that runs can be evaluated against."""
        return self.read("/v1/gold", GoldSetList)

    def evaluations(self, run_id: str) -> EvaluationList:
        """The evaluations of a run.

        Raises:
            RunNotFound: There is no run of that id.
        """
        return self.read(f"/v1/runs/{part_of(run_id)}/evaluations", EvaluationList)

    def evaluation(self, run_id: str, gold_name: str) -> EvaluationReport:
        """An evaluation of a run, with intervals, confusions and calibration.

        Raises:
            RunNotFound: There is no run of that id.
            GoldNotFound: It was not evaluated under this name.
        """
        return self.read(f"/v1/runs/{part_of(run_id)}/evaluations/{part_of(gold_name)}", EvaluationReport)

    def evaluation_errors(
        self,
        run_id: str,
        gold_name: str,
        *,
        kind: ErrorKind | None = None,
        entity_type: EntityType | None = None,
        after: int | None = None,
        limit: int = DEFAULT_PAGE_SIZE,
    ) -> EvaluationErrorPage:
        """A page of the differences between a run and the gold; `after` is the `next_cursor` of the page before."""
        given: dict[str, str | int | None] = {
            "limit": limit,
            "cursor": after,
            "kind": kind and kind.value,
            "entity_type": entity_type and entity_type.value,
        }
        parameters: Parameters = {name: value for name, value in given.items() if value is not None}
        path = f"/v1/runs/{part_of(run_id)}/evaluations/{part_of(gold_name)}/errors"
        return self.read(path, EvaluationErrorPage, parameters)

    def find_evaluation_errors(
        self, run_id: str, gold_name: str, *, kind: ErrorKind | None = None, entity_type: EntityType | None = None
    ) -> Iterator[EvaluationError]:
        """All the differences, page after page; pandas makes a table of their `model_dump()`."""
        after: int | None = None
        while True:
            page = self.evaluation_errors(run_id, gold_name, kind=kind, entity_type=entity_type, after=after)
            yield from page.errors
            if page.next_cursor is None:
                return
            after = page.next_cursor

    def start_evaluation(self, run_id: str, gold: str) -> EvaluationAccepted:
        """Evaluate a finished run against a gold set, `NAME@VERSION` or `NAME`.

        Raises:
            RunNotFound: There is no run of that id.
            GoldNotFound: There is no such gold set.
            RunConflict: The run is not finished.
        """
        return self.send(f"/v1/runs/{part_of(run_id)}/evaluations", EvaluationOrder(gold=gold), EvaluationAccepted)
