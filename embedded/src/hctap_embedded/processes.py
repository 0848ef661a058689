"""Processes that outlive the command that started them, found again by their pid and start, or by a mark they carry."""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from hctap_embedded.records import ProcessRecord

# Linux reports a start as jiffies after a boot time that moves when the clock is set.
_SAME_START_SECONDS = 2.0
_STDERR = 2
_PAUSE_SECONDS = 0.01
_LOG_LIMIT_BYTES = 8 << 20


def start_detached(command: Sequence[str], environment: Mapping[str, str], log: Path) -> ProcessRecord:
    """Start `command` in a session of its own, its output appended to `log`."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
    # posix_spawn and not subprocess: no object is left behind that wants to be waited for.
    pid = os.posix_spawn(
        command[0],
        list(command),
        dict(environment),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
            *((os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in _inherited_descriptors()),
        ],
        setsid=True,
        setsigmask=[],
        setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE],
    )
    return ProcessRecord(pid, psutil.Process(pid).create_time())


def _inherited_descriptors() -> list[int]:
    """What the caller of this command left open for its children: locks and pipes that must not live on in a server."""
    inherited: list[int] = []
    folder = Path("/dev/fd")
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):
            if int(path.name) > _STDERR and os.get_inheritable(int(path.name)):
                inherited.append(int(path.name))
    return inherited


def find_process(record: ProcessRecord | None, marks: Sequence[str]) -> psutil.Process | None:
    """The recorded process if it lives: not a zombie, and not another one that got its pid."""
    if record is None:
        return None
    try:
        process = psutil.Process(record.pid)
        if _is_dead(process):
            return None
        same_start = abs(process.create_time() - record.created) < _SAME_START_SECONDS
        return process if same_start or _carries(process.cmdline(), marks) else None
    except psutil.Error:
        return None


def find_strays(marks: Sequence[str]) -> list[psutil.Process]:
    """All living processes that carry the marks among their arguments, recorded or not."""
    strays = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if _carries(process.cmdline(), marks) and not _is_dead(process):
                strays.append(process)
    return strays


def find_workers_in(folder: Path, name: str) -> list[psutil.Process]:
    """All living processes called `name` that work in `folder`, as the processes of a PostgreSQL cluster do."""
    workers = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, FileNotFoundError):
            if process.name() == name and Path(process.cwd()).samefile(folder) and not _is_dead(process):
                workers.append(process)
    return workers


def stop_processes(processes: Sequence[psutil.Process], term: signal.Signals, patience_seconds: float) -> None:
    """Ask all of them to end, also those that were suspended, and kill those that have not ended in time."""
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(term)
            process.resume()
    for left in wait_for_end(processes, patience_seconds):
        with suppress(psutil.Error):
            left.kill()
    wait_for_end(processes, patience_seconds)


def wait_for_end(processes: Sequence[psutil.Process], patience_seconds: float) -> list[psutil.Process]:
    """Wait until all have ended; those that have not in time."""
    deadline = time.monotonic() + patience_seconds
    while (left := [process for process in processes if not _is_dead(process)]) and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
    return left


def has_ended(record: ProcessRecord) -> bool:
    """Whether the process that was just started is gone again."""
    try:
        return _is_dead(psutil.Process(record.pid))
    except psutil.NoSuchProcess:
        return True


def listens_on(record: ProcessRecord, port: int) -> bool | None:
    """Whether it is this process, and not another one, that serves `port`; none if the system does not tell.

    Linux does not tell of a process that is just ending, so none is not to be taken for a yes.
    """
    try:
        process = psutil.Process(record.pid)
        return _serves(process, port) or any(_serves(child, port) for child in process.children(recursive=True))
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return None


def _serves(process: psutil.Process, port: int) -> bool:
    connections = process.net_connections("tcp")
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)


def measure_memory(process: psutil.Process) -> int:
    """Bytes that the process and its children hold, shared pages counted once where the system tells (Linux)."""
    total = 0
    with suppress(psutil.Error):
        for member in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                memory = member.memory_full_info()
                total += getattr(memory, "pss", memory.rss)
    return total


def _is_dead(process: psutil.Process) -> bool:
    # A dead process whose parent has not asked for it yet still has its pid, and a test session is such a parent.
    try:
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            return False
        return os.waitpid(process.pid, os.WNOHANG)[0] == process.pid
    except psutil.NoSuchProcess:
        return True
    except ChildProcessError:
        return _has_no_threads(process)


def _has_no_threads(process: psutil.Process) -> bool:
    # The first thread of a process may be a zombie while others still hold its port and its files.
    try:
        return process.num_threads() < 2  # noqa: PLR2004 - the zombie counts as one
    except psutil.Error:
        return True


def _carries(arguments: Sequence[str], marks: Sequence[str]) -> bool:
    return bool(marks) and all(mark in arguments for mark in marks)
