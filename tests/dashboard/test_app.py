"""The script that Streamlit runs."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest
from tests.clinic import LATEST_RUN
from tests.dashboard.pages import TIMEOUT_SECONDS, text_of

from hctap_dashboard.__main__ import SCRIPT, main
from hctap_dashboard.app import open_client


@pytest.fixture
def app() -> Iterator[AppTest]:
    """The whole dashboard; the API's address is the test's to set."""
    yield AppTest.from_file(str(SCRIPT), default_timeout=TIMEOUT_SECONDS)
    open_client.clear()


@pytest.mark.stack
def test_it_opens_with_the_latest_run(app: AppTest, api_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCTAP_API_URL", api_url)
    app.run()
    assert not app.exception
    assert LATEST_RUN in text_of(app)
    open_client(api_url).close()


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "ftp://x"])
def test_an_address_of_the_api_that_is_none_is_said(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("HCTAP_API_URL", address)
    app.run()
    assert not app.exception
    assert "The dashboard cannot start" in text_of(app)
    assert "http://host:port" in text_of(app)


def test_settings_that_make_no_sense_end_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HCTAP_DASHBOARD_PORT", "0")
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert "HCTAP_DASHBOARD_PORT" in capsys.readouterr().err
