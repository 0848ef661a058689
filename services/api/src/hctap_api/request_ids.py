"""The id of a request: the caller's own where it is usable, else a new one; it stands in answer, problem and log."""

import re
import uuid
from typing import Final

from starlette.types import Scope

REQUEST_ID_HEADER: Final = "X-Request-ID"
_USABLE: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SCOPE_KEY: Final = "hctap.request_id"


def assign_request_id(scope: Scope) -> str:
    """Give the request its id, from its header where that is 1 to 64 letters, digits, `.`, `_` or `-`."""
    name = REQUEST_ID_HEADER.lower().encode()
    given = next((value for key, value in scope["headers"] if key == name), b"")
    request_id = given.decode() if _USABLE.fullmatch(given) else uuid.uuid4().hex
    scope[_SCOPE_KEY] = request_id
    return request_id


def request_id_of(scope: Scope) -> str:
    """The id that the request was given."""
    return str(scope[_SCOPE_KEY])
