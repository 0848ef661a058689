"""What a client brings in, and takes away."""

from hctap_client.connection import Connection, answer_of, part_of
from hctap_core.deletions import DeletionAccepted, DeletionReason
from hctap_core.uploads import NoteFields, NoteUpload, Upload, UploadAccepted


class UploadCalls(Connection):
    """Notes taken in: as text, as files; and deleted."""

    def upload_note(self, note: NoteUpload) -> UploadAccepted:
        """Take a note in.

        Raises:
            NoteConflict: Another note has its id.
            BadInput: It can be no note.
        """
        # What is set to null says something: without an extractor the note waits for the next run.
        content = note.model_dump_json(exclude_unset=True)
        headers = {"Content-Type": "application/json"}
        return answer_of(self.ask("POST", "/v1/notes", content=content, headers=headers), UploadAccepted)

    def upload_file(self, data: bytes, fields: NoteFields | None = None) -> UploadAccepted:
        """Take a note in as a file: PDF, DOCX or text in UTF-8.

        Raises:
            NoteConflict: Another note has its id.
            FileTooLarge: It has more than 10 MiB.
            UnsupportedInput: It is of no kind that can be read.
            BadInput: It cannot be read, or holds no text.
        """
        files = {"file": ("note", data, "application/octet-stream")}
        form = {"note": (fields or NoteFields()).model_dump_json(exclude_unset=True)}
        return answer_of(self.ask("POST", "/v1/notes/files", files=files, data=form), UploadAccepted)

    def delete_note(self, note_id: str, reason: DeletionReason) -> DeletionAccepted:
        """Delete a note with all that was found in it; asked again, it says how far the lake is cleared of it.

        Raises:
            NoteNotFound: There is no such note.
            RunConflict: A run is working on it.
        """
        path = f"/v1/notes/{part_of(note_id)}"
        return answer_of(self.ask("DELETE", path, params={"reason": reason.value}), DeletionAccepted)

    def upload(self, upload_no: int) -> Upload:
        """How far an uploaded note has come.

        Raises:
            NoteNotFound: There is no such upload.
        """
        return self.read(f"/v1/uploads/{upload_no}", Upload)
