"""The pages run by Streamlit's own tester, and what stands on them."""

import re
from html import unescape

from streamlit.testing.v1 import AppTest

from hctap_client import Client

TIMEOUT_SECONDS = 30


def open_page(api: str | Client, view: str, *, key: str | None = None, **address: str) -> AppTest:
    """A page over the API at this address, such as `overview`, with these parameters in its address.

    What a button does, it does with the client of the run before: whoever clicks gives a client that stays open.
    """

    def script(api: "str | Client", view: str, key: str | None) -> None:
        from contextlib import nullcontext
        from importlib import import_module

        from hctap_client import Client
        from hctap_core.errors import PlatformError
        from hctap_core.permissions import Identity, Permission, Role
        from hctap_dashboard.visitor import Visitor

        show = getattr(import_module(f"hctap_dashboard.views.{view}"), f"show_{view}")
        with Client(api, key=key) if isinstance(api, str) else nullcontext(api) as client:
            try:
                identity = client.me()
            except PlatformError:
                identity = Identity(actor="open", role=Role.ADMIN, permissions=tuple(Permission))
            show(Visitor(client, identity))

    page = AppTest.from_function(script, default_timeout=TIMEOUT_SECONDS, args=(api, view, key))
    for name, value in address.items():
        page.query_params[name] = value
    return page.run()


def address_of(page: AppTest) -> dict[str, str]:
    """The state that stands in the address."""
    return {name: values[0] if isinstance(values, list) else values for name, values in page.query_params.items()}


def click(page: AppTest, label: str) -> AppTest:
    """The page after a click on its one button of this label."""
    (button,) = [button for button in page.button if button.label == label]
    assert not button.disabled
    return button.click().run()


def open_drawer(page: AppTest, key: str) -> AppTest:
    """The page after one of its parts was opened."""
    page.session_state[key] = True
    return page.run()


def pick(page: AppTest, label: str, value: str | None) -> AppTest:
    """The page after something was picked in its one box of this label."""
    (box,) = [box for box in page.selectbox if box.label == label]
    return box.set_value(value).run()


def type_into(page: AppTest, label: str, words: str) -> AppTest:
    """The page after something was typed into its one field of this label."""
    (field,) = [field for field in page.text_input if field.label == label]
    return field.set_value(words).run()


def html_of(page: AppTest) -> str:
    """All HTML that the page put out."""
    return "\n".join(element.proto.body for element in page.get("html"))


def text_of(page: AppTest) -> str:
    """What a person reads there, with single blanks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html_of(page)))).strip()
