import pytest

from hctap_cli.exits import Exit, exit_of_error, exit_of_status
from hctap_core import errors
from hctap_core.reasons import QuarantineReason
from hctap_core.runs import RunStatus


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.StoreUnavailable(), Exit.STORE_UNAVAILABLE),
        (errors.MigrationNeeded(), Exit.STORE_UNAVAILABLE),
        (errors.RunConflict(), Exit.CONFLICT),
        (errors.RunNotFound(), Exit.USAGE),
        (errors.UnknownExtractor(), Exit.USAGE),
        (errors.UnsupportedInput(), Exit.USAGE),
        (errors.SettingsInvalid(), Exit.USAGE),
        (errors.MalformedRecord(QuarantineReason.SCHEMA, "x"), Exit.USAGE),
        (errors.ExtractorUnavailable(), Exit.UNEXPECTED),
        (errors.PlatformError(), Exit.UNEXPECTED),
    ],
)
def test_each_error_has_its_code(error: errors.PlatformError, code: Exit) -> None:
    assert exit_of_error(error) is code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (RunStatus.SUCCEEDED, Exit.OK),
        (RunStatus.PARTIAL, Exit.PARTIAL),
        (RunStatus.RUNNING, Exit.UNEXPECTED),
        (RunStatus.FAILED, Exit.UNEXPECTED),
    ],
)
def test_each_status_has_its_code(status: RunStatus, code: Exit) -> None:
    assert exit_of_status(status) is code
