"""The filters of a search, as a person sets them: closed ones stand in the address, words never do."""

import re
from collections.abc import Mapping
from typing import Final, Literal

import streamlit as st

from hctap_core.entities import CodeSystem, EntityType
from hctap_core.highlighting import ASSERTIONS
from hctap_core.searches import AssertionFilter, CodeFilter, EntitySearch
from hctap_core.sections import SectionType
from hctap_dashboard.address import read_address, write_address
from hctap_dashboard.links import take_words
from hctap_dashboard.wording import show_name

_CODE: Final = re.compile(r"(?:(?P<system>[A-Za-z0-9-]+)[ :]+)?(?P<code>[A-Za-z0-9.:_-]{1,40})\*?")
CODE: Final = "code"
_PART: Final = "part"
_PRESENT: Final = "present"
ASSERTED: Final = (_PRESENT, *ASSERTIONS)


def ask_for_words(name: str) -> str:
    """The words typed; they stay in this visit."""
    handed = take_words()
    if handed:
        st.session_state[name] = handed
    return st.text_input("Words", key=name, max_chars=200, placeholder="such as chest pain").strip()


def ask_for(label: str, name: str, options: list[str], *, width: int | Literal["stretch"] = "stretch") -> str | None:
    """One of a closed set, or any; the address keeps it, and what cannot be picked does not stay there."""
    current = read_address(name)
    picked = current if current in options else None
    st.session_state[f"filter_{name}"] = picked
    st.selectbox(
        label,
        options,
        index=None,
        key=f"filter_{name}",
        format_func=show_name,
        placeholder="Any",
        on_change=_keep,
        args=(name,),
        width=width,
    )
    write_address(**{name: picked})
    return picked


def ask_for_part(parts: Mapping[str, str]) -> str:
    """Which part of a page is wanted, the first unless the address names another."""
    named = read_address(_PART)
    current = named if named is not None and named in parts else next(iter(parts))
    st.session_state[_PART] = current
    st.segmented_control(
        "Part",
        list(parts),
        key=_PART,
        format_func=parts.__getitem__,
        required=True,
        label_visibility="collapsed",
        on_change=_keep_part,
    )
    write_address(**{_PART: None if current == next(iter(parts)) else current})
    return current


def _keep_part() -> None:
    write_address(**{_PART: st.session_state[_PART]})


def _keep(name: str) -> None:
    write_address(**{name: st.session_state[f"filter_{name}"]})


def ask_for_code(name: str) -> CodeFilter | None:
    """A code such as `I10` or `HPO HP:0002875`; one that ends in `*` stands for all that begin so.

    What is typed may be anything and stands in no address; a link may name a code.
    """
    linked = read_address(CODE)
    if linked is not None:
        st.session_state[name] = linked
    typed = st.text_input("Code", key=name, max_chars=60, placeholder="I10, or R07*", on_change=_forget_link).strip()
    return read_code(typed)


def _forget_link() -> None:
    write_address(**{CODE: None})


def read_code(typed: str) -> CodeFilter | None:
    """The filter for a code as it is written; ICD-10-CM where no system is named, None where it is no code."""
    match = _CODE.fullmatch(typed)
    if match is None:
        return None
    named = (match["system"] or CodeSystem.ICD_10_CM).upper()
    systems = [system for system in CodeSystem if system.value == named]
    if not systems:
        return None
    if typed.endswith("*"):
        return CodeFilter(system=systems[0], prefix=match["code"])
    return CodeFilter(system=systems[0], code=match["code"])


def filter_by(
    *,
    words: str = "",
    kind: str | None = None,
    asserted: str | None = None,
    section: str | None = None,
    specialty: str | None = None,
    code: CodeFilter | None = None,
) -> EntitySearch:
    """The search that these filters make; `present` is what is asserted in no other way."""
    return EntitySearch(
        text=words or None,
        entity_types=(EntityType(kind),) if kind else None,
        assertion=_assertion(asserted),
        sections=(SectionType(section),) if section else None,
        specialties=(specialty,) if specialty else None,
        code=code,
    )


def _assertion(asserted: str | None) -> AssertionFilter:
    if asserted is None:
        return AssertionFilter()
    if asserted == _PRESENT:
        return AssertionFilter.model_validate(dict.fromkeys(ASSERTIONS, False))
    return AssertionFilter.model_validate({asserted: True})
