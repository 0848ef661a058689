"""Other ways to write a form: plurals, British and American spelling, hyphens, possessives."""

import re

from hctap_nlp.shadow import shadow_of

_SPELLINGS = (
    ("oedema", "edema"),
    ("haemo", "hemo"),
    ("haema", "hema"),
    ("aemia", "emia"),
    ("aemic", "emic"),
    ("tumour", "tumor"),
    ("oesoph", "esoph"),
    ("anaes", "anes"),
    ("diarrhoea", "diarrhea"),
    ("dyspnoea", "dyspnea"),
    ("apnoea", "apnea"),
    ("paed", "ped"),
    ("orthopaed", "orthoped"),
    ("foetal", "fetal"),
    ("foetus", "fetus"),
    ("leukaem", "leukem"),
    ("gynaec", "gynec"),
    ("caesarean", "cesarean"),
    ("colour", "color"),
    ("labour", "labor"),
    ("sulph", "sulf"),
    ("ischaem", "ischem"),
    ("faec", "fec"),
)
_SPELLINGS_IN_KEYS = (*_SPELLINGS, ("haem", "hem"), ("aemi", "emi"), ("oedem", "edem"), ("leuco", "leuko"))
_NO_PLURAL = re.compile(r"(?:s|itis|osis|asis|emia|uria|pnea|algia|ness|ing|ed|ly|\d|[^a-z])$")
_SHORTEST_PLURAL = 4
_SHORTEST_IN_IES = 6
_NOT_IN_S = ("ss", "us", "is")
_LONGEST_WITH_VARIANTS = 60


def plural_of(form: str) -> str | None:
    """The regular plural of a form's last word, or None where a plural makes no sense."""
    if _NO_PLURAL.search(form) or len(form.rsplit(" ", 1)[-1]) < _SHORTEST_PLURAL:
        return None
    if form.endswith(("x", "ch", "sh")):
        return form + "es"
    if form.endswith("y") and form[-2] not in "aeiou":
        return form[:-1] + "ies"
    return form + "s"


def _respelled(form: str) -> set[str]:
    found = set()
    for british, american in _SPELLINGS:
        if british in form:
            found.add(form.replace(british, american))
        elif american in form and american not in ("ped", "fec", "emic", "color", "labor"):
            found.add(form.replace(american, british))
    return found


def forms_of(form: str, *, plurals: bool) -> set[str]:
    """The form itself and its variants, all lower case; only the form itself where it is long."""
    form = form.lower()
    forms = {form}
    if len(form) > _LONGEST_WITH_VARIANTS:
        return forms
    forms |= _respelled(form)
    for one in tuple(forms):
        if "-" in one:
            forms.add(one.replace("-", " "))
        if "'s " in one:
            forms |= {one.replace("'s ", " "), one.replace("'s ", "s ")}
        if " disease" in one and "'s" in one:
            forms.add(one.replace(" disease", ""))
    if plurals:
        forms |= {plural for one in tuple(forms) if (plural := plural_of(one))}
    return forms


def key_of(form: str) -> str:
    """What the spellings and numbers of a name have in common: its words as a shadow shows them, American, singular.

    It need not be a word (`diabete`); two names are the same where their keys are.
    """
    said = shadow_of(form).strip()
    for british, american in _SPELLINGS_IN_KEYS:
        said = said.replace(british, american)
    return " ".join(map(_singular, said.split()))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) >= _SHORTEST_IN_IES:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and len(word) >= _SHORTEST_PLURAL and not word.endswith(_NOT_IN_S) else word
