"""The pages run by Streamlit's own tester, and what stands on them."""

import re
from html import unescape

from streamlit.testing.v1 import AppTest

TIMEOUT_SECONDS = 30


def open_latest_run(api_url: str) -> AppTest:
    """The page of the latest run, over the API at this address."""

    def script(url: str) -> None:
        from hctap_client import Client
        from hctap_dashboard.views.latest_run import show_latest_run

        with Client(url) as client:
            show_latest_run(client)

    return AppTest.from_function(script, default_timeout=TIMEOUT_SECONDS, args=(api_url,)).run()


def open_note(api_url: str, **address: str) -> AppTest:
    """The page of a note, with these parameters in its address."""

    def script(url: str) -> None:
        from hctap_client import Client
        from hctap_dashboard.views.note import show_note

        with Client(url) as client:
            show_note(client)

    page = AppTest.from_function(script, default_timeout=TIMEOUT_SECONDS, args=(api_url,))
    for name, value in address.items():
        page.query_params[name] = value
    return page.run()


def html_of(page: AppTest) -> str:
    """All HTML that the page put out."""
    return "\n".join(element.proto.body for element in page.get("html"))


def text_of(page: AppTest) -> str:
    """What a person reads there, with single blanks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html_of(page)))).strip()
