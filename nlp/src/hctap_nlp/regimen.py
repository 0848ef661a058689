"""A medication's regimen: strength, dose, form, route, frequency, duration, PRN and status, each with its span."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import accumulate
from typing import Any

from hctap_nlp.durations import DURATION, length_of
from hctap_nlp.extraction import FoundAttribute, Mention
from hctap_nlp.frequencies import EVERY, TIMES, FrequencyTable
from hctap_nlp.indications import reason_after
from hctap_nlp.neighbours import LINKED, OFTEN, is_led_to, is_of_next
from hctap_nlp.sentences import Sentences
from hctap_nlp.statuses import share_statuses

_REACH_AFTER = 160
_REACH_BEFORE = 40
_NUMBER = r"(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+|\d+/\d+)"
_COUNT = rf"(?:{_NUMBER}|one(?:[ -]half)?|two|three|four|five|six|half(?:[ ]an?)?|an?)"
_RANGE = rf"{_NUMBER}(?:[ ]?(?:-|–|to)[ ]?{_NUMBER})?"
_MASS = r"(?:mcg|[µu]g|mg|grams?|gm|g|kg|meq|mmol|milligrams?|micrograms?)"
_UNITS = r"(?:million[ ]units|units?|iu)"
_PER = (
    rf"(?:[ ]?/[ ]?(?:{_RANGE}[ ]?)?(?:{_MASS}|ml|l|hr?|hour|day|kg|actuation|puff|dose|inh)(?:/(?:min|hr?|day|dose))?)"
)
_STRENGTH = rf"""
    {_NUMBER}[ ]?[-/][ ]?{_NUMBER}(?:[ ]?[-/][ ]?{_NUMBER})?[ ]?{_MASS}   # 49/51 mg
    |{_NUMBER}[ ]?{_MASS}[ ]?-[ ]?{_NUMBER}[ ]?{_MASS}{_PER}?                 # 8 mg-2 mg
    |(?:{_RANGE}[ ]?-?[ ]?{_MASS}|{_NUMBER}[ ]?%){_PER}?(?:[ ]?/[ ]?{_NUMBER}[ ]?{_MASS})?
    |{_RANGE}[ ]?{_UNITS}[ ]?/[ ]?(?:ml|g)|U-\d+
"""
_TAKEN = r"""
    (?:tab(?:let)?s?|cap(?:sule|let)?s?|pills?|puffs?|inhalations?|sprays?|drops?|gtts?|patch(?:es)?|teaspoons?|tsp
    |tablespoons?|tbsp|ml|cc|units?|packets?|scoops?|suppositor(?:y|ies)|supp|lozenges?|amps?|ampules?|vials?|capfuls?
    |applications?|doses?|nebs?|inch(?:es)?|bags?|l/min|liters?|l|iu)(?:[ ]?(?:an|per)[ ](?:hour|minute))?
