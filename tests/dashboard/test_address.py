"""Addresses of pages."""

import pytest

from hctap_dashboard.address import Place, is_usable, link_to, parse_link


def test_a_link_is_read_back_as_it_was_written() -> None:
    link = link_to(Place.NOTES, note="ward 3 – nöte #7?%2B&a=b+c", run=None)
    assert link.startswith("/app/notes?note=ward+3")
    assert parse_link(link) == (Place.NOTES, {"note": "ward 3 – nöte #7?%2B&a=b+c"})


def test_the_first_page_has_no_name() -> None:
    assert link_to(Place.OVERVIEW) == "/app/"
    assert parse_link("/app/") == (Place.OVERVIEW, {})


@pytest.mark.parametrize(
    "link", ["https://elsewhere.org/app/notes", "//elsewhere.org/app/notes", "/app/secrets", "javascript:alert(1)", ""]
)
def test_a_link_that_is_not_ours_leads_nowhere(link: str) -> None:
    assert parse_link(link) is None


@pytest.mark.parametrize("value", ["", "a" * 201, "a\nb"])
def test_what_can_be_no_id(value: str) -> None:
    assert not is_usable(value)
    assert is_usable("a")
