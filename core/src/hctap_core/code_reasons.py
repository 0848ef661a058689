"""Why an entity has a code: a word of a closed vocabulary, then the steps that led from there to the code.

A reason reads `curated` or `name; detail: femoral; side: left`: its ground, then each step with what it went by.
"""

from enum import StrEnum
from typing import Final


class CodeGround(StrEnum):
    """What the code of a term comes from."""

    CURATED = "curated"
    OWN = "own"
    IMPORT = "import"
    NAME = "name"
    SYNONYM = "synonym"
    WORDS = "words"
    DERIVED = "derived"
    LEARNED = "learned"
    ONTOLOGY = "ontology"
    STRENGTH = "strength"
    SERVICE = "service"


class CodeStep(StrEnum):
    """What led from the code of a term to that of the mention."""

    PART = "part"
    SIDE = "side"
    DETAIL = "detail"
    WITH = "with"
    CLASS = "class"
    REFERENCE = "reference"
    DEFINITION = "definition"
    NOTE = "note"
    PAST = "past"


# What is said by our own vocabularies and not by a service; steps may go by words of the note.
_OF_VOCABULARIES: Final = frozenset(CodeGround) - {CodeGround.SERVICE}
_GROUNDS: Final = {
    CodeGround.CURATED: "curated term",
    CodeGround.OWN: "a row of your own",
    CodeGround.IMPORT: "a row of an import",
    CodeGround.NAME: "name in {system}",
    CodeGround.SYNONYM: "synonym of a name in {system}",
    CodeGround.WORDS: "the words of a name in {system}",
    CodeGround.DERIVED: "adjective of its name",
    CodeGround.LEARNED: "what annotators of abstracts called it",
    CodeGround.ONTOLOGY: "name in the Human Disease Ontology",
    CodeGround.STRENGTH: "drug of this strength and form",
    CodeGround.SERVICE: "answer of the service",
}
_STEPS: Final = {
    CodeStep.PART: "for its head alone, not for: {detail}",
    CodeStep.SIDE: "side: {detail}",
    CodeStep.DETAIL: "further words: {detail}",
    CodeStep.WITH: "together with: {detail}",
    CodeStep.CLASS: "class of {detail}",
    CodeStep.REFERENCE: "cross-referenced for: {detail}",
    CodeStep.DEFINITION: "short for: {detail}",
    CodeStep.NOTE: "as the note says elsewhere: {detail}",
    CodeStep.PAST: "in the past",
}


def with_step(reason: str, step: CodeStep, detail: str = "") -> str:
    """The reason with one more step."""
    return f"{reason}; {step.value}: {detail}" if detail else f"{reason}; {step.value}"


def is_of_vocabulary(reason: str) -> bool:
    """Whether a code with this reason is made of words of vocabularies, and of none that its note may have chosen."""
    return reason in _OF_VOCABULARIES


def kind_of(reason: str) -> str:
    """The last step of a reason, or its ground where there is none: what scores are measured by."""
    return reason.rpartition("; ")[2].partition(":")[0]


def explain_reason(reason: str, system: str) -> str:
    """The reason in words; one that is not of this vocabulary as it stands, none as an empty text."""
    ground, *steps = reason.split("; ")
    try:
        said = [_GROUNDS[CodeGround(ground)].format(system=system)]
        for step in steps:
            name, _, detail = step.partition(": ")
            said.append(_STEPS[CodeStep(name)].format(detail=detail))
    except ValueError:
        return reason
    return "; ".join(said)
