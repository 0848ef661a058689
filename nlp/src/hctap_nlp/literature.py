"""Codes of what texts about diseases and drugs name, where no patient is coded but a subject."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from hctap_core.code_reasons import CodeGround, CodeStep, with_step
from hctap_nlp.code_scores import CodeScores
from hctap_nlp.cross_references import CrossReferences, Disease
from hctap_nlp.extraction import Mention
from hctap_nlp.matching import Matcher
from hctap_nlp.shadow import shadow_of
from hctap_nlp.statistical.names import Named
from hctap_nlp.vocabulary.artefact import Code, Compiled
from hctap_nlp.vocabulary.variants import key_of

_ICD: Final = "ICD-10-CM"
_LONGEST_DETAIL: Final = 40


class _Subject(NamedTuple):
    """What a wording was called, the disease that it names, why that has its codes, and their score."""

    named: Named | None
    disease: Disease | None
    reason: str
    score: float


class LiteratureCoder:
    """Codes a mention as its subject: by what annotators of abstracts called it, by the disease's name, by class."""

    def __init__(self, matcher: Matcher, vocabulary: Compiled) -> None:
        tables = vocabulary.header["tables"]
        self._matcher = matcher
        releases = {source["name"]: source["release"] for source in vocabulary.header["sources"]}
        self._release: str = releases.get("icd10cm", "")
        self._release_of_diseases: str = releases.get("doid", "")
        self._classes: Mapping[str, Sequence[str]] = tables["classes"]
        self._references = CrossReferences(tables["cross_references"])
        self._scores = CodeScores(tables["code_scores"])

    def code(self, mention: Mention, named_of: Callable[[str], Named | None]) -> tuple[Code, ...]:
        """The mention's codes, those of its subject before those that a patient would have.

        A wording that annotators called by MeSH descriptors (`named_of`) has these, and what the Human Disease
        Ontology cross-references for the first of them that it knows; so has a name of the ontology itself. Of a
        wording that neither knows, the name of its concept is tried, and other names of the concept.
        """
        subject = self._subject_of(mention.type, mention.norm, named_of)
        if subject.named is None and subject.disease is None:
            subject = self._subject_of_concept(mention, named_of)
        named, disease, reason, score = subject
        codes = [*self._by_class(mention.codes)]
        if disease is not None:
            codes = [(_ICD, code, title, self._release, reason, score) for code, title in disease.icd] + codes
            codes.append(("DOID", disease.doid, disease.name, self._release_of_diseases, reason, score))
            if named is None:
                codes += [("MESH", one, "", "", reason, score) for one in disease.mesh]
        if named is not None:
            codes += [("MESH", one, "", "", CodeGround.LEARNED.value, _share(named)) for one in named.mesh]
        unique: dict[tuple[str, str], Code] = {}
        for code in codes:
            unique.setdefault((code[0], code[1]), code)
        return tuple(unique.values())

    @cached_property
    def _by_concept(self) -> dict[tuple[str, str], Disease]:
        """The first disease of the ontology whose name means the concept of this type and name."""
        found: dict[tuple[str, str], Disease] = {}
        for disease in self._references.diseases:
            concept = self._matcher.named(shadow_of(disease.name), "PROBLEM")
            if concept is not None:
                found.setdefault((concept.type, concept.name), disease)
        return found

    def _subject_of(self, kind: str, said: str, named_of: Callable[[str], Named | None]) -> _Subject:
        named = named_of(said)
        if named is not None and (disease := self._references.of_descriptors(named.mesh)) is not None:
            return _Subject(named, disease, _referring(CodeGround.LEARNED, disease), _share(named))
        return self._subject_by_name(named, self._references.of_name(key_of(said)) if kind == "PROBLEM" else None)

    def _subject_of_concept(self, mention: Mention, named_of: Callable[[str], Named | None]) -> _Subject:
        concept = self._matcher.named(f" {mention.norm} ", mention.type)
        if concept is None:
            return _Subject(None, None, "", 0)
        subject = self._subject_of(concept.type, concept.name, named_of)
        if subject.disease is not None:
            return subject
        return self._subject_by_name(subject.named, self._by_concept.get((concept.type, concept.name)))

    def _subject_by_name(self, named: Named | None, disease: Disease | None) -> _Subject:
        reason = _referring(CodeGround.ONTOLOGY, disease) if disease is not None else ""
        return _Subject(named, disease, reason, self._scores.of(_ICD, reason))

    def _by_class(self, codes: Sequence[Code]) -> list[Code]:
        """The codes with the class before each code that fills in what a text about diseases does not say.

        A patient has `G43.909` (migraine, unspecified, not intractable); a paper on migraine is about `G43`.
        """
        general: list[Code] = []
        for code in codes:
            above = self._classes.get(code[1]) if code[0] == _ICD else None
            if above:
                reason = with_step(code[4], CodeStep.CLASS, code[1])
                general.append((_ICD, above[0], above[1], code[3], reason, self._scores.of(_ICD, reason)))
            general.append(code)
        return general


def _referring(ground: CodeGround, disease: Disease) -> str:
    return with_step(ground.value, CodeStep.REFERENCE, disease.name[:_LONGEST_DETAIL])


def _share(named: Named) -> float:
    """The share of right descriptors to expect (Laplace's rule of succession)."""
    return round((named.given + 1) / (named.times + 2), 2)
