"""The id of a request: the caller's own where it is usable, else a new one; it stands in answer, problem and log."""

import re
import secrets
from typing import Final

from starlette.types import Scope

REQUEST_ID_HEADER: Final = "X-Request-ID"
_RAW_HEADER: Final = REQUEST_ID_HEADER.lower().encode()
_USABLE: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SCOPE_KEY: Final = "hctap.request_id"


def assign_request_id(scope: Scope) -> str:
    """Give the request its id, from its header where that is 1 to 64 letters, digits, `.`, `_` or `-`."""
    given = next((value for key, value in scope["headers"] if key == _RAW_HEADER), b"")
    request_id = given.decode() if _USABLE.fullmatch(given) else secrets.token_hex(16)
    scope[_SCOPE_KEY] = request_id
    return request_id


def request_id_of(scope: Scope) -> str:
    """The id that the request was given."""
    return str(scope[_SCOPE_KEY])
