"""A text that somebody pastes."""

import pytest
from tests.dashboard.pages import click, open_page, text_of

from hctap_client import Client
from hctap_core.extractions import Extracted
from hctap_core.permissions import Identity, Permission, Role
from hctap_dashboard.views import try_it
from hctap_dashboard.visitor import Visitor


@pytest.mark.stack
def test_without_an_engine_it_says_so(api_url: str) -> None:
    page = click(open_page(api_url, "try_it"), "Read the text")
    assert not page.exception
    assert "The text cannot be read" in text_of(page)


@pytest.mark.stack
def test_an_empty_text_is_not_sent(api_url: str) -> None:
    page = open_page(api_url, "try_it")
    page.text_area[0].set_value("  ")
    assert "There is nothing to do" in text_of(click(page, "Read the text"))


def test_the_command_says_the_same_and_holds_no_key() -> None:
    client = Client("http://127.0.0.1:8000", key="secret")
    visitor = Visitor(client, Identity(actor="k", role=Role.ANALYST, permissions=(Permission.EXTRACT_USE,)))
    command = try_it._command(visitor, 'He\'s "fine".', "rules")
    client.close()
    assert command.startswith("curl -fsS http://127.0.0.1:8000/v1/extract")
    assert '-H "Authorization: Bearer $HCTAP_KEY"' in command
    assert '{"text": "He\'s \\"fine\\".", "extractor": "rules", "explain": true}' in command
    assert "secret" not in command


def test_reasons_are_escaped() -> None:
    found = Extracted.model_validate(
        {
            "id": "-",
            "entities": [
                {
                    "entity_type": "PROBLEM", "text": "<b>", "norm_text": "b", "begin": 0, "end": 3, "score": 1,
                    "section": "unknown", "assertion": {}, "codes": [], "attributes": [],
                    "provenance": {"extractor": "rules", "version": "1", "method": "rule", "source": "s"},
                    "reasons": [{"about": "type", "says": "<script>"}],
                }
            ],
        }
    )  # fmt: skip
    assert "&lt;script&gt;" in try_it._explain(found)
    assert "<script>" not in try_it._explain(found)
