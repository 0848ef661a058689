"""Small pieces of HTML, in which no value can become mark-up."""

import pytest

from hctap_core.errors import StoreUnavailable
from hctap_dashboard.markup import (
    MISSING,
    Bar,
    Figure,
    Table,
    bars,
    counted,
    figures,
    frame_note,
    head,
    heading,
    notice,
    notice_of,
    paragraph,
    table,
    without_blank_columns,
    wrap,
)

EVIL = '<img src="x" onerror="alert(1)">'


@pytest.mark.parametrize(
    "piece",
    [
        head(EVIL, status=EVIL, beneath=EVIL),
        heading(EVIL),
        paragraph(EVIL),
        figures([Figure(EVIL, EVIL, EVIL)]),
        bars(EVIL, [Bar(EVIL, 1, EVIL)]),
        table(Table(EVIL, (EVIL, EVIL), [(EVIL, EVIL)], groups=((EVIL, 1),))),
        table(Table(EVIL, (EVIL, EVIL), [(EVIL, EVIL)], is_list=True)),
        counted(EVIL, [(EVIL, EVIL, 1)]),
        notice(EVIL, EVIL, EVIL),
        notice_of(StoreUnavailable(EVIL, remedy=EVIL), EVIL),
    ],
)
def test_every_value_is_escaped(piece: str) -> None:
    assert "<img" not in piece
    assert 'onerror="' not in piece
    assert "&lt;img" in wrap(piece)


def test_a_bar_is_as_long_as_its_share_of_the_largest_and_says_its_number() -> None:
    chart = bars("By type", [Bar("Problem", 4000, "#D55E00"), Bar("Test", 1000, "#E69F00")])
    assert "width:100.0%;background:#D55E00" in chart
    assert "width:25.0%;background:#E69F00" in chart
    assert "4,000</td>" in chart


def test_bars_of_nothing_do_not_divide_by_it() -> None:
    assert "width:0.0%" in bars("By type", [Bar("Problem", 0, "#000")])


def test_numbers_are_aligned_words_are_not_and_strong_rows_are_set_apart() -> None:
    shown = table(
        Table(
            "Scores", ("Type", "F1", "Why"), [("A", "1", "x"), ("All", "2", "y")], frozenset({1}), strong=frozenset({1})
        )
    )
    assert '<th scope="col" class="hc-num">F1</th><th scope="col">Why</th>' in shown
    assert '<tr class="hc-strong"><th scope="row">All</th><td class="hc-num">2</td><td>y</td></tr>' in shown


def test_columns_that_say_nothing_are_left_out() -> None:
    rows = [("a", MISSING, "", "1", "x"), ("b", MISSING, "", "2", "")]
    shown = without_blank_columns(Table("t", ("Name", "Source", "Before", "Count", "Why"), rows, frozenset({2, 3})))
    assert (list(shown.head), shown.numbers) == (["Name", "Count", "Why"], frozenset({1}))
    assert shown.rows == [["a", "1", "x"], ["b", "2", ""]]


def test_a_list_names_its_values_and_stays_a_table_for_who_hears_it() -> None:
    shown = table(Table("Notes", ("Note", "Type", ""), [("n-1", 'a "letter"', "Show")], is_list=True))
    assert '<table class="hc-table hc-list" role="table">' in shown
    assert '<th scope="row" role="rowheader">n-1</th>' in shown
    assert '<td data-name="Type" role="cell">a &quot;letter&quot;</td><td role="cell">Show</td>' in shown


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("albumin    3.3 g/dL", "hc-note hc-aligned hc-review"),
        ("| a | b |", "hc-note hc-aligned hc-review"),
        ("a\tb", "hc-note hc-aligned hc-review"),
        ("Two words.  A stop.\n    Indented.", "hc-note hc-review"),
    ],
)
def test_columns_of_a_text_stand_under_each_other(text: str, kinds: str) -> None:
    shown = frame_note(EVIL, text, "marked", kind="hc-review")
    assert f'<article class="{kinds}" aria-label="&lt;img' in shown
    assert "<img" not in shown


def test_a_table_without_names_has_no_head() -> None:
    assert "<thead>" not in table(Table("Facts", ("", ""), [("Program", "1")]))


def test_a_command_in_a_remedy_is_set_as_one() -> None:
    error = StoreUnavailable("The API does not answer.", remedy="Start it with `make up <now>`.")
    shown = notice_of(error, "Away")
    assert "Start it with <code>make up &lt;now&gt;</code>." in shown
    assert "The API does not answer.</p>" in shown


def test_what_stands_in_backticks_is_set_as_code() -> None:
    assert paragraph("Say `a < b` here.") == '<p class="hc-soft">Say <code>a &lt; b</code> here.</p>'
