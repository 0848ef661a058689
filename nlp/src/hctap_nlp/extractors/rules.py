"""The rules extractor: sections, vocabulary, noun phrases, regimen, results, assertion, codes."""

from importlib import metadata

from hctap_nlp.assertion.scope import AssertionReader
from hctap_nlp.composition import Composer
from hctap_nlp.extraction import Extraction, FoundSection, Mention
from hctap_nlp.matching import Hit, Matcher
from hctap_nlp.measurements import read_results
from hctap_nlp.regimen import RegimenReader
from hctap_nlp.sections import SectionFinder, section_at
from hctap_nlp.sentences import Sentences
from hctap_nlp.shadow import Shadow
from hctap_nlp.vocabulary.artefact import Compiled

# The share of right answers among each source's mentions on samples/dev, rounded; see docs/decisions.
_SCORES = {"curated": 0.9, "icd10cm": 0.85, "mesh-diseases": 0.85, "hpo": 0.8, "drugs": 0.85}
_COMPOSED = 0.8


class RulesExtractor:
    """Extracts by the compiled vocabulary and the curated rules alone."""

    name = "rules"

    def __init__(self, vocabulary: Compiled) -> None:
        tables = vocabulary.header["tables"]
        self.version = metadata.version("hctap-nlp")
        self.vocabulary_hash: str | None = vocabulary.hash
        self._matcher = Matcher(vocabulary)
        self._sections = SectionFinder(tables["headings"] or {})
        self._composer = Composer(tables["modifiers"])
        self._regimen = RegimenReader(tables["regimen"])
        self._assertion = AssertionReader(tables["cues"])

    def extract(self, text: str) -> Extraction:
        """The mentions and sections of a text, in text order."""
        sections = self._sections.find(text)
        sentences = Sentences(text, (cut for section in sections for cut in (section.begin, section.body)))
        shadow = Shadow(text)
        mentions = self._mentions(shadow, sections)
        self._regimen.read(text, sentences, mentions)
        read_results(text, mentions)
        self._assertion.read(shadow, sentences, mentions)
        return Extraction(text, tuple(mentions), sections, self.name, self.version)

    def _mentions(self, shadow: Shadow, sections: tuple[FoundSection, ...]) -> list[Mention]:
        hits = self._matcher.find(shadow)
        anatomy = [hit for hit in hits if self._matcher.concept(hit[2]).type == "ANATOMY"]
        sites, starts = {hit[1]: hit for hit in anatomy}, {hit[0]: hit for hit in anatomy}
        mentions: list[Mention] = []
        for hit in hits:
            mention = self._mention(shadow, hit, sites, starts)
            section = section_at(sections, mention.begin)
            if section is not None:
                if mention.begin < section.begin + len(section.header):
                    continue  # the words of a heading are not facts of the note
                mention.section = section.type
            while mentions and mentions[-1].end > mention.begin and mentions[-1].begin >= mention.begin:
                mentions.pop()
            if not mentions or mentions[-1].end <= mention.begin:
                mentions.append(mention)
        return mentions

    def _mention(self, shadow: Shadow, hit: Hit, sites: dict[int, Hit], starts: dict[int, Hit]) -> Mention:
        begin, end, number = hit
        concept = self._matcher.concept(number)
        norm, score, source = concept.name, _SCORES.get(concept.source, 0.8), f"{concept.source}:{concept.name}"
        if concept.type == "PROBLEM":
            wide = self._composer.widen(shadow, begin, end, sites, starts)
            if wide != (begin, end):
                norm = " ".join((*shadow.words[wide[0] : begin].split(), norm, *shadow.words[end : wide[1]].split()))
                score = min(score, _COMPOSED)
                begin, end = wide
        method = "vocabulary"
        return Mention(
            concept.type, shadow.begin_of(begin), shadow.end_of(end), norm, score, method, source, concept.codes
        )
