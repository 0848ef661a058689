"""Words and ids that callers give: what no store can keep is refused, and the contract says so."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
# Something is written there, and no NUL.
SAID: Final[JsonDict] = {"minLength": 1, "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"}
NO_NUL: Final[JsonDict] = {"pattern": "^[^\\u0000]+$"}
# No space at either end, no '/', and none of the control characters and formats in common use.
_NO_PART: Final = (
    "/\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u0600-\\u0605\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff"
    "\\ufff9-\\ufffb"
)
NOTE_ID_SHAPE: Final[JsonDict] = {"minLength": 1, "pattern": f"^[^\\s{_NO_PART}]([^{_NO_PART}]*[^\\s{_NO_PART}])?$"}


def check_storable(value: str) -> str:
    """The value, if it can be kept."""
    if _UNSTORABLE.search(value):
        raise ValueError("NUL characters and lone surrogates stand in no text.")
    return value


Storable = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra=NO_NUL), AfterValidator(check_storable)]
