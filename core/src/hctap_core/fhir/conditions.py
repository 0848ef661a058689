"""Problems as Conditions, those of relatives as FamilyMemberHistory, procedures as Procedures."""

from typing import Any, Final

from hctap_core.fhir.coding import Resource, coded, concept

_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_ROLES: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
# `Maternal` and `on his father side` name a side of the family, not the relative.
_RELATIVES: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(("mother", "mom"), ("MTH", "mother")),
    **dict.fromkeys(("father", "dad"), ("FTH", "father")),
    **dict.fromkeys(("brother", "brothers"), ("BRO", "brother")),
    **dict.fromkeys(("sister", "sisters"), ("SIS", "sister")),
    **dict.fromkeys(("sibling", "siblings"), ("SIB", "sibling")),
    **dict.fromkeys(("parent", "parents"), ("PRN", "parent")),
    **dict.fromkeys(("son", "sons"), ("SONC", "son")),
    **dict.fromkeys(("daughter", "daughters"), ("DAUC", "daughter")),
    **dict.fromkeys(("children", "child"), ("CHILD", "child")),
    "grandmother": ("GRMTH", "grandmother"),
    "grandfather": ("GRFTH", "grandfather"),
    **dict.fromkeys(("grandparent", "grandparents"), ("GRPRN", "grandparent")),
    **dict.fromkeys(("aunt", "aunts"), ("AUNT", "aunt")),
    **dict.fromkeys(("uncle", "uncles"), ("UNCLE", "uncle")),
    **dict.fromkeys(("cousin", "cousins"), ("COUSN", "cousin")),
}
_ANY_RELATIVE: Final = ("FAMMEMB", "family member")


def condition(entity: Resource, patient: Resource) -> Resource:
    """The Condition that a problem of the patient makes.

    Negated is `refuted`; uncertain and hypothetical are `unconfirmed`; only what is confirmed has a clinical status,
    `inactive` where it is historical, `resolved` where the note says that it ended, and `active` elsewhere.
    """
    assertion = entity["assertion"]
    made: Resource = {"resourceType": "Condition", "subject": patient, "code": concept(entity)}
    ended = has_ended(entity)
    if assertion["negated"] and not ended:
        status = "refuted"
    elif assertion["uncertain"] or assertion["hypothetical"]:
        status = "unconfirmed"
    else:
        status = "confirmed"
        clinical = "inactive" if assertion["historical"] else "active"
        made["clinicalStatus"] = coded(_CLINICAL, "resolved" if ended else clinical)
    return made | {"verificationStatus": coded(_VERIFICATION, status)}


def has_ended(entity: Resource) -> bool:
    """Whether the words behind it that negate it also say that it was (`the fever resolved`): those refute nothing."""
    said: dict[str, set[tuple[int, int]]] = {"negated": set(), "historical": set()}
    for cue in entity["provenance"]["cues"]:
        if cue["attribute"] in said:
            said[cue["attribute"]].add((cue["begin"], cue["end"]))
    ended = said["negated"] & said["historical"]
    return bool(ended) and ended == said["negated"] and min(ended)[0] >= entity["end"]


def family_history(entity: Resource, patient: Resource) -> Resource | None:
    """What a problem of a relative makes; None, for which FHIR has a gap, where the relative may not have it."""
    assertion = entity["assertion"]
    if assertion["negated"] or assertion["uncertain"] or assertion["hypothetical"]:
        return None
    return {
        "resourceType": "FamilyMemberHistory",
        "status": "partial",
        "patient": patient,
        "relationship": coded(_ROLES, *_relative(entity["provenance"]["cues"])),
        "condition": [{"code": concept(entity)}],
    }


def _relative(cues: list[dict[str, Any]]) -> tuple[str, str]:
    for cue in cues:
        if cue["attribute"] == "family":
            words = cue["text"].lower().split()
            named = [_RELATIVES[word] for word in words if word in _RELATIVES]
            if len(named) == 1 and "side" not in words:
                return named[0]
    return _ANY_RELATIVE


def procedure(entity: Resource, patient: Resource) -> Resource:
    """The Procedure that a procedure makes; hypothetical is `preparation`, uncertain `unknown`."""
    assertion = entity["assertion"]
    status = "completed"
    if assertion["negated"]:
        status = "not-done"
    elif assertion["hypothetical"]:
        status = "preparation"
    elif assertion["uncertain"]:
        status = "unknown"
    return {"resourceType": "Procedure", "status": status, "subject": patient, "code": concept(entity)}
