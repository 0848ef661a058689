"""What a client asks about runs."""

from typing import Final

from hctap_client.connection import DEFAULT_PAGE_SIZE, Connection, Parameters, answer_of, page_of, part_of
from hctap_core.comparisons import ChangedNotes, Comparison, NoteComparison
from hctap_core.ledgers import LedgerPage, RunPage
from hctap_core.runs import NoteState, Run

# Beside other work on the same machine it takes some times as long as alone.
_READING_SECONDS: Final = 120.0


class RunCalls(Connection):
    """Runs: listed, shown, compared."""

    def latest_run(self) -> Run:
        """The run that finished last.

        Raises:
            RunNotFound: No run has finished yet.
        """
        return self.read("/v1/runs/latest", Run)

    def runs(self, after: str | None = None, limit: int = DEFAULT_PAGE_SIZE) -> RunPage:
        """A page of runs, the newest first; `after` is the `next_cursor` of the page before."""
        return self.read("/v1/runs", RunPage, page_of(after, limit))

    def run(self, run_id: str) -> Run:
        """A run by its id.

        Raises:
            RunNotFound: There is no run of that id.
        """
        return self.read(f"/v1/runs/{part_of(run_id)}", Run)

    def ledger(
        self, run_id: str, state: NoteState | None = None, after: str | None = None, limit: int = DEFAULT_PAGE_SIZE
    ) -> LedgerPage:
        """What became of each note of a run, all or those in a state."""
        parameters = page_of(after, limit) | ({} if state is None else {"state": state.value})
        return self.read(f"/v1/runs/{part_of(run_id)}/notes", LedgerPage, parameters)

    def compare(self, first: str, second: str) -> Comparison:
        """How many entities were added, removed, asserted or coded otherwise from one run to another.

        The two newest are compared ahead; others are read whole the first time, six seconds for 60,000 notes a run.
        """
        path = f"/v1/runs/{part_of(first)}/compare/{part_of(second)}"
        return answer_of(self.ask("GET", path, timeout=_READING_SECONDS), Comparison)

    def changed_notes(self, first: str, second: str, after: str | None = None) -> ChangedNotes:
        """Notes in which something changed; a page may be empty and not the last, as long as it has a cursor."""
        parameters: Parameters = {} if after is None else {"cursor": after}
        return self.read(f"/v1/runs/{part_of(first)}/compare/{part_of(second)}/notes", ChangedNotes, parameters)

    def compare_note(self, first: str, second: str, note_id: str) -> NoteComparison:
        """All that changed in a note."""
        return self.read(
            f"/v1/runs/{part_of(first)}/compare/{part_of(second)}/notes/{part_of(note_id)}", NoteComparison
        )
