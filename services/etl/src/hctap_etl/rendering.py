"""What an engine found, straight into the lines of the lake and the rows of the database.

Both are written in one pass, without the records between, and what repeats is rendered once. The bytes are those that
`render_lines` and `render_rows` make of the records; a test holds that.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring as quote
from typing import Final

from hctap_core.errors import InvalidSpan
from hctap_etl.outlines import Outline, OutlineWriter
from hctap_etl.pieces import CUES, HEADINGS, NULL, PARTS, SIGNS, Sign, TermPieces, terms_of
from hctap_nlp.extraction import Extraction, FoundAttribute, FoundCue, FoundSection
from hctap_stores.database.rows import MEASURED, TABLES, LedgerNote, Tally, Term, escape, tally_rows

_BEGIN: Final = '],"begin":'
_NO_SCOPE: Final = ("null", "null")


class ShardWriter:
    """The lines and rows of the notes of a shard, in the order in which they are added."""

    def __init__(self, run_id: str, run_no: int, *, is_outlined: bool = False) -> None:
        self._run = f',"run_id":{quote(run_id)}'
        self._run_no = run_no
        # As bytes note by note: what they were put together from is still in the processor's cache, and its memory is
        # taken again for the next note.
        self.lines: list[bytes] = []
        # The rows, in the order of `TABLES`.
        self.tables: tuple[list[bytes], ...] = tuple([] for _ in TABLES)
        # Those of each entity, the same few objects again and again: what they say is gathered once, at the end.
        self._terms: list[TermPieces] = []
        self._distinct: dict[int, TermPieces] = {}
        self._outline = OutlineWriter() if is_outlined else None

    @property
    def count(self) -> int:
        """How many entities there are."""
        return len(self._terms)

    @property
    def outlines(self) -> tuple[Outline, ...]:
        """The outline of all notes, if there is to be one."""
        return () if self._outline is None else (self._outline.finish(self._terms, self._find_distinct()),)

    @property
    def terms(self) -> Mapping[Term, int]:
        """How many entities of each term there are."""
        counts: Counter[Term] = Counter()
        times = Counter(map(id, self._terms))
        for number, pieces in self._find_distinct().items():
            counts[pieces[6]] += times[number]
        return counts

    @property
    def provenances(self) -> Mapping[int, str]:
        """The records of where entities come from, by their numbers."""
        return dict(pieces[7] for pieces in self._find_distinct().values())

    @property
    def code_lists(self) -> Mapping[int, str]:
        """The lists of codes, by their numbers."""
        return {pieces[6].codes_no: pieces[5] for pieces in self._find_distinct().values()}

    def add(self, note: LedgerNote, extraction: Extraction) -> int:
        """Write what was found in a note; gives the number of entities.

        Raises:
            InvalidSpan: If a span is not inside the text; then nothing of the note is written.
        """
        text, mentions, run = extraction.text, extraction.mentions, self._run
        size, memory = len(text), terms_of(extraction.extractor, extraction.version)
        place = f"{self._run_no}\t{note.note_no}\t"
        whose = f'"note_id":{quote(note.note_id)},"provenance":{{"cues":['
        lines: list[str] = []
        entities: list[str] = []
        attributes: list[str] = []
        words: list[str] = []
        terms: list[TermPieces] = []
        signs: list[Sign] = []
        details: list[tuple[int, str, str]] = []
        tally: Tally = defaultdict(int)
        for ordinal, mention in enumerate(mentions):
            begin, end, kind = mention.begin, mention.end, mention.type
            if not 0 <= begin <= end <= size:
                raise InvalidSpan
            term = memory[kind, mention.norm, mention.codes, mention.method, mention.source]
            said, score = mention.assertion, mention.score
            sign = SIGNS[mention.section, score, type(score), tuple(said.items()) if said else ()]
            coded, typed, whence, shared, more, _, _, _ = term
            opening, closing, columns, weight = sign
            word = text[begin:end]
            quoted, parts, cues, cue_column = quote(word), "", "", NULL
            weight += more
            if mention.attributes:
                parts, is_measured = _render_attributes(mention.attributes, text, f"{place}{ordinal}", attributes)
                if is_measured:
                    weight += MEASURED
            if mention.cues:
                cues = ",".join([_cue(cue, text) for cue in mention.cues])
                cue_column = escape(f"[{cues}]")
            if parts or cues:
                details.append((ordinal, parts, cues))
            tally[kind] += weight
            words.append(word)
            terms.append(term)
            signs.append(sign)
            lines.append(
                f"{opening}{parts}{_BEGIN}{begin}{coded}{end}{typed}{whose}{cues}]{whence}{run}{closing}{quoted}}}\n"
            )
            if len(quoted) != len(word) + 2:  # what JSON leaves as it is, PostgreSQL does
                word = escape(word)
            entities.append(f"{place}{ordinal}\t{word}\t{begin}\t{end}{shared}{columns}{cue_column}\n")
        self.lines.append("".join(lines).encode())
        sections, counts = _sections(place, extraction.sections), tally_rows(place, tally)
        for block, rows in zip(self.tables, (entities, attributes, sections, counts), strict=True):
            block.append("".join(rows).encode())
        self._terms += terms
        self._distinct = {}
        if self._outline is not None:
            self._outline.add(note.note_id, mentions, signs, words, details)
        return len(mentions)

    def _find_distinct(self) -> Mapping[int, TermPieces]:
        """Each term once, under its identity."""
        if self._terms and not self._distinct:
            self._distinct = {id(term): term for term in self._terms}
        return self._distinct


def _render_attributes(found: Iterable[FoundAttribute], text: str, key: str, rows: list[str]) -> tuple[str, bool]:
    """The attributes of an entity as items of JSON, and whether one says how much; their rows join `rows`."""
    parts, is_measured = [], False
    for position, part in enumerate(found):
        begin, end = part.begin, part.end
        fields, closing, column, norm, is_amount = PARTS[part.type, part.norm]
        word = text[begin:end]
        quoted = quote(word)
        parts.append(f'{{"begin":{begin},"end":{end}{fields}{quoted}{closing}')
        if len(quoted) != len(word) + 2:
            word = escape(word)
        rows.append(f"{key}\t{position}{column}{word}\t{begin}\t{end}{norm}")
        if is_amount:
            is_measured = True
    return ",".join(parts), is_measured


def _cue(cue: FoundCue, text: str) -> str:
    begin, end = cue.begin, cue.end
    opening, rule = CUES[cue.attribute, cue.rule]
    first, last = cue.scope or _NO_SCOPE
    return f'{opening}{begin},"end":{end}{rule}{first},"scope_end":{last},"text":{quote(text[begin:end])}}}'


def _sections(place: str, sections: Sequence[FoundSection]) -> list[str]:
    headed = [section for section in sections if section.header]
    return [f"{place}{ordinal}\t{s.begin}\t{s.end}{HEADINGS[s.header, s.type]}" for ordinal, s in enumerate(headed)]
