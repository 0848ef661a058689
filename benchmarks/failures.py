"""What the engine gets wrong, in the parts that are there to be tuned on; of the frozen parts only counts are told."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from benchmarks.board import readings_of
from benchmarks.documents import Document
from benchmarks.materials import PARTS, Materials, entities_only
from benchmarks.pages import Table, percent, render_table
from benchmarks.scoring import Readings, joined, joint_labels
from benchmarks.systems import Answers
from hctap_core.matching import Span, match_by_overlap
from hctap_nlp.suite.scores import Failure, Scores, score_suite

MOST: Final = 20


def render_failures(materials: Materials, answers: Answers) -> str:
    """The suite's wrong answers, and the entities most often missed and most often invented."""
    scores = {part: _suite(materials, answers, part) for part in PARTS}
    notes = [entities_only(note) for note in materials.notes["dev"]]
    missed, invented = count_wrong(notes, readings_of(answers, "extract", notes) or {})
    return "\n\n".join(
        (
            "### The suite by phenomenon",
            "F1 of the answers to each phenomenon, with the counts of right, given and wanted answers.",
            render_table(_by_phenomenon(scores)),
            "### Wrong answers to the suite's dev sentences",
            render_table(Table(("sentence", "about", "wanted", "given"), list(_wrong(scores["dev"])))),
            f"### The {MOST} entities most often missed and invented in `samples/dev`",
            "By overlap; written as the note writes them.",
            render_table(_most("missed", missed)),
            render_table(_most("invented", invented)),
        )
    )


def _suite(materials: Materials, answers: Answers, part: str) -> Scores:
    sentences = materials.sentences[part]
    said: dict[str, list[Mapping[str, Any]]] = {
        one.id: answers.records.get(f"suite:{one.id}", {}).get("entities", []) for one in sentences
    }
    return score_suite(sentences, said)


def _by_phenomenon(scores: Mapping[str, Scores]) -> Table:
    names = sorted({phenomenon for found in scores.values() for phenomenon, _ in found.counts})
    rows = []
    for phenomenon in names:
        cells = []
        for part in PARTS:
            counts = scores[part].of(phenomenon, None)
            cells += [percent(counts.scores()["f1"]), f"{counts.right} {counts.predicted} {counts.gold}"]
        rows.append((phenomenon.value, *cells))
    return Table(("phenomenon", "test", "counts", "dev", "counts"), rows)


def _wrong(scores: Scores) -> Iterator[tuple[str, str, str, str]]:
    for failure in scores.failures:
        yield failure.sentence.text.replace("\n", " ⏎ "), _about(failure), failure.wanted or "–", failure.given or "–"


def _about(failure: Failure) -> str:
    return f"{failure.attribute} of “{failure.sentence.text[failure.begin : failure.end]}”"


def render_wrong(name: str, documents: Sequence[Document], readings: Readings) -> str:
    """The entities of a corpus most often missed and invented; it quotes the corpus, so mind where it is kept."""
    missed, invented = count_wrong(documents, readings)
    return "\n\n".join((f"## {name}", render_table(_most("missed", missed)), render_table(_most("invented", invented))))


def count_wrong(documents: Sequence[Document], readings: Readings) -> tuple[Counter[str], Counter[str]]:
    """How often each entity is missed, or found where gold has none, by overlap, of the types that the gold has."""
    missed: Counter[str] = Counter()
    invented: Counter[str] = Counter()
    joint = joint_labels(documents)
    labels = {joined(m.label, joint) for document in documents for m in document.mentions}
    for document in documents:
        reading = readings.get(document.id)
        gold = sorted({Span(m.begin, m.end, joined(m.label, joint)) for m in document.mentions})
        found = {Span(f.begin, f.end, joined(f.label, joint)) for f in reading.findings} if reading else set()
        given = sorted(span for span in found if span.label in labels)
        pairs = match_by_overlap(gold, given)
        missed.update(_name(document, span) for index, span in enumerate(gold) if index not in pairs)
        taken = set(pairs.values())
        invented.update(_name(document, span) for index, span in enumerate(given) if index not in taken)
    return missed, invented


def _name(note: Document, span: Span) -> str:
    return f"{span.label} “{' '.join(note.text[span.begin : span.end].split())}”"


def _most(what: str, counts: Counter[str]) -> Table:
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST]
    return Table((what, "times"), [(name, str(times)) for name, times in ordered])
