"""What a file is, by what is in it: its name says nothing."""

import json
import re
from enum import StrEnum

from hctap_core.errors import UnsupportedInput
from hctap_nlp.vocabulary.imports.files import ImportFile


class Kind(StrEnum):
    """The kinds of vocabulary that can be imported."""

    RXNORM = "rxnorm"
    LOINC = "loinc"
    SNOMED = "snomed"
    UMLS = "umls"
    OBO = "obo"
    CSV = "csv"
    TARGET_RULES = "target-rules"
    CONTEXT_RULES = "context-rules"


class Part(StrEnum):
    """What a file is within its kind."""

    NAMES = "names"
    TYPES = "types"
    RELATIONS = "relations"
    CONCEPTS = "concepts"


_RXCUI = re.compile(r"\d{1,8}")
_CUI = re.compile(r"C\d{7}")
_CONSO_FIELDS = 18
_REL_FIELDS = 16
_STY_FIELDS = 6
# The first columns of all files of SNOMED CT's release format 2, and by the fifth, which file it is.
_RF2 = ["id", "effectiveTime", "active", "moduleId"]
_RF2_PARTS = {"conceptId": Part.NAMES, "definitionStatusId": Part.CONCEPTS, "sourceId": Part.RELATIONS}


def kind_of(file: ImportFile) -> tuple[Kind, Part]:
    """The kind and part of a file.

    Raises:
        UnsupportedInput: If it is none that can be imported.
    """
    begin = file.beginning()
    first = begin.partition("\n")[0].rstrip("\r")
    found = _kind_of_rrf(first) or _kind_of_rf2(first) or _kind_of_json(begin) or _kind_of_text(begin, first)
    if found is None:
        raise UnsupportedInput(
            f"{file.name} is nothing that can be imported.",
            remedy="docs/vocabulary.md lists the formats; `--as` says which one a file is to be read as.",
        )
    return found


def _kind_of_rrf(first: str) -> tuple[Kind, Part] | None:
    fields = first.split("|")
    # Every field, also the last, ends with a bar.
    count = len(fields) - 1
    if count == _CONSO_FIELDS and _CUI.fullmatch(fields[0]):
        return Kind.UMLS, Part.NAMES
    if count == _CONSO_FIELDS and _RXCUI.fullmatch(fields[0]):
        return Kind.RXNORM, Part.NAMES
    if count == _REL_FIELDS and fields[2] in ("CUI", "AUI"):
        return Kind.RXNORM, Part.RELATIONS
    if count == _STY_FIELDS and _CUI.fullmatch(fields[0]) and fields[1].startswith("T"):
        return Kind.UMLS, Part.TYPES
    return None


def _kind_of_rf2(first: str) -> tuple[Kind, Part] | None:
    columns = first.split("\t")
    part = _RF2_PARTS.get(columns[len(_RF2)]) if columns[: len(_RF2)] == _RF2 and len(columns) > len(_RF2) else None
    return (Kind.SNOMED, part) if part else None


def _kind_of_json(begin: str) -> tuple[Kind, Part] | None:
    if not begin.lstrip().startswith("{"):
        return None
    for key, kind in (("target_rules", Kind.TARGET_RULES), ("context_rules", Kind.CONTEXT_RULES)):
        if json.dumps(key) in begin:
            return kind, Part.NAMES
    return None


def _kind_of_text(begin: str, first: str) -> tuple[Kind, Part] | None:
    if begin.startswith("format-version:") or "\n[Term]" in begin:
        return Kind.OBO, Part.NAMES
    columns = {column.strip().strip('"').lower() for column in re.split(r"[,;\t]", first)}
    if {"loinc_num", "component", "status"} <= columns:
        return Kind.LOINC, Part.NAMES
    return (Kind.CSV, Part.NAMES) if "term" in columns else None
