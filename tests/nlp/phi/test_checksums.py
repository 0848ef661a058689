"""Checksums, on the numbers that their owners publish as examples, and with one digit changed."""

import pytest

from hctap_nlp.phi.checksums import is_card, is_dea, is_gtin, is_iban, is_luhn, is_ssn


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (is_luhn, "79927398713", "79927398714"),
        (is_card, "4111111111111111", "4111111111111112"),
        (is_card, "378282246310005", "41111111"),
        (is_iban, "GB82WEST12345698765432", "GB82WEST12345698765433"),
        (is_iban, "DE89370400440532013000", "DE88370400440532013000"),
        (is_dea, "AB1234563", "AB1234564"),
        (is_gtin, "0100889842001235", "0100889842001234"),
        (is_ssn, "123456789", "000456789"),
        (is_ssn, "665456789", "666456789"),
        (is_ssn, "899456789", "900456789"),
    ],
)
def test_checksums(check: object, right: str, wrong: str) -> None:
    assert callable(check)
    assert check(right)
    assert not check(wrong)


def test_a_row_of_one_digit_is_no_card() -> None:
    assert not is_card("0000000000000000")
