"""What the API says of the platform every so often, and that the cloud's metrics are read from those very fields."""

import logging
import time

import pytest
from tests.clinic import serve

from hctap_api.main import create_app
from hctap_api.settings import Settings
from hctap_core.logs import FIELDS
from hctap_infra.monitoring.vitals import VITALS, VITALS_EVENT

pytestmark = pytest.mark.stack
PATIENCE_SECONDS = 30


def _said(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == "hctap_api.vitals"]


def test_queue_freshness_and_quarantine_are_said(clinic_settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="hctap_api.vitals")
    app = create_app(clinic_settings.model_copy(update={"api_vitals_seconds": 0.1}))
    deadline = time.monotonic() + PATIENCE_SECONDS

    with serve(app):
        while not _said(caplog) and time.monotonic() < deadline:
            time.sleep(0.05)

    record = _said(caplog)[0]
    assert record.msg == VITALS_EVENT
    assert set(VITALS) <= set(vars(record)) & FIELDS
    assert vars(record)["queue_depth"] == 0
    assert vars(record)["freshness_minutes"] >= 0


def test_nothing_is_said_unless_it_is_wanted(clinic_settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="hctap_api.vitals")

    with serve(create_app(clinic_settings)):
        time.sleep(0.3)

    assert not _said(caplog)
