"""How a run agrees with its gold sets, as a table: one group of columns for each gold set."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hctap_core.entities import EntityType
from hctap_dashboard.markup import MISSING, Table
from hctap_dashboard.wording import show_count, show_name, show_score

COLUMNS: Final = ("Gold", "Strict", "Overlap")
_SUMMARY_ROWS: Final = ("All types", "Mean of types")
_DETAILS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Assertions, F1", ("assertion", "micro", "f1")),
    ("Attributes, F1", ("attributes", "micro", "f1")),
    ("ICD-10-CM code right, where found", ("codes", "ICD-10-CM", "accuracy")),
    ("ICD-10-CM category right, where found", ("codes", "ICD-10-CM", "category_accuracy")),
)


def tabulate_spans(evaluation: Mapping[str, Any]) -> Table:
    """Strict and overlap F1 by type, with how many entities the gold has."""
    golds = sorted(evaluation)
    head = ["Type", *(COLUMNS * len(golds))]
    types = [kind.value for kind in EntityType if any(_has_type(evaluation[gold], kind.value) for gold in golds)]
    rows = [_row(show_name(kind), evaluation, golds, ("by_type", kind)) for kind in types]
    rows.append(_row(_SUMMARY_ROWS[0], evaluation, golds, ("micro",)))
    rows.append(_row(_SUMMARY_ROWS[1], evaluation, golds, ("macro",)))
    groups = [(gold, len(COLUMNS)) for gold in golds]
    strong = frozenset({len(types), len(types) + 1})
    return Table("F1 by type", head, rows, frozenset(range(1, len(head))), groups, strong)


def tabulate_details(evaluation: Mapping[str, Any]) -> Table | None:
    """How right the assertions, attributes and codes are; None where no gold set says anything of them."""
    golds = sorted(evaluation)
    rows = [(name, *(show_score(find_value(evaluation[gold], *path)) for gold in golds)) for name, path in _DETAILS]
    told = [row for row in rows if any(cell != MISSING for cell in row[1:])]
    if not told:
        return None
    head = ["Beyond the spans", *golds]
    return Table("Assertions, attributes and codes", head, told, frozenset(range(1, len(head))))


def choose_gold(evaluation: Mapping[str, Any]) -> str | None:
    """The gold set whose figures stand first: one that is never tuned on, else the first by name."""
    names = sorted(evaluation)
    return next((name for name in names if name == "test" or name.endswith("-test")), names[0] if names else None)


def find_score(scores: object, *path: str) -> float | None:
    """The number at the end of a path of keys, None where there is none."""
    value = find_value(scores, *path)
    return float(value) if isinstance(value, int | float) else None


def find_gaps(evaluation: Mapping[str, Any]) -> list[str]:
    """A sentence for each gold set that has notes which the run does not know; their entities count as missed."""
    gaps = []
    for gold in sorted(evaluation):
        missed = find_value(evaluation[gold], "coverage", "gold_outside_pred_notes")
        if isinstance(missed, int) and missed > 0:
            gaps.append(
                f"{gold}: {missed:,} gold entities are in notes that this run did not read; all count as missed."
            )
    return gaps


def find_value(scores: object, *path: str) -> object:
    """The value at the end of a path of keys; None where a step is missing, as in evaluations of older runs."""
    for step in path:
        if not isinstance(scores, Mapping):
            return None
        scores = scores.get(step)
    return scores


def _row(name: str, evaluation: Mapping[str, Any], golds: Sequence[str], path: tuple[str, ...]) -> list[str]:
    row = [name]
    for gold in golds:
        scores = evaluation[gold]
        wanted = find_value(scores, "strict", *path, "gold")
        row.append(show_count(wanted) if isinstance(wanted, int) else "")
        row += [show_score(find_value(scores, way, *path, "f1")) for way in ("strict", "overlap")]
    return row


def _has_type(scores: object, kind: str) -> bool:
    return any(isinstance(find_value(scores, way, "by_type", kind), Mapping) for way in ("strict", "overlap"))
