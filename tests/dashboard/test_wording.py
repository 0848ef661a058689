"""Numbers, times and names as a person reads them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from hctap_dashboard.wording import (
    count_about,
    count_of,
    show_count,
    show_milliseconds,
    show_moment,
    show_name,
    show_rate,
    show_score,
)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (show_count(4966), "4,966"),
        (show_score(0.84712), "84.7"),
        (show_score(1), "100.0"),
        (show_score(None), "–"),
        (show_score("high"), "–"),
        (show_milliseconds(0.837), "0.84 ms"),
        (show_milliseconds(12.34), "12.3 ms"),
        (show_milliseconds(1240.4), "1,240 ms"),
        (show_milliseconds(0.01), "0.01 ms"),
        (show_milliseconds(0.004), "<0.01 ms"),
        (show_milliseconds(None), "–"),
        (show_rate(3172.6), "3,173"),
        (show_rate(None), "–"),
        (show_moment(datetime(2026, 11, 1, 8, 5, tzinfo=UTC)), "1 Nov 2026, 08:05 UTC"),
        (show_moment(datetime(2026, 11, 21, 1, 5, tzinfo=timezone(timedelta(hours=2)))), "20 Nov 2026, 23:05 UTC"),
        (show_moment(None), "–"),
        (show_name("PAST_MEDICAL_HISTORY"), "Past medical history"),
        (show_name("not_json"), "Not JSON"),
        (show_name("not_utf8"), "Not UTF-8"),
        (show_name(""), ""),
        (count_of(1, "entity"), "1 entity"),
        (count_of(2609, "entity"), "2,609 entities"),
        (count_of(0, "note"), "0 notes"),
        (count_about(2609, "entity", is_exact=True), "2,609 entities"),
        (count_about(2609, "entity", is_exact=False), "About 2,600 entities"),
        (count_about(1_249_999, "note", is_exact=False), "About 1,200,000 notes"),
        (count_about(7, "note", is_exact=False), "About 7 notes"),
    ],
)
def test_it_is_said_so(shown: str, expected: str) -> None:
    assert shown == expected