"""
# `one daily`, `1-2 at bedtime`: a count without a unit, directly before how often.
_BARE_COUNT = (
    r"(?:one|two|three|one-half|half|[1-4]|½|1/2)"
    r"(?:[ ]?(?:-|to)[ ]?(?:one|two|three|four|[1-4]))?(?:[ ]and[ ]a[ ]half)?"
)
_OFTEN_BY_PATTERN = r"q\.?[ ]?\d|every[ ]|each[ ]|(?:one|two|three|four|five|[2-6])[ ]times?[ ]"
# `Percocet 5/325`: directly after the name, and no date.
_TWO_STRENGTHS = re.compile(
    r"[ ](?P<span>(?P<first>\d{1,4}(?:\.\d+)?)/(?P<second>\d{1,4}(?:\.\d+)?))(?=[ ,;.\n]|$)(?![ ]?(?:mg|mcg))"
)
_LAST_DAY = 31
_WITH_MEALS = re.compile(r"(?:with|before|after)\b|a\.?c\b", re.IGNORECASE)
# `AS` is the left ear, `as` a word.
_WORDS_UNLESS_SHOUTED = frozenset({"as", "As", "ad", "Ad", "top"})
# `and started on a heparin drip`: what stands between a status word and the drug that it leads to.
_LEADS_ON = re.compile(r"[ ]*(?:\b(?:on|with|to|a|an|the|iv|oral|his|her)\b[ ]*)*", re.IGNORECASE)
# `in the left lower quadrant`: a word of status that here belongs to a site.
_SITE_BEHIND = re.compile(
    r"[ ](?:abdom|back\b|body|extremit|eyelid|gi\b|half|jaw|legs?\b|lids?\b|limb|lips?\b|lobe|pole|quadrant|third)",
    re.IGNORECASE,
)
# `by a day or two later`
_NOT_ONE = r"[ ]or[ ](?:two|so)\b"
# `Procrit, and her blood pressure started to rise`: what follows is said of another.
_NEW_SUBJECT = re.compile(r"\b(?:and|but|while|then)[ ](?:her|his|their|the|she|he|they|it)\b", re.IGNORECASE)
_COLUMN_GAP = "   "
_HEAD = re.compile(r"[\w.]*\w[\w.]*")
_WORD = re.compile(r"\w+")
_SIG = re.compile(r"[ \t]*(?:take|sig|use|apply|inhale|inject|instill|one|two|[12](?![.,]\d))\b", re.IGNORECASE)

Span = tuple[int, int]


def _either(phrases: Iterable[Any]) -> str:
    """An alternative of phrases, the longest first; white space and full stops as notes vary them."""
    ordered = sorted({str(phrase).lower() for phrase in phrases}, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(re.escape(phrase).replace(r"\ ", r"\s+").replace(r"\.", r"\.?[ ]?") for phrase in ordered)


class _Words:
    """A pattern of phrases, with the words that a text must have for one of them to begin in it."""

    def __init__(self, pattern: re.Pattern[str], phrases: Iterable[Any]) -> None:
        self._pattern = pattern
        self._first: set[str] = set()
        for phrase in phrases:
            # `b.i.d.` may be written `b i d` and `bid`.
            head = _HEAD.match(str(phrase).lower())
            self._first.update(accumulate(filter(None, head[0].split(".")))) if head else self._first.add("")

    def find(self, text: str, begin: int, end: int, said: AbstractSet[str]) -> Iterable[re.Match[str]]:
        """The phrases between two places in whose stretch these words are."""
        if self._first.isdisjoint(said) and "" not in self._first:
            return ()
        return self._pattern.finditer(text, begin, end)


class RegimenReader:
    """Reads attributes around medication mentions by the regimen table (routes, frequencies, forms, status words)."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._routes = _by_phrase(table["routes"])
        self._status = _by_phrase(table["status"])
        self._frequencies = FrequencyTable(table["frequencies"])
        self._dose = re.compile(
            rf"(?<![\w.])(?:{_COUNT})(?:[ ]?(?:-|–|to)[ ]?{_COUNT})?[ ]?(?:\(\w+\)[ ])?-?{_TAKEN}\b(?![ ]?/)",
            re.IGNORECASE | re.VERBOSE,
        )
        self._route = re.compile(rf"(?<![\w.])(?:{_either(self._routes)})(?!\w)", re.IGNORECASE)
        self._strength = re.compile(rf"(?<![\w./])(?:{_STRENGTH})(?!\w)", re.IGNORECASE | re.VERBOSE)
        words = (
            ("PRN", table["prn"]),
            ("FREQUENCY", self._frequencies.phrases),
            ("ROUTE", self._routes),
            ("FORM", table["forms"]),
        )
        # The order decides what a stretch of text is.
        self._patterns = (
            ("DURATION", DURATION),
            ("FREQUENCY", EVERY),
            ("FREQUENCY", TIMES),
            ("STRENGTH", self._strength),
            ("DOSE", self._dose),
            (
                "DOSE",
                re.compile(
                    rf"(?<=[ ]){_BARE_COUNT}"
                    rf"(?=[ ](?:{_OFTEN_BY_PATTERN}|(?:{_either(self._frequencies.phrases)})(?!\w)))",
                    re.IGNORECASE,
                ),
            ),
            (
                "STRENGTH",
                re.compile(
                    rf"(?<=[ ])\d+(?:\.\d+)?(?=[ ](?:{_either([*self._frequencies.phrases, *self._routes])})(?!\w))",
                    re.IGNORECASE,
                ),
            ),
        )
        # Behind those patterns, and in this order: `as needed` before `as`.
        self._phrases = tuple(
            (kind, _Words(re.compile(rf"(?<![\w.])(?:{_either(said)})(?!\w|{_NOT_ONE})", re.IGNORECASE), said))
            for kind, said in words
        )
        self._status_words = _Words(re.compile(rf"\b(?:{_either(self._status)})\b", re.IGNORECASE), self._status)

    def read(self, text: str, sentences: Sentences, mentions: Sequence[Mention]) -> None:
        """Give each medication its attributes; a stretch of text serves one medication only."""
        drugs = [mention for mention in mentions if mention.type == "MEDICATION"]
        begins, ends = [mention.begin for mention in mentions], [mention.end for mention in mentions]
        for number, drug in enumerate(drugs):
            before = drugs[number - 1].end if number else 0
            # Behind the last drug no other follows, not even where the text ends.
            after = drugs[number + 1].begin if number + 1 < len(drugs) else len(text) + 1
            begin, end = _window(text, sentences, drug, before, min(after, len(text)))
            # Mentions do not overlap, so those in the window are neighbours.
            near = mentions[bisect_left(ends, begin + 1) : bisect_left(begins, end)]
            # `one drop both eyes`: after a drug a site is the route.
            taken = [(mention.begin, mention.end) for mention in near if mention.type != "ANATOMY"]
            taken += [(a.begin, a.end) for m in drugs[max(0, number - 1) : number] for a in m.attributes]
            self._read_before(text, max(begin, drug.begin - _REACH_BEFORE), drug, taken)
            self._read_after(text, end, after, drug, taken)
            drug.attributes.sort(key=lambda attribute: attribute.begin)
            problems = [mention for mention in near if mention.type == "PROBLEM"]
            drug.attributes[:] = [_with_reason(text, drug, a, end, problems) for a in drug.attributes]
        share_statuses(text, drugs)

    def _read_before(self, text: str, begin: int, drug: Mention, taken: list[Span]) -> None:
        """A strength or dose directly before (`5 mg Norvasc`), and the last status word (`started on`)."""
        last = text[begin : drug.begin].rstrip(" \t")[-1:]
        may_be_linked = last.isalnum() or last in ("%", ".")  # not after a comma, a bullet, a line's begin
        patterns = (("STRENGTH", self._strength), ("DOSE", self._dose), ("ROUTE", self._route)) if may_be_linked else ()
        until = drug.begin
        for kind, pattern in patterns:
            for match in pattern.finditer(text, begin, until):
                if LINKED.fullmatch(text, match.end(), until):
                    self._take(kind, text, match.span(), drug, taken)
                    if kind == "STRENGTH":
                        until = match.start()  # `18 cc of 0.25% Marcaine`
        said = {*_WORD.findall(text[begin:until].lower())}
        for kind, phrases in self._phrases if may_be_linked else ():
            if kind in OFTEN:
                for match in phrases.find(text, begin, until, said):
                    if is_led_to(text, begin, match, until):
                        self._take(kind, text, match.span(), drug, taken)
        said |= {*_WORD.findall(text[until : drug.begin].lower())} if until < drug.begin else set()
        if words := list(self._status_words.find(text, begin, drug.begin, said)):
            self._take("STATUS", text, words[-1].span(), drug, taken)

    def _read_after(self, text: str, end: int, after: int, drug: Mention, taken: list[Span]) -> None:
        if (two := _TWO_STRENGTHS.match(text, drug.end, end)) and max(map(float, two.group(2, 3))) > _LAST_DAY:
            self._take("STRENGTH", text, two.span("span"), drug, taken)
        following = after if after <= end else None
        for kind, pattern in self._patterns:
            for match in pattern.finditer(text, drug.end, end):
                if following is None or not is_of_next(text, drug, kind, match, following):
                    name = match.lastgroup if kind == "DURATION" else None
                    self._take(kind, text, match.span(name or 0), drug, taken)
        said = {*_WORD.findall(text[drug.end : end].lower())}
        for kind, phrases in self._phrases:
            for match in phrases.find(text, drug.end, end, said):
                if following is None or not is_of_next(text, drug, kind, match, following):
                    self._take(kind, text, match.span(), drug, taken)
        if not any(attribute.type == "STATUS" for attribute in drug.attributes):
            self._read_status_behind(text, end, following, drug, taken)

    def _read_status_behind(self, text: str, end: int, following: int | None, drug: Mention, taken: list[Span]) -> None:
        # Farther away the word speaks of something else, unless it stands in a column of the drug's row.
        reach = end if _COLUMN_GAP in text[drug.end : end] else min(end, drug.end + _REACH_BEFORE)
        if other := _NEW_SUBJECT.search(text, drug.end, reach):
            reach = other.start()
        said = {*_WORD.findall(text[drug.end : reach].lower())}
        for match in self._status_words.find(text, drug.end, reach, said):
            if following is None or not _LEADS_ON.fullmatch(text, match.end(), following):
                self._take("STATUS", text, match.span(), drug, taken)

    def _take(self, kind: str, text: str, span: Span, drug: Mention, taken: list[Span]) -> None:
        begin, end = span
        end -= len(text[begin:end]) - len(text[begin:end].rstrip())
        if kind == "ROUTE" and text[begin:end] in _WORDS_UNLESS_SHOUTED:
            return
        if text[begin:end].find(".") == end - begin - 1:
            end -= 1  # a sentence's full stop; that of `b.i.d.` has company
        if kind == "STRENGTH" and "insulin" in drug.norm and text[begin:end].isdigit():
            kind = "DOSE"  # `Lantus 10 at night`: units
        if kind == "FREQUENCY" and _WITH_MEALS.match(text, begin) and _follows_frequency(drug, begin):
            return  # `bid with breakfast and supper` says when, not how often
        if kind == "STATUS" and _SITE_BEHIND.match(text, end):
            return
        if end > begin and all(end <= low or begin >= high for low, high in taken):
            taken.append((begin, end))
            drug.attributes.append(FoundAttribute(kind, begin, end, self._norm(kind, text[begin:end])))

    def _norm(self, kind: str, said: str) -> str | None:
        said = re.sub(r"\s+", " ", said.lower())
        if kind == "FREQUENCY":
            return self._frequencies.rate_of(said)
        if kind == "ROUTE":
            return _look_up(self._routes, said)
        if kind == "STATUS":
            return _look_up(self._status, said)
        if kind == "DURATION":
            return length_of(said)
        if kind == "PRN":
            return None
        return re.sub(r"(?<=\d)[ ]?-?[ ]?(?=[a-zµ%])", " ", said) if kind == "STRENGTH" else said


