"""Facts of a note at the edge of what the database can store: such a note must not end the run of all others."""

import json
from typing import Any

import pytest
from tests.etl.small_runs import carry_out

from hctap_core.reasons import QuarantineReason
from hctap_core.runs import RunStatus
from hctap_etl.running import Runner
from hctap_stores.database.runs import list_quarantine

# Four bytes each, and no two alike, so that nothing compresses them.
_WIDE = "".join(chr(0x10000 + 7 * place) for place in range(501))


def _bring_in(runner: Runner, **facts: Any) -> None:
    record = {"note_id": "x", "specialty": "Urology", "text": "Fever and gout."} | facts
    runner.lake.raw.write("notes/x.json", json.dumps(record).encode())


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"specialty": _WIDE[:500], "patient_id": _WIDE[:500]}, id="the longest words"),
        pytest.param({"patient_id": "p", "authored_at": "0001-01-01T00:00:00"}, id="the first moment"),
        pytest.param({"patient_id": "p", "authored_at": "9999-12-31T23:59:59.999999Z"}, id="the last moment"),
        pytest.param({"authored_at": "2026-01-02T03:04:05-15:59"}, id="far from UTC"),
    ],
)
def test_what_can_be_stored_is_worked_on(runner: Runner, facts: dict[str, Any]) -> None:
    _bring_in(runner, **facts)
    stored, _ = carry_out(runner, run_id="R")
    assert (stored.run.status, stored.run.counts.done) == (RunStatus.SUCCEEDED, 4)


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        pytest.param({"specialty": _WIDE * 3}, "specialty", id="a page as a specialty"),
        pytest.param({"patient_id": _WIDE * 3}, "patient_id", id="a page as a patient"),
        pytest.param({"authored_at": "0001-01-01T00:00:00+01:00"}, "authored_at", id="no time, east of Greenwich"),
        pytest.param({"authored_at": "9999-12-31T23:59:59-05:00"}, "authored_at", id="for ever, west of Greenwich"),
        pytest.param({"authored_at": "2026-01-02T03:04:05+18:00"}, "authored_at", id="no such time zone"),
    ],
)
def test_what_cannot_is_quarantined_alone(runner: Runner, facts: dict[str, Any], named: str) -> None:
    _bring_in(runner, **facts)
    stored, _ = carry_out(runner, run_id="R")
    assert (stored.run.status, stored.run.counts.done) == (RunStatus.PARTIAL, 3)
    (item,) = list_quarantine(runner.database, stored.run_no)
    assert (item.note_id, item.reason) == ("x", QuarantineReason.SCHEMA)
    assert named in (item.detail or "")
