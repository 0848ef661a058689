"""Run ids and pipeline hashes."""

from datetime import UTC, datetime

import pytest

from hctap_core.runs import Pipeline, is_valid_run_id, new_run_id


def test_a_new_run_id_sorts_by_time_and_is_valid() -> None:
    early = new_run_id("rules", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    late = new_run_id("rules", datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC))
    assert early == "20260102T030405Z-rules"
    assert early < late
    assert is_valid_run_id(early)


@pytest.mark.parametrize("run_id", ["", "-x", "a/b", "a b", "x" * 65, "é", "a\n"])
def test_ids_that_no_key_can_hold_are_refused(run_id: str) -> None:
    assert not is_valid_run_id(run_id)


def test_a_pipeline_hash_changes_with_each_of_its_parts() -> None:
    base = {"extractor": "rules", "extractor_version": "1", "code_version": "1", "vocabulary": "v", "model": None}
    hashes = {Pipeline.model_validate(base | change).hash for change in ({}, {"vocabulary": "w"}, {"model": "m"})}
    assert len(hashes) == 3
    assert Pipeline.model_validate(base).hash == Pipeline.model_validate(dict(reversed(base.items()))).hash
