"""The sections of a note as a list of places to jump to."""

from collections.abc import Sequence

from hctap_core.sections import Section, SectionType
from hctap_dashboard.links import jump
from hctap_dashboard.wording import show_name


def place_sections(sections: Sequence[Section]) -> dict[int, str]:
    """Where each section begins, with the id of the place."""
    return {section.begin: _place(index) for index, section in enumerate(sections)}


def list_sections(sections: Sequence[Section]) -> str:
    """The outline; nothing where the note has no headings."""
    if not sections:
        return ""
    items = "".join(f"<li>{jump(_title(section), _place(index))}</li>" for index, section in enumerate(sections))
    return f'<nav class="hc-outline" aria-label="Sections"><ol>{items}</ol></nav>'


def _place(index: int) -> str:
    return f"hc-section-{index + 1}"


def _title(section: Section) -> str:
    if section.type in {SectionType.OTHER, SectionType.UNKNOWN}:
        return section.header.strip(" :\r\n\t").capitalize() or "Without a heading"
    return show_name(section.type)
