"""Which notes can be picked, and where one step back or forth leads."""

from dataclasses import dataclass

from hctap_client import Client
from hctap_core.answers import NoteSummary

PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Step:
    """Where a step leads: a note, and the cursor of the page that it is on; without a note, the page's first."""

    note_id: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of notes with the picked one; `after` is the cursor that gives the page.

    A note that was opened by its id alone may stand before the page and not on it.
    """

    notes: tuple[NoteSummary, ...]
    note_id: str
    after: str | None
    next_cursor: str | None

    @property
    def options(self) -> list[str]:
        """The ids that can be picked, the picked one among them."""
        ids = [note.note_id for note in self.notes]
        return ids if self.note_id in ids else [self.note_id, *ids]

    @property
    def previous(self) -> Step | None:
        """The step to the note before, None where it is not known."""
        index = self._index
        if index > 0:
            return Step(self.notes[index - 1].note_id, self.after)
        # The cursor of a page is the id of the last note of the page before.
        return Step(self.after, None) if index == 0 and self.after is not None else None

    @property
    def next(self) -> Step | None:
        """The step to the note after, None at the end."""
        if self._index + 1 < len(self.notes):
            return Step(self.notes[self._index + 1].note_id, self.after)
        return None if self.next_cursor is None else Step(None, self.next_cursor)

    @property
    def _index(self) -> int:
        """The picked note's place on the page, -1 where it stands before it."""
        ids = [note.note_id for note in self.notes]
        return ids.index(self.note_id) if self.note_id in ids else -1


def list_notes(client: Client, note_id: str | None, after: str | None) -> Listing | None:
    """The page after a cursor with the note picked on it, its first note by default; None where there are no notes."""
    page = client.notes(after=after, limit=PAGE_SIZE)
    if not page.notes and after is not None:
        after = None
        page = client.notes(limit=PAGE_SIZE)
    if note_id is None:
        return Listing(page.notes, page.notes[0].note_id, after, page.next_cursor) if page.notes else None
    if all(note.note_id != note_id for note in page.notes):
        page = client.notes(after=note_id, limit=PAGE_SIZE)
        after = note_id
    return Listing(page.notes, note_id, after, page.next_cursor)
