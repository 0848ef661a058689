"""The script that Streamlit runs for every visitor: settings in, pages out."""

from functools import partial

import streamlit as st

from hctap_client import Client
from hctap_core.errors import PlatformError
from hctap_dashboard.markup import notice_of, wrap
from hctap_dashboard.settings import read_settings
from hctap_dashboard.theme import STYLE
from hctap_dashboard.views.latest_run import show_latest_run
from hctap_dashboard.views.note import show_note


@st.cache_resource
def open_client(api_url: str, _key: str | None = None) -> Client:
    """One client of the API for all visitors."""
    return Client(api_url, key=_key)


def main() -> None:
    """Show the page that the address names."""
    try:
        settings = read_settings()
        client = open_client(settings.api_url, settings.api_key)
    except PlatformError as error:
        st.html(STYLE + wrap(notice_of(error, "The dashboard cannot start")))
        return
    pages = [
        st.Page(partial(show_latest_run, client), title="Latest run", url_path="latest-run", default=True),
        st.Page(partial(show_note, client), title="Note", url_path="note"),
    ]
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} · HC-TAP", layout="wide")
    st.html(STYLE)
    page.run()


if __name__ == "__main__":
    main()
