"""One connection to the API, with all that it can be asked."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx

from hctap_client.connection import DEFAULT_PAGE_SIZE, DEFAULT_TIMEOUT_SECONDS, Parameters, answer_of, page_of, part_of
from hctap_client.evaluations import EvaluationCalls
from hctap_client.exports import ExportCalls
from hctap_client.orders import OrderCalls
from hctap_client.problems import error_of, read_problem
from hctap_client.reviews import ReviewCalls
from hctap_client.runs import RunCalls
from hctap_client.schedules import ScheduleCalls
from hctap_client.statistics import StatisticsCalls
from hctap_client.uploads import UploadCalls
from hctap_core.answers import Health, NoteDocument, NotePage, NoteSummary, Readiness, Version
from hctap_core.entities import CodeSystem
from hctap_core.errors import NoteNotFound
from hctap_core.extractions import BatchRequest, Extracted, ExtractedBatch, ExtractRequest
from hctap_core.note_lists import NotesAsked
from hctap_core.note_searches import NoteSearch, NotesFound
from hctap_core.notes import is_valid_note_id
from hctap_core.permissions import AuditPage, Identity
from hctap_core.searches import EntityHit, EntityPage, EntitySearch
from hctap_core.vocabularies import CodeFound, ModelsInfo, TermSearch, TermsFound, VocabularyInfo

__all__ = ["DEFAULT_PAGE_SIZE", "DEFAULT_TIMEOUT_SECONDS", "Client"]


class Client(
    RunCalls, OrderCalls, ScheduleCalls, EvaluationCalls, StatisticsCalls, ReviewCalls, ExportCalls, UploadCalls
):
    """The API at one address; thread-safe, and closed by `close()` or at the end of a `with`.

    `key` is the one that an admin made with `hctap-api keys create`; an API for development asks for none.
    Every method raises NotSignedIn without a valid key, NotAllowed where it may not do this, and StoreUnavailable
    where the API, or a store that it needs, does not answer in time.
    """

    def health(self) -> Health:
        """Whether the API's process is alive; says nothing of what it stands on."""
        return self.read("/health", Health)

    def ready(self) -> Readiness:
        """What the API stands on, checked now; being not ready is an answer here and no error."""
        response = self.get("/ready")
        problem = read_problem(response)
        if problem is not None and problem.checks is not None:
            return Readiness(status="not_ready", checks=problem.checks)
        return answer_of(response, Readiness)

    def version(self) -> Version:
        """Which release answers."""
        return self.read("/version", Version)

    def me(self) -> Identity:
        """Whose key this client has, and what it may do."""
        return self.read("/v1/me", Identity)

    def note(self, note_id: str, run_id: str | None = None) -> NoteDocument:
        """The note with the entities and sections of the latest finished run, or of the run named.

        Raises:
            NoteNotFound: There is no note of that id.
            RunNotFound: There is no run of that id.
        """
        if not is_valid_note_id(note_id):
            raise NoteNotFound("No note can have this id.", remedy="Take an id from the list of notes.")
        parameters: Parameters = {} if run_id is None else {"run_id": run_id}
        return self.read(f"/v1/notes/{quote(note_id, safe='')}", NoteDocument, parameters)

    def note_as_fhir(self, note_id: str, run_id: str | None = None) -> dict[str, Any]:
        """The note with what a run found in it, the latest by default, as a FHIR R4 Bundle.

        Raises:
            NoteNotFound: The run has not read a note of that id.
            RunNotFound: There is no such run.
        """
        parameters = {} if run_id is None else {"run_id": run_id}
        response = self.ask("GET", f"/v1/notes/{part_of(note_id)}/fhir", params=parameters)
        if response.status_code != httpx.codes.OK:
            raise error_of(response)
        bundle: dict[str, Any] = response.json()
        return bundle

    def notes(self, after: str | None = None, limit: int = DEFAULT_PAGE_SIZE) -> NotePage:
        """A page of note ids with their specialty; `after` is the `next_cursor` of the page before."""
        return self.read("/v1/notes", NotePage, page_of(after, limit))

    def list_notes(self, asked: NotesAsked) -> NotePage:
        """A page of the notes asked for.

        Raises:
            RunNotFound: Entities are asked for, and there is no such run.
        """
        given = asked.model_dump(mode="json", exclude_none=True)
        parameters: Parameters = {
            name: value if isinstance(value, int) else str(value) for name, value in given.items()
        }
        return self.read("/v1/notes", NotePage, parameters)

    def find_notes(self, asked: NotesAsked) -> Iterator[NoteSummary]:
        """All the notes asked for, page after page; pandas makes a table of their `model_dump()`."""
        while True:
            page = self.list_notes(asked)
            yield from page.notes
            if page.next_cursor is None:
                return
            # The pages stay those of one run, whatever finishes meanwhile.
            asked = asked.model_copy(update={"cursor": page.next_cursor, "run_id": page.run_id})

    def search_notes(self, search: NoteSearch) -> NotesFound:
        """A page of the notes whose texts say some words, with the places where they do.

        Raises:
            RunNotFound: Entities are asked for, and there is no such run.
        """
        return self.send("/v1/notes/search", search, NotesFound)

    def search(self, search: EntitySearch) -> EntityPage:
        """A page of the entities that were searched for, with count and facets where they were asked for."""
        return self.send("/v1/entities/search", search, EntityPage)

    def find(self, search: EntitySearch) -> Iterator[EntityHit]:
        """All the entities that were searched for, page after page; pandas makes a table of their `model_dump()`."""
        while True:
            page = self.search(search)
            yield from page.entities
            if page.next_cursor is None:
                return
            search = search.model_copy(update={"cursor": page.next_cursor})

    def extract(self, request: ExtractRequest) -> Extracted:
        """What a text says; nothing is stored."""
        return self.send("/v1/extract", request, Extracted)

    def extract_batch(self, request: BatchRequest) -> ExtractedBatch:
        """What each of many texts says, in their order."""
        return self.send("/v1/extract/batch", request, ExtractedBatch)

    def vocabulary(self) -> VocabularyInfo:
        """What the engine's vocabulary is made of."""
        return self.read("/v1/vocabulary", VocabularyInfo)

    def models(self) -> ModelsInfo:
        """The extractors and models that are installed."""
        return self.read("/v1/models", ModelsInfo)

    def code(self, system: CodeSystem, code: str) -> CodeFound:
        """What a code means.

        Raises:
            CodeNotFound: The vocabulary knows no such code.
        """
        return self.read(f"/v1/vocabulary/codes/{system.value}/{part_of(code)}", CodeFound)

    def terms(self, search: TermSearch) -> TermsFound:
        """Terms of the vocabulary that hold some words."""
        return self.send("/v1/vocabulary/terms/search", search, TermsFound)

    def audit(self, before: int | None = None, note_id: str | None = None) -> AuditPage:
        """Who read the text of notes, the newest first, all or of one note."""
        parameters: Parameters = {} if before is None else {"cursor": before}
        return self.read("/v1/audit", AuditPage, parameters | ({} if note_id is None else {"note_id": note_id}))
