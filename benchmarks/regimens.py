"""Regimens by value: which route, and how many times a day, for systems that give values without their place.

A rate reads `2/d`, `1/2d` (every other day), `4-6/d`, `1/wk` or `1/mo`; two rates are the same where they come to the
same number of times a day.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.scoring import Rows, Score, score_of
from hctap_nlp.suite.sentences import Sentence

_RATE = re.compile(r"(?P<low>\d+(?:\.\d+)?)(?:-(?P<high>\d+(?:\.\d+)?))?/(?P<every>\d*)(?P<unit>d|wk|mo)")
_DAYS: Final = {"d": 1, "wk": 7, "mo": 30}
KINDS: Final = ("ROUTE", "FREQUENCY")


def value_of(kind: str, norm: str) -> str:
    """A norm in the form in which values are compared."""
    found = _RATE.fullmatch(norm) if kind == "FREQUENCY" else None
    if not found:
        return norm
    days = int(found["every"] or 1) * _DAYS[found["unit"]]
    return "-".join(f"{float(number) / days:.3f}" for number in (found["low"], found["high"]) if number)


def score_values(sentences: Sequence[Sentence], records: Mapping[str, Mapping[str, Any]], kind: str) -> Score:
    """F1 of the values of one kind over the medications of the regimen sentences."""
    rows: Rows = []
    for sentence in sentences:
        if not sentence.phenomenon.is_of_regimen:
            continue
        said = {(e["begin"], e["end"]): e for e in records.get(sentence.id, {}).get("entities", ())}
        right = given = wanted = 0
        for entity in sentence.gold.entities:
            want = {value_of(kind, a.norm) for a in entity.attributes if a.type.value == kind and a.norm}
            parts = said.get((entity.begin, entity.end), {}).get("attributes", ())
            got = {value_of(kind, a["norm"]) for a in parts if a["type"] == kind and a.get("norm")}
            right, given, wanted = right + len(want & got), given + len(got), wanted + len(want)
        rows.append((sentence.id, (right, given, wanted)))
    return score_of(rows)
