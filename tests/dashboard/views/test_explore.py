"""Search over all entities, against the real API."""

import pytest
from tests.dashboard.pages import address_of, html_of, open_page, pick, text_of, type_into

from hctap_core.searches import EntityHit

pytestmark = pytest.mark.stack


def hit(norm_text: str, note_id: str, **assertion: bool) -> EntityHit:
    return EntityHit.model_validate(
        {
            "note_id": note_id, "run_id": "r", "entity_type": "PROBLEM", "text": norm_text, "norm_text": norm_text,
            "begin": 0, "end": len(norm_text), "score": 1, "section": "unknown", "assertion": assertion,
            "provenance": {"extractor": "rules", "version": "1", "method": "rule", "source": "s"}, "specialty": "x",
        }
    )  # fmt: skip


def test_it_counts_and_lists(api_url: str) -> None:
    page = open_page(api_url, "explore")
    assert not page.exception
    shown = text_of(page)
    assert "Most often named cough" in shown
    assert "Assertions Present" in shown
    assert 'href="/app/notes?note=cardiology-1&amp;run=' in html_of(page)


def test_filters_narrow_it(api_url: str) -> None:
    page = pick(open_page(api_url, "explore"), "Type", "MEDICATION")
    assert address_of(page) == {"type": "MEDICATION"}
    assert "1 entity in run" in text_of(page)
    page = type_into(page, "Words", "zebra")
    assert "Nothing fits" in text_of(page)
    assert "zebra" not in str(address_of(page))


def test_a_facet_leads_on_under_the_filters_that_are_set(api_url: str) -> None:
    page = open_page(api_url, "explore", type="PROBLEM")
    links = html_of(page)
    assert 'href="/app/explore?section=' in links
    assert 'href="/app/explore?asserted=negated&amp;type=PROBLEM"' in links
    assert 'href="/app/explore?code=ICD-10-CM+R07.9&amp;type=PROBLEM"' in links
    page = open_page(api_url, "explore", type="PROBLEM", code="ICD-10-CM R07.9")
    assert [field.value for field in page.text_input if field.label == "Code"] == ["ICD-10-CM R07.9"]
    assert "chest pain" in text_of(page)
    assert "asthma" not in text_of(page)
    page = type_into(page, "Code", "J45*")
    assert address_of(page) == {"type": "PROBLEM"}
    assert "chest pain" not in text_of(page)


def test_what_stands_together_is_counted_by_note(api_url: str) -> None:
    page = open_page(api_url, "explore", part="together")
    assert not page.exception
    assert "Nothing stands together" in text_of(page) or "Out of proportion" in text_of(page)


def test_a_patient_is_asked_for_and_never_stands_in_the_address(api_url: str) -> None:
    page = open_page(api_url, "explore", part="time")
    assert "Type the id of a patient" in text_of(page)
    page = type_into(page, "Patient id", "nobody")
    assert "No note is of this patient" in text_of(page)
    assert address_of(page) == {"part": "time"}
