"""The systems of the scoreboard: how each is started, and what has to be said of how it was set up."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """A system: `peer` names its folder and environment, None for this project's own.

    `prepares` says that it makes something once, before it is timed.
    """

    name: str
    peer: str | None
    extractor: str | None
    setup: str
    prepares: bool = False


OURS: Final = "HC-TAP"
PEERS: Final = (
    Entry(
        "medSpaCy",
        "medspacy",
        None,
        "Its default tokenizer, PyRuSH sentences, ConText and section rules; each term is a target rule, with its code "
        "as the rule's metadata. Given spans are set as the document's entities before ConText and the sectionizer.",
    ),
    Entry(
        "negspaCy",
        "negspacy",
        None,
        "A blank English pipeline with the rule-based sentence splitter, the terms in an entity ruler, and NegEx with "
        "its clinical term set. It tells negation alone: the other four attributes count as never said.",
    ),
    Entry(
        "MedCAT",
        "medcat",
        None,
        "The tokenizer by regular expressions and a concept database of the terms, built once, loaded at each start; "
        "no similarity threshold, as nothing was trained; of entities that overlap the longest. Its assertion needs a "
        "MetaCAT model, of which none is open without a licence.",
        prepares=True,
    ),
    Entry(
        "OpenMed rules",
        "openmed",
        None,
        "`assert_context` with `detect_sections` on the given spans, and `parse_sigs` on what follows a medication up "
        "to the next one or the sentence's end. Its entity recognition needs models from a hub, so that is not run; "
        "its time is for given spans.",
    ),
)
OWN: Final = (
    Entry(OURS, None, "hybrid", "The default extractor: rules for notes, taggers for other genres."),
    Entry("HC-TAP rules", None, "rules", "The rules alone."),
)


def command_of(entry: Entry, python: Path, terms: Path, folder: Path, model: Path | None = None) -> list[str]:
    """The command that starts a system's program."""
    module = f"benchmarks.peers.{entry.peer or 'hctap'}.runner"
    command = [str(python), "-m", module, "--terms", str(terms), "--work", str(folder)]
    if entry.extractor is not None:
        command += ["--extractor", entry.extractor, "--vocabulary", str(folder.parents[1] / "vocabulary")]
        if model is not None and entry.extractor != "rules":
            command += ["--model", str(model)]
    return command
