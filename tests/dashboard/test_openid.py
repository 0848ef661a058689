"""What Streamlit is told about the provider that people sign in at."""

import stat
import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.dashboard.pages import TIMEOUT_SECONDS

from hctap_core.errors import SettingsInvalid
from hctap_dashboard.openid import PROVIDER, Registration, kept_secrets, render_secrets
from hctap_dashboard.settings import Settings

SECRET = 'quotes " and \\ and 😀 and\nlines'
REGISTRATION = Registration("https://id.example/realm", "hctap", SECRET, "https://hctap.example/")
SET = {"oidc_issuer": "https://id.example/realm", "oidc_client_id": "hctap", "oidc_client_secret": SECRET}


def test_the_secrets_are_what_streamlit_asks_for() -> None:
    said = tomllib.loads(render_secrets(REGISTRATION))["auth"]
    assert said["redirect_uri"] == "https://hctap.example/app/oauth2callback"
    assert said["expose_tokens"] == "access"
    provider = said[PROVIDER]
    assert provider["client_secret"] == SECRET
    assert provider["server_metadata_url"] == "https://id.example/realm/.well-known/openid-configuration"
    assert provider["client_kwargs"] == {"scope": "openid profile email"}
    assert "authorize_params" not in provider


def test_a_cookie_secret_is_made_anew_unless_it_is_given() -> None:
    one, two = (tomllib.loads(render_secrets(REGISTRATION))["auth"]["cookie_secret"] for _ in range(2))
    assert one != two
    assert len(one) == 64
    given = Registration("https://id.example", "hctap", "s", "https://x", cookie_secret="c" * 32, audience="api")
    said = tomllib.loads(render_secrets(given))["auth"]
    assert said["cookie_secret"] == "c" * 32
    assert said[PROVIDER]["authorize_params"] == {"audience": "api"}


def test_nobody_else_may_read_the_file_and_it_goes_with_the_process() -> None:
    with kept_secrets(REGISTRATION) as files:
        (path,) = map(Path, files)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert SECRET.partition("\n")[0][:6] in path.read_text("utf-8")
    assert not path.parent.exists()
    with kept_secrets(None) as files:
        assert files == []


def test_settings_name_the_provider_whole_or_not_at_all() -> None:
    assert Settings().registration is None
    assert Settings(oidc_issuer="https://id.example").registration is None
    made = Settings.model_validate({**SET, "oidc_token": "id", "dashboard_url": "https://hctap.example"}).registration
    assert made is not None
    assert (made.token, made.url, made.name) == ("id", "https://hctap.example", "id.example")
    assert SECRET not in repr(made)
    assert SECRET not in repr(Settings.model_validate(SET))
    with pytest.raises(SettingsInvalid, match="HCTAP_OIDC_CLIENT_SECRET"):
        _ = Settings(oidc_client_id="hctap").registration


def test_a_page_offers_the_provider_first_and_a_key_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SET.items():
        monkeypatch.setenv(f"HCTAP_{name.upper()}", value)

    def script() -> None:
        from hctap_dashboard.settings import read_settings
        from hctap_dashboard.signing_in import ask_for_key

        ask_for_key("http://127.0.0.1:9", read_settings().registration)

    page = AppTest.from_function(script, default_timeout=TIMEOUT_SECONDS).run()
    assert not page.exception
    assert [button.label for button in page.button] == ["Sign in at id.example", "Sign in"]
    assert page.expander[0].label == "Sign in with a key instead"
