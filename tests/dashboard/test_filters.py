"""Filters as a person writes them."""

import pytest

from hctap_core.entities import CodeSystem
from hctap_core.searches import CodeFilter, EntitySearch
from hctap_dashboard.filters import filter_by, read_code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("I10", CodeFilter(system=CodeSystem.ICD_10_CM, code="I10")),
        ("R07*", CodeFilter(system=CodeSystem.ICD_10_CM, prefix="R07")),
        ("hpo HP:0001945", CodeFilter(system=CodeSystem.HPO, code="HP:0001945")),
        ("MESH D001241", CodeFilter(system=CodeSystem.MESH, code="D001241")),
        ("", None),
        ("Nowhere X1", None),
        ("no code at all!", None),
    ],
)
def test_codes(typed: str, code: CodeFilter | None) -> None:
    assert read_code(typed) == code


def test_no_filter_is_the_empty_search() -> None:
    assert filter_by() == EntitySearch()


def test_present_is_what_is_asserted_in_no_other_way() -> None:
    assert set(filter_by(asserted="present").assertion.model_dump().values()) == {False}
    assert filter_by(asserted="family").assertion.model_dump(exclude_none=True) == {"family": True}
