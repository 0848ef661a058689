"""What a client asks of many notes or many runs at once."""

from hctap_client.connection import Connection, Parameters, part_of
from hctap_core.entities import EntityType
from hctap_core.statistics import Cooccurrence, Freshness, RunStatistics, Timeline, TimelineRequest, TopTerms, Trend


class StatisticsCalls(Connection):
    """Statistics, trends, freshness, a patient's notes by time; pandas makes tables of their `model_dump()`."""

    def statistics(self, run_id: str) -> RunStatistics:
        """The counts of a finished run.

        Raises:
            RunNotFound: There is no run of that id.
            RunConflict: It is not finished.
        """
        return self.read(f"/v1/runs/{part_of(run_id)}/statistics", RunStatistics)

    def top_terms(
        self, run_id: str, *, specialty: str | None = None, entity_type: EntityType | None = None, limit: int = 10
    ) -> TopTerms:
        """The terms that most notes affirm, by type; of all notes, or of a specialty's."""
        given: dict[str, str | int | None] = {
            "limit": limit,
            "specialty": specialty,
            "entity_type": entity_type and entity_type.value,
        }
        parameters: Parameters = {name: value for name, value in given.items() if value is not None}
        return self.read(f"/v1/runs/{part_of(run_id)}/statistics/terms", TopTerms, parameters)

    def pairs(self, run_id: str) -> Cooccurrence:
        """How many notes affirm both a common problem and a common medication."""
        return self.read(f"/v1/runs/{part_of(run_id)}/statistics/pairs", Cooccurrence)

    def trend(self, extractor: str | None = None, limit: int = 30) -> Trend:
        """The last finished runs over all notes, the oldest first."""
        parameters: Parameters = {"limit": limit} | ({} if extractor is None else {"extractor": extractor})
        return self.read("/v1/trend", Trend, parameters)

    def freshness(self) -> Freshness:
        """How old the newest success is."""
        return self.read("/v1/freshness", Freshness)

    def timeline(self, request: TimelineRequest) -> Timeline:
        """A patient's notes by time, with what a run found in them."""
        return self.send("/v1/patients/timeline", request, Timeline)
