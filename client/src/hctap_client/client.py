"""One connection to the API: typed answers, the domain's errors."""

import ipaddress
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from hctap_client.problems import error_of, read_problem
from hctap_core.answers import Health, NoteDocument, NotePage, Readiness, Version
from hctap_core.errors import NoteNotFound, PlatformError, SettingsInvalid, StoreUnavailable
from hctap_core.notes import is_valid_note_id
from hctap_core.runs import Run

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
        parameters: _Parameters = {"limit": limit}
        return self._read("/v1/notes", NotePage, parameters if after is None else parameters | {"cursor": after})

    def latest_run(self) -> Run:
        """The run that finished last.

        Raises:
            RunNotFound: No run has finished yet.
        """
        return self._read("/v1/runs/latest", Run)

    def _read(self, path: str, model: type[_Answer], parameters: _Parameters | None = None) -> _Answer:
        return _answer(self._get(path, parameters), model)

    def _get(self, path: str, parameters: _Parameters | None = None) -> httpx.Response:
        try:
            return self._http.get(path, params=parameters)
        except httpx.TransportError as error:
            raise StoreUnavailable(
                f"The API at {self.base_url} does not answer ({type(error).__name__}).",
                remedy="Start it with `make up`, or set HCTAP_API_URL to where it runs.",
            ) from None


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
