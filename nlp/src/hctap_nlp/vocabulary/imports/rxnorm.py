"""RxNorm in its release format: ingredients and brands as terms, clinical drugs by strength and form.

Format: https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html, sections 12.4 (RXNCONSO) and 12.7 (RXNREL).
"""

from hctap_core.entities import EntityType
from hctap_nlp.clinical_drugs import key_of_name
from hctap_nlp.vocabulary.imports.kinds import Part
from hctap_nlp.vocabulary.imports.reading import Reading, Rows
from hctap_nlp.vocabulary.rows import CodeRow, Row

_RXCUI, _SAB, _TTY, _STR, _SUPPRESS = 0, 11, 12, 14, 16
_FIELDS = 18
# In this order: of the names that a drug has, the plain ingredient's code is given first.
_NAMES = ("IN", "BN", "PIN", "MIN")
_SYNONYMS = frozenset({"SY", "TMSY", "ET"})
_CLINICAL_DRUGS = frozenset({"SCD", "SBD"})
_REL_FIELDS = 16
_LICENCE = "RxNorm names and RXCUIs of NLM are in the public domain; NLM does not endorse this product"


def read_rxnorm(reading: Reading) -> Rows:
    """A row for each ingredient and brand; fills in the reading's clinical drugs."""
    reading.state_licence(_LICENCE)
    reading.state_release(reading.release_in_names())
    names, synonyms = _read_names(reading)
    ingredients_of = _read_brands(reading, names)
    for kind in _NAMES:
        for cui, name in names[kind].items():
            codes = [CodeRow("RXNORM", cui, name, reading.release)]
            for ingredient in ingredients_of.get(cui, ()):
                codes.insert(0, CodeRow("RXNORM", ingredient, names["IN"][ingredient], reading.release))
            forms = (name, *synonyms.get(cui, ()))
            yield Row(EntityType.MEDICATION, name, forms, reading.source, tuple(codes))


def _read_names(reading: Reading) -> tuple[dict[str, dict[str, str]], dict[str, list[str]]]:
    names: dict[str, dict[str, str]] = {kind: {} for kind in _NAMES}
    synonyms: dict[str, list[str]] = {}
    ambiguous: set[str] = set()
    for fields in reading.fields(Part.NAMES, "|", _FIELDS):
        kind = fields[_TTY]
        if (reason := _reason_against(fields)) is not None:
            reading.left_out[reason] += 1
        elif kind in names:
            names[kind].setdefault(fields[_RXCUI], fields[_STR])
        elif kind in _SYNONYMS:
            synonyms.setdefault(fields[_RXCUI], []).append(fields[_STR])
        else:
            _keep_clinical_drug(reading, fields, ambiguous)
    for key in ambiguous:
        # Two drugs that a note would write alike: neither is guessed.
        del reading.clinical_drugs[key]
    wanted = {cui for kind in _NAMES for cui in names[kind]}
    reading.left_out["synonym of a clinical drug"] += sum(len(synonyms.pop(cui)) for cui in set(synonyms) - wanted)
    return names, synonyms


def _reason_against(fields: list[str]) -> str | None:
    if fields[_SAB] != "RXNORM":
        return "not of RxNorm itself (SAB)"
    if fields[_SUPPRESS] != "N":
        return "suppressed"
    kind = fields[_TTY]
    if kind not in _NAMES and kind not in _SYNONYMS and kind not in _CLINICAL_DRUGS:
        return "term type of no use for notes (TTY)"
    return None


def _keep_clinical_drug(reading: Reading, fields: list[str], ambiguous: set[str]) -> None:
    key = key_of_name(fields[_STR])
    if key is None:
        reading.left_out["clinical drug of several ingredients or unread form"] += 1
        return
    found = reading.clinical_drugs.setdefault(key, (fields[_RXCUI], fields[_STR]))
    if found[0] != fields[_RXCUI]:
        ambiguous.add(key)


def _read_brands(reading: Reading, names: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """For each brand its ingredients, where RXNREL is among the files; the direction of a row does not matter."""
    ingredients_of: dict[str, list[str]] = {}
    for fields in reading.fields(Part.RELATIONS, "|", _REL_FIELDS):
        one, other = fields[0], fields[4]
        if fields[7] in ("tradename_of", "has_tradename") and fields[10] == "RXNORM":
            for brand, ingredient in ((one, other), (other, one)):
                if brand in names["BN"] and ingredient in names["IN"]:
                    known = ingredients_of.setdefault(brand, [])
                    if ingredient not in known:
                        known.append(ingredient)
    return ingredients_of
