"""An import from the user's files to the shelf."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hctap_core.entities import EntityType
from hctap_core.errors import UnsupportedInput
from hctap_nlp.vocabulary.imports import loinc, medspacy, ontologies, rxnorm, shelf, snomed, tables, umls
from hctap_nlp.vocabulary.imports.files import Advance, ImportFile, find_files
from hctap_nlp.vocabulary.imports.kinds import Kind, Part, kind_of
from hctap_nlp.vocabulary.imports.reading import Reading, Rows

_READERS: Mapping[Kind, Callable[[Reading], Rows]] = {
    Kind.RXNORM: rxnorm.read_rxnorm,
    Kind.LOINC: loinc.read_loinc,
    Kind.SNOMED: snomed.read_snomed,
    Kind.UMLS: umls.read_umls,
    Kind.OBO: ontologies.read_ontology,
    Kind.CSV: tables.read_table,
    Kind.TARGET_RULES: medspacy.read_target_rules,
    Kind.CONTEXT_RULES: medspacy.read_context_rules,
}
# Kinds whose files are named by those who made them, not by a release.
_OWN_NAMES = frozenset({Kind.OBO, Kind.CSV, Kind.TARGET_RULES, Kind.CONTEXT_RULES})


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user says of the files; an empty text means that the files say it themselves."""

    kind: Kind | None = None
    type: EntityType | None = None
    name: str = ""
    release: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Files of one kind that become one import."""

    kind: Kind
    name: str
    files: dict[Part, list[ImportFile]]

    @property
    def size(self) -> int:
        """The bytes that will be read."""
        return sum(file.size for files in self.files.values() for file in files)


def open_parcel(paths: Sequence[Path], wish: Wish) -> Parcel:
    """The files that the paths name, as one import; what they are is seen by their content.

    Raises:
        UnsupportedInput: If they cannot be read, are nothing that can be imported, or are of several kinds.
    """
    files: dict[Part, list[ImportFile]] = {}
    kinds: dict[Kind, ImportFile] = {}
    for file in find_files(paths):
        kind, part = (wish.kind, Part.NAMES) if wish.kind in _OWN_NAMES and wish.kind else kind_of(file)
        if wish.kind is not None and kind is not wish.kind:
            raise UnsupportedInput(f"{file.name} is {kind}, not {wish.kind}.", remedy="Correct `--as`.")
        kinds.setdefault(kind, file)
        files.setdefault(part, []).append(file)
    if len(kinds) > 1:
        said = ", ".join(f"{file.name} is {kind}" for kind, file in kinds.items())
        raise UnsupportedInput(f"These files are of several kinds: {said}.", remedy="Import one kind at a time.")
    kind = next(iter(kinds))
    if Part.NAMES not in files:
        raise UnsupportedInput(
            f"The files of {kind} that hold the names are missing.",
            remedy="Give them as well: RXNCONSO.RRF, MRCONSO.RRF, sct2_Description_Snapshot….",
        )
    if kind is Kind.LOINC:
        # A release has the whole table and its core: the same rows twice.
        files[Part.NAMES] = [max(files[Part.NAMES], key=lambda file: file.size)]
    stem = (files[Part.NAMES][0].member or files[Part.NAMES][0].path.name).rpartition("/")[2]
    name = wish.name or (stem.partition(".")[0] if kind in _OWN_NAMES else kind.value)
    return Parcel(kind, shelf.name_from(name), files)


def import_parcel(folder: Path, parcel: Parcel, wish: Wish, advance: Advance | None = None) -> shelf.Card:
    """Read the files, and put what is of use on the shelf of the vocabulary folder.

    Raises:
        UnsupportedInput: If a file breaks its format, or nothing can be used.
    """
    reading = Reading(parcel.name, parcel.files, wish.type, wish.release, wish.licence, advance)
    try:
        return shelf.store(folder, parcel.kind.value, reading, _READERS[parcel.kind](reading))
    except csv.Error as error:
        raise UnsupportedInput(f"{parcel.name} is no sound CSV: {error}.", remedy="Correct the file.") from None
