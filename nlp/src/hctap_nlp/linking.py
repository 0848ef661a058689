"""Codes that more than one mention decides: a problem with another, the side told elsewhere, what is over.

The tables stand in `vocabulary/terms/coding.yaml`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hctap_core.code_reasons import CodeStep, with_step
from hctap_nlp.code_scores import CodeScores
from hctap_nlp.descent import Titles
from hctap_nlp.extraction import Mention
from hctap_nlp.places import label_of, site_of
from hctap_nlp.shadow import shadow_of
from hctap_nlp.vocabulary.artefact import Code

_ICD: Final = "ICD-10-CM"
_JOINT: Final = re.compile(
    r",?\s+(?:with(?: (?:a|an|the|his|her|associated))?|w/|c/b|complicated by)\s+", re.IGNORECASE
)
_DETAILED: Final = f"; {CodeStep.DETAIL}: "
_BOTH: Final = re.compile(r"\b(?:both|bilateral(?:ly)?|bilat)\b")
_CATEGORY: Final = 3
_LONGEST_JOINT: Final = 24
_LONGEST_DETAIL: Final = 40
_SURGERY_REACH: Final = 150


class CodeLinker:
    """Goes over the coded problems of a text, in text order, when their assertions are known."""

    def __init__(
        self,
        tables: Mapping[str, Any],
        titles: Titles,
        scores: CodeScores,
        code_beside: Callable[[Mention, Sequence[str], str], tuple[Code, ...]],
        is_open: Callable[[Mention], bool],
    ) -> None:
        coding = tables["coding"]
        self._combinations: Mapping[str, Mapping[str, Any]] = coding["combinations"]
        self._past: Mapping[str, str] = coding["past"]
        surgical = coding["surgical"]
        self._wounds = frozenset(surgical["said"])
        self._surgery, self._injury = (_one_of(surgical[name]) for name in ("near", "unless"))
        self._sides: Mapping[str, Mapping[str, Sequence[str]]] = tables["sides"]
        self._titles = titles
        self._scores = scores
        self._code_beside, self._is_open = code_beside, is_open

    def link(self, text: str, mentions: Sequence[Mention]) -> None:
        """Give the problems the codes that they have together."""
        self._place(text, mentions)
        before: Mention | None = None
        unsided: list[tuple[Mention, Code]] = []
        for mention in mentions:
            if mention.type != "PROBLEM" or not mention.codes or mention.codes[0][0] != _ICD:
                continue
            code = mention.codes[0]
            if mention.norm in self._wounds and self._is_surgical(text, mention):
                mention.codes = tuple(other for other in mention.codes if other[0] != _ICD)
                continue
            if mention.assertion.get("historical"):
                self._put_in_the_past(mention, code)
            if before is not None and code[0] == _ICD:
                self._combine(text, before, mention)
            if code[1] in self._sides and not mention.assertion.get("negated"):
                unsided.append((mention, code))
            before = mention
        for mention, code in unsided:
            if mention.codes[0] is code:
                self._take_side(text, mention, code, mentions)

    def _place(self, text: str, mentions: Sequence[Mention]) -> None:
        """Code each problem by the site that the text says beside its phrase, or that its line is about, too."""
        for number, mention in enumerate(mentions):
            if mention.type != "PROBLEM" or (mention.codes and _DETAILED in mention.codes[0][4]):
                continue
            site = site_of(text, mentions, number)
            if site is None:
                self._place_by_label(text, mention)
                continue
            said = " ".join(text[site.begin : site.end].split())[:_LONGEST_DETAIL]
            words = shadow_of(text[site.begin : site.end]).split()
            codes = self._code_beside(mention, words, said)
            icd = mention.codes[0] if mention.codes and mention.codes[0][0] == _ICD else None
            if not codes and icd is not None:
                own = mention.norm.split()
                choice = self._titles.choose(icd[1], own, (*own, *words), with_residuals=False)
                if choice.code != icd[1]:
                    self._recode(mention, choice.code, with_step(icd[4], CodeStep.NOTE, said))
            elif codes and (icd is None or codes[0][1] != icd[1]):
                mention.codes = (*codes, *mention.codes)

    def _is_surgical(self, text: str, mention: Mention) -> bool:
        """Whether a wound stands near words of surgery and not near those of an injury."""
        around = max(0, mention.begin - _SURGERY_REACH), mention.end + _SURGERY_REACH
        return self._surgery.search(text, *around) is not None and self._injury.search(text, *around) is None

    def _place_by_label(self, text: str, mention: Mention) -> None:
        """Code a problem that is a head alone by what its line is about (`Abdomen: soft, no masses`)."""
        label = label_of(text, mention) if self._is_open(mention) else ""
        if not label:
            return
        codes = self._code_beside(mention, shadow_of(label.lower()).split(), label[:_LONGEST_DETAIL])
        if codes and (not mention.codes or mention.codes[0][1] != codes[0][1]):
            mention.codes = (*codes, *mention.codes)

    def _put_in_the_past(self, mention: Mention, code: Code) -> None:
        then = self._past.get(code[1][:_CATEGORY])
        if then:
            self._recode(mention, then, with_step(code[4], CodeStep.PAST))

    def _combine(self, text: str, first: Mention, second: Mention) -> None:
        row = self._combinations.get(first.codes[0][1])
        if row is None or not 0 < second.begin - first.end <= _LONGEST_JOINT:
            return
        if not _JOINT.fullmatch(text, first.end, second.begin):
            return
        code = second.codes[0][1]
        key = max((start for start in row["codes"] if code.startswith(start)), key=len, default=None)
        if key is None:
            return
        both = str(row["codes"][key]).replace("_", first.codes[0][1][2])
        said = text[second.begin : second.end][:_LONGEST_DETAIL]
        reason = with_step(first.codes[0][4], CodeStep.WITH, " ".join(said.split()))
        if self._recode(first, both, reason) and code.startswith(tuple(row["also"])):
            said = text[first.begin : first.end][:_LONGEST_DETAIL]
            self._recode(second, both, with_step(second.codes[0][4], CodeStep.WITH, " ".join(said.split())))

    def _take_side(self, text: str, mention: Mention, code: Code, mentions: Sequence[Mention]) -> None:
        """The side of the one other mention in the text that has it, where they do not disagree."""
        if _BOTH.search(mention.norm):
            return
        told: dict[str, Mention] = {}
        sided = {found[0] for found in self._sides[code[1]].values()}
        for other in mentions:
            if (
                other.codes
                and other.codes[0][1] in sided
                and not (other.assertion.get("negated") or other.assertion.get("family"))
            ):
                told.setdefault(other.codes[0][1], other)
        if len(told) == 1:
            ((found, other),) = told.items()
            said = " ".join(text[other.begin : other.end].split())[:_LONGEST_DETAIL]
            self._recode(mention, found, with_step(code[4], CodeStep.NOTE, said))

    def _recode(self, mention: Mention, code: str, reason: str) -> bool:
        """Put a code before those that the mention has; the one that it took the place of stays the second."""
        title = self._titles.title_of(code)
        if title is None:
            return False
        release = mention.codes[0][3]
        mention.codes = ((_ICD, code, title, release, reason, self._scores.of(_ICD, reason)), *mention.codes)
        return True


def _one_of(words: Sequence[object]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(re.escape(str(word)) for word in words)})\b", re.IGNORECASE)
