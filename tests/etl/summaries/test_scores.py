import io

from rich.console import Console

from hctap_core.evaluation import evaluate
from hctap_core.gold import read_gold
from hctap_etl.summaries.scores import show_scores

GOLD = read_gold(
    f'{{"note_id":"{name}","entities":[{{"entity_type":"PROBLEM","text":"flu","begin":0,"end":3}}]}}' for name in "ab"
)
FOUND = {"entity_type": "PROBLEM", "begin": 0, "end": 3}


def _shown(scores: dict[str, object]) -> str:
    out = io.StringIO()
    show_scores(Console(file=out, width=140), {"ward": scores})
    return next(line for line in out.getvalue().splitlines() if "same span and type" in line)


def test_a_score_is_shown_with_how_sure_it_is() -> None:
    assert "100.0 /  50.0 /  66.7 (0.0–100.0)" in _shown(evaluate(GOLD, {"a": [FOUND], "b": []}))


def test_one_note_alone_makes_nothing_sure() -> None:
    assert _shown(evaluate(GOLD[:1], {"a": [FOUND]})).rstrip().endswith("100.0 / 100.0 / 100.0")
