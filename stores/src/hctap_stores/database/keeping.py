"""What a session knows to be in the tables that hold each thing once, so that a shard does not send it again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hctap_stores.database.rows import Term

# Some 20 MB at most. The terms of notes are few and come again and again; what comes beyond is sent each time.
MOST: Final = 100_000


@dataclass(slots=True)
class Kept:
    """Terms and numbers of provenances and lists of codes that this session has committed for a run.

    While the run is worked on, none of its notes can be deleted, and so none of its terms.
    """

    run_no: int | None = None
    terms: set[Term] = field(default_factory=set)
    provenances: set[int] = field(default_factory=set)
    code_lists: set[int] = field(default_factory=set)

    def begin(self, run_no: int) -> None:
        """Forget what was committed for another run: its notes may have been deleted since."""
        if run_no != self.run_no:
            self.run_no = run_no
            self.terms.clear()
            self.provenances.clear()
            self.code_lists.clear()

    def remember(self, terms: Iterable[Term], provenances: Iterable[int], code_lists: Iterable[int]) -> None:
        """Take note of what was committed."""
        if len(self.terms) + len(self.provenances) + len(self.code_lists) < MOST:
            self.terms.update(terms)
            self.provenances.update(provenances)
            self.code_lists.update(code_lists)
