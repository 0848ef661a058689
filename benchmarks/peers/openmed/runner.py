"""OpenMed's rule layer: context of given spans, sections, sigs. Its entity recognition needs models from a hub."""

import argparse
import re
import sys

from openmed.clinical import assert_context
from openmed.clinical.sections import detect_sections
from openmed.clinical.sig_parser import parse_sigs

from benchmarks.peers.protocol import Record, Spans, System, serve

# A sig reaches from behind the drug's name to the next drug, the end of the line or of the sentence.
_END = re.compile(r"\n|;|\.(?=\s+[A-Z0-9]|$)")


class OpenMed:
    """The rule layer as its documentation puts it together."""

    packages = ("openmed",)

    def extract(self, text: str) -> None:  # noqa: ARG002 - the protocol's signature
        """Nothing: the rules find no entities."""
        return

    def read_spans(self, text: str, spans: Spans) -> Record:
        """The context axes of the spans with section priors, and the sig behind each medication."""
        sections = detect_sections(text)
        given = [{"text": text[begin:end], "start": begin, "end": end, "label": kind} for begin, end, kind in spans]
        entities = []
        for (begin, end, kind), said in zip(spans, assert_context(text, given, sections=sections), strict=True):
            entities.append(
                {
                    "begin": begin,
                    "end": end,
                    "entity_type": kind,
                    "assertion": {
                        "negated": said["negation"] == "negated",
                        "uncertain": said["uncertainty"] == "uncertain" and said["temporality"] != "hypothetical",
                        "historical": said["temporality"] == "historical",
                        "hypothetical": said["temporality"] == "hypothetical",
                        "family": said["experiencer"] == "family",
                    },
                    "attributes": _attributes(text, begin, end, spans) if kind == "MEDICATION" else [],
                }
            )
        headings = [{"begin": s.start, "end": s.end, "type": s.label} for s in sections if s.label != "unsectioned"]
        return {"entities": entities, "sections": headings}


def _attributes(text: str, begin: int, end: int, spans: Spans) -> list[Record]:
    following = min((b for b, _, kind in spans if b >= end and kind == "MEDICATION"), default=len(text))
    stop = _END.search(text, end, following)
    (parsed,) = parse_sigs(text, [{"start": begin, "end": stop.start() if stop else following}])
    sig = parsed["sig"]
    found = []
    if sig["route"]:
        found.append({"type": "ROUTE", "norm": sig["route"]})
    if sig["frequency_per_day"]:
        found.append({"type": "FREQUENCY", "norm": f"{sig['frequency_per_day']}/d"})
    return found


def load(given: argparse.Namespace) -> System:  # noqa: ARG001 - the protocol's signature
    """The rule layer needs no loading."""
    return OpenMed()


if __name__ == "__main__":
    sys.exit(serve(load))
