"""ICD-10-CM (public domain, CDC/NCHS), as `simple-icd-10-cm` ships it: titles as terms, and names to codes.

Source: https://www.cdc.gov/nchs/icd/icd-10-cm/files.html.
"""

import importlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from types import ModuleType

from hctap_core.entities import EntityType
from hctap_nlp.vocabulary.packages import path_in
from hctap_nlp.vocabulary.rows import CodeRow, Row, Source

_LICENCE = "public domain (CDC/NCHS)"
_LONGEST_TITLE = 60
_IN_PARENTHESES = re.compile(r"\([^()]*\)")
_SIDE_WORDS = frozenset("left right bilateral unspecified side sides both".split())  # noqa: SIM905
_SIDE = re.compile(r"\b(?P<left>left)\b|\b(?P<right>right)\b|\b(?P<both>bilateral)\b", re.IGNORECASE)
_SHORTEST_PLURAL = 4
_LONGEST_CODE = 8
# External causes, factors influencing health status and provisional codes do not name problems.
_NOT_PROBLEMS = frozenset("UVWXYZ")
_NOT_SAID = re.compile(r"encounter|sequela|\bNEC\b|classified|specified|\[|trimester|other ", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+")
_EMPTY = frozenset("of the a an and or in to by for nos unspecified due at site type disorder disease syndrome".split())  # noqa: SIM905
# What a title adds where nothing more is said: `Migraine with aura, not intractable, without status migrainosus`.
_NOT_SAID_AT_ALL = re.compile(
    r",? (?:without|with unspecified|not intractable|not having achieved|initial encounter|uncomplicated"
    r"|cause unspecified|unspecified as to)\b.*$"
    r"|\bunspecified (?:eye|site|part|type|organism|cause|stage|severity)s?(?: of)?\b"
    r"|\b(?:unspecified|female|nos)\b"
)
_BRACKETS = re.compile(r"\[[^\]]*\]|\([^()]*\)")
_LOOSE_ENDS = re.compile(r"\b(?:of|in) *$")
_UNSPECIFIED = re.compile(r"unspecified|without complication|\bNOS\b|uncomplicated", re.IGNORECASE)


@cache
def _library() -> ModuleType:
    # Loads 10 MB of XML, so only where the vocabulary is compiled.
    return importlib.import_module("simple_icd_10_cm")


@cache
def release() -> str:
    """The edition that the library ships, such as `2026-04`, read from the name of its code list."""
    months = "January February March April May June July August September October November December".split()  # noqa: SIM905
    for entry in path_in("simple-icd-10-cm", "simple_icd_10_cm/data").iterdir():
        if found := re.fullmatch(r"code-list-([A-Za-z]+)-(\d{4})\.txt", entry.name):
            return f"{found[2]}-{months.index(found[1]) + 1:02d}"
    return "unknown"


@cache
def listed_codes() -> frozenset[str]:
    """All codes of this edition, without dots; read in milliseconds, where the library takes seconds."""
    folder = path_in("simple-icd-10-cm", "simple_icd_10_cm/data")
    lists = [entry for entry in folder.iterdir() if entry.name.startswith("code-list-")]
    return frozenset(line for entry in lists for line in entry.read_text(encoding="utf-8").split())


def is_billable(code: str) -> bool:
    """Whether the code exists in this edition and has no code below it."""
    library = _library()
    return bool(library.is_valid_item(code)) and bool(library.is_leaf(code))


def title_of(code: str) -> str:
    """The title of a code."""
    return str(_library().get_description(code))


def inclusions_of(code: str) -> list[str]:
    """The inclusion terms that stand at a code itself."""
    return list(_library().get_inclusion_term(code))


def code_row(code: str) -> CodeRow:
    """The code as it stands in a record: with title and edition."""
    return CodeRow("ICD-10-CM", code, title_of(code), release())


def read_icd10cm() -> tuple[Source, list[Row]]:
    """A row for each billable code whose title is short enough to be said in a note."""
    rows = []
    for code in billable_codes():
        # A title or inclusion term of one word (`Primary`, `Total`) often makes sense below its parent only.
        forms = tuple(
            form
            for form in _names_of(code)
            if " " in form and len(form) <= _LONGEST_TITLE and not _NOT_SAID.search(form)
        )
        if forms and code[0] not in _NOT_PROBLEMS:
            rows.append(Row(EntityType.PROBLEM, forms[0], forms, "icd10cm", (code_row(code),)))
    return Source("icd10cm", release(), _LICENCE, len(rows)), rows


def billable_codes() -> Iterator[str]:
    """Every billable code for a first encounter, in the order of the classification."""
    library = _library()
    for code in library.get_all_codes(with_dots=True):
        if library.is_category_or_subcategory(code) and library.is_leaf(code) and not _is_later_encounter(code):
            yield code


def _is_later_encounter(code: str) -> bool:
    """Whether the code's seventh character says: subsequent encounter or sequela, which no bare name says."""
    return len(code) == _LONGEST_CODE and code[-1] in "DS"


def _names_of(code: str) -> Iterator[str]:
    library = _library()
    for name in (library.get_description(code), *library.get_inclusion_term(code)):
        bare = re.sub(r"\s*(?:,\s*(?:unspecified|NOS)|\bNOS)$", "", name).strip()
        # Words in parentheses may be said or not: `Chronic systolic (congestive) heart failure`.
        yield " ".join(_IN_PARENTHESES.sub(" ", bare).split()).replace(" ,", ",")
        if "(" in bare:
            yield bare.replace("(", "").replace(")", "")


def key_of(name: str) -> tuple[str, ...]:
    """The words of a name that tell it from others, sorted: `Pneumonia, unspecified organism` is not `pneumonia`."""
    words = {_singular(word) for word in _WORD.findall(name.lower())}
    return tuple(sorted(words - _EMPTY))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > _SHORTEST_PLURAL and word.endswith("s") else word


class CodeIndex:
    """Finds the ICD-10-CM code that a name says, by its words in any order."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, ...], str] = {}
        library = _library()
        for code in library.get_all_codes(with_dots=True):
            if not library.is_category_or_subcategory(code) or code[0] in _NOT_PROBLEMS:
                continue
            target = code if library.is_leaf(code) else self._unspecified_below(code)
            if target and not _is_later_encounter(target):
                for name in _names_of(code):
                    self._codes.setdefault(key_of(name), target)

    def _unspecified_below(self, code: str) -> str | None:
        library = _library()
        while not library.is_leaf(code):
            children = library.get_children(code)
            unspecific = [child for child in children if _UNSPECIFIED.search(library.get_description(child))]
            if not unspecific:
                return None
            code = unspecific[-1]
        return code

    def find(self, name: str) -> str | None:
        """The code whose title or inclusion term has the same words, or None: no guess."""
        key = key_of(name)
        return self._codes.get(key) if key else None

    def find_by_synonyms(self, name: str, forms: Iterable[str]) -> str | None:
        """The one code that the synonyms of a name say, or else the one that those say which hold the name."""
        told = {form: code for form in forms if (code := self.find(form))}
        if len(codes := set(told.values())) > 1:
            words = set(key_of(name))
            codes = {code for form, code in told.items() if words <= set(key_of(form))}
        return codes.pop() if len(codes) == 1 else None


def sides() -> dict[str, dict[str, str]]:
    """Codes of an unspecified side, each with its siblings of the left, the right and both sides."""
    library = _library()
    table: dict[str, dict[str, str]] = {}
    for code in billable_codes():
        title = title_of(code)
        if "unspecified" not in title.lower():
            continue
        found: dict[str, str] = {}
        for sibling in _alike(code, library):
            name = title_of(sibling)
            # `Otalgia, bilateral` does not say `ear` again.
            if (side := _SIDE.search(name)) and _without_side(name) <= _without_side(title):
                found.setdefault(str(side.lastgroup), sibling)
        if found:
            table[code] = found
    return table


def classes(names: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Codes for want of detail, each with the highest code above it whose title says the same (`G43.909`: `G43`).

    Where the classification itself says of a name where it belongs (`Cancer NOS`: `C80.1`), that is the class: `names`
    are the names of problems, each with its code.
    """
    library = _library()
    table: dict[str, str] = {}
    for code in billable_codes():
        said = _said_by(title_of(code))
        for above in library.get_ancestors(code):
            title = title_of(above) if library.is_category_or_subcategory(above) else ""
            if " without " in title_of(table.get(code, code)).partition(",")[0] and " without " not in title:
                break  # `Migraine without aura` says something that `Migraine` does not
            if title and "unspecified" not in title.lower() and _said_by(title) == said:
                table[code] = above
    named: set[str] = set()
    for name, code in names:
        at = _place_of(name, code) if code not in named else None
        if at is not None:
            named.add(code)
            table.pop(code, None)
            if at != code:
                table[code] = at
    return table


def _place_of(name: str, code: str) -> str | None:
    """The code itself, or the highest above it, that is called by the name; None where none is."""
    library = _library()
    key = key_of(name)
    places = [code, *(above for above in library.get_ancestors(code) if library.is_category_or_subcategory(above))]
    return next((place for place in reversed(places) if any(key_of(said) == key for said in _names_of(place))), None)


def _said_by(title: str) -> str:
    bare = _NOT_SAID_AT_ALL.sub("", _BRACKETS.sub("", title.lower()))
    return _LOOSE_ENDS.sub("", " ".join(bare.replace(",", " ").split())).strip()


def _alike(code: str, library: ModuleType) -> list[str]:
    """The billable codes that differ from a code in one character, its side's or its encounter's place."""
    parent = library.get_parent(code)
    family = library.get_children(parent)
    if all(library.is_leaf(member) and member[:-1] == code[:-1] for member in family) and code[-1] not in "ADS":
        return [member for member in family if member != code]
    # With a seventh character the side stands one level above it.
    above = library.get_children(library.get_parent(parent)) if len(code) == _LONGEST_CODE else []
    cousins = [f"{other}{code[len(parent) :]}" for other in above if other != parent]
    return [*(m for m in family if m != code and library.is_leaf(m)), *(c for c in cousins if library.is_valid_item(c))]


def _without_side(title: str) -> frozenset[str]:
    return frozenset(_singular(word) for word in _WORD.findall(title.lower())) - _SIDE_WORDS
