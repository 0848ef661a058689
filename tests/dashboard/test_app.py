"""The script that Streamlit runs, and the way in and out."""

import shlex
import time
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest
from tests.clinic import LATEST_RUN, serve, settings_of
from tests.dashboard.pages import TIMEOUT_SECONDS, click, text_of

from hctap_api.keys import make_parser
from hctap_api.main import create_app
from hctap_core.permissions import Role
from hctap_dashboard.__main__ import SCRIPT, main
from hctap_dashboard.app import open_client
from hctap_dashboard.signing_in import MAKES_KEY
from hctap_embedded.stack import Stack
from hctap_stores.database import keys
from hctap_stores.database.connection import Database
from hctap_stores.database.revisions import upgrade


@pytest.fixture
def app() -> Iterator[AppTest]:
    """The whole dashboard; the API's address is the test's to set."""
    yield AppTest.from_file(str(SCRIPT), default_timeout=TIMEOUT_SECONDS)
    open_client.clear()


@pytest.fixture(scope="module")
def keyed(stack: Stack, new_database: Callable[[], str]) -> Iterator[tuple[str, str]]:
    """An API that asks for keys, and the key of a reader."""
    url = new_database()
    upgrade(url)
    with Database(url) as database:
        token = keys.create_key(database, "ward", Role.READER).token
    with serve(create_app(settings_of(stack, url, HCTAP_API_OPEN="0"))) as address:
        yield address, token


def sign_in(app: AppTest, key: str) -> None:
    app.text_input[0].set_value(key)
    click(app, "Sign in")


def test_the_command_that_makes_keys_is_one() -> None:
    program, *words = shlex.split(MAKES_KEY)
    assert program == "hctap-api"
    assert make_parser().parse_args(words).role == Role.READER


@pytest.mark.stack
def test_it_opens_with_the_overview(app: AppTest, api_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCTAP_API_URL", api_url)
    app.run()
    assert not app.exception
    assert LATEST_RUN in text_of(app)
    assert "Signed in without a key, as admin." in text_of(app)
    open_client(api_url).close()


@pytest.mark.stack
def test_an_api_that_asks_for_keys_is_entered_with_one_and_left_again(
    app: AppTest, keyed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, token = keyed
    monkeypatch.setenv("HCTAP_API_URL", address)
    app.run()
    assert "Sign in" in text_of(app)
    assert "Overview" not in text_of(app)
    no_key = "This is no key"
    for wrong, words in (("", no_key), ("hctap_wrong", "does not open the door"), ("schlüssel", no_key)):
        sign_in(app, wrong)
        assert words in text_of(app)
    sign_in(app, token)
    assert not app.exception
    assert "as reader" in text_of(app)
    assert "No run has finished yet There is nothing to show." in text_of(app)
    click(app, "Sign out")
    assert "Sign in" in text_of(app)
    assert "as reader" not in text_of(app)


@pytest.mark.stack
def test_who_gives_no_sign_of_life_is_signed_out(
    app: AppTest, keyed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, token = keyed
    monkeypatch.setenv("HCTAP_API_URL", address)
    sign_in(app.run(), token)
    assert "as reader" in text_of(app)
    later = time.monotonic() + 31 * 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    app.run()
    assert "signed out after a while" in text_of(app)
    assert "as reader" not in text_of(app)


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
