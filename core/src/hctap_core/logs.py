"""Logs as JSON lines, in which no note text can stand.

A log call names a fixed event and facts from a closed list of fields:
`log.info("note_quarantined", extra={"note_id": ...})`.
Fields outside the list are dropped and named in `dropped`, and exceptions are reduced to their class and place.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

FIELDS = frozenset(
    """
    address attempt batch_id bucket bytes command count done duplicates duration_ms entities error extractor
    freshness_minutes host key method note_id notes notes_per_second part path pid pipeline_hash port quarantined
    queue_age_s queue_depth reason remaining remedy request_id route run_id shard shards state status total version
    """.split(),  # noqa: SIM905 - a list of words reads better as words
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_KNOWN = FIELDS | _STANDARD
# Made once: `json.dumps` makes one for each line.
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, event, and the allowed fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line; a message of another library is kept, its arguments are not."""
        ours = record.name.startswith("hctap")
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg) if not record.args or ours else str(record.msg).split("%", 1)[0].strip(),
        }
        given = vars(record)
        line |= {key: value for key, value in given.items() if key in FIELDS}
        if dropped := given.keys() - _KNOWN:
            line["dropped"] = sorted(dropped)
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["at"] = _places(record.exc_info[2])
        return _ENCODER.encode(line)


def _places(trace: object) -> list[str]:
    frames = traceback.extract_tb(trace) if trace is not None else []  # type: ignore[arg-type]
    return [f"{frame.name}:{frame.lineno}" for frame in frames[-4:]]


def configure_logs(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs of this process to `stream` (standard error by default) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # No line says them, and each is looked up for each line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for noisy in ("botocore", "boto3", "urllib3", "s3transfer", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
