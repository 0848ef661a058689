"""Small files in the formats of the publishers, with rows that nobody published."""

import json
from collections.abc import Sequence
from pathlib import Path

from hctap_nlp.vocabulary.imports.importing import Wish, import_parcel, open_parcel
from hctap_nlp.vocabulary.imports.shelf import Card, read_rows
from hctap_nlp.vocabulary.rows import Row

LOINC_COLUMNS = (
    "LOINC_NUM,COMPONENT,PROPERTY,TIME_ASPCT,SYSTEM,SCALE_TYP,METHOD_TYP,CLASS,VersionLastChanged,STATUS,CLASSTYPE,"
    "RELATEDNAMES2,SHORTNAME,LONG_COMMON_NAME,COMMON_TEST_RANK,DisplayName"
)
# Where a row says nothing, the columns are those of the first.
_LOINC_FIRST = (
    "90001-1", "Zorbase", "MCnc", "Pt", "Ser/Plas", "Qn", "", "CHEM", "2.80", "ACTIVE", "1",
    "Zrb; Chemistry; Zorb level", "Zorbase SerPl-mCnc", "Zorbase [Mass/volume] in Serum or Plasma", "12", "Zorbase",
)  # fmt: skip


def loinc(**columns: str) -> str:
    """A line of LOINC's table."""
    record = dict(zip(LOINC_COLUMNS.split(","), _LOINC_FIRST, strict=True)) | columns
    return ",".join('"' + value.replace('"', '""') + '"' for value in record.values())


_QUIBBLE = {"COMPONENT": "Quibble", "VersionLastChanged": "2.9", "RELATEDNAMES2": "Chemistry", "COMMON_TEST_RANK": "0"}
_BARE = {"RELATEDNAMES2": "", "COMMON_TEST_RANK": "0", "DisplayName": ""}
LOINC_ROWS = (
    loinc(),
    loinc(LOINC_NUM="90002-2", VersionLastChanged="2.81", RELATEDNAMES2="Zrb; Chemistry", SHORTNAME="Zorbase Ur-mCnc",
          LONG_COMMON_NAME="Zorbase [Mass/volume] in Urine", COMMON_TEST_RANK="900", DisplayName=""),
    loinc(**_QUIBBLE, LOINC_NUM="90003-3", SHORTNAME="Quibble Ser", LONG_COMMON_NAME='Quibble, "free" in Serum',
          DisplayName=""),
    loinc(**_QUIBBLE, LOINC_NUM="90004-4", SHORTNAME="Quibble Ur", LONG_COMMON_NAME="Quibble in Urine", STATUS="TRIAL",
          DisplayName=""),
    loinc(**_BARE, LOINC_NUM="90005-5", COMPONENT="Oldase", STATUS="DEPRECATED"),
    loinc(**_BARE, LOINC_NUM="90006-6", COMPONENT="Mood", CLASSTYPE="4"),
)  # fmt: skip
RF2_DESCRIPTION = "id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId"
RF2_CONCEPT = "id effectiveTime active moduleId definitionStatusId"
RF2_RELATION = (
    "id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId"
)
FSN, SYNONYM, DEFINITION = "900000000000003001", "900000000000013009", "900000000000550004"
OBO = """format-version: 1.2
data-version: doid/releases/2025-10-31/doid.obo
property_value: http://purl.org/dc/terms/license https://creativecommons.org/publicdomain/zero/1.0/ xsd:string

[Term]
id: DOID:1
name: zorblax fever
synonym: "glowing ague" EXACT []
synonym: "ague" BROAD []
xref: ICD10CM:A68.9
xref: MESH:D1

[Term]
id: DOID:2
name: twofold quibble syndrome
xref: ICD10CM:A01.00
xref: ICD10CM:A01.09

[Term]
id: DOID:3
name: obsolete zorblax
is_obsolete: true
"""


def conso(
    cui: str, sab: str, tty: str, name: str, *, suppress: str = "N", language: str = "ENG", code: str = ""
) -> str:
    """A line of RXNCONSO or MRCONSO."""
    return f"{cui}|{language}|P|L1|PF|S1|Y|A{cui}{tty}|||{cui}|{sab}|{tty}|{code or cui}|{name}|0|{suppress}|4096|\n"


def relation(one: str, other: str, rela: str) -> str:
    """A line of RXNREL."""
    return f"{one}||CUI|RN|{other}||CUI|{rela}|1||RXNORM|RXNORM||||4096|\n"


def description(concept: int, term: str, *, kind: str = SYNONYM, active: int = 1, language: str = "en") -> str:
    """A line of SNOMED CT's descriptions."""
    return "\t".join(("1", "20250901", str(active), "9", str(concept), language, kind, term, "9")) + "\n"


def concept(number: int, active: int = 1) -> str:
    """A line of SNOMED CT's concepts."""
    return f"{number}\t20250901\t{active}\t9\t9\n"


def is_a(child: int, parent: int, active: int = 1) -> str:
    """A line of SNOMED CT's relationships."""
    return f"1\t20250901\t{active}\t9\t{child}\t{parent}\t0\t116680003\t9\t9\n"


def heading(columns: str) -> str:
    """The first line of a file of SNOMED CT."""
    return columns.replace(" ", "\t") + "\r\n"


def rules(key: str, *records: dict[str, object]) -> str:
    """A file of medSpaCy's rules."""
    return json.dumps({key: records})


def write(folder: Path, **contents: str) -> Path:
    """Files whose names say nothing of what is in them."""
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.dat").write_text(content, encoding="utf-8")
    return folder


def bring(folder: Path, files: Sequence[Path], wish: Wish | None = None) -> tuple[Card, list[Row]]:
    """The card and the rows of an import of the files."""
    wish = wish or Wish()
    card = import_parcel(folder, open_parcel(files, wish), wish)
    return card, list(read_rows(folder, card))
