"""Asking a system: its program is started in a process of its own and spoken to in JSON Lines."""

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from benchmarks.documents import Document, spans_of
from benchmarks.environments import PeerUnavailable, last_line

Request = dict[str, Any]
Advance = Callable[[int], None]
SECONDS: Final = 600


@dataclass(slots=True)
class Answers:
    """What a system said and what it cost; `records` has no entry for what it cannot do."""

    packages: dict[str, str] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    timed: dict[str, Any] | None = None
    first_s: float | None = None
    load_cpu_s: float | None = None
    peak_mb: int | None = None
    violations: int = 0

    @property
    def characters_per_s(self) -> float | None:
        """Characters read in a second of one core's CPU."""
        if not self.timed or "error" in self.timed:
            return None
        return float(self.timed["characters"]) / float(self.timed["cpu_s"])


def to_extract(document: Document, prefix: str = "extract") -> Request:
    """The request to extract from a document."""
    return {"id": f"{prefix}:{document.id}", "text": document.text}


def to_read(document: Document, prefix: str = "read") -> Request:
    """The request to read a document's own spans."""
    return {
        "id": f"{prefix}:{document.id}",
        "text": document.text,
        "spans": [list(span) for span in spans_of(document)],
    }


def to_time(documents: Sequence[Document], seconds: float) -> Request:
    """The request to read documents over and over."""
    return {"time": [[d.text, [list(span) for span in spans_of(d)]] for d in documents], "seconds": seconds}


def ask(
    command: Sequence[str], root: Path, requests: Sequence[Request], advance: Advance, *, seconds: float = SECONDS
) -> Answers:
    """The answers to the requests, from one process; `advance` is called with each.

    Raises:
        PeerUnavailable: Where the process ends before it has answered all, or takes longer than `seconds`.
    """
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "0"}
    begun = time.perf_counter()
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env=environment, text=True
        ) as process,
    ):
        alarm = threading.Timer(seconds, process.kill)
        alarm.start()
        writer = threading.Thread(target=_write, args=(process.stdin, requests), daemon=True)
        writer.start()
        try:
            answers, ended = _read(process.stdout, begun, advance)
        finally:
            alarm.cancel()
        process.wait()
        if not ended:
            raise PeerUnavailable(_why(process.returncode, answers, said, time.perf_counter() - begun >= seconds))
    texts = {request["id"]: request["text"] for request in requests if "id" in request}
    answers.violations = sum(
        not _fits(entity, texts[key]) for key, record in answers.records.items() for entity in record["entities"]
    )
    return answers


def _fits(entity: dict[str, Any], text: str) -> bool:
    begin, end = entity["begin"], entity["end"]
    return bool(0 <= begin < end <= len(text) and entity.get("text", text[begin:end]) == text[begin:end])


def prepare(command: Sequence[str], root: Path, *, seconds: float) -> None:
    """Let a system make what it makes once.

    Raises:
        PeerUnavailable: With the last line of what it said, or where it takes longer than `seconds`.
    """
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(
            [*command, "--prepare"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise PeerUnavailable(f"it was not prepared in {seconds:.0f} s") from None
    if done.returncode:
        raise PeerUnavailable(last_line(done.stderr) or f"its preparation ended with {done.returncode}")


def _write(stream: IO[str] | None, requests: Sequence[Request]) -> None:
    if stream is not None:
        try:
            with stream:
                for request in requests:
                    stream.write(json.dumps(request) + "\n")
        except BrokenPipeError:
            return  # the reader says why


def _read(stream: IO[str] | None, begun: float, advance: Advance) -> tuple[Answers, bool]:
    answers, ended = Answers(), False
    for line in stream or ():
        said = json.loads(line)
        if "ready" in said:
            answers.packages, answers.load_cpu_s = said["ready"]["packages"], said["ready"]["cpu_s"]
        elif "done" in said:
            answers.peak_mb, ended = said["done"]["peak_mb"], True
        else:
            advance(1)
            _keep(answers, said)
            answers.first_s = answers.first_s or time.perf_counter() - begun
    return answers, ended


def _keep(answers: Answers, said: dict[str, Any]) -> None:
    if "timed" in said:
        answers.timed = said["timed"]
    elif "error" in said:
        answers.errors[said["id"]] = said["error"]
    elif said["record"] is not None:
        answers.records[said["id"]] = said["record"]


def _why(code: int, answers: Answers, said: IO[bytes], late: bool) -> str:  # noqa: FBT001 - a fact, not a switch
    if late:
        return "no answer in time"
    if answers.packages:
        return f"ended with {code} after {len(answers.records)} answers"
    # Nothing of a text can be in what a program said before it was ready to read one.
    said.seek(0)
    return last_line(said.read().decode(errors="replace")) or f"ended with {code} before it was ready"
