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
from hctap_nlp.extraction import Extraction, FoundAttribute, FoundCue, Mention
from hctap_nlp.vocabulary.artefact import Code
from hctap_stores.database.rows import AMOUNTS, ASSERTIONS, LedgerNote, Tally, escape, intern_provenance, tally_rows

_Flags = tuple[bool, ...]
_NO_FLAGS: Final = (False,) * len(ASSERTIONS)
# More than a shard names of a vocabulary's rows; what falls out is rendered again.
_KEPT: Final = 1 << 16


class ShardWriter:
    """The lines and rows of the notes of a shard, in the order in which they are added."""

    def __init__(self, run_id: str, run_no: int) -> None:
        self._run_id = quote(run_id)
        self._run_no = run_no
        self._lines: list[str] = []
        self._tables: tuple[list[str], ...] = ([], [], [], [], [])
        self.count = 0
        self.terms: Counter[tuple[str, str]] = Counter()
        self.provenances: dict[int, str] = {}

    @property
    def lines(self) -> bytes:
        """The lines of all notes."""
        return "".join(self._lines).encode()

    @property
    def tables(self) -> tuple[bytes, ...]:
        """The blocks of rows of all notes, in the order of `TABLES`."""
        return tuple("".join(block).encode() for block in self._tables)

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
        tally: Tally = Counter()
        engine = (extraction.extractor, extraction.version)
        for ordinal, mention in enumerate(mentions):
            if not 0 <= mention.begin <= mention.end <= len(text):
                raise InvalidSpan
            origin = _origin(*engine, mention.method, mention.source)
            flags = _flags(mention)
            lines.append(self._line(mention, text, flags, whose, origin[1]))
            is_measured = _fill(tables, f"{place}{ordinal}", mention, text, flags, origin[0])
            tally[mention.type, flags, bool(mention.codes), is_measured] += 1
            self.provenances[origin[0]] = origin[2]
        tables[4].extend(tally_rows(place, tally))
        self._lines += lines
        for block, rows in zip(self._tables, tables, strict=True):
            block.extend(rows)
        self.terms.update([(mention.type, mention.norm) for mention in mentions])
        self.count += len(mentions)
        return len(mentions)

    def _line(self, mention: Mention, text: str, flags: _Flags, whose: str, origin: str) -> str:
        attributes = ",".join([_attribute(part, text) for part in mention.attributes]) if mention.attributes else ""
        cues = ",".join([_cue(cue, text) for cue in mention.cues]) if mention.cues else ""
        return (
            f'{_assertion(flags)[0]},"attributes":[{attributes}],"begin":{mention.begin},"codes":'
            f'{_codes(mention.codes)[0]},"end":{mention.end},"entity_type":"{mention.type}","norm_text":'
            f'{quote(mention.norm)},{whose}{cues}]{origin},"run_id":{self._run_id},"schema_version":'
            f'{ENTITY_SCHEMA_VERSION},"score":{mention.score},"section":{_quoted(mention.section)},"text":'
            f"{quote(text[mention.begin : mention.end])}}}\n"
        )


def _fill(tables: tuple[list[str], ...], key: str, mention: Mention, text: str, flags: _Flags, origin: int) -> bool:
    """Write the rows of a mention; gives whether it has an amount or a value."""
    cues = "\\N"
    if mention.cues:
        cues = escape(f"[{','.join([_cue(cue, text) for cue in mention.cues])}]")
    tables[0].append(
        f"{key}\t{mention.type}\t{escape(text[mention.begin : mention.end])}\t{escape(mention.norm)}\t"
        f"{mention.begin}\t{mention.end}\t{mention.score}\t{escape(mention.section)}\t{_assertion(flags)[1]}\t"
        f"{origin}\t{cues}\n"
    )
    if mention.codes:
        tables[1].extend([key + tail for tail in _codes(mention.codes)[1]])
    is_measured = False
    for position, part in enumerate(mention.attributes):
        norm = "\\N" if part.norm is None else escape(part.norm)
        tables[2].append(
            f"{key}\t{position}\t{escape(part.type)}\t{escape(text[part.begin : part.end])}\t{part.begin}\t"
            f"{part.end}\t{norm}\n"
        )
        is_measured |= part.type in AMOUNTS
    return is_measured


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


@lru_cache(_KEPT)
def _assertion(flags: _Flags) -> tuple[str, str]:
    """Assertion flags as JSON and as columns."""
    said = sorted(zip(ASSERTIONS, flags, strict=True))
    fields = ",".join(f'"{name}":{"true" if flag else "false"}' for name, flag in said)
    return f'{{"assertion":{{{fields}}}', "\t".join("t" if flag else "f" for flag in flags)


@lru_cache(_KEPT)
def _codes(codes: tuple[Code, ...]) -> tuple[str, tuple[str, ...]]:
    """Codes as JSON, and as rows behind the key of their entity."""
    fields = [
        f'{{"code":{quote(code)},"display":{quote(display)},"reason":{quote(reason)},"release":{quote(release)},'
        f'"score":{score},"system":{quote(system)}}}'
        for system, code, display, release, reason, score in codes
    ]
    rows = tuple(
        f"\t{rank}\t{escape(system)}\t{escape(code)}\t{escape(display)}\t{score}\t{escape(release)}\t{escape(reason)}\n"
        for rank, (system, code, display, release, reason, score) in enumerate(codes)
    )
    return f"[{','.join(fields)}]", rows


@lru_cache(_KEPT)
def _origin(extractor: str, version: str, method: str, source: str) -> tuple[int, str, str]:
    """Where a mention comes from: its number, the end of its JSON behind the cues, and its record."""
    record = {"extractor": extractor, "version": version, "method": method, "source": source}
    fields = "".join(f',"{name}":{quote(value)}' for name, value in sorted(record.items()))
    number, encoded = intern_provenance(record)
    return number, f"{fields}}}", encoded
