"""How long a drug is taken, as ISO 8601."""

import pytest

from hctap_nlp.durations import DURATION, length_of


@pytest.mark.parametrize(
    ("text", "span", "length"),
    [
        ("for 7 days", "7 days", "P7D"),
        ("x14d", "14d", "P14D"),
        ("x 2 wks", "2 wks", "P2W"),
        ("for another three months", "three months", "P3M"),
        ("for a year", "a year", "P1Y"),
        ("for 48 hours", "48 hours", "PT48H"),
        ("a 6-week course", "6-week", "P6W"),
        ("for 10-14 days", "10-14 days", None),
        ("x 3 doses", "3 doses", None),
    ],
)
def test_durations(text: str, span: str, length: str | None) -> None:
    found = DURATION.search(text)
    assert found is not None
    assert found[found.lastgroup or 0] == span
    assert length_of(span) == length


@pytest.mark.parametrize("text", ["6 days ago", "x 2", "for pain", "day 3"])
def test_what_is_no_duration(text: str) -> None:
    assert DURATION.search(text) is None
