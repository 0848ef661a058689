"""What an engine found, straight into the lines of the lake and the rows of the database.

Both are written in one pass, without the records between, and what repeats is rendered once. The bytes are those that
`render_lines` and `render_rows` make of the records; a test holds that.
"""

from collections import Counter
from functools import lru_cache
from json.encoder import encode_basestring as quote
from typing import Final

from hctap_core.entities import ENTITY_SCHEMA_VERSION
from hctap_core.errors import InvalidSpan
from hctap_etl.outlines import Outline, OutlineWriter, Term
from hctap_nlp.extraction import Extraction, FoundAttribute, FoundCue, Mention
from hctap_nlp.vocabulary.artefact import Code
from hctap_stores.database.rows import (
    AMOUNTS,
    ASSERTIONS,
    LedgerNote,
    Tally,
    escape,
    intern_codes,
    intern_provenance,
    tally_rows,
)

_Flags = tuple[bool, ...]
_NO_FLAGS: Final = (False,) * len(ASSERTIONS)
_BEGIN: Final = '],"begin":'
_NULL: Final = "\\N"
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
        self._tables: tuple[list[bytes], ...] = ([], [], [], [], [])
        self.count = 0
        self.terms: Counter[tuple[str, str]] = Counter()
        self.provenances: dict[int, str] = {}
        self.code_lists: dict[int, str] = {}
        self._outline = OutlineWriter() if is_outlined else None

    @property
    def outlines(self) -> tuple[Outline, ...]:
        """The outline of all notes, if there is to be one."""
        return () if self._outline is None else (self._outline.finish(),)

    @property
    def lines(self) -> bytes:
        """The lines of all notes."""
        return b"".join(self._lines)

    @property
    def tables(self) -> tuple[bytes, ...]:
        """The blocks of rows of all notes, in the order of `TABLES`."""
        return tuple(b"".join(block) for block in self._tables)

    def add(self, note: LedgerNote, extraction: Extraction) -> int:
        """Write what was found in a note; gives the number of entities.

        Raises:
            InvalidSpan: If a span is not inside the text; then nothing of the note is written.
        """
        text, mentions = extraction.text, extraction.mentions
        place = f"{self._run_no}\t{note.note_no}\t"
        whose = f'"note_id":{quote(note.note_id)},"provenance":{{"cues":['
        lines: list[str] = []
        tables: tuple[list[str], ...] = ([], [], [], _sections(place, extraction), [])
        entities, codes, attributes = tables[0].append, tables[1].extend, tables[2].extend
        tally: Tally = Counter()
        origins: dict[int, str] = {}
        lists: dict[int, str] = {}
        numbers: list[int] = []
        texts: list[str] = []
        engine = (extraction.extractor, extraction.version)
        for ordinal, mention in enumerate(mentions):
            begin, end = mention.begin, mention.end
            if not 0 <= begin <= end <= len(text):
                raise InvalidSpan
            words, key, flags = text[begin:end], f"{place}{ordinal}", _flags(mention)
            origin = _origin(*engine, mention.method, mention.source)
            term = _term(mention.type, mention.norm, mention.codes)
            sign = _sign(flags, mention.section, mention.score)
            parts, cues, is_measured = "", "", False
            if mention.attributes:
                parts = ",".join([_attribute(part, text) for part in mention.attributes])
                attributes(_attribute_rows(key, mention, text))
                is_measured = any(part.type in AMOUNTS for part in mention.attributes)
            if mention.cues:
                cues = ",".join([_cue(cue, text) for cue in mention.cues])
            lines.append(
                f"{sign[0]}{parts}{_BEGIN}{begin}{term[0]}{end}{term[1]}{whose}{cues}]{origin[1]}{self._run}{sign[1]}"
                f"{quote(words)}}}\n"
            )
            if self._outline is not None:
                numbers += (*self._outline.number(term, sign, origin, parts, cues), begin, end)
                texts.append(words)
            entities(
                f"{key}{term[2]}{escape(words)}{term[3]}{begin}\t{end}{sign[2]}{origin[0]}\t"
                f"{escape(f'[{cues}]') if cues else _NULL}\n"
            )
            if mention.codes:
                codes([key + tail for tail in term[4]])
            tally[mention.type, flags, bool(mention.codes), is_measured] += 1
            origins[origin[0]] = origin[2]
            lists |= term[5]
        tables[4].extend(tally_rows(place, tally))
        self._lines.append("".join(lines).encode())
        if self._outline is not None:
            self._outline.add(note.note_id, numbers, texts)
        for block, rows in zip(self._tables, tables, strict=True):
            block.append("".join(rows).encode())
        self.provenances |= origins
        self.code_lists |= lists
        self.terms.update([(mention.type, mention.norm) for mention in mentions])
        self.count += len(mentions)
        return len(mentions)


