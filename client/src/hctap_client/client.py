"""One connection to the API: typed answers, the domain's errors."""

import ipaddress
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from hctap_client.problems import error_of, read_problem
from hctap_core.answers import Health, NoteDocument, NotePage, Readiness, Version
from hctap_core.comparisons import ChangedNotes, Comparison, NoteComparison
from hctap_core.entities import CodeSystem
from hctap_core.errors import NoteNotFound, PlatformError, SettingsInvalid, StoreUnavailable
from hctap_core.extractions import BatchRequest, Extracted, ExtractedBatch, ExtractRequest
from hctap_core.ledgers import LedgerPage, RunPage
from hctap_core.notes import is_valid_note_id
from hctap_core.permissions import AuditPage, Identity
from hctap_core.runs import NoteState, Run
from hctap_core.searches import EntityHit, EntityPage, EntitySearch
from hctap_core.vocabularies import CodeFound, ModelsInfo, TermSearch, TermsFound, VocabularyInfo

DEFAULT_TIMEOUT_SECONDS = 10.0
DEFAULT_PAGE_SIZE = 100

_Answer = TypeVar("_Answer", bound=BaseModel)
_Parameters = dict[str, str | int]


class Client:
    """The API at one address; thread-safe, and closed by `close()` or at the end of a `with`.

    `key` is the one that an admin made with `hctap-api keys create`; an API for development asks for none.
    Every method raises NotSignedIn without a valid key, NotAllowed where it may not do this, and StoreUnavailable
    where the API, or a store that it needs, does not answer in time.
    """

    def __init__(self, base_url: str, timeout: float = DEFAULT_TIMEOUT_SECONDS, *, key: str | None = None) -> None:
        self.base_url = _checked(base_url)
        self._http = httpx.Client(
            base_url=self.base_url,
            timeout=timeout,
            headers={"Accept": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {}),
            follow_redirects=False,
            # A proxy from the environment cannot reach this machine's own loopback.
            trust_env=not _is_loopback(self.base_url),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def health(self) -> Health:
        """Whether the API's process is alive; says nothing of what it stands on."""
        return self._read("/health", Health)

    def ready(self) -> Readiness:
        """What the API stands on, checked now; being not ready is an answer here and no error."""
        response = self._get("/ready")
        problem = read_problem(response)
        if problem is not None and problem.checks is not None:
            return Readiness(status="not_ready", checks=problem.checks)
        return _answer(response, Readiness)

    def version(self) -> Version:
        """Which release answers."""
        return self._read("/version", Version)

    def me(self) -> Identity:
        """Whose key this client has, and what it may do."""
        return self._read("/v1/me", Identity)

    def note(self, note_id: str, run_id: str | None = None) -> NoteDocument:
        """The note with the entities and sections of the latest finished run, or of the run named.

        Raises:
            NoteNotFound: There is no note of that id.
            RunNotFound: There is no run of that id.
        """
        if not is_valid_note_id(note_id):
            raise NoteNotFound("No note can have this id.", remedy="Take an id from the list of notes.")
        parameters: _Parameters = {} if run_id is None else {"run_id": run_id}
        return self._read(f"/v1/notes/{quote(note_id, safe='')}", NoteDocument, parameters)

    def notes(self, after: str | None = None, limit: int = DEFAULT_PAGE_SIZE) -> NotePage:
        """A page of note ids with their specialty; `after` is the `next_cursor` of the page before."""
        return self._read("/v1/notes", NotePage, _page(after, limit))

    def latest_run(self) -> Run:
        """The run that finished last.

        Raises:
            RunNotFound: No run has finished yet.
        """
        return self._read("/v1/runs/latest", Run)

    def runs(self, after: str | None = None, limit: int = DEFAULT_PAGE_SIZE) -> RunPage:
        """A page of runs, the newest first; `after` is the `next_cursor` of the page before."""
        return self._read("/v1/runs", RunPage, _page(after, limit))

    def run(self, run_id: str) -> Run:
        """A run by its id.

        Raises:
            RunNotFound: There is no run of that id.
        """
        return self._read(f"/v1/runs/{_part(run_id)}", Run)

    def ledger(
        self, run_id: str, state: NoteState | None = None, after: str | None = None, limit: int = DEFAULT_PAGE_SIZE
    ) -> LedgerPage:
        """What became of each note of a run, all or those in a state."""
        parameters = _page(after, limit) | ({} if state is None else {"state": state.value})
        return self._read(f"/v1/runs/{_part(run_id)}/notes", LedgerPage, parameters)

    def compare(self, first: str, second: str) -> Comparison:
        """How many entities were added, removed, asserted or coded otherwise from one run to another."""
        return self._read(f"/v1/runs/{_part(first)}/compare/{_part(second)}", Comparison)

    def changed_notes(self, first: str, second: str, after: str | None = None) -> ChangedNotes:
        """Notes in which something changed; a page may be empty and not the last, as long as it has a cursor."""
        parameters: _Parameters = {} if after is None else {"cursor": after}
        return self._read(f"/v1/runs/{_part(first)}/compare/{_part(second)}/notes", ChangedNotes, parameters)

    def compare_note(self, first: str, second: str, note_id: str) -> NoteComparison:
        """All that changed in a note."""
        return self._read(f"/v1/runs/{_part(first)}/compare/{_part(second)}/notes/{_part(note_id)}", NoteComparison)

    def search(self, search: EntitySearch) -> EntityPage:
        """A page of the entities that were searched for, with count and facets where they were asked for."""
        return self._send("/v1/entities/search", search, EntityPage)

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
        return self._send("/v1/extract", request, Extracted)

    def extract_batch(self, request: BatchRequest) -> ExtractedBatch:
        """What each of many texts says, in their order."""
        return self._send("/v1/extract/batch", request, ExtractedBatch)

    def vocabulary(self) -> VocabularyInfo:
        """What the engine's vocabulary is made of."""
        return self._read("/v1/vocabulary", VocabularyInfo)

    def models(self) -> ModelsInfo:
        """The extractors and models that are installed."""
        return self._read("/v1/models", ModelsInfo)

    def code(self, system: CodeSystem, code: str) -> CodeFound:
        """What a code means.

        Raises:
            CodeNotFound: The vocabulary knows no such code.
        """
        return self._read(f"/v1/vocabulary/codes/{system.value}/{_part(code)}", CodeFound)

    def terms(self, search: TermSearch) -> TermsFound:
        """Terms of the vocabulary that hold some words."""
        return self._send("/v1/vocabulary/terms/search", search, TermsFound)

    def audit(self, before: int | None = None, note_id: str | None = None) -> AuditPage:
        """Who read the text of notes, the newest first, all or of one note."""
        parameters: _Parameters = {} if before is None else {"cursor": before}
        return self._read("/v1/audit", AuditPage, parameters | ({} if note_id is None else {"note_id": note_id}))

    def _send(self, path: str, body: BaseModel, model: type[_Answer]) -> _Answer:
        content = body.model_dump_json(exclude_none=True)
        headers = {"Content-Type": "application/json"}
        return _answer(self._ask("POST", path, content=content, headers=headers), model)

    def _read(self, path: str, model: type[_Answer], parameters: _Parameters | None = None) -> _Answer:
        return _answer(self._get(path, parameters), model)

    def _get(self, path: str, parameters: _Parameters | None = None) -> httpx.Response:
        return self._ask("GET", path, params=parameters)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        try:
            return self._http.request(method, path, **more)
        except httpx.TransportError as error:
            raise StoreUnavailable(
                f"The API at {self.base_url} does not answer ({type(error).__name__}).",
                remedy="Start it with `make up`, or set HCTAP_API_URL to where it runs.",
            ) from None


def _page(after: str | None, limit: int) -> _Parameters:
    return {"limit": limit} if after is None else {"limit": limit, "cursor": after}


def _part(value: str) -> str:
    return quote(value, safe="")


def _checked(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise SettingsInvalid("The API's address is not one.", remedy="Give it as http://host:port.")
    return base_url.rstrip("/")


def _is_loopback(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _answer(response: httpx.Response, model: type[_Answer]) -> _Answer:
    if response.status_code != httpx.codes.OK:
        raise error_of(response)
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        # Pydantic's own message repeats the values, which may be a note's text.
        fields = {".".join(str(part) for part in item["loc"][:2]) for item in error.errors(include_input=False)}
        raise PlatformError(
            f"The API's answer is not a {model.__name__} (fields: {', '.join(sorted(fields)[:5])}).",
            remedy="Check the API's address, and that client and API are of the same release.",
        ) from None
