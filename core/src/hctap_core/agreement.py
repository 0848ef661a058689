"""What reviewers leave standing of a run's entities, and how two of them agree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from hctap_core.evaluation import ASSERTIONS
from hctap_core.gold import GoldEntity
from hctap_core.reviews import KappaScore, Verdict

_KEPT: Final = "keep"
_DROPPED: Final = "reject"


class Judged(NamedTuple):
    """A reviewer's view of a note: the entities of the run by item, None where it is rejected, and those added."""

    kept: Mapping[str, GoldEntity | None]
    added: Sequence[GoldEntity]

    def standing(self) -> list[GoldEntity]:
        """All that is left, in text order."""
        left = [entity for entity in self.kept.values() if entity is not None]
        return sorted([*left, *self.added], key=lambda entity: (entity.begin, -entity.end, entity.entity_type))


def judge(entities: Sequence[Mapping[str, Any]], decisions: Mapping[str, tuple[Verdict, GoldEntity | None]]) -> Judged:
    """The view of a reviewer who is done: what was not decided is accepted."""
    kept: dict[str, GoldEntity | None] = {}
    for place, entity in enumerate(entities):
        item = f"e{place}"
        verdict, record = decisions.get(item, (Verdict.ACCEPT, None))
        if verdict is Verdict.REJECT:
            kept[item] = None
        elif verdict is Verdict.CHANGE:
            kept[item] = record
        else:
            kept[item] = GoldEntity.model_validate(entity)
    return Judged(kept, [record for verdict, record in decisions.values() if verdict is Verdict.ADD and record])


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> KappaScore:
    """Agreement beyond chance (J. Cohen, Educational and Psychological Measurement 20, 1960)."""
    if not pairs:
        return KappaScore(items=0)
    total = len(pairs)
    agreed = sum(one == two for one, two in pairs) / total
    firsts, seconds = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    by_chance = sum(firsts[label] * seconds[label] for label in firsts) / total**2
    kappa = None if by_chance == 1 else round((agreed - by_chance) / (1 - by_chance), 4)
    return KappaScore(items=total, agreed=round(agreed, 4), kappa=kappa)


def compare_judged(pairs: Sequence[tuple[Judged, Judged]]) -> dict[str, Any]:
    """How two reviewers agree over notes: the scores of an `Agreement`."""
    items = [(one.kept[item], two.kept[item]) for one, two in pairs for item in one.kept]
    both = [(one, two) for one, two in items if one is not None and two is not None]
    return {
        "notes": len(pairs),
        "keep": cohens_kappa([(_kept(one), _kept(two)) for one, two in items]),
        "entity_type": cohens_kappa([(one.entity_type.value, two.entity_type.value) for one, two in both]),
        "assertions": {
            name: cohens_kappa([(_asserted(one, name), _asserted(two, name)) for one, two in both])
            for name in ASSERTIONS
        },
        "span_f1": _span_f1(pairs),
    }


def _span_f1(pairs: Sequence[tuple[Judged, Judged]]) -> float | None:
    shared = total = 0
    for one, two in pairs:
        first, second = _spans(one), _spans(two)
        shared += (first & second).total()
        total += first.total() + second.total()
    return round(2 * shared / total, 4) if total else None


def _spans(judged: Judged) -> Counter[tuple[int, int, str]]:
    return Counter((entity.begin, entity.end, entity.entity_type.value) for entity in judged.standing())


def _kept(entity: GoldEntity | None) -> str:
    return _DROPPED if entity is None else _KEPT


def _asserted(entity: GoldEntity, name: str) -> str:
    return str(entity.assertion is not None and bool(getattr(entity.assertion, name)))
