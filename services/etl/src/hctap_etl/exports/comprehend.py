"""The shape that Amazon Comprehend Medical's DetectEntitiesV2 answers with, a note a line.

Source: https://docs.aws.amazon.com/comprehend-medical/latest/api/API_DetectEntitiesV2.html. `NoteId` is added, so that
lines can be told apart. Ids count within a note. What the shape has no word for is left out and counted: whether a
medication was started or stopped, a test's flag and reference range.
"""

from typing import Any

from hctap_cli.lines import render_lines
from hctap_core.comprehend import entities_answer
from hctap_core.runs import Run
from hctap_etl.exports.folder import OutputFolder
from hctap_stores.database.documents import Document


class ComprehendExport:
    """One answer a note, as JSON Lines."""

    def __init__(self, folder: OutputFolder, run: Run) -> None:
        self._stream = folder.open("comprehend.jsonl")
        self._version = f"{run.pipeline.extractor}-{run.pipeline.extractor_version}"
        self._left_out = 0

    def write(self, document: Document) -> None:
        """Write the answer for a note."""
        answer = answer_of(document, self._version)
        kept = sum(len(entity["Attributes"]) for entity in answer["Entities"])
        self._left_out += sum(len(entity["attributes"]) for entity in document.entities) - kept
        self._stream.write(render_lines([{"NoteId": document.note_id} | answer]))

    def close(self) -> dict[str, int]:
        """Say how many attributes the shape has no word for."""
        return {"attributes left out": self._left_out}


def answer_of(document: Document, model_version: str) -> dict[str, Any]:
    """What DetectEntitiesV2 would answer with, had it found what was found."""
    return entities_answer(document.entities, model_version)
