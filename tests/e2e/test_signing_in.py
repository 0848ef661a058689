"""Signing in at an OpenID provider, as a person sees it: the API decides by the provider's token."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.clinic import LATEST_RUN, fill_database, make_buckets, serve, settings_of
from tests.e2e.conftest import open_dashboard
from tests.e2e.test_dashboard import SEEN_MS, WIDE
from tests.provider import AUDIENCE, CLIENT_ID, CLIENT_SECRET, SmallProvider, provide

from hctap_api.main import create_app
from hctap_core.permissions import Role
from hctap_embedded.stack import Stack
from hctap_stores.database import keys
from hctap_stores.database.connection import Database

pytestmark = [pytest.mark.stack, pytest.mark.browser]

SIGN_IN = "Sign in at 127.0.0.1"


@pytest.fixture(scope="module")
def provider() -> Iterator[SmallProvider]:
    """The provider."""
    with provide() as running:
        yield running


@pytest.fixture(scope="module")
def dashboard(
    stack: Stack, new_database: Callable[[], str], provider: SmallProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A dashboard whose own key would do, and whose visitors have to sign in all the same."""
    url = new_database()
    fill_database(url)
    more = {"HCTAP_API_OPEN": "0", "HCTAP_OIDC_ISSUER": provider.url, "HCTAP_OIDC_AUDIENCE": AUDIENCE}
    settings = settings_of(stack, url, **more)
    make_buckets(settings)
    with Database(url) as database:
        own = keys.create_key(database, "dashboard", Role.OPERATOR).token
    registered = {
        "HCTAP_API_KEY": own,
        "HCTAP_OIDC_ISSUER": provider.url,
        "HCTAP_OIDC_CLIENT_ID": CLIENT_ID,
        "HCTAP_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "HCTAP_OIDC_AUDIENCE": AUDIENCE,
    }
    with (
        serve(create_app(settings)) as api,
        open_dashboard(api, tmp_path_factory.mktemp("oidc"), registered) as address,
    ):
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor of whom nothing is known."""
    expect.set_options(timeout=SEEN_MS)
    context = browser.new_context(viewport=WIDE)
    context.set_default_timeout(SEEN_MS)
    yield context.new_page()
    context.close()


def test_a_person_signs_in_at_the_provider_and_out_of_it(page: Page, dashboard: str, provider: SmallProvider) -> None:
    page.goto(f"{dashboard}/operations")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text(LATEST_RUN)).to_have_count(0)
    page.get_by_role("button", name=SIGN_IN).click()
    expect(page.get_by_text("Signed in as Ann Example, with the role reader.")).to_be_visible()
    expect(page.get_by_text(LATEST_RUN)).to_be_visible()
    assert provider.asked[-1]["audience"] == AUDIENCE
    assert provider.asked[-1]["code_challenge_method"] == "S256"
    # A reader starts nothing, and is not shown what needs more.
    expect(page.get_by_role("link", name="Operations", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Runs", exact=True).click()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    expect(page.get_by_text("Start a run")).to_have_count(0)
    assert "eyJ" not in page.url
    assert "eyJ" not in page.evaluate("document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name=SIGN_IN)).to_be_visible()
    assert provider.ended == [CLIENT_ID]
    page.goto(f"{dashboard}/runs")
    expect(page.get_by_role("button", name=SIGN_IN)).to_be_visible()
    expect(page.get_by_text(LATEST_RUN)).to_have_count(0)


@pytest.mark.parametrize(
    ("roles", "lives_seconds", "word"),
    [(("visitor",), 600, "The token names no role of this API."), (("admin",), -300, "Your sign-in has run out.")],
    ids=["no role", "run out"],
)
def test_a_token_that_the_api_refuses_opens_nothing(
    page: Page,
    dashboard: str,
    provider: SmallProvider,
    monkeypatch: pytest.MonkeyPatch,
    roles: tuple[str, ...],
    lives_seconds: int,
    word: str,
) -> None:
    monkeypatch.setattr(provider, "roles", roles)
    monkeypatch.setattr(provider, "access_lives_seconds", lives_seconds)
    page.goto(f"{dashboard}/")
    page.get_by_role("button", name=SIGN_IN).click()
    expect(page.get_by_text(word)).to_be_visible()
    expect(page.get_by_text(LATEST_RUN)).to_have_count(0)


def test_a_cookie_of_ones_own_making_is_none(page: Page, dashboard: str) -> None:
    origin = dashboard.removesuffix("/app")
    forged = json.dumps({"is_logged_in": True, "origin": origin, "provider": "default", "name": "Eve"})
    page.context.add_cookies([{"name": "_streamlit_user", "value": forged, "url": dashboard}])
    page.goto(f"{dashboard}/")
    expect(page.get_by_role("button", name=SIGN_IN)).to_be_visible()


def test_a_dashboard_that_is_stopped_leaves_no_secrets_behind(tmp_path: Path) -> None:
    more = {
        "HCTAP_OIDC_ISSUER": "http://127.0.0.1:9",
        "HCTAP_OIDC_CLIENT_ID": CLIENT_ID,
        "HCTAP_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "TMPDIR": str(tmp_path),
    }
    with open_dashboard("http://127.0.0.1:9", tmp_path, more):
        assert list(tmp_path.glob("hctap-dashboard-*/secrets.toml"))
    assert not list(tmp_path.glob("hctap-dashboard-*"))