def _attribute_rows(key: str, mention: Mention, text: str) -> list[str]:
    return [
        f"{key}\t{position}\t{escape(part.type)}\t{escape(text[part.begin : part.end])}\t{part.begin}\t"
        f"{part.end}\t{_NULL if part.norm is None else escape(part.norm)}\n"
        for position, part in enumerate(mention.attributes)
    ]


def _sections(place: str, extraction: Extraction) -> list[str]:
    headed = [section for section in extraction.sections if section.header]
    return [
        f"{place}{ordinal}\t{s.begin}\t{s.end}\t{escape(s.header)}\t{escape(s.type)}\n"
        for ordinal, s in enumerate(headed)
    ]


def _flags(mention: Mention) -> _Flags:
    said = mention.assertion
    return tuple([said.get(name, False) for name in ASSERTIONS]) if said else _NO_FLAGS


def _attribute(part: FoundAttribute, text: str) -> str:
    norm = "null" if part.norm is None else quote(part.norm)
    words = quote(text[part.begin : part.end])
    return f'{{"begin":{part.begin},"end":{part.end},"norm":{norm},"text":{words},"type":{_quoted(part.type)}}}'


def _cue(cue: FoundCue, text: str) -> str:
    begin, end = ("null", "null") if cue.scope is None else cue.scope
    return (
        f'{{"attribute":"{cue.attribute}","begin":{cue.begin},"end":{cue.end},"rule":{_quoted(cue.rule)},'
        f'"scope_begin":{begin},"scope_end":{end},"text":{quote(text[cue.begin : cue.end])}}}'
    )


@lru_cache(_KEPT)
def _quoted(word: str) -> str:
    return quote(word)


# Typed, since 1 is not written as 1.0 is.
@lru_cache(_KEPT, typed=True)
def _sign(flags: _Flags, section: str, score: float) -> tuple[str, str, str]:
    """Assertion, section and score: how its line begins and goes on behind the run, and its columns."""
    said = sorted(zip(ASSERTIONS, flags, strict=True))
    fields = ",".join([f'"{name}":{"true" if flag else "false"}' for name, flag in said])
    columns = "\t".join(["t" if flag else "f" for flag in flags])
    return (
        f'{{"assertion":{{{fields}}},"attributes":[',
        f',"schema_version":{ENTITY_SCHEMA_VERSION},"score":{score},"section":{quote(section)},"text":',
        f"\t{score}\t{escape(section)}\t{columns}\t",
    )


@lru_cache(_KEPT)
def _term(kind: str, norm: str, codes: tuple[Code, ...]) -> Term:
    """Type, normal form and codes: two pieces of a line, two of a row, the rows of the codes without their key.

    The last is the list of codes under its number, or nothing where it has none.
    """
    fields, rows, lists = _codes(codes)
    return (
        f',"codes":{fields},"end":',
        f',"entity_type":"{kind}","norm_text":{quote(norm)},',
        f"\t{kind}\t",
        f"\t{escape(norm)}\t{next(iter(lists), _NULL)}\t",
        rows,
        lists,
    )


@lru_cache(_KEPT)
def _codes(codes: tuple[Code, ...]) -> tuple[str, tuple[str, ...], dict[int, str]]:
    """Codes as JSON, as rows behind the key of their entity, and as a list under its number, if it has one."""
    each = [
        f'{{"code":{quote(code)},"display":{quote(display)},"reason":{quote(reason)},"release":{quote(release)},'
        f'"score":{score},"system":{quote(system)}}}'
        for system, code, display, release, reason, score in codes
    ]
    rows = tuple(
        f"\t{rank}\t{escape(system)}\t{escape(code)}\t{escape(display)}\t{score}\t{escape(release)}\t{escape(reason)}\n"
        for rank, (system, code, display, release, reason, score) in enumerate(codes)
    )
    fields = f"[{','.join(each)}]"
    number = intern_codes(fields, [reason for *_, reason, _ in codes])
    return fields, rows, {} if number is None else {number: fields}


@lru_cache(_KEPT)
def _origin(extractor: str, version: str, method: str, source: str) -> tuple[int, str, str]:
    """Where a mention comes from: its number, the end of its JSON behind the cues, and its record."""
    record = {"extractor": extractor, "version": version, "method": method, "source": source}
    fields = "".join(f',"{name}":{quote(value)}' for name, value in sorted(record.items()))
    number, encoded = intern_provenance(record)
    return number, f"{fields}}}", encoded
