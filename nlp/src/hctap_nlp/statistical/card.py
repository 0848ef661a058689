"""The card of a model: what a folder of CRFsuite files and wordings is, and the hash by which results name it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from hctap_core.errors import ExtractorUnavailable

CARD = "card.json"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What the card says, and the sha256 of it."""

    content: Mapping[str, Any]
    hash: str


def shipped_folder() -> Traversable:
    """The folder of the model inside the package."""
    return resources.files("hctap_nlp").joinpath("models")


def read_card(folder: Traversable) -> ModelCard:
    """The card of the model in a folder, whose files are seen to be there but not read.

    Raises:
        ExtractorUnavailable: Where the folder has no card or lacks a file that the card names.
    """
    try:
        data = folder.joinpath(CARD).read_bytes()
        content = json.loads(data)
        names = {content["genre"], *(name for taggers in content["taggers"].values() for name in taggers)}
        names.update(content.get("names", {}).values())
        if not all(folder.joinpath(name).is_file() for name in names):
            raise FileNotFoundError
    except (OSError, ValueError, KeyError):
        raise ExtractorUnavailable(
            "The statistical model is missing or incomplete.",
            remedy="Install hctap-nlp again, or train one with `hctap-etl train`.",
        ) from None
    return ModelCard(content, hashlib.sha256(data).hexdigest())
