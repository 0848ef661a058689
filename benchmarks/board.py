"""The rows of the scoreboard: each a measure, with what each system reached."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.codes import CodeMap
from benchmarks.documents import Document, Reading, reading_of
from benchmarks.materials import PARTS, Materials, attributes_only, document_of_sentence, entities_only
from benchmarks.peers.catalogue import OURS
from benchmarks.regimens import KINDS, score_values
from benchmarks.scoring import (
    ALL,
    Score,
    score_assertion,
    score_codes,
    score_headings,
    score_spans,
)
from benchmarks.systems import Answers
from hctap_core.evaluation import ASSERTIONS

Asked = Mapping[str, Answers]
PROBLEMS: Final = frozenset({"PROBLEM"})


@dataclass(frozen=True, slots=True)
class Row:
    """A measure; `values` has no entry for a system that does not do it. `key` is how remarks name it."""

    key: str
    group: str
    title: str
    values: Mapping[str, Score | float]
    unit: str = "%"
    more_is_better: bool = True

    def number(self, system: str) -> float | None:
        """The plain number of a system."""
        value = self.values.get(system)
        return value.value if isinstance(value, Score) else value

    def best_peer(self) -> tuple[str, float] | None:
        """The best system that is not this project's, with its number."""
        peers = {s: n for s in self.values if not s.startswith(OURS) and (n := self.number(s)) is not None}
        if not peers:
            return None
        best = max(peers, key=lambda s: peers[s] if self.more_is_better else -peers[s])
        return best, peers[best]

    def ratio(self) -> float | None:
        """How many times better ours is than the best peer; None without either, or where the peer has nothing."""
        ours, best = self.number(OURS), self.best_peer()
        if ours is None or best is None:
            return None
        better, other = (ours, best[1]) if self.more_is_better else (best[1], ours)
        return better / other if other else None

    def is_ahead(self) -> bool | None:
        """Whether ours is better than every peer; None where there is no peer to compare with."""
        ours, best = self.number(OURS), self.best_peer()
        if best is None:
            return None
        return ours is not None and (ours > best[1] if self.more_is_better else ours < best[1])


def readings_of(answers: Answers, prefix: str, documents: list[Document]) -> dict[str, Reading] | None:
    """What a system said of documents under a prefix; None where it answered none of them."""
    found = {
        document.id: reading_of(answers.records[key], document.window)
        for document in documents
        if (key := f"{prefix}:{document.id}") in answers.records
    }
    return found or None


def rows_of(materials: Materials, asked: Asked) -> list[Row]:
    """All rows, in the order in which they are shown."""
    return [
        *(row for part in PARTS for row in _entity_rows(materials, asked, part)),
        *(row for part in PARTS for row in _assertion_rows(materials, asked, part)),
        *(row for part in PARTS for row in _suite_rows(materials, asked, part)),
        *_cost_rows(asked),
    ]


def _scored(
    asked: Asked, prefix: str, documents: list[Document], score: Callable[[dict[str, Reading]], Score | None]
) -> dict[str, Score | float]:
    values: dict[str, Score | float] = {}
    for system, answers in asked.items():
        readings = readings_of(answers, prefix, documents)
        found = None if readings is None else score(readings)
        if found is not None and found.value is not None:
            values[system] = found
    return values


