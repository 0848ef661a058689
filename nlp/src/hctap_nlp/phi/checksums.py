"""The checksums and shapes that tell an identifier from any other number."""

import string
from typing import Final

_NEVER_ISSUED: Final = {"000", "666"}
_CARD_LENGTHS: Final = range(13, 20)
_IBAN_LETTERS: Final = {letter: str(number) for number, letter in enumerate(string.ascii_uppercase, start=10)}
_FEWEST_DISTINCT: Final = 2


def is_card(digits: str) -> bool:
    """Whether digits are the number of a payment card: 13 to 19 of them, checked."""
    return len(digits) in _CARD_LENGTHS and is_luhn(digits)


def is_luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1): cards, IMEI, with `80840` before it an NPI."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number  # noqa: PLR2004 - the sum of two digits
    return total % 10 == 0 and len(set(digits)) >= _FEWEST_DISTINCT


def is_iban(text: str) -> bool:
    """Whether letters and digits are an International Bank Account Number (ISO 13616: 1 modulo 97)."""
    turned = text[4:] + text[:4]
    return int("".join(_IBAN_LETTERS.get(char, char) for char in turned.upper())) % 97 == 1


def is_ssn(digits: str) -> bool:
    """Whether nine digits can be a social security number (https://www.ssa.gov/employer/stateweb.htm)."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in _NEVER_ISSUED and area[0] != "9" and group != "00" and serial != "0000"


def is_dea(code: str) -> bool:
    """Whether two letters and seven digits are a registration of the Drug Enforcement Administration."""
    numbers = [int(digit) for digit in code[2:]]
    return (numbers[0] + numbers[2] + numbers[4] + 2 * (numbers[1] + numbers[3] + numbers[5])) % 10 == numbers[6]


def is_gtin(code: str) -> bool:
    """Whether `01` and fourteen digits begin a device identifier (GS1, modulo 10)."""
    digits = code[2:16]
    weighed = sum(int(digit) * (1 + 2 * (place % 2 == 0)) for place, digit in enumerate(digits[:13]))
    return (weighed + int(digits[13])) % 10 == 0
