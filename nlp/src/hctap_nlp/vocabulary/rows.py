"""One row of a vocabulary source: a concept with the words that name it."""

from dataclasses import dataclass

from hctap_core.entities import EntityType


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code of a concept; `release` names the edition of the system it was read from."""

    system: str
    code: str
    display: str = ""
    release: str = ""


@dataclass(frozen=True, slots=True)
class Restriction:
    """When a form counts: as written only, with a context word near, without a killer word beside it.

    `context`: at least one of these words stands within `CONTEXT_REACH` characters of the form.
    `unless`: none of these words stands directly before or after it.
    """

    exact: str | None = None
    context: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


CONTEXT_REACH = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A concept of one source: its type, preferred name, the forms that notes use, its codes."""

    type: EntityType
    name: str
    forms: tuple[str, ...]
    source: str
    codes: tuple[CodeRow, ...] = ()
    restriction: Restriction | None = None
    is_abbreviation: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from, for `vocabulary info` and for the licence list."""

    name: str
    release: str
    licence: str
    rows: int = 0
