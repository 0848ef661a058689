"""Codes as the mention says them: of the whole phrase where it has a name of its own, and of what it says besides."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from hctap_core.code_reasons import CodeGround, CodeStep, with_step
from hctap_nlp.code_places import CodePlaces
from hctap_nlp.code_scores import CodeScores
from hctap_nlp.descent import Titles
from hctap_nlp.extraction import Mention
from hctap_nlp.linking import CodeLinker
from hctap_nlp.matching import Matcher
from hctap_nlp.shadow import Shadow
from hctap_nlp.title_words import TitleWords
from hctap_nlp.vocabulary.artefact import Code, Compiled, Concept

Codes = tuple[Code, ...]

_ICD: Final = "ICD-10-CM"
_SIDES: Final = {
    "left": "left", "l": "left", "lt": "left", "right": "right", "r": "right", "rt": "right",
    "bilateral": "both", "bilat": "both", "bilaterally": "both", "both": "both",
}  # fmt: skip
# What a phrase may lose and still name the same problem.
_DROPPED: Final = frozenset((*_SIDES, "sided", "the", "his", "her"))
# How an adjective or a patient is made from a disease's name: hypertensive, epileptic, schizophrenics, parkinsonian.
_ENDINGS: Final = (
    ("ive", "ion"), ("tic", "sis"), ("ptic", "psy"), ("etic", "etes"), ("otic", "osis"), ("hotic", "hosis"),
    ("ics", "ia"), ("ic", "ia"), ("ic", "y"), ("ics", "y"), ("etics", "etes"), ("ives", "ion"), ("ian", "ism"),
)  # fmt: skip
# `tinnitus of the left ear`, `clavicle fracture, left`: what stands behind a problem and belongs to it.
_SIDE_AFTER: Final = re.compile(
    r" (?:(?:of|in|on|at|to) )?(?:(?:the|his|her|your) )?"
    r"(?P<said>(?:left|right|bilateral|bilaterally|both|lt|rt|l|r)"
    r"(?: (?!and |with |or |is |was |for |from |side )[a-z]+){0,2}) "
)
_STOP: Final = re.compile(r"[.;:()\n\[\]]")
_ENDS: Final = frozenset(("", ".", ",", ";", "\n", ")"))
_SIDE_WORDS: Final = frozenset(("left", "right", "bilateral"))
_FARTHEST: Final = 60
_MOST_KNOWN: Final = 4096
_LONGEST_DETAIL: Final = 40
# A code that is wrong four times of five is none.
_LEAST: Final = 0.2


class _Phrase(NamedTuple):
    """The words of a problem, those behind it, those that named its concept, and the concept's name."""

    words: Sequence[str]
    after: Sequence[str]
    said: Sequence[str]
    name: Sequence[str]


