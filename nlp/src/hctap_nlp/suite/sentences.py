"""The sentences of a suite file, each with its phenomenon, its part and its gold."""

import hashlib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import yaml

from hctap_core.errors import MalformedRecord
from hctap_core.gold import GoldNote
from hctap_core.markup import read_marked
from hctap_core.reasons import QuarantineReason
from hctap_nlp.extraction import ScoredSpan

Part = Literal["dev", "test"]


class Phenomenon(StrEnum):
    """What a sentence of the suite puts to the test."""

    NEGATION_PLAIN = "negation_plain"
    NEGATION_AFTER = "negation_after"
    NEGATION_PSEUDO = "negation_pseudo"
    NEGATION_DOUBLE = "negation_double"
    SCOPE_END = "scope_end"
    COORDINATION = "coordination"
    LIST_ITEMS = "list_items"
    ROS_LISTS = "ros_lists"
    LINE_ENDS = "line_ends"
    SECTION_PRIOR = "section_prior"
    UNCERTAIN = "uncertain"
    RULE_OUT = "rule_out"
    HISTORICAL = "historical"
    RESOLVED = "resolved"
    CHRONIC = "chronic"
    HYPOTHETICAL = "hypothetical"
    RETURN_PRECAUTIONS = "return_precautions"
    PRN_INDICATION = "prn_indication"
    FAMILY = "family"
    PATIENT_NOT_FAMILY = "patient_not_family"
    EXPERIENCER_SWITCH = "experiencer_switch"
    OTHER_PERSONS = "other_persons"
    ALLERGY = "allergy"
    TEST_NEGATIVE = "test_negative"
    NOT_DONE = "not_done"
    MIXED = "mixed"
    # From here on: how a drug is taken, and what a test showed.
    SIGS = "sigs"
    LATIN = "latin"
    TAPERS = "tapers"
    SLIDING_SCALE = "sliding_scale"
    DOSE_RANGES = "dose_ranges"
    EYE_DROPS = "eye_drops"
    PRN_REASON = "prn_reason"
    STATUS_CHANGES = "status_changes"
    MANY_DRUGS = "many_drugs"
    COMBINED_STRENGTHS = "combined_strengths"
    DURATIONS = "durations"
    ROUTES = "routes"
    VALUES = "values"
    UNITS = "units"
    FLAGS = "flags"
    REFERENCE_RANGES = "reference_ranges"
    VITALS = "vitals"
    RESULT_PROSE = "result_prose"

    @property
    def is_of_regimen(self) -> bool:
        """Whether the sentences ask for the attributes of drugs and tests; the others ask for assertion."""
        order = list(Phenomenon)
        return order.index(self) >= order.index(Phenomenon.SIGS)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the suite; `text` is what a system reads, `marked` what its author wrote."""

    id: str
    phenomenon: Phenomenon
    part: Part
    text: str
    marked: str
    gold: GoldNote

    def spans(self) -> list[ScoredSpan]:
        """The marked entities without their answers, in text order."""
        return [ScoredSpan(entity.begin, entity.end, entity.entity_type.value, 1.0) for entity in self.gold.entities]


def read_suite(content: str) -> list[Sentence]:
    """The sentences of one suite file (YAML: phenomenon to rows of `id`, `text` and, unless it is dev, `part`).

    Raises:
        MalformedRecord: For a file, a row or a mark that cannot be understood, by the row's id.
    """
    table = yaml.load(content, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader that refuses a key given twice
    try:
        return [_sentence(Phenomenon(name), row) for name, rows in table.items() for row in rows]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise MalformedRecord(QuarantineReason.SCHEMA, "not phenomena with rows of id and text") from None


def ids_for_testing(sentences: Iterable[Sentence]) -> set[str]:
    """The ids that belong in the test part: of each phenomenon the third with the smallest sha256."""
    groups: dict[Phenomenon, list[str]] = {}
    for sentence in sentences:
        groups.setdefault(sentence.phenomenon, []).append(sentence.id)
    return {id_ for ids in groups.values() for id_ in sorted(ids, key=_hash)[: round(len(ids) / 3)]}


def _hash(id_: str) -> str:
    return hashlib.sha256(id_.encode()).hexdigest()


def _sentence(phenomenon: Phenomenon, row: dict[str, str]) -> Sentence:
    part = row.get("part", "dev")
    if row.keys() - {"id", "part", "text"} or part not in {"dev", "test"}:
        raise MalformedRecord(QuarantineReason.SCHEMA, "a key or a part that is not known", note_id=row["id"])
    note, gold = read_marked(f"---\nnote_id: {row['id']}\nspecialty: Suite\n---\n{row['text']}\n")
    return Sentence(row["id"], phenomenon, "test" if part == "test" else "dev", note.text, row["text"], gold)


class _StrictLoader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - the base class's own
        mapping = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            raise MalformedRecord(QuarantineReason.SCHEMA, f"a key stands twice near line {node.start_mark.line + 1}")
        return mapping
