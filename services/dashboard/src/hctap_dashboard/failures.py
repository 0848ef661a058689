"""What a page says where it cannot show its content."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from hctap_core.errors import NotAllowed, PlatformError, RunNotFound, StoreUnavailable, TooManyRequests
from hctap_core.permissions import Permission
from hctap_dashboard.markup import notice, notice_of, wrap
from hctap_dashboard.visitor import Visitor

NO_RUN = "No run has finished yet"


@contextmanager
def told(title: str) -> Iterator[None]:
    """Say in the page's place what went wrong within, in the error's own words and with what to do about it."""
    try:
        yield
    except NotAllowed as error:
        st.html(wrap(notice("Your role may not see this", error.message, error.remedy)))
    except RunNotFound as error:
        if "finished" in error.message:
            st.html(wrap(notice(NO_RUN, "There is nothing to show.", error.remedy)))
        else:
            st.html(wrap(notice("There is no such run", error.message, "The page Runs lists those that there are.")))
    except StoreUnavailable as error:
        st.html(wrap(notice_of(error, title)))
        st.button("Try again", type="primary")
    except TooManyRequests as error:
        st.html(wrap(notice_of(error, "Too many requests")))
        st.button("Try again")
    except PlatformError as error:
        st.html(wrap(notice_of(error, title)))
        st.button("Try again")


def refuse(visitor: Visitor, permission: Permission) -> bool:
    """Whether the visitor may not do this; then the page says so and what would help."""
    if visitor.may(permission):
        return False
    text = f"Your key has the role {visitor.identity.role}; this page needs the permission {permission}."
    st.html(wrap(notice("Your role may not see this", text, "Ask an admin for another key.")))
    return True
