"""Whole numbers of bodies, and what is none."""

import json

import pytest
from pydantic import BaseModel, ValidationError

from hctap_core.note_searches import NoteSearch
from hctap_core.searches import EntitySearch


@pytest.mark.parametrize(("model", "more"), [(EntitySearch, {}), (NoteSearch, {"words": "x"})])
@pytest.mark.parametrize(
    ("given", "read"),
    [("5", 5), ("5.0", 5), ("1e2", 100), ("5.5", None), ('"5"', None), ("true", None), ("null", None), ("1e999", None)],
)
def test_a_limit_is_a_number_that_is_whole(
    model: type[BaseModel], more: dict[str, str], given: str, read: int | None
) -> None:
    body = json.dumps(more)[:-1] + (", " if more else "") + f'"limit": {given}}}'
    if read is None:
        with pytest.raises(ValidationError):
            model.model_validate_json(body)
    else:
        assert model.model_validate_json(body).model_dump()["limit"] == read


@pytest.mark.parametrize(
    ("given", "is_taken"), [("true", True), ("null", True), ("0", False), ('"true"', False), ("1.0", False)]
)
def test_what_is_true_or_false_is_no_number(given: str, is_taken: bool) -> None:  # noqa: FBT001 - a column
    body = f'{{"words": "x", "has_entity": {given}}}'
    if is_taken:
        assert NoteSearch.model_validate_json(body).words == "x"
    else:
        with pytest.raises(ValidationError):
            NoteSearch.model_validate_json(body)
