import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from hctap_embedded import processes
from hctap_embedded.ports import free_ports
from hctap_embedded.processes import (
    find_process,
    find_strays,
    find_workers_in,
    has_ended,
    listens_on,
    measure_memory,
    start_detached,
    stop_processes,
    wait_for_end,
)
from hctap_embedded.records import ProcessRecord

SLEEP = "import time; print('awake', flush=True); time.sleep(60)"
STUBBORN = """\
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""


def wait_for_text(path: Path, text: str) -> None:
    deadline = time.monotonic() + 10
    while text not in path.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "part.log"


@pytest.fixture
def sleeper(log: Path) -> Iterator[ProcessRecord]:
    record = start_detached([sys.executable, "-c", SLEEP, f"mark={log}"], {}, log)
    wait_for_text(log, "awake")
    yield record
    if (process := find_process(record, ())) is not None:
        stop_processes([process], signal.SIGKILL, 5)


def test_a_started_process_is_found_and_detached(sleeper: ProcessRecord) -> None:
    process = find_process(sleeper, ())
    assert process is not None
    assert os.getsid(sleeper.pid) == sleeper.pid
    assert not has_ended(sleeper)
    assert measure_memory(process) > 1_000_000


def test_a_recycled_pid_is_another_process(sleeper: ProcessRecord) -> None:
    assert find_process(replace(sleeper, created=sleeper.created - 60), ("mark=other",)) is None


def test_a_moved_clock_does_not_hide_a_process_that_carries_the_mark(sleeper: ProcessRecord, log: Path) -> None:
    assert find_process(replace(sleeper, created=sleeper.created - 60), (f"mark={log}",)) is not None


def test_a_zombie_is_dead(sleeper: ProcessRecord) -> None:
    process = psutil.Process(sleeper.pid)
    os.kill(sleeper.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while process.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
    assert find_process(sleeper, ()) is None
    assert has_ended(sleeper)
    assert not psutil.pid_exists(sleeper.pid), "it was waited for"


def test_strays_are_found_by_their_mark(sleeper: ProcessRecord, log: Path) -> None:
    assert [stray.pid for stray in find_strays((f"mark={log}",))] == [sleeper.pid]
    assert find_strays(()) == []


def test_one_that_does_not_listen_is_killed(log: Path) -> None:
    record = start_detached([sys.executable, "-c", STUBBORN], {}, log)
    wait_for_text(log, "deaf")
    process = psutil.Process(record.pid)
    assert wait_for_end([process], 0.05) == [process]
    stop_processes([process], signal.SIGTERM, 0.2)
    assert has_ended(record)


def test_a_process_is_found_by_the_folder_it_works_in(tmp_path: Path) -> None:
    me = psutil.Process()
    assert me in find_workers_in(Path(me.cwd()), me.name())
    assert me not in find_workers_in(Path(me.cwd()), "postgres")
    assert me not in find_workers_in(tmp_path, me.name())


def test_who_listens_is_known() -> None:
    me = ProcessRecord(os.getpid(), psutil.Process().create_time())
    port = next(free_ports(Path("/listener"), (), ()))
    with socket.create_server(("127.0.0.1", port)):
        assert listens_on(me, port)
    assert not listens_on(me, port)


def test_output_is_appended_to_the_log_and_a_large_log_put_aside(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_LOG_LIMIT_BYTES", 10)
    for _ in range(3):
        record = start_detached([sys.executable, "-c", "print('hello')"], {}, log)
        while not has_ended(record):
            time.sleep(0.01)
    assert log.read_text(encoding="utf-8") == "hello\n"
    assert log.with_suffix(".log.1").read_text(encoding="utf-8") == "hello\nhello\n"
    assert log.stat().st_mode & 0o077 == 0


def test_a_lock_of_the_caller_does_not_live_on(log: Path) -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)  # noqa: FBT003 - the system's own signature
    try:
        record = start_detached([sys.executable, "-c", SLEEP], {}, log)
        wait_for_text(log, "awake")
    finally:
        os.close(write)
    os.set_blocking(read, False)
    assert os.read(read, 1) == b"", "nobody else holds the other end"
    os.close(read)
    stop_processes([psutil.Process(record.pid)], signal.SIGKILL, 5)
