"""The entities of a note as a table."""

from typing import Any

from tests.clinic import CARDIOLOGY_TEXT, SCRIPT_TEXT, find_entities

from hctap_core.entities import Entity
from hctap_dashboard.entity_table import HEAD, tabulate_entities


def tabulate(text: str) -> str:
    found: list[dict[str, Any]] = find_entities(text)
    return tabulate_entities([Entity.model_validate(one | {"note_id": "n", "run_id": "r"}) for one in found])


def cell(name: str, value: str) -> str:
    return f'<td data-name="{name}" role="cell">{value}</td>'


def test_each_entity_has_a_row_with_every_column() -> None:
    shown = tabulate(CARDIOLOGY_TEXT)
    assert shown.count('<th scope="row"') == 7
    assert shown.count("<td") == 7 * (len(HEAD) - 1)
    assert cell("Code", "ICD-10-CM R07.9") + cell("Meaning", "Chest pain, unspecified") in shown
    assert cell("Attributes", "strength 81 mg") + cell("Section", "Medications") in shown
    assert cell("Assertion", "present") in shown


def test_the_text_looks_as_it_does_in_the_note() -> None:
    shown = tabulate(CARDIOLOGY_TEXT)
    assert '<span class="hc hc-problem hc-negated hc-first hc-last">chest pain</span>' in shown
    assert '<span class="hc hc-problem hc-historical hc-first hc-last" data-sign="hx">stroke</span>' in shown


def test_a_note_cannot_write_the_page() -> None:
    assert "<script" not in tabulate(SCRIPT_TEXT)
    assert "&lt;script&gt;" in tabulate(SCRIPT_TEXT)
