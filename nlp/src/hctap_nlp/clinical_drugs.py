"""Clinical drugs of RxNorm: the code of a drug whose strength and form a note says (`lisinopril 10 mg tablet`)."""

import re
from collections.abc import Iterable, Mapping, Sequence

from hctap_core.code_reasons import CodeGround
from hctap_nlp.extraction import Mention

_NAME = re.compile(
    r"(?:\d+ HR )?(?P<drug>[^/\[\]]+?) (?P<amount>\d[\d.,]*) (?P<unit>MG|MCG|G|UNT|MEQ)"
    r" (?P<form>[A-Z][A-Za-z ]+?)(?: \[(?P<brand>[^\]]+)\])?"
)
_STRENGTH = re.compile(
    r"(?P<amount>\d[\d.,]*)[ -]?(?P<unit>mg|milligrams?|mcg|[µu]g|micrograms?|g|gm|grams?)", re.IGNORECASE
)
_IN_MG = {"mg": 1.0, "milligram": 1.0, "mcg": 0.001, "ug": 0.001, "µg": 0.001, "microgram": 0.001, "g": 1000.0}
_IN_MG |= {"gm": 1000.0, "gram": 1000.0}
_SHAPES = {
    "tablet": "tablet", "tablets": "tablet", "tab": "tablet", "tabs": "tablet",
    "capsule": "capsule", "capsules": "capsule", "cap": "capsule", "caps": "capsule",
    "cream": "cream", "ointment": "ointment", "gel": "gel", "lotion": "lotion",
}  # fmt: skip
_RELEASES = {
    **dict.fromkeys(("er", "xr", "xl", "sr", "la", "cr", "extended"), "extended release"),
    **dict.fromkeys(("dr", "ec", "delayed", "enteric"), "delayed release"),
    **dict.fromkeys(("chewable", "chewables"), "chewable"),
    **dict.fromkeys(("odt", "disintegrating"), "disintegrating"),
    "sublingual": "sublingual",
}
_WORD = re.compile(r"[a-z]+")

Table = Mapping[str, Sequence[str]]


def key_of_name(name: str) -> str | None:
    """The key of a clinical drug's name, such as `lisinopril|10 mg|tablet`; None for what no note says so.

    Names are `<ingredient> <strength> <form> [<brand>]`, ingredients of several parts are not read.
    """
    found = _NAME.fullmatch(name)
    form = _form_of(found["form"]) if found else None
    if not found or form is None:
        return None
    amount = _in_mg(found["amount"], found["unit"])
    drug = found["brand"] or found["drug"]
    return f"{drug.lower()}|{amount}|{form}" if amount else None


class ClinicalDrugs:
    """Puts the clinical drug's code before the ingredient's where a mention's regimen says strength and form."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def code(self, text: str, mentions: Iterable[Mention]) -> None:
        """Code the medications among the mentions, which have their attributes."""
        for mention in mentions:
            if mention.type == "MEDICATION" and mention.attributes:
                self._code(text, mention)

    def _code(self, text: str, mention: Mention) -> None:
        strengths = [text[a.begin : a.end] for a in mention.attributes if a.type == "STRENGTH"]
        forms = [text[a.begin : a.end] for a in mention.attributes if a.type in ("FORM", "DOSE")]
        strength, form = _STRENGTH.fullmatch(strengths[0]) if len(strengths) == 1 else None, _form_of(" ".join(forms))
        if not strength or form is None:
            return
        amount = _in_mg(strength["amount"], strength["unit"])
        # As written first: a brand has clinical drugs of its own.
        names = [text[mention.begin : mention.end].lower(), *(c[2].lower() for c in mention.codes if c[0] == "RXNORM")]
        for name in names:
            if found := self._table.get(f"{name}|{amount}|{form}"):
                # It is in the user's own import: right where strength and form were read right.
                score = next((c[5] for c in mention.codes if c[0] == "RXNORM"), mention.score)
                code = ("RXNORM", found[0], found[1], found[2], CodeGround.STRENGTH.value, score)
                first = next((i for i, c in enumerate(mention.codes) if c[0] == "RXNORM"), 0)
                mention.codes = (*mention.codes[:first], code, *mention.codes[first:])
                return


def _in_mg(amount: str, unit: str) -> str | None:
    factor = _IN_MG.get(unit.lower().rstrip("s"))
    try:
        return f"{float(amount.replace(',', '')) * factor:g} mg" if factor else None
    except ValueError:
        return None


def _form_of(said: str) -> str | None:
    words = _WORD.findall(said.lower())
    shapes = {_SHAPES[word] for word in words if word in _SHAPES}
    if len(shapes) != 1:
        return None
    releases = sorted({_RELEASES[word] for word in words if word in _RELEASES})
    return " ".join((*releases, shapes.pop()))
