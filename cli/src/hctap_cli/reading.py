"""The way of the notes: gathered, read by the extractor, handed to the results."""

import logging
import time

from hctap_cli.gathering import Gathering
from hctap_cli.guarding import extract_safely
from hctap_cli.outputs.folder import ResultFolder
from hctap_cli.progress import Meter
from hctap_nlp.extractors import Extractor

log = logging.getLogger(__name__)

# No run of a batch job stands behind these entities.
_NO_RUN = "-"


def read_notes(gathering: Gathering, extractor: Extractor, results: ResultFolder, meter: Meter) -> None:
    """Read every note once, in the order of the files, and put the results in place.

    Raises:
        OSError: If the results cannot be written; then no half-written file is left behind.
    """
    begun = time.monotonic()
    try:
        with meter.track("reading", gathering.bytes, is_bytes=True) as advance:
            for file, notes in gathering.read():
                for item in notes:
                    if item.note:
                        found = extract_safely(extractor, item.note.text, item.note.note_id, _NO_RUN)
                        results.add(item, item.note, found)
                    else:
                        results.add_fault(item)
                advance(file.bytes)
        for item in gathering.skipped():
            results.add_fault(item)
        results.close()
    except BaseException:
        results.discard()
        raise
    duration_ms = round(1000 * (time.monotonic() - begun))
    facts = {"notes": results.tally.notes, "entities": results.tally.entities, "duration_ms": duration_ms}
    log.info("notes_read", extra=facts)
