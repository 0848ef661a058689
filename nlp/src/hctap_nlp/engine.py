"""The steps that every extractor shares, over the compiled vocabulary and its tables."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hctap_nlp.assertion.scope import AssertionReader
from hctap_nlp.clinical_drugs import ClinicalDrugs
from hctap_nlp.coding import Coder
from hctap_nlp.composition import Composer
from hctap_nlp.extraction import FoundSection, Mention, ScoredSpan
from hctap_nlp.formation import FormationFinder
from hctap_nlp.line_ends import with_line_feeds
from hctap_nlp.matching import Hit, Matcher
from hctap_nlp.measurements import ResultReader
from hctap_nlp.regimen import RegimenReader
from hctap_nlp.scores import ENDING, GLUED, Scores
from hctap_nlp.sections import SectionFinder, section_at
from hctap_nlp.sentences import Sentences
from hctap_nlp.shadow import Shadow, shadow_of
from hctap_nlp.states import join_states
from hctap_nlp.units import UnitTable
from hctap_nlp.vocabulary.artefact import Code, Compiled, Concept

# A temperature must have a decimal: `T12` is a vertebra, `P53` a gene.
_GLUED_VITAL = re.compile(
    r"[BHRSTW](?<![A-Za-z0-9].)(?:(?:(?<=B)(?:P|MI)|(?<=[HR])R|(?<=S)[pa]O2|(?<=W)t)(?=\d{2,3}(?:[./%]|\b))"
    r"|(?<=T)(?=\d{2,3}\.\d))"
)
_HEADED_BY_TESTS = frozenset({"laboratory", "imaging", "results", "findings", "other"})
_GENERAL_TESTS = frozenset({"imaging", "laboratory tests", "labs", "vital signs"})
_PARTS_OF_COMBINATION = re.compile(r"(?:[ ](?:HCl|hydrochloride|sodium|maleate))?(?:-|[ ]?/[ ]?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """A text with its sections, sentences, shadow and vocabulary hits."""

    text: str
    sections: tuple[FoundSection, ...]
    sentences: Sentences
    shadow: Shadow
    hits: list[Hit]


class Engine:
    """Reads a text into a page, finds mentions by rule, and completes mentions whoever found them."""

    def __init__(self, vocabulary: Compiled) -> None:
        tables = vocabulary.header["tables"]
        self.vocabulary_hash = vocabulary.hash
        self.matcher = Matcher(vocabulary)
        self.coder = Coder(self.matcher, vocabulary)
        self._scores = Scores(tables["scores"]["shares"])
        self._sections = SectionFinder(tables["headings"])
        self._composer = Composer(tables["modifiers"])
        self._states = frozenset(tables["modifiers"]["states"])
        self._formations = FormationFinder(tables["formations"])
        self._regimen = RegimenReader(tables["regimen"])
        self._results = ResultReader(UnitTable(tables["units"]))
        self._assertion = AssertionReader(tables["cues"])
        drugs = tables.get("clinical_drugs")
        self._clinical_drugs = ClinicalDrugs(drugs) if drugs else None

    def open(self, text: str) -> Page:
        """The page of a text; whatever its line ends are, the page has the same text with the same offsets."""
        text = with_line_feeds(text)
        sections = self._sections.find(text)
        sentences = Sentences(text, (cut for section in sections for cut in (section.begin, section.body)))
        shadow = Shadow(text)
        return Page(text, sections, sentences, shadow, self.matcher.find(shadow))

    def mentions_by_rule(self, page: Page) -> list[Mention]:
        """The mentions that vocabulary and noun-phrase rules find, in text order, none overlapping another."""
        anatomy = [hit for hit in page.hits if self.matcher.concept(hit[2]).type == "ANATOMY"]
        measures = {hit for hit in anatomy if self._composer.is_measure(page.shadow, *hit[:2])}
        anatomy = [hit for hit in anatomy if hit not in measures] if measures else anatomy
        sites, starts = {hit[1]: hit for hit in anatomy}, {hit[0]: hit for hit in anatomy}
        mentions: list[Mention] = []
        for hit in page.hits:
            if hit in measures or self._is_function(page.shadow, hit):
                continue
            mention = self._mention(page.shadow, hit, sites, starts)
            while mentions and mentions[-1].end > mention.begin and mentions[-1].begin >= mention.begin:
                mentions.pop()
            if not mentions or mentions[-1].end <= mention.begin:
                mentions.append(mention)
        mentions = self._with_formations(page, mentions, sites)
        mentions = _join_combinations(page.text, self._with_glued_vitals(page, mentions))
        return join_states(page.text, mentions, self._states, self._code_of)

    def _code_of(self, words: str) -> tuple[Code, ...]:
        return self.coder.code_words(shadow_of(words).split(), None)

    def _with_formations(self, page: Page, mentions: list[Mention], sites: dict[int, Hit]) -> list[Mention]:
        """The mentions and the words outside them that their ending names (`meniscoplasty`), in text order."""
        found = []
        begins = [mention.begin for mention in mentions]
        for begin, end, kind, ending in self._formations.find(page.shadow):
            last = page.shadow.end_of(end)
            place = bisect_left(begins, last) - 1
            if place >= 0 and mentions[place].end > page.shadow.begin_of(begin):
                continue
            wide = self._composer.widen_left(page.shadow, begin, sites)
            first, norm = page.shadow.begin_of(wide), page.shadow.words[wide:end]
            if place >= 0 and mentions[place].end > first:
                if mentions[place].type != "ANATOMY" or mentions[place].begin < first:
                    continue
                mentions[place].type = ""
            found.append(
                Mention(kind, first, last, norm, self._scores.of(ENDING, kind, norm), "rule", f"ending:{ending}")
            )
        if not found:
            return mentions
        return sorted((*(m for m in mentions if m.type), *found), key=lambda mention: mention.begin)

    def _with_glued_vitals(self, page: Page, mentions: list[Mention]) -> list[Mention]:
        """The mentions and the vital signs that stand directly before their number (`BP118/66`), in text order."""
        found = []
        for match in _GLUED_VITAL.finditer(page.text):
            concept = self.matcher.named(shadow_of(match[0].lower()), "TEST", restricted=True)
            if concept is not None:
                source = f"{concept.source}:{concept.name}"
                score = self._scores.of(GLUED, "TEST", match[0])
                found.append(Mention("TEST", *match.span(), concept.name, score, "rule", source, concept.codes))
        return sorted((*mentions, *found), key=lambda mention: mention.begin) if found else mentions

    def mentions_of_spans(self, page: Page, spans: Iterable[ScoredSpan], source: str) -> list[Mention]:
        """Mentions for spans that a model found, with the codes of the term that they are or hold."""
        begins = [hit[0] for hit in page.hits]
        return [self._mention_of_span(page, span, begins, source) for span in spans]

    def read_given(self, text: str, spans: Sequence[ScoredSpan]) -> tuple[Page, tuple[Mention, ...]]:
        """The page of a text and a complete mention for each given span, in their order."""
        page = self.open(text)
        mentions = self.mentions_of_spans(page, spans, "given")
        for mention in mentions:
            section = section_at(page.sections, mention.begin)
            mention.section = section.type if section else mention.section
        in_order = sorted(mentions, key=lambda mention: (mention.begin, mention.end))
        self._regimen.read(page.text, page.sentences, in_order)
        if self._clinical_drugs is not None:
            self._clinical_drugs.code(page.text, in_order)
        self._results.read(page.text, in_order)
        self._assertion.read(page.shadow, page.sentences, in_order)
        self.coder.linker.link(page.text, in_order)
        return page, tuple(mentions)

    def complete(
        self, page: Page, mentions: Sequence[Mention], *, with_attributes: bool = True, of_a_patient: bool = True
    ) -> tuple[Mention, ...]:
        """The mentions that are not part of a heading, with section, attributes and assertion."""
        kept = []
        for mention in mentions:
            section = section_at(page.sections, mention.begin)
            if section is not None:
                if mention.begin < section.begin + len(section.header) and not _is_test(mention, section):
                    continue  # the words of a heading are not facts of the note
                mention.section = section.type
            kept.append(mention)
        if with_attributes:
            self._regimen.read(page.text, page.sentences, kept)
            if self._clinical_drugs is not None:
                self._clinical_drugs.code(page.text, kept)
            kept = _without_routes(kept)
            self._results.read(page.text, kept)
        self._assertion.read(page.shadow, page.sentences, kept)
        if of_a_patient:  # what an abstract says of diseases, it says of many
            self.coder.linker.link(page.text, kept)
        return tuple(kept)

    def _is_function(self, shadow: Shadow, hit: Hit) -> bool:
        return self.matcher.concept(hit[2]).type == "ANATOMY" and self._composer.is_function(shadow, hit[1])

    def _mention(self, shadow: Shadow, hit: Hit, sites: dict[int, Hit], starts: dict[int, Hit]) -> Mention:
        begin, end, number = hit
        concept = self.matcher.concept(number)
        norm, codes = concept.name, concept.codes
        if concept.type == "PROBLEM":
            wide = self._composer.widen(shadow, begin, end, sites, starts)
            if wide != (begin, end):
                norm = " ".join((*shadow.words[wide[0] : begin].split(), norm, *shadow.words[end : wide[1]].split()))
            codes = self.coder.code(shadow, wide, (begin, end), concept)
            begin, end = wide
        elif concept.type in {"PROCEDURE", "TEST"}:
            begin = self._composer.widen_left(shadow, begin, sites, only_sites=concept.type == "TEST")
            if concept.type == "PROCEDURE":
                end = self._composer.widen_act(shadow, end)
        elif concept.type == "ANATOMY":
            begin, end = self._composer.widen_site(shadow, begin, end)
        source = f"{concept.source}:{concept.name}"
        score = self._scores.of(concept.source, concept.type, shadow.words[begin:end])
        text_begin, text_end = shadow.begin_of(begin), shadow.end_of(end)
        return Mention(concept.type, text_begin, text_end, norm, score, "vocabulary", source, codes)

    def _mention_of_span(self, page: Page, span: ScoredSpan, begins: list[int], source: str) -> Mention:
        begin, end = page.shadow.index_of(span.begin), page.shadow.index_of(span.end)
        inside: Concept | None = None
        for hit in page.hits[bisect_left(begins, begin) :]:
            if hit[0] >= end:
                break
            concept = self.matcher.concept(hit[2])
            if concept.type == span.label and hit[1] <= end:
                inside = concept
                if hit[0] == begin and hit[1] == end:
                    break
        norm = " ".join(page.shadow.words[begin:end].split()) or page.text[span.begin : span.end]
        codes = inside.codes if inside else ()
        if span.label == "PROBLEM":
            words = norm.split()
            codes = self.coder.code_words(words, inside)
            if not codes and len(words) == 1:
                codes = self.coder.code_of_derived(norm)
        score = round(span.score, 4)
        return Mention(span.label, span.begin, span.end, norm, score, "model", source, codes)


def _is_test(mention: Mention, section: FoundSection) -> bool:
    """Whether a heading is the name of a test, whose result stands below it (`ECG: sinus rhythm`)."""
    if mention.type != "TEST" or mention.end - mention.begin != len(section.header):
        return False
    return section.type in _HEADED_BY_TESTS and mention.norm not in _GENERAL_TESTS


def _without_routes(mentions: list[Mention]) -> list[Mention]:
    """The mentions without the sites that are the route of a drug (`one drop in both eyes`)."""
    routes = [(a.begin, a.end) for mention in mentions for a in mention.attributes if a.type == "ROUTE"]
    if not routes:
        return mentions
    begins = [begin for begin, _ in routes]
    return [
        mention
        for mention in mentions
        if mention.type != "ANATOMY"
        or not (place := bisect_right(begins, mention.begin))
        or routes[place - 1][1] < mention.end
    ]


def _join_combinations(text: str, mentions: list[Mention]) -> list[Mention]:
    """Two drugs with a hyphen or slash between them as one combination (`amoxicillin-clavulanate`)."""
    joined: list[Mention] = []
    for mention in mentions:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.type == mention.type == "MEDICATION"
            and _PARTS_OF_COMBINATION.fullmatch(text, last.end, mention.begin)
        ):
            norm = f"{last.norm}/{mention.norm}"
            joined[-1] = Mention(
                last.type, last.begin, mention.end, norm, min(last.score, mention.score), "rule",
                f"combination:{norm}", (*last.codes, *mention.codes),
            )  # fmt: skip
        else:
            joined.append(mention)
    return joined
