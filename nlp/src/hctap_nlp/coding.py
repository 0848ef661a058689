"""Codes as the mention says them: of the whole phrase where it has a name of its own, and of the side that it names."""

from collections.abc import Mapping, Sequence

from hctap_nlp.matching import Matcher
from hctap_nlp.vocabulary.artefact import Concept

Codes = tuple[tuple[str, str, str, str], ...]

_ICD = "ICD-10-CM"
_SIDES = {
    "left": "left", "l": "left", "lt": "left", "right": "right", "r": "right", "rt": "right",
    "bilateral": "both", "bilat": "both", "bilaterally": "both",
}  # fmt: skip
# What a phrase may lose and still name the same problem.
_DROPPED = frozenset((*_SIDES, "sided", "the", "his", "her"))
# How an adjective or a patient is made from a disease's name: hypertensive, epileptic, schizophrenics, parkinsonian.
_ENDINGS = (
    ("ive", "ion"), ("tic", "sis"), ("ptic", "psy"), ("etic", "etes"), ("otic", "osis"), ("hotic", "hosis"),
    ("ics", "ia"), ("ic", "ia"), ("ic", "y"), ("ics", "y"), ("etics", "etes"), ("ives", "ion"), ("ian", "ism"),
)  # fmt: skip


class Coder:
    """Chooses the codes of a problem that is more than one term, by the vocabulary and the table of sides."""

    def __init__(
        self,
        matcher: Matcher,
        sides: Mapping[str, Mapping[str, Sequence[str]]],
        classes: Mapping[str, Sequence[str]],
    ) -> None:
        self._matcher = matcher
        self._sides = sides
        self._classes = classes

    def code(self, words: Sequence[str], codes: Codes) -> Codes:
        """The codes of a problem of these shadow words, whose term has `codes`."""
        whole = self._matcher.named(f" {' '.join(words)} ", "PROBLEM") or self._without_sides(words)
        if whole is not None and any(code[0] == _ICD for code in whole.codes):
            codes = whole.codes
        side = next((_SIDES[word] for word in words if word in _SIDES), None)
        return tuple(self._sided(code, side) for code in codes) if side else codes

    def code_of_derived(self, word: str) -> Codes:
        """The codes of the disease that an adjective is made from, or none."""
        for ending, original in _ENDINGS:
            if word.endswith(ending):
                found = self._matcher.named(f" {word.removesuffix(ending)}{original} ", "PROBLEM")
                if found is not None and found.codes:
                    return found.codes
        return ()

    def generalise(self, codes: Codes) -> Codes:
        """The codes with the class before each code that fills in what a text about diseases does not say.

        A patient has `G43.909` (migraine, unspecified, not intractable); a paper on migraine is about `G43`.
        """
        general = []
        for code in codes:
            above = self._classes.get(code[1]) if code[0] == _ICD else None
            general += [(_ICD, above[0], above[1], code[3]), code] if above else [code]
        return tuple(general)

    def _without_sides(self, words: Sequence[str]) -> Concept | None:
        bare = [word for word in words if word not in _DROPPED]
        return self._matcher.named(f" {' '.join(bare)} ", "PROBLEM") if 0 < len(bare) < len(words) else None

    def _sided(self, code: tuple[str, str, str, str], side: str) -> tuple[str, str, str, str]:
        if code[0] == _ICD and (found := self._sides.get(code[1], {}).get(side)):
            return (_ICD, found[0], found[1], code[3])
        return code
