"""What the reader of a kind is given, and what it gives back."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hctap_core.entities import EntityType
from hctap_core.errors import UnsupportedInput
from hctap_nlp.vocabulary.imports.files import Advance, ImportFile
from hctap_nlp.vocabulary.imports.kinds import Part
from hctap_nlp.vocabulary.rows import Row

_DATES = (
    re.compile(r"(?<!\d)(?P<year>20\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?P<year>20\d\d)(?!\d)"),
)


@dataclass(slots=True)
class Reading:
    """An import while its files are read: what is wanted, what was found out, why rows were left out."""

    name: str
    files: dict[Part, list[ImportFile]]
    type: EntityType | None = None
    release: str = ""
    licence: str = ""
    advance: Advance | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    cues: list[dict[str, Any]] = field(default_factory=list)
    clinical_drugs: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """What concepts name as their source."""
        return f"import:{self.name}"

    def lines(self, part: Part = Part.NAMES) -> Iterator[str]:
        """The lines of the files of a part, one file after the other, without their ends."""
        for file in self.files.get(part, ()):
            for line in file.lines(self.advance):
                yield line.rstrip("\r\n")

    def fields(self, part: Part, separator: str, count: int) -> Iterator[list[str]]:
        """The lines of a part as fields; lines with fewer are left out."""
        for line in self.lines(part):
            fields = line.split(separator)
            if len(fields) >= count:
                yield fields
            elif line:
                self.left_out["too few fields"] += 1

    def state_release(self, release: str) -> None:
        """Take over a release unless the user has said one."""
        self.release = self.release or release

    def state_licence(self, licence: str) -> None:
        """Take over a licence unless the user has said one."""
        self.licence = self.licence or licence

    def release_in_names(self) -> str:
        """The date in the files' names (`..._20250901.txt`, `..._09022025.zip`), as `2025-09-01`, or nothing."""
        files = [file for files in self.files.values() for file in files]
        names = [name for file in files for name in (file.member or "", *reversed(file.path.absolute().parts))]
        found = next((match for name in names for date in _DATES if (match := date.search(name))), None)
        return f"{found['year']}-{found['month']}-{found['day']}" if found else ""

    def require_type(self) -> EntityType:
        """The type that the user says the terms have.

        Raises:
            UnsupportedInput: If none is said.
        """
        if self.type is None:
            raise UnsupportedInput(
                f"Nothing in the files of {self.name} says what type its terms have.",
                remedy="Say it with `--type PROBLEM` (or MEDICATION, TEST, PROCEDURE, ANATOMY).",
            )
        return self.type


Rows = Iterator[Row]
