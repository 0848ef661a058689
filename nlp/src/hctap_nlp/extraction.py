"""What an extractor finds in a text: plain frozen records, without the note's or the run's id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_core.phi import PhiKind
from hctap_core.sections import loinc_of
from hctap_nlp.phi.surrogates import Surrogate
from hctap_nlp.vocabulary.artefact import Code

_ONLY_IN_STORES: Final = ("note_id", "run_id")


class ScoredSpan(NamedTuple):
    """A span with its label and how sure a tagger is of it, 0 to 1."""

    begin: int
    end: int
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class FoundAttribute:
    """A part of a regimen or of a result, with its span."""

    type: str
    begin: int
    end: int
    norm: str | None = None


@dataclass(frozen=True, slots=True)
class FoundCue:
    """The words (or, where the span is empty, the section) that decided an assertion attribute.

    `scope` is the stretch that the words reach; a sign directly at its entity, and a section, have none.
    """

    attribute: str
    begin: int
    end: int
    rule: str
    scope: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class FoundSection:
    """A section with its heading as written; the part before the first heading has an empty one."""

    begin: int
    end: int
    header: str
    type: str
    body: int


@dataclass(slots=True)
class Mention:
    """An entity on its way through the pipeline; `codes` are (system, code, display, release, reason, score)."""

    type: str
    begin: int
    end: int
    norm: str
    score: float
    method: str
    source: str
    codes: tuple[Code, ...] = ()
    section: str = "unknown"
    assertion: dict[str, bool] = field(default_factory=dict)
    cues: list[FoundCue] = field(default_factory=list)
    attributes: list[FoundAttribute] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a service was asked for a text: `units` or tokens as it bills them, `dropped` answers that fit no text."""

    requests: int = 0
    units: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    dropped: int = 0
    latency_ms: float = 0.0
    cost_usd: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


_CHARGED: Final = "hctap_usage"


def charge(error: Exception, usage: Usage) -> None:
    """Note on an error what a service was asked for a text before the error ended it."""
    # Whatever ends a text may come after requests that are paid: an error of our own would hide its class.
    setattr(error, _CHARGED, usage)


def usage_of(error: Exception) -> Usage | None:
    """What a service was asked before this error, None if nothing was noted."""
    usage: Usage | None = getattr(error, _CHARGED, None)
    return usage


@dataclass(frozen=True, slots=True)
class Extraction:
    """The mentions and sections of one text, in text order, and the extractor that found them.

    Where the guard looked first, `phi` counts what it found, and `surrogate` is the text that the offsets refer to.
    `usage` is what a service was asked, where one was.
    """

    text: str
    mentions: tuple[Mention, ...]
    sections: tuple[FoundSection, ...]
    extractor: str
    version: str
    phi: Mapping[PhiKind, int] = field(default_factory=dict)
    surrogate: Surrogate | None = None
    usage: Usage | None = None

    def entity_records(self, note_id: str, run_id: str) -> list[dict[str, Any]]:
        """The mentions in the shape of `contracts/entity.schema.json`."""
        return [self._record(mention, note_id, run_id) for mention in self.mentions]

    def section_records(self) -> list[dict[str, Any]]:
        """The sections under a heading, in the shape of `contracts/section.schema.json`."""
        return [
            {"begin": s.begin, "end": s.end, "header": s.header, "type": s.type, "loinc": loinc_of(s.type)}
            for s in self.sections
            if s.header
        ]

    def record(self, text_id: str) -> dict[str, Any]:
        """Entities and sections as one record for a text that belongs to no store: no note's and no run's id."""
        entities = self.entity_records(text_id, "-")
        for entity in entities:
            for name in _ONLY_IN_STORES:
                del entity[name]
        return {"id": text_id, "entities": entities, "sections": self.section_records()}

    def _record(self, mention: Mention, note_id: str, run_id: str) -> dict[str, Any]:
        text, assertion = self.text, mention.assertion
        return {
            "schema_version": ENTITY_SCHEMA_VERSION,
            "note_id": note_id,
            "run_id": run_id,
            "entity_type": mention.type,
            "text": text[mention.begin : mention.end],
            "norm_text": mention.norm,
            "begin": mention.begin,
            "end": mention.end,
            "score": mention.score,
            "section": mention.section,
            "assertion": {
                "negated": assertion.get("negated", False),
                "uncertain": assertion.get("uncertain", False),
                "historical": assertion.get("historical", False),
                "hypothetical": assertion.get("hypothetical", False),
                "family": assertion.get("family", False),
            },
            "codes": [
                {
                    "system": system,
                    "code": code,
                    "display": display,
                    "score": score,
                    "release": release,
                    "reason": reason,
                }
                for system, code, display, release, reason, score in mention.codes
            ],
            "attributes": [
                {"type": a.type, "text": text[a.begin : a.end], "begin": a.begin, "end": a.end, "norm": a.norm}
                for a in mention.attributes
            ],
            "provenance": {
                "extractor": self.extractor,
                "version": self.version,
                "method": mention.method,
                "source": mention.source,
                "cues": [
                    {
                        "attribute": cue.attribute,
                        "text": text[cue.begin : cue.end],
                        "begin": cue.begin,
                        "end": cue.end,
                        "rule": cue.rule,
                        "scope_begin": cue.scope[0] if cue.scope else None,
                        "scope_end": cue.scope[1] if cue.scope else None,
                    }
                    for cue in mention.cues
                ],
            },
        }
