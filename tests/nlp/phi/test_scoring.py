"""Precision and recall of findings, counted by hand."""

from hctap_core.phi import PhiKind, PhiSpan
from hctap_nlp.phi.scoring import KindScore, Marked, score_phi

TEXT = "Ann Lee of France, aged 40, fax 555-0123 on Monday"


def test_what_counts() -> None:
    gold = [(0, 7, "PERSON"), (11, 17, "GPE"), (24, 26, "AGE"), (32, 40, "PHONE_NUMBER"), (44, 50, "DATE_TIME")]
    found = [
        PhiSpan(0, 3, PhiKind.NAME),  # half of a name: touched, not covered
        PhiSpan(11, 17, PhiKind.NAME),  # a country is no kind of ours: not held against it
        PhiSpan(18, 20, PhiKind.NAME),  # wrong
        PhiSpan(24, 26, PhiKind.AGE),  # 40 is not over 89: nobody asked
        PhiSpan(32, 40, PhiKind.FAX),  # the same as a telephone number
        PhiSpan(41, 43, PhiKind.URL),  # a kind that this set never marks: nothing can be said
    ]
    scores = score_phi([Marked(TEXT, gold, found)])
    assert scores.by_kind == {
        PhiKind.DATE: KindScore(gold=1),
        PhiKind.NAME: KindScore(gold=1, touched=1, covered=0, found=2, right=1),
        PhiKind.PHONE: KindScore(gold=1, touched=1, covered=1, found=1, right=1),
    }
    total = scores.total
    assert (total.gold, total.found, total.precision, total.recall, total.coverage) == (3, 3, 2 / 3, 2 / 3, 1 / 3)
    assert scores.by_kind[PhiKind.DATE].precision is None


def test_a_name_in_two_gold_pieces_is_found_once_and_touches_both() -> None:
    text = "Dr. R. Johnson"
    scores = score_phi([Marked(text, [(4, 5, "DOCTOR"), (7, 14, "PATIENT")], [PhiSpan(4, 14, PhiKind.NAME)])])
    assert scores.by_kind[PhiKind.NAME] == KindScore(gold=2, touched=2, covered=2, found=1, right=1)


def test_nothing_scored_says_nothing() -> None:
    total = score_phi([]).total
    assert (total.precision, total.recall, total.coverage) == (None, None, None)
