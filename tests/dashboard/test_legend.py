"""The legend of a highlighted note."""

from tests.clinic import CARDIOLOGY_TEXT, find_entities

from hctap_core.entities import Entity, EntityType
from hctap_core.highlighting import ASSERTIONS
from hctap_dashboard.legend import explain_marks

ENTITIES = [Entity.model_validate(found | {"note_id": "n", "run_id": "r"}) for found in find_entities(CARDIOLOGY_TEXT)]


def test_every_type_and_every_assertion_is_explained() -> None:
    legend = explain_marks([])
    assert all(f"hc-{kind.lower()}" in legend for kind in EntityType)
    assert all(f"hc-{name}" in legend for name in ASSERTIONS)
    assert legend.count('class="hc-absent"') == len(EntityType) + len(ASSERTIONS)


def test_it_counts_what_the_note_has() -> None:
    legend = explain_marks(ENTITIES)
    assert '<span class="hc hc-problem hc-first hc-last">Problem</span><span class="hc-num">5</span>' in legend
    assert 'data-sign="hx">in the past</span><span class="hc-num">1</span>' in legend
    assert 'hc-plain hc-family hc-first hc-last">in the family</span><span class="hc-num">2</span>' in legend
