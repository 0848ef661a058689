"""The account: what is asked is counted, and nothing is asked that could pass the limit."""

import pytest

from hctap_core.errors import ExtractorUnavailable, NoteRefused
from hctap_core.reasons import QuarantineReason
from hctap_nlp.extraction import Usage
from hctap_remote.metering import Account


def ask(account: Account, most: float | None, cost: float = 0.0) -> str:
    return account.request(most, lambda: "answer", lambda _: Usage(units=1, cost_usd=cost))


def test_requests_of_a_note_are_added_up() -> None:
    account = Account()
    account.open_note()
    assert ask(account, None, 0.25) == "answer"
    ask(account, 1.0, 0.25)
    account.drop(2)
    usage = account.close_note()
    assert (usage.requests, usage.units, usage.dropped, usage.cost_usd) == (2, 2, 2, 0.5)
    account.open_note()
    assert account.close_note() == Usage()
    assert account.spent == 0.5


def test_the_limit_is_never_passed() -> None:
    account = Account(limit=1.0)
    account.open_note()
    ask(account, 0.6, 0.5)
    with pytest.raises(NoteRefused) as caught:
        account.request(0.6, lambda: pytest.fail("asked"), lambda _: Usage())
    assert caught.value.reason is QuarantineReason.MAX_COST
    ask(account, 0.5, 0.5)
    assert account.spent == 1.0


def test_what_was_spent_before_counts() -> None:
    account = Account(limit=1.0, spent=0.9)
    with pytest.raises(NoteRefused):
        ask(account, 0.2)


def test_a_limit_needs_prices() -> None:
    with pytest.raises(ExtractorUnavailable, match="prices"):
        ask(Account(limit=1.0), None)
