"""What is written about notes, by the job, the API, PostgreSQL and the audit, holds nothing of their texts."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from tests.clinic import make_buckets, settings_of

from hctap_embedded.stack import Stack
from hctap_stores.database.connection import Database

pytestmark = pytest.mark.stack

# Words that stand in these notes and nowhere else.
SECRETS = ("Zyxomandra Quillfeather", "quibblefever", "Vexatrill", "555-0199-7731")
NOTES = {
    "silent-1": "HPI: Zyxomandra Quillfeather has quibblefever and chest pain. Phone 555-0199-7731.",
    "silent-2": "MEDICATIONS: Vexatrill 20 mg daily, aspirin 81 mg. No quibblefever.",
}
BROKEN = (b"\xff\xfeZyxomandra Quillfeather", b"", b'{"note_id": "x", "text": "quibblefever"')


def test_no_log_and_no_audit_holds_text_of_notes(stack: Stack, environment: dict[str, str], tmp_path: Path) -> None:
    make_buckets(settings_of(stack, environment["HCTAP_DATABASE_URL"]))
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in NOTES.items():
        (folder / f"{name}.txt").write_text(text)
    for number, content in enumerate(BROKEN):
        (folder / f"broken-{number}.json").write_bytes(content)
    environment = {**os.environ, **environment, "HCTAP_LOG_LEVEL": "DEBUG"}
    said = b""
    for command in (["db", "upgrade"], ["import", str(folder)], ["run"], ["runs", "list"]):
        done = subprocess.run(
            [sys.executable, "-m", "hctap_etl", *command], env=environment, capture_output=True, check=False
        )
        assert done.returncode in {0, 3}, done.stderr
        said += done.stdout + done.stderr
    log = tmp_path / "api.log"
    said += _ask_everything(environment, log, _free_port())
    said += (stack.home / "logs" / "postgres.log").read_bytes()
    with Database(environment["HCTAP_DATABASE_URL"]) as database, database.transaction() as connection:
        audit = "\n".join(str(row) for row in connection.execute("SELECT * FROM audit"))
    assert "silent-1" in audit
    assert b'"event": "request"' in said
    for secret in SECRETS:
        assert secret.encode().lower() not in said.lower(), f"{secret!r} stands in a log"
        assert secret.lower() not in audit.lower(), f"{secret!r} stands in the audit"


def _ask_everything(environment: dict[str, str], log: Path, port: int) -> bytes:
    environment = environment | {"HCTAP_API_PORT": str(port), "HCTAP_API_WORKERS": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "hctap_api"], env=environment, stdout=out, stderr=out)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                _wait(client)
                assert SECRETS[0] in client.get("/v1/notes/silent-1").text
                client.get("/search", params={"q": "quibblefever"})
                client.get("/v1/notes/Zyxomandra Quillfeather")
                client.get("/Vexatrill", params={"Vexatrill": "quibblefever"})
                client.post("/v1/notes/search", json={"words": "quibblefever"})
                client.post("/v1/notes/search", json={"words": {"Vexatrill": 1}})
                client.post("/v1/entities/search", json={"text": "quibblefever"})
                client.post("/v1/entities/search", json={"text": {"Vexatrill": 1}, "Zyxomandra Quillfeather": 2})
                client.post("/v1/entities/search", content=b'{"text": "quibblefever')
                for path in ("/v1/extract", "/extract"):
                    assert client.post(path, json={"text": NOTES["silent-2"]}).status_code == httpx.codes.OK
                client.post("/v1/extract", json={"text": NOTES["silent-2"], "extractor": "Vexatrill"})
                client.post("/v1/vocabulary/terms/search", json={"words": "quibblefever"})
                assert all(secret not in client.get("/metrics").text for secret in SECRETS)
        finally:
            process.terminate()
            process.wait(30)
    return log.read_bytes()


def _wait(client: httpx.Client) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            if client.get("/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "the API was not ready in time"
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
