"""Notes that come in: as JSON or as files, kept with their original, and read by a worker."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Request, Response, UploadFile
from pydantic import Json

from hctap_api import upload_examples
from hctap_api.engine.files import ENDINGS, read_file
from hctap_api.engine.workers import Workers
from hctap_api.gate import Gate, needs, principal_of
from hctap_api.routes.orders import NOBODY
from hctap_api.routes.responses import (
    ANY_OTHER,
    EXTRACTOR_NOT_FOUND,
    INVALID,
    NOTE_CONFLICT,
    NOTE_NOT_FOUND,
    TOO_LARGE,
    UNAVAILABLE,
    UNSUPPORTED,
    accepted,
    answer,
)
from hctap_api.routes.runs import JSON
from hctap_api.sessions import Sessions
from hctap_core.errors import BadInput, FileTooLarge, NoteConflict, UnknownExtractor, UnsupportedInput
from hctap_core.notes import Note, note_from_json, note_from_record
from hctap_core.permissions import Permission
from hctap_core.uploads import MAX_UPLOAD_BYTES, NoteFields, NoteUpload, Upload, UploadAccepted
from hctap_nlp.extractors import EXTRACTORS
from hctap_stores.database import uploads, workers
from hctap_stores.database.connection import Database
from hctap_stores.database.uploads import Original
from hctap_stores.lake.keys import note_key, upload_key
from hctap_stores.lake.lake import Lake

ACCEPTED = accepted("The note is kept; follow it at its address.", upload_examples.ACCEPTED)
_NOT_OF_THE_NOTE = {"extractor", "text"}


def make_uploads_router(sessions: Sessions, lake: Lake, engines: Workers, gate: Gate) -> APIRouter:
    """The routes that take notes in, and say how far they have come."""
    router = APIRouter(tags=["notes"], responses=INVALID | UNAVAILABLE | ANY_OTHER)
    desk = _Desk(sessions, lake, gate)
    _add_taking(router, desk, engines)

    @router.get(
        "/v1/uploads/{upload_no}",
        response_model=Upload,
        responses=answer("The upload.", upload_examples.UPLOAD) | NOTE_NOT_FOUND,
        dependencies=needs(gate, Permission.NOTES_READ),
    )
    async def get_upload(upload_no: Annotated[int, Path(description="Its number.", ge=1, le=2**31 - 1)]) -> Response:
        """Show how far an uploaded note has come: uploaded, processing, completed or failed."""
        found = await sessions.do(lambda database: uploads.find_upload(database, upload_no))
        return Response(found.model_dump_json(), media_type=JSON)

    return router


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where notes are taken in: the original and the note into the lake, then both into the database."""

    sessions: Sessions
    lake: Lake
    gate: Gate

    async def take(self, request: Request, fields: NoteFields, text: str, data: bytes, media_type: str) -> Response:
        """Keep a note and say what will become of it."""
        if fields.extractor is not None and fields.extractor not in EXTRACTORS:
            known = f"Known extractors: {', '.join(EXTRACTORS)}."
            raise UnknownExtractor("There is no extractor of that name.", remedy=known)
        note = _note_of(fields, text)
        await self.sessions.do(lambda database: uploads.check_note_id(database, note))
        original = await asyncio.to_thread(_keep, self.lake, note, data, media_type)
        by = principal_of(request).actor

        def enter(database: Database) -> tuple[Upload, int]:
            made = uploads.enter_upload(database, note, original, by, fields.extractor)
            run_no = uploads.run_number_of(database, made)
            return made, 0 if run_no is None else workers.count_workers(database, run_no)

        made, count = await self.sessions.do(enter)
        await self.gate.record(request, "note.upload", note_id=note.note_id, run_id=made.run_id)
        remedy = NOBODY if made.run_id is not None and not count else None
        body = UploadAccepted(upload=made, workers=count, remedy=remedy).model_dump_json()
        return Response(body, 202, {"Location": f"/v1/uploads/{made.upload_no}"}, JSON)


def _add_taking(router: APIRouter, desk: _Desk, engines: Workers) -> None:
    allowed = needs(desk.gate, Permission.NOTES_CHANGE)
    refusals = NOTE_CONFLICT | EXTRACTOR_NOT_FOUND | TOO_LARGE

    @router.post(
        "/v1/notes", status_code=202, response_model=UploadAccepted, responses=ACCEPTED | refusals, dependencies=allowed
    )
    async def upload_note(request: Request, note: NoteUpload) -> Response:
        """Take a note in, as JSON; a worker reads it."""
        return await desk.take(request, note, note.text, note.text.encode("utf-8", "surrogatepass"), "text/plain")

    @router.post(
        "/v1/notes/files",
        status_code=202,
        response_model=UploadAccepted,
        responses=ACCEPTED | refusals | UNSUPPORTED,
        dependencies=allowed,
    )
    async def upload_file(
        request: Request,
        file: Annotated[UploadFile, File(description="PDF, DOCX or text in UTF-8, of 10 MiB at most.")],
        note: Annotated[Json[NoteFields], Form(description="What is known of the note, as JSON.")] = NoteFields(),  # noqa: B008 - frozen
    ) -> Response:
        """Take a note in as a file; what it is is seen by its content, and all offsets refer to its text."""
        data = await file.read(MAX_UPLOAD_BYTES + 1)
        if len(data) > MAX_UPLOAD_BYTES:
            raise FileTooLarge(f"A file may have {MAX_UPLOAD_BYTES} bytes.", remedy="Send less at a time.")
        # Elsewhere: a file may keep its reader busy, and a process can be ended.
        found = await engines.run(read_file, data)
        if found.fault is not None:
            kind = BadInput if found.is_known else UnsupportedInput
            raise kind(found.fault, remedy="Send PDF or DOCX with text, or text in UTF-8.")
        return await desk.take(request, note, found.text, data, found.media_type)


def _note_of(fields: NoteFields, text: str) -> Note:
    record = fields.model_dump(mode="json", exclude=_NOT_OF_THE_NOTE, exclude_none=True)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return note_from_record({"note_id": f"upload-{digest[:16]}", "text": text} | record)


def _keep(lake: Lake, note: Note, data: bytes, media_type: str) -> Original:
    """Lay the original and the note into the lake; what is there already stays.

    Raises:
        NoteConflict: If the lake has another note under this id.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    key = upload_key(sha256, ENDINGS[media_type])
    lake.raw.create(key, data, {"Content-Type": media_type})
    if not lake.raw.create(note_key(note.note_id), note.to_json(), {"Content-Type": JSON}):
        there = lake.raw.read(note_key(note.note_id))
        if there is None or note_from_json(there.data).content_sha256 != note.content_sha256:
            raise NoteConflict("Another note has this id.", remedy="Give the note another id, or none.")
    return Original(media_type, len(data), sha256, key)
