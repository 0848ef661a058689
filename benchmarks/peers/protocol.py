"""What a system's program says and hears: JSON Lines on standard input and output; standard library alone.

The program first says `{"ready": {...}}` with the versions of its packages and the CPU seconds of its start, then
answers each line:

- `{"id", "text"}`: extract; `{"id", "text", "spans": [[begin, end, type]]}`: read the given spans. The answer is a
  record `{"id", "entities", "sections", "cpu_s"}`, with entities as `hctap-etl extract` writes them; what the system
  cannot do is null; an error is named by its class, never by its message, which might quote the text.
- `{"time": [[text, spans]], "seconds"}`: extract from the texts over and over for that many CPU seconds, at least
  once; a system that finds nothing by itself reads the spans.

At the end of the input it says `{"done": {"peak_mb"}}`.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol, TextIO

Record = dict[str, Any]
Spans = Sequence[tuple[int, int, str]]
_KILOBYTES_PER_MEGABYTE = 1024


class System(Protocol):
    """A system that is ready to read."""

    @property
    def packages(self) -> Sequence[str]:
        """The distributions whose versions are told."""
        ...

    def extract(self, text: str) -> Record | None:
        """What the system finds in a text, or None if it finds nothing by itself."""
        ...

    def read_spans(self, text: str, spans: Spans) -> Record | None:
        """What the system says of given spans, in their order, or None if it takes none."""
        ...


Load = Callable[[argparse.Namespace], System]


def serve(load: Load, *options: str) -> int:
    """Answer until the input ends; `options` are further arguments that `load` wants, each with a value."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--terms", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--prepare", action="store_true", help="make what is made once, and end")
    for option in options:
        parser.add_argument(option)
    given = parser.parse_args()
    # Whatever a library prints must not come between the answers.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    system = load(given)
    if given.prepare:
        return 0
    _say(out, {"ready": {"packages": _versions(system.packages), "cpu_s": time.process_time()}})
    for line in sys.stdin:
        _say(out, _answer(system, json.loads(line)))
    _say(out, {"done": {"peak_mb": _peak_kilobytes() // _KILOBYTES_PER_MEGABYTE}})
    return 0


def _peak_kilobytes() -> int:
    """The most memory that this program held; `ru_maxrss` alone would count what its parent held when it forked."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _versions(packages: Sequence[str]) -> dict[str, str]:
    return {name: metadata.version(name) for name in packages}


def _say(out: TextIO, record: Record) -> None:
    out.write(json.dumps(record) + "\n")
    out.flush()


def _answer(system: System, request: Record) -> Record:
    if "time" in request:
        return {"timed": _time(system, request["time"], request["seconds"])}
    begun = time.process_time()
    try:
        if "spans" in request:
            record = system.read_spans(request["text"], [(b, e, kind) for b, e, kind in request["spans"]])
        else:
            record = system.extract(request["text"])
    except Exception as error:  # noqa: BLE001 - a peer may fail in any way, and the others go on
        return {"id": request["id"], "error": type(error).__name__}
    spent = time.process_time() - begun
    return {"id": request["id"], "cpu_s": spent, "record": record}


def _time(system: System, texts: Sequence[tuple[str, Spans]], seconds: float) -> Record:
    characters = 0
    extracts = True
    begun = spent = time.process_time()
    try:
        while spent - begun < seconds:
            for text, spans in texts:
                if extracts:
                    extracts = system.extract(text) is not None
                if not extracts:
                    system.read_spans(text, [(b, e, kind) for b, e, kind in spans])
                characters += len(text)
            spent = time.process_time()
    except Exception as error:  # noqa: BLE001 - as above
        return {"error": type(error).__name__}
    return {"characters": characters, "cpu_s": spent - begun, "extracts": extracts}