def _entity_rows(materials: Materials, asked: Asked, part: str) -> Iterator[Row]:
    notes, group = materials.notes[part], f"Entities, samples/{part}"
    plain, attributes = [entities_only(note) for note in notes], [attributes_only(note) for note in notes]
    scores = {
        system: (score_spans(plain, readings), score_spans(attributes, readings))
        for system, answers in asked.items()
        if (readings := readings_of(answers, "extract", notes)) is not None
    }
    for label in (ALL, *sorted({m.label for note in plain for m in note.mentions})):
        for mode in ("strict", "overlap"):
            values = {system: found[0][label][mode] for system, found in scores.items()}
            yield Row(f"{part}/entities/{label}/{mode}", group, f"{label}, {mode} F1", values)
    for label in sorted({m.label for note in attributes for m in note.mentions}):
        # A system that gives none of a kind at all does not do it.
        values = {s: found[1][label]["overlap"] for s, found in scores.items() if found[1][label]["overlap"].given}
        yield Row(f"{part}/attributes/{label}", group, f"{label} of medications and tests, overlap F1", values)
    codes = _scored(asked, "extract", plain, lambda r: score_codes(plain, r, "ICD-10-CM", CodeMap()))
    coding = {s: v for s, v in codes.items() if isinstance(v, Score) and v.given}
    yield Row(f"{part}/codes", group, "ICD-10-CM right at first place, of all gold codes, end to end", coding)
    headings = _scored(asked, "extract", notes, lambda r: score_headings(notes, r))
    # OpenMed's sections come with the spans it reads.
    headings = _scored(asked, "read", notes, lambda r: score_headings(notes, r)) | headings
    finding = {s: v for s, v in headings.items() if isinstance(v, Score) and v.given}
    yield Row(f"{part}/headings", group, "section headings, F1 of where they begin", finding)


def _assertion_rows(materials: Materials, asked: Asked, part: str) -> Iterator[Row]:
    notes, group = [entities_only(note) for note in materials.notes[part]], f"Assertion of given spans, samples/{part}"
    yield from _flag_rows(asked, "read", notes, f"{part}/assertion", group)


def _flag_rows(asked: Asked, prefix: str, documents: list[Document], key: str, group: str) -> Iterator[Row]:
    negation = _scored(
        asked,
        prefix,
        documents,
        lambda r: score_assertion(documents, r, flags=("negated",), labels=PROBLEMS)["negated"],
    )
    yield Row(f"{key}/negation-of-problems", group, "negation of problems, F1", negation)
    every = {
        system: score_assertion(documents, readings)
        for system, answers in asked.items()
        if (readings := readings_of(answers, prefix, documents)) is not None
    }
    yield Row(f"{key}/{ALL}", group, "five attributes, micro F1", {s: found[ALL] for s, found in every.items()})
    for flag in ASSERTIONS:
        values = {s: found[flag] for s, found in every.items() if found[flag].given}
        yield Row(f"{key}/{flag}", group, f"{flag}, F1", values)


def _suite_rows(materials: Materials, asked: Asked, part: str) -> Iterator[Row]:
    sentences = materials.sentences[part]
    documents = [document_of_sentence(one) for one in sentences if not one.phenomenon.is_of_regimen]
    yield from _flag_rows(asked, "suite", documents, f"{part}/suite", f"Assertion suite, given spans, {part}")
    for kind in KINDS:
        values: dict[str, Score | float] = {}
        for system, answers in asked.items():
            records = {one.id: answers.records.get(f"suite:{one.id}", {}) for one in sentences}
            score = score_values(sentences, records, kind)
            if score.given:
                values[system] = score
        title = {"ROUTE": "route, F1 of the value", "FREQUENCY": "times a day, F1 of the value"}[kind]
        yield Row(f"{part}/regimen/{kind}", f"Regimen suite, given medications, {part}", title, values)


def _cost_rows(asked: Asked) -> Iterator[Row]:
    group = "Cost"
    costs: tuple[tuple[str, str, str, bool, Callable[[Answers], float | None]], ...] = (
        ("speed", "read in a second of one core's CPU", "kchar/s", True, _kilocharacters),
        ("first", "from the start of a cold process to the first result", "s", False, lambda a: a.first_s),
        ("first-cpu", "CPU until it is ready to read", "s", False, lambda a: a.load_cpu_s),
        ("memory", "peak memory", "MB", False, lambda a: a.peak_mb),
        ("violations", "spans outside the text, or with another text than they say", "", False, lambda a: a.violations),
        ("errors", "texts that raised an error", "", False, lambda a: len(a.errors)),
    )
    for key, title, unit, more, cost in costs:
        values = {system: found for system, answers in asked.items() if (found := cost(answers)) is not None}
        yield Row(f"cost/{key}", group, title, values, unit, more)


def _kilocharacters(answers: Answers) -> float | None:
    speed = answers.characters_per_s
    return None if speed is None else speed / 1000
