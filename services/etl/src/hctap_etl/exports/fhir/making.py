"""Notes into lines of bundles, each validated: work for one process or for several."""

from collections.abc import Sequence
from dataclasses import dataclass

from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from hctap_cli.lines import render_lines
from hctap_core.fhir.bundle import bundle_of
from hctap_core.fhir.coding import Resource
from hctap_core.runs import Run
from hctap_stores.database.documents import Document


@dataclass(frozen=True, slots=True)
class Made:
    """The bundles of some notes, a line each, and how many of their entities have no resource."""

    lines: bytes
    left_out: int


def validate(bundle: Resource) -> None:
    """See that a bundle is one.

    Raises:
        ValueError: If it is not; the message names places, not values.
    """
    try:
        Bundle.model_validate(bundle)
    except ValidationError as error:
        places = sorted({".".join(map(str, item["loc"])) for item in error.errors(include_input=False)})
        raise ValueError(f"not valid FHIR: {', '.join(places)}") from None


def make_bundles(run: Run, documents: Sequence[Document]) -> Made:
    """The bundles of notes, in their order.

    Raises:
        ValueError: If one is not valid.
    """
    bundles, left_out = [], 0
    for document in documents:
        bundle, without = bundle_of(document, run)
        validate(bundle)
        bundles.append(bundle)
        left_out += without
    return Made(render_lines(bundles), left_out)
