"""Bundles, each validated, as NDJSON: one a line."""

from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from hctap_cli.lines import render_lines
from hctap_core.runs import Run
from hctap_etl.exports.fhir.bundle import bundle_of
from hctap_etl.exports.fhir.coding import Resource
from hctap_etl.exports.folder import OutputFolder
from hctap_stores.database.documents import Document


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


class FhirExport:
    """One Bundle a note, a line each."""

    def __init__(self, folder: OutputFolder, run: Run) -> None:
        self._stream = folder.open("bundles.ndjson")
        self._run = run
        self._left_out = 0

    def write(self, document: Document) -> None:
        """Write the Bundle of a note."""
        bundle, left_out = bundle_of(document, self._run)
        validate(bundle)
        self._left_out += left_out
        self._stream.write(render_lines([bundle]))

    def close(self) -> dict[str, int]:
        """Say how many entities have no resource."""
        return {"entities without a resource": self._left_out}
