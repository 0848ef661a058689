"""The account: what is asked is counted, and nothing is asked that could pass the limit."""

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from hctap_core.errors import ExtractorUnavailable, NoteRefused
from hctap_core.reasons import QuarantineReason
from hctap_nlp.extraction import Usage, usage_of
from hctap_remote.metering import Account


def ask(account: Account, most: float | None, cost: float = 0.0) -> str:
    return account.request(most, lambda: "answer", lambda _: Usage(units=1, cost_usd=cost))


def test_requests_of_a_note_are_added_up() -> None:
    account = Account()
    with account.open_note():
        assert ask(account, None, 0.25) == "answer"
        ask(account, 1.0, 0.25)
        account.drop(2)
        usage = account.close_note()
    assert (usage.requests, usage.units, usage.dropped, usage.cost_usd) == (2, 2, 2, 0.5)
    with account.open_note():
        assert account.close_note() == Usage()
    assert account.spent == 0.5


def test_the_limit_is_never_passed() -> None:
    account = Account(limit=1.0)
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


def test_an_error_is_told_what_was_paid_before_it() -> None:
    account = Account(limit=1.0)

    def ask_twice() -> None:
        with account.open_note():
            ask(account, 0.6, 0.6)
            ask(account, 0.6, 0.6)

    with pytest.raises(NoteRefused) as caught:
        ask_twice()
    usage = usage_of(caught.value)
    assert usage is not None
    assert (usage.requests, usage.cost_usd) == (1, 0.6)
    with pytest.raises(NoteRefused) as caught, account.open_note():
        ask(account, 0.6)
    assert usage_of(caught.value) is None


def test_an_answer_that_was_lost_is_put_down_at_the_most_it_may_cost() -> None:
    def fail(error: Exception) -> str:
        raise error

    account = Account(limit=1.0)
    with pytest.raises(ReadTimeoutError) as lost, account.open_note():
        account.request(0.6, lambda: fail(ReadTimeoutError(endpoint_url="https://a")), lambda _: Usage())
    usage = usage_of(lost.value)
    assert usage is not None
    assert (account.spent, usage.requests, usage.cost_usd) == (0.6, 1, 0.6)
    with pytest.raises(NoteRefused):
        ask(account, 0.6)
    # What never reached the service costs nothing.
    with pytest.raises(EndpointConnectionError):
        account.request(0.4, lambda: fail(EndpointConnectionError(endpoint_url="https://a")), lambda _: Usage())
    assert account.spent == 0.6