class Coder:
    """Chooses the codes of a problem that is more than one term, by the vocabulary and the titles of ICD-10-CM."""

    def __init__(self, matcher: Matcher, vocabulary: Compiled) -> None:
        tables: Mapping[str, Any] = vocabulary.header["tables"]
        self._matcher = matcher
        self._sides: Mapping[str, Mapping[str, Sequence[str]]] = tables["sides"]
        self._scores = CodeScores(tables["code_scores"])
        self._phrases: Mapping[str, Sequence[str]] = tables["code_phrases"]
        sources = vocabulary.header["sources"]
        self._release = next((source["release"] for source in sources if source["name"] == "icd10cm"), "")
        self._titles = Titles(vocabulary.titles, tables["coding"])
        self._places = CodePlaces(tables["code_places"], TitleWords(tables["coding"]))
        self.linker = CodeLinker(tables, self._titles, self._scores, self.code_beside, self.is_open)
        self._known: dict[tuple[str, str, str, Concept | None], Codes] = {}

    def code(self, shadow: Shadow, phrase: tuple[int, int], term: tuple[int, int], concept: Concept) -> Codes:
        """The codes of a problem at shadow `phrase`, in which a concept is named at shadow `term`."""
        said = shadow.words[term[0] : term[1]]
        after = self._words_after(shadow, phrase[1], concept.codes)
        if phrase == term and not after and said == concept.name and _has_icd(concept.codes):
            return concept.codes
        words = said if phrase == term else shadow.words[phrase[0] : phrase[1]]
        return self._known_code(words, after, said, concept)

    def code_words(self, words: Sequence[str], concept: Concept | None) -> Codes:
        """The codes of a problem of these shadow words, in which a concept is named, or of their own."""
        return self._known_code(" ".join(words), "", concept.name if concept else "", concept)

    def _known_code(self, words: str, after: str, said: str, concept: Concept | None) -> Codes:
        key = (words, after, said, concept)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = self._code(words.split(), after.split(), said.split(), concept)
        return found

    def _code(self, words: Sequence[str], after: Sequence[str], said: Sequence[str], concept: Concept | None) -> Codes:
        whole = self._whole(words)
        if whole is None and concept is not None and len(words) > len(said):
            # `inguinal LAD` by the name of its concept: inguinal lymphadenopathy.
            whole = self._whole(f" {' '.join(words)} ".replace(f" {' '.join(said)} ", f" {concept.name} ").split())
        if whole is None and concept is None:
            whole = self._by_short_name(words)
        if whole is not None:
            others = concept.codes if concept is not None and not any(c[0] != _ICD for c in whole.codes) else ()
            codes = (*whole.codes, *(code for code in others if code[0] != _ICD))
            concept, said = Concept(whole.type, whole.name, whole.source, codes), words
        elif concept is not None:
            placed = self._with_place(words, said, concept)
            if placed is not concept:
                concept, said = placed, words
        if concept is None:
            return ()
        phrase = _Phrase(words, after, said, concept.name.split())
        return tuple(
            one for code in concept.codes for one in (self._detailed(code, phrase) if code[0] == _ICD else (code,))
        )

    def _with_place(self, words: Sequence[str], said: Sequence[str], concept: Concept) -> Concept:
        """The concept with the code of its place, or of the words that it ends with where it has no code."""
        is_open = not _has_icd(concept.codes) or self._places.is_head(said)
        placed = self._places.find(words) if is_open else None
        if placed is not None:
            reason = with_step(CodeGround.CURATED.value, CodeStep.DETAIL, placed.place)
            code = self._made(placed.code, placed.title, self._release, reason)
            return replace(concept, codes=(code, *(one for one in concept.codes if one[0] != _ICD)))
        if _has_icd(concept.codes):
            return concept
        for begin in range(1, len(words)):
            whole = self._whole(words[begin:])
            if whole is not None:
                left = " ".join(words[:begin])[:_LONGEST_DETAIL]
                return replace(concept, codes=(*self._stepped(whole, CodeStep.PART, left), *concept.codes))
        return concept

    def code_beside(self, mention: Mention, beside: Sequence[str], said: str) -> Codes:
        """The code of a problem that is only a head, or has no code yet, by a place beside it, or none."""
        if not self.is_open(mention):
            return ()
        words = mention.norm.split()
        for form in ((*beside, *words), (*words, "of", *beside)):
            whole = self._whole(form)
            if whole is not None:
                return self._stepped(whole, CodeStep.NOTE, said)
        placed = self._places.find(words, beside)
        if placed is None:
            return ()
        code = self._made(placed.code, placed.title, self._release, CodeGround.CURATED.value)
        both = (*words, *beside)
        reason = with_step(CodeGround.CURATED.value, CodeStep.NOTE, said)
        detailed = self._detailed(code, _Phrase(both, (), both, words))
        return tuple(self._made(number, title, release, reason) for _, number, title, release, _, _ in detailed)

    def is_open(self, mention: Mention) -> bool:
        """Whether a problem has no code yet, or that of a head alone."""
        if not _has_icd(mention.codes):
            return True
        named = mention.norm if mention.method == "model" else mention.source.partition(":")[2]
        return self._places.is_head(named.split())

    def _stepped(self, concept: Concept, step: CodeStep, detail: str) -> Codes:
        """The ICD-10-CM codes of a concept with one more step in their reasons."""
        return tuple(
            self._made(code[1], code[2], code[3], with_step(code[4], step, detail))
            for code in concept.codes
            if code[0] == _ICD
        )

    def _detailed(self, code: Code, phrase: "_Phrase") -> Codes:
        """The code with what the phrase says besides; two, of the right and the left, where no code has both."""
        is_name_alone = len(phrase.words) == len(phrase.said) and not phrase.after
        chosen = self._titles.choose(
            code[1], phrase.name, (*phrase.words, *phrase.after), with_residuals=not is_name_alone
        )
        reason = code[4]
        if chosen.code != code[1]:
            is_side = all(word in _SIDE_WORDS for word in chosen.words)
            step = CodeStep.SIDE if is_side else CodeStep.DETAIL
            reason = with_step(reason, step, " ".join(chosen.words)[:_LONGEST_DETAIL])
            return (self._made(chosen.code, chosen.title, code[3], reason),)
        side = next((_SIDES[word] for word in (*phrase.words, *phrase.after) if word in _SIDES), "")
        sided = self._sides.get(code[1], {})
        of_both = ("right", "left") if side == "both" and "both" not in sided else (side,)
        if found := [(one, sided[one]) for one in of_both if one in sided]:
            return tuple(
                self._made(pair[0], pair[1], code[3], with_step(reason, CodeStep.SIDE, one)) for one, pair in found
            )
        left = [word for word in chosen.rest if word in phrase.words and word not in phrase.said]
        if left:
            reason = with_step(reason, CodeStep.PART, " ".join(left)[:_LONGEST_DETAIL])
            return (self._made(code[1], code[2], code[3], reason),)
        return (code,)

    def _made(self, code: str, title: str, release: str, reason: str) -> Code:
        return (_ICD, code, title, release, reason, self._scores.of(_ICD, reason))

    def _words_after(self, shadow: Shadow, end: int, codes: Codes) -> str:
        """The words behind shadow `end` that tell the side of a problem of these codes, or none."""
        if not any(code[0] == _ICD and self._titles.has_sides(code[1]) for code in codes):
            return ""
        found = _SIDE_AFTER.match(shadow.words, end, end + _FARTHEST)
        if found is None:
            return ""
        begin = shadow.begin_of(found.start("said"))
        gap, rest = shadow.text[shadow.end_of(end) : begin], shadow.text[begin : shadow.end_of(found.end("said"))]
        if _STOP.search(gap):
            return ""
        if "," not in gap:
            return found["said"] if not _STOP.search(rest) and "," not in rest else found["said"].partition(" ")[0]
        # `clavicle fracture, left`: behind a comma the side belongs to what follows, unless nothing does.
        side = found["said"].partition(" ")[0]
        return side if shadow.text[begin + len(side) : begin + len(side) + 1] in _ENDS else ""

    def code_of_derived(self, word: str) -> Codes:
        """The codes of the disease that an adjective is made from, or none."""
        for ending, original in _ENDINGS:
            if word.endswith(ending):
                found = self._matcher.named(f" {word.removesuffix(ending)}{original} ", "PROBLEM")
                if found is not None and found.codes:
                    return tuple(code for code in map(self._derived, found.codes) if code[5] >= _LEAST)
        return ()

    def _derived(self, code: Code) -> Code:
        reason = CodeGround.DERIVED.value
        return (*code[:4], reason, self._scores.of(code[0], reason))

    def _whole(self, words: Sequence[str]) -> Concept | None:
        """The concept with an ICD-10-CM code that the whole phrase names, with its sides or without."""
        bare = [word for word in words if word not in _DROPPED]
        for said in (words, bare) if 0 < len(bare) < len(words) else (words,):
            if row := self._phrases.get(" ".join(said)):
                code = self._made(row[0], row[1], self._release, CodeGround.CURATED.value)
                return Concept("PROBLEM", " ".join(said), "curated", (code,))
            found = self._matcher.named(f" {' '.join(said)} ", "PROBLEM")
            if found is not None and any(code[0] == _ICD for code in found.codes):
                return found
        return None

    def _by_short_name(self, words: Sequence[str]) -> Concept | None:
        """The concept that a phrase names but for its last word (`Lesch-Nyhan` patients)."""
        return self._whole((*words, "disease")) or self._whole((*words, "syndrome"))


def _has_icd(codes: Codes) -> bool:
    return any(code[0] == _ICD for code in codes)
