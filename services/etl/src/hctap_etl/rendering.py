"""What an engine found, straight into the lines of the lake and the rows of the database.

Both are written in one pass, without the records between, and what repeats is rendered once. The bytes are those that
`render_lines` and `render_rows` make of the records; a test holds that.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring as quote
from typing import Final

from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_core.errors import InvalidSpan
from hctap_etl.outlines import Origin, Outline, OutlineWriter, Sign, TermPieces, distinct
from hctap_nlp.extraction import Extraction, FoundAttribute, FoundCue, Mention
from hctap_nlp.vocabulary.artefact import Code
from hctap_stores.database.rows import (
    AMOUNTS,
    ASSERTIONS,
    LedgerNote,
    Term,
    escape,
    intern_codes,
    intern_provenance,
    number_term,
    tally_rows,
)

_Flags = tuple[bool, ...]
_NO_FLAGS: Final = (False,) * len(ASSERTIONS)
_BEGIN: Final = '],"begin":'
_NULL: Final = "\\N"
_NO_CODES: Final = "[]"
# More than a shard names of a vocabulary's rows; what falls out is rendered again.
_KEPT: Final = 1 << 16


class ShardWriter:
    """The lines and rows of the notes of a shard, in the order in which they are added."""

    def __init__(self, run_id: str, run_no: int, *, is_outlined: bool = False) -> None:
        self._run = f',"run_id":{quote(run_id)}'
        self._run_no = run_no
        # As bytes note by note: what they were put together from is still in the processor's cache, and its memory is
        # taken again for the next note.
        self._lines: list[bytes] = []
        self._tables: tuple[list[bytes], ...] = ([], [], [], [])
        # Those of each entity, the same few objects again and again: what they say is gathered once, at the end.
        self._terms: list[TermPieces] = []
        self._origins: list[Origin] = []
        self._outline = OutlineWriter() if is_outlined else None

    @property
    def count(self) -> int:
        """How many entities there are."""
        return len(self._terms)

    @property
    def outlines(self) -> tuple[Outline, ...]:
        """The outline of all notes, if there is to be one."""
        return () if self._outline is None else (self._outline.finish(self._terms, self._origins),)

    @property
    def lines(self) -> bytes:
        """The lines of all notes."""
        return b"".join(self._lines)

    @property
    def tables(self) -> tuple[bytes, ...]:
        """The blocks of rows of all notes, in the order of `TABLES`."""
        return tuple(b"".join(block) for block in self._tables)

    @property
    def terms(self) -> Mapping[Term, int]:
        """How many entities of each term there are."""
        counts: Counter[Term] = Counter()
        times = Counter(map(id, self._terms))
        for pieces in distinct(self._terms):
            counts[pieces[5]] += times[id(pieces)]
        return counts

    @property
    def provenances(self) -> Mapping[int, str]:
        """The records of where entities come from, by their numbers."""
        return {number: record for number, _, record in distinct(self._origins)}

    @property
    def code_lists(self) -> Mapping[int, str]:
        """The lists of codes, by their numbers."""
        return {pieces[5].codes_no: pieces[4] for pieces in distinct(self._terms)}

    def add(self, note: LedgerNote, extraction: Extraction) -> int:
        """Write what was found in a note; gives the number of entities.

        Raises:
            InvalidSpan: If a span is not inside the text; then nothing of the note is written.
        """
        text, mentions = extraction.text, extraction.mentions
        engine = (extraction.extractor, extraction.version)
        origins = [_origin(*engine, mention.method, mention.source) for mention in mentions]
        terms = [_term(mention.type, mention.norm, mention.codes) for mention in mentions]
        signs = [_sign(_flags(mention), mention.section, mention.score) for mention in mentions]
        place = f"{self._run_no}\t{note.note_no}\t"
        whose = f'"note_id":{quote(note.note_id)},"provenance":{{"cues":['
        lines: list[str] = []
        entities: list[str] = []
        attributes: list[str] = []
        words: list[str] = []
        details: list[tuple[str, str]] = []
        tally: list[tuple[str, _Flags, bool, bool]] = []
        pieces = zip(mentions, terms, signs, origins, strict=True)
        for ordinal, (mention, term, sign, (origin, whence, _)) in enumerate(pieces):
            begin, end = mention.begin, mention.end
            if not 0 <= begin <= end <= len(text):
                raise InvalidSpan
            said = text[begin:end]
            quoted, key = quote(said), f"{place}{ordinal}"
            parts, cues, is_measured = "", "", False
            if mention.attributes:
                parts, is_measured = _render_attributes(mention.attributes, text, key, attributes)
            if mention.cues:
                cues = ",".join([_cue(cue, text) for cue in mention.cues])
            coded, typed, kind, norm, codes, _ = term
            opening, closing, columns, flags = sign
            lines.append(
                f"{opening}{parts}{_BEGIN}{begin}{coded}{end}{typed}{whose}{cues}]{whence}{self._run}{closing}{quoted}}}\n"
            )
            # What JSON leaves as it is, PostgreSQL does.
            column = said if len(quoted) == len(said) + 2 else escape(said)
            entities.append(
                f"{key}{kind}{column}{norm}{begin}\t{end}{columns}{origin}\t{escape(f'[{cues}]') if cues else _NULL}\n"
            )
            tally.append((mention.type, flags, codes != _NO_CODES, is_measured))
            words.append(said)
            details.append((parts, cues))
        self._lines.append("".join(lines).encode())
        sections, counts = _sections(place, extraction), tally_rows(place, Counter(tally))
        for block, rows in zip(self._tables, (entities, attributes, sections, counts), strict=True):
            block.append("".join(rows).encode())
        self._terms += terms
        self._origins += origins
        if self._outline is not None:
            self._outline.add(note.note_id, mentions, signs, words, details)
        return len(mentions)


def _render_attributes(found: Iterable[FoundAttribute], text: str, key: str, rows: list[str]) -> tuple[str, bool]:
    """The attributes of an entity as items of JSON, and whether one says how much; their rows join `rows`."""
    parts, is_measured = [], False
    for position, part in enumerate(found):
        begin, end, norm = part.begin, part.end, part.norm
        kind, column, is_amount = _kind(part.type)
        words = text[begin:end]
        quoted = quote(words)
        fields, normal = ("null", _NULL) if norm is None else (quote(norm), escape(norm))
        parts.append(f'{{"begin":{begin},"end":{end},"norm":{fields},"text":{quoted},"type":{kind}}}')
        said = words if len(quoted) == len(words) + 2 else escape(words)
        rows.append(f"{key}\t{position}\t{column}\t{said}\t{begin}\t{end}\t{normal}\n")
        is_measured = is_measured or is_amount
    return ",".join(parts), is_measured


def _sections(place: str, extraction: Extraction) -> list[str]:
    headed = [section for section in extraction.sections if section.header]
    return [
        f"{place}{ordinal}\t{s.begin}\t{s.end}\t{escape(s.header)}\t{escape(s.type)}\n"
        for ordinal, s in enumerate(headed)
    ]


def _flags(mention: Mention) -> _Flags:
    said = mention.assertion
    return tuple([said.get(name, False) for name in ASSERTIONS]) if said else _NO_FLAGS


def _cue(cue: FoundCue, text: str) -> str:
    begin, end = ("null", "null") if cue.scope is None else cue.scope
    return (
        f'{{"attribute":"{cue.attribute}","begin":{cue.begin},"end":{cue.end},"rule":{_quoted(cue.rule)},'
        f'"scope_begin":{begin},"scope_end":{end},"text":{quote(text[cue.begin : cue.end])}}}'
    )


@lru_cache(_KEPT)
def _quoted(word: str) -> str:
    return quote(word)


@lru_cache(_KEPT)
def _kind(kind: str) -> tuple[str, str, bool]:
    """The type of an attribute as JSON, as a column, and whether it says how much."""
    return quote(kind), escape(kind), kind in AMOUNTS


# Typed, since 1 is not written as 1.0 is.
@lru_cache(_KEPT, typed=True)
def _sign(flags: _Flags, section: str, score: float) -> Sign:
    """Assertion, section and score: how its line begins and goes on behind the run, its columns, and its flags."""
    said = sorted(zip(ASSERTIONS, flags, strict=True))
    fields = ",".join([f'"{name}":{"true" if flag else "false"}' for name, flag in said])
    columns = "\t".join(["t" if flag else "f" for flag in flags])
    return (
        f'{{"assertion":{{{fields}}},"attributes":[',
        f',"schema_version":{ENTITY_SCHEMA_VERSION},"score":{score},"section":{quote(section)},"text":',
        f"\t{score}\t{escape(section)}\t{columns}\t",
        flags,
    )


@lru_cache(_KEPT)
def _term(kind: str, norm: str, codes: tuple[Code, ...]) -> TermPieces:
    """Type, normal form and codes: two pieces of a line, two of a row, the codes as JSON, and the term."""
    fields, number = _codes(codes)
    term = number_term(kind, norm, number)
    return (
        f',"codes":{fields},"end":',
        f',"entity_type":"{kind}","norm_text":{quote(norm)},',
        f"\t{kind}\t",
        f"\t{escape(norm)}\t{number}\t{term.term_no}\t",
        fields,
        term,
    )


@lru_cache(_KEPT)
def _codes(codes: tuple[Code, ...]) -> tuple[str, int]:
    """Codes as JSON, and the number of the list."""
    each = [
        f'{{"code":{quote(code)},"display":{quote(display)},"reason":{quote(reason)},"release":{quote(release)},'
        f'"score":{score},"system":{quote(system)}}}'
        for system, code, display, release, reason, score in codes
    ]
    fields = f"[{','.join(each)}]"
    return fields, intern_codes(fields, [reason for *_, reason, _ in codes])


@lru_cache(_KEPT)
def _origin(extractor: str, version: str, method: str, source: str) -> Origin:
    """Where a mention comes from: its number, the end of its JSON behind the cues, and its record."""
    record = {"extractor": extractor, "version": version, "method": method, "source": source}
    fields = "".join(f',"{name}":{quote(value)}' for name, value in sorted(record.items()))
    number, encoded = intern_provenance(record)
    return number, f"{fields}}}", encoded
