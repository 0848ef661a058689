"""Numbers as JSON has them."""

from typing import Annotated

from pydantic import BeforeValidator


def check_whole(value: object) -> object:
    """The value, if it is a number: neither a string of digits nor true or false.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("It should be a whole number.")  # noqa: TRY004 - Pydantic makes a refusal of no other
    return value


# In JSON 5.0 is as whole as 5.
WholeNumber = Annotated[int, BeforeValidator(check_whole)]
