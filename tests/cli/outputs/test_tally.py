from typing import Any

import pytest

from hctap_cli.outputs.tally import Tally, by_notes, by_notes_present
from hctap_nlp.extractors import SpanReader


@pytest.fixture
def tally(extractor: SpanReader) -> Tally:
    counted = Tally()
    for number, text in enumerate(
        (
            "Fever. Fever again. Aspirin 81 mg daily.",
            "No fever. Mother had gout.",
            "Denies fever. Gout. Aspirin 81 mg daily. Aspirin held.",
        )
    ):
        records: list[dict[str, Any]] = extractor.extract(text).entity_records(str(number), "-")
        counted.add(str(number), records)
    return counted


def test_a_problem_is_counted_by_mention_note_and_assertion(tally: Tally) -> None:
    fever = next(entry for entry in tally.problems.values() if entry.name == "fever")
    assert (fever.mentions, fever.notes, fever.present, fever.notes_present) == (4, 3, 2, 1)
    assert (fever.asserted["negated"], fever.code) == (2, "R50.9")
    gout = next(entry for entry in tally.problems.values() if entry.name == "gout")
    assert (gout.present, gout.asserted["family"]) == (1, 1)


def test_a_regimen_is_counted_once_a_note(tally: Tally) -> None:
    key = next(key for key in tally.regimens if "81 mg" in key)
    assert (key[0], tally.regimens[key].notes, tally.drugs["aspirin"].mentions) == ("aspirin", 2, 3)
    assert (tally.notes, tally.by_type["MEDICATION"].mentions) == (3, 3)


def test_the_order_is_by_notes_or_by_notes_that_have_it(tally: Tally) -> None:
    problems = tally.problems.values()
    assert [entry.name for entry in sorted(problems, key=by_notes)] == ["fever", "gout"]
    assert [entry.name for entry in sorted(problems, key=by_notes_present)] == ["fever", "gout"]