def _follows_frequency(drug: Mention, begin: int) -> bool:
    return any(a.type == "FREQUENCY" and 0 <= begin - a.end <= len(", ") for a in drug.attributes)


def _with_reason(
    text: str, drug: Mention, attribute: FoundAttribute, end: int, problems: Sequence[Mention]
) -> FoundAttribute:
    """The attribute; as needed has what for as its norm."""
    if attribute.type != "PRN":
        return attribute
    return replace(attribute, norm=reason_after(text, max(attribute.end, drug.end), end, problems))


def _by_phrase(table: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """Phrases and their bare forms (without stops and spaces) to the norm that they stand for."""
    phrases = {str(phrase).lower(): str(norm) for norm, listed in table.items() for phrase in listed}
    return phrases | {_bare(phrase): norm for phrase, norm in phrases.items()}


def _bare(said: str) -> str:
    return said.replace(".", "").replace(" ", "")


def _look_up(table: Mapping[str, str], said: str) -> str | None:
    return table.get(said) or table.get(_bare(said))


def _window(text: str, sentences: Sentences, drug: Mention, before: int, after: int) -> Span:
    """The stretch around a medication that may hold its attributes: its sentence, up to its neighbours."""
    begin, end = sentences.at(drug.begin)
    reach = min(after, drug.end + _REACH_AFTER)
    line_end = text.find("\n", drug.end)
    line_end = len(text) if line_end < 0 else line_end
    # `Lisinopril 10 mg. Take one daily.`: the sig of a list entry may be a sentence of its own on the same line.
    if end < min(reach, line_end) and _SIG.match(text, end, line_end):
        end = line_end
    return max(begin, before), min(end, reach)
