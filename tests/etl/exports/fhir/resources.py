"""What tests of resources share."""

from collections.abc import Callable
from typing import Any

Make = Callable[..., dict[str, Any]]
PATIENT = {"reference": "urn:uuid:7b0f8f0e-0000-4000-8000-000000000000"}


def code_of(concept: dict[str, Any]) -> str:
    """The first code of a concept."""
    return str(concept["coding"][0]["code"])
