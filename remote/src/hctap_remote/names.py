"""The names of the remote extractors, for those who must know them without loading a client."""

from typing import Final

REMOTE_EXTRACTORS: Final = ("comprehend", "bedrock")
