"""The requests that a client makes: typed answers, the domain's errors."""

import ipaddress
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from hctap_client.problems import error_of
from hctap_core.errors import PlatformError, SettingsInvalid, StoreUnavailable

DEFAULT_TIMEOUT_SECONDS = 10.0
DEFAULT_PAGE_SIZE = 100

Answer = TypeVar("Answer", bound=BaseModel)
Parameters = dict[str, str | int]


class Connection:
    """The API at one address, for the calls that are made on it; thread-safe.

    It is closed by `close()` or at the end of a `with`.
    """

    def __init__(self, base_url: str, timeout: float = DEFAULT_TIMEOUT_SECONDS, *, key: str | None = None) -> None:
        self.base_url = _checked(base_url)
        self.http = httpx.Client(
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
        self.http.close()

    def send(self, path: str, body: BaseModel, model: type[Answer], headers: dict[str, str] | None = None) -> Answer:
        """What the API answers to a body."""
        content = body.model_dump_json(exclude_none=True)
        headers = {"Content-Type": "application/json"} | (headers or {})
        return answer_of(self.ask("POST", path, content=content, headers=headers), model)

    def put(self, path: str, body: BaseModel, model: type[Answer]) -> Answer:
        """What the API answers to what is put at a path."""
        content = body.model_dump_json(exclude_none=True)
        return answer_of(self.ask("PUT", path, content=content, headers={"Content-Type": "application/json"}), model)

    def read(self, path: str, model: type[Answer], parameters: Parameters | None = None) -> Answer:
        """What the API answers at a path."""
        return answer_of(self.get(path, parameters), model)

    def get(self, path: str, parameters: Parameters | None = None) -> httpx.Response:
        """The response at a path, whatever it is."""
        return self.ask("GET", path, params=parameters)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        """The response to a request, whatever it is.

        Raises:
            StoreUnavailable: The API does not answer.
        """
        try:
            return self.http.request(method, path, **more)
        except httpx.TransportError as error:
            raise self.unavailable(error) from None

    def unavailable(self, error: httpx.TransportError) -> StoreUnavailable:
        """The error that says that the API does not answer."""
        return StoreUnavailable(
            f"The API at {self.base_url} does not answer ({type(error).__name__}).",
            remedy="Start it with `make up`, or set HCTAP_API_URL to where it runs.",
        )


def page_of(after: str | None, limit: int) -> Parameters:
    """The parameters of a page."""
    return {"limit": limit} if after is None else {"limit": limit, "cursor": after}


def part_of(value: str) -> str:
    """A value as a part of a path."""
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


def answer_of(response: httpx.Response, model: type[Answer]) -> Answer:
    """A response as a record of the contract, or as the error that it is.

    Raises:
        PlatformError: The response is an error, or no such record.
    """
    if not response.is_success:
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
