"""The conditions of a search as SQL: constants put together, every value a parameter."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hctap_core.searches import CodeFilter, EntityFilter, Match, Order

# More terms than this hold too short a part; the commonest are no better than the others.
MOST_TERMS: Final = 5000
_ASSERTIONS: Final = ("negated", "uncertain", "historical", "hypothetical", "family")
_MATCHES: Final = {
    Match.WORDS: "to_tsvector('english'::regconfig, norm_text) @@ websearch_to_tsquery('english', %(words)s)",
    Match.PART: "norm_text LIKE %(part)s",
    Match.SIMILAR: "norm_text %% %(words)s",
}
KEYS: Final = {
    Order.NOTE: ("e.note_no", "e.ordinal"),
    Order.TEXT: ("e.norm_text", "e.note_no", "e.ordinal"),
    Order.SCORE: ("-e.score", "e.note_no", "e.ordinal"),
}
KEY_TYPES: Final[dict[Order, tuple[type, ...]]] = {
    Order.NOTE: (int, int),
    Order.TEXT: (str, int, int),
    Order.SCORE: (float, int, int),
}
_CASTS: Final = {int: "bigint", str: "text", float: "double precision"}

# A run's own results need no look into the ledger; those that it carries over are named there.
_OWN: Final = "entities e JOIN notes n USING (note_no)"
_CARRIED: Final = """run_notes l
    JOIN entities e ON e.run_no = coalesce(l.results_of, l.run_no) AND e.note_no = l.note_no
    JOIN notes n ON n.note_no = e.note_no"""

# For the few entities of a page each note is looked at; among all of them the notes are found once.
_OF_SPECIALTIES: Final = """((SELECT m.specialty FROM notes m WHERE m.note_no = e.note_no) = ANY(%(specialties)s)
    OR EXISTS (
        SELECT FROM run_notes f JOIN run_notes d ON (d.run_no, d.duplicate_of) = (f.run_no, f.object_key)
        JOIN notes m ON m.note_no = d.note_no
        WHERE f.run_no = %(run_no)s AND f.note_no = e.note_no AND d.duplicate_of IS NOT NULL
            AND m.specialty = ANY(%(specialties)s)))"""
_AMONG_SPECIALTIES: Final = """e.note_no IN (
    SELECT note_no FROM notes WHERE specialty = ANY(%(specialties)s)
    UNION ALL SELECT f.note_no FROM run_notes d JOIN notes m ON m.note_no = d.note_no
    JOIN run_notes f ON (f.run_no, f.object_key) = (d.run_no, d.duplicate_of)
    WHERE d.run_no = %(run_no)s AND d.duplicate_of IS NOT NULL AND m.specialty = ANY(%(specialties)s))"""


@dataclass(frozen=True, slots=True)
class SearchedRun:
    """The run that is searched; `carries` says that some of its results are those of an earlier one."""

    run_no: int
    run_id: str
    carries: bool


@dataclass(slots=True)
class Conditions:
    """A FROM and a WHERE, with their values; each clause has a name, so that it can be put otherwise."""

    source: str
    clauses: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """The clauses as one."""
        return " AND ".join(self.clauses.values())

    def add(self, name: str, clause: str, **values: object) -> None:
        """Let one more clause hold."""
        self.clauses[name] = clause
        self.values |= values


def among_all(conditions: Conditions) -> Conditions:
    """The same conditions, put for going through all entities instead of a page of them."""
    if "specialties" in conditions.clauses:
        conditions.clauses["specialties"] = _AMONG_SPECIALTIES
    return conditions


def terms_query(asked: EntityFilter) -> tuple[str, dict[str, Any]]:
    """What finds the numbers of the terms whose normal forms hold the words of a search."""
    clauses = [_MATCHES[asked.match]]
    values: dict[str, Any] = {"words": asked.text, "part": f"%{literal((asked.text or '').lower())}%"}
    if asked.entity_types is not None:
        clauses.append("entity_type = ANY(%(types)s)")
        values["types"] = list(asked.entity_types)
    query = f"SELECT term_no FROM terms WHERE {' AND '.join(clauses)} LIMIT {MOST_TERMS}"  # noqa: S608 - constants
    return query, values


def conditions_of(asked: EntityFilter, run: SearchedRun, terms: Sequence[int] | None) -> Conditions:
    """What the entities of a run must fulfil; `terms` are the numbers of those that hold the words."""
    if run.carries:
        found = Conditions(_CARRIED, {"run": "l.run_no = %(run_no)s", "state": "l.state IN ('done', 'unchanged')"})
    else:
        found = Conditions(_OWN, {"run": "e.run_no = %(run_no)s"})
    found.values["run_no"] = run.run_no
    if terms is not None:
        found.add("terms", "e.term_no = ANY(%(terms)s)", terms=list(terms))
    if asked.entity_types is not None:
        found.add("types", "e.entity_type = ANY(%(types)s)", types=[kind.value for kind in asked.entity_types])
    if asked.sections is not None:
        found.add("sections", "e.section = ANY(%(sections)s)", sections=[section.value for section in asked.sections])
    if asked.min_score > 0:
        found.add("score", "e.score >= %(min_score)s", min_score=asked.min_score)
    for name in _ASSERTIONS:
        wanted = getattr(asked.assertion, name)
        if wanted is not None:
            found.add(name, f"e.{name}" if wanted else f"NOT e.{name}")
    _limit_notes(found, asked)
    _limit_codes(found, asked)
    return found


def after(conditions: Conditions, order: Order, key: Sequence[object]) -> None:
    """Let only what comes after a key hold."""
    names = [f"key_{place}" for place in range(len(key))]
    places = ", ".join(f"%({name})s::{_CASTS[kind]}" for name, kind in zip(names, KEY_TYPES[order], strict=True))
    conditions.add("after", f"({', '.join(KEYS[order])}) > ({places})", **dict(zip(names, key, strict=True)))


def _limit_notes(found: Conditions, asked: EntityFilter) -> None:
    # The results of a duplicate are those of the note that stands for it, so a note is looked for among both.
    if asked.note_id is not None:
        found.add(
            "note",
            """e.note_no IN (
                SELECT coalesce(first.note_no, d.note_no) FROM notes m JOIN run_notes d USING (note_no)
                LEFT JOIN run_notes first ON (first.run_no, first.object_key) = (d.run_no, d.duplicate_of)
                WHERE m.note_id = %(note_id)s AND d.run_no = %(run_no)s)""",
            note_id=asked.note_id,
        )
    if asked.specialties is not None:
        found.add(
            "specialties",
            _OF_SPECIALTIES,
            specialties=list(asked.specialties),
        )


def _limit_codes(found: Conditions, asked: EntityFilter) -> None:
    if asked.code is None:
        return
    lists, values = lists_query(asked.code)
    found.add("code", f"e.codes_no IN ({lists})", **values)


def lists_query(asked: CodeFilter) -> tuple[str, dict[str, Any]]:
    """What finds the numbers of the lists that have a code."""
    clauses = ["c.system = %(system)s"]
    values: dict[str, Any] = {"system": asked.system.value}
    if asked.code is not None:
        clauses.append("c.code = %(code)s")
        values["code"] = asked.code
    if asked.prefix is not None:
        clauses.append("c.code LIKE %(code_prefix)s")
        values["code_prefix"] = f"{literal(asked.prefix)}%"
    return f"SELECT c.codes_no FROM listed_codes c WHERE {' AND '.join(clauses)}", values  # noqa: S608 - constants


def literal(words: str) -> str:
    """Words as they stand in a LIKE for themselves."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
