"""What an evaluation says beyond its scores."""

import pytest
from tests.clinic import LATEST_RUN
from tests.dashboard.pages import address_of, html_of, open_page, pick, text_of

from hctap_dashboard.evaluation_details import cut_to_words, list_confusions, place_in_context


@pytest.mark.parametrize(
    ("begin", "text", "context", "place"),
    [
        (0, "K", "K 4.1, and K again", 0),
        (100, "K", "ab K cd K ef K gh", 8),
        (2, "pain", "a pain, more pain and a long rest", 2),
        (5, "x", "nothing of it", 0),
    ],
)
def test_the_right_one_of_equal_words_is_marked(begin: int, text: str, context: str, place: int) -> None:
    assert place_in_context(begin, text, context) == place


@pytest.mark.parametrize(
    ("before", "after", "begin", "shown"),
    [
        ("el 75 mg daily. ", " gastric ulcer. On exa", 90, ("… 75 mg daily. ", " gastric ulcer. On …")),
        ("el 75 mg daily. ", " ulcer.", 90, ("… 75 mg daily. ", " ulcer.")),
        ("He has ", " and no fever since Mo", 7, ("He has ", " and no fever since …")),
    ],
)
def test_surroundings_are_cut_between_words(before: str, after: str, begin: int, shown: tuple[str, str]) -> None:
    assert cut_to_words(before, after, begin) == shown


def test_every_type_of_both_sides_is_in_the_grid() -> None:
    rows = list_confusions({"PROBLEM": {"PROBLEM": 3, "none": 1}, "none": {"TEST": 2}})
    assert len(rows) == 36
    assert {"gold": "Problem", "run": "None", "count": 1} in rows
    assert sum(int(row["count"]) for row in rows) == 6


@pytest.mark.stack
def test_differences_are_browsed_by_kind_and_type(api_url: str) -> None:
    page = open_page(api_url, "quality", run=LATEST_RUN, gold="samples-dev")
    page.segmented_control[0].set_value("differences").run()
    assert not page.exception
    assert '<mark class="hc hc-problem hc-first hc-last">chest pain</mark>' in html_of(page)
    page = pick(page, "Kind", "missed")
    assert address_of(page)["error"] == "missed"
    assert "No difference of this kind" in text_of(page)
