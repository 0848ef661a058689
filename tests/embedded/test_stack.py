"""The stack from the outside: what runs, what is found again, what survives."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from hctap_core.home import STACK_ENV
from hctap_embedded.part import Launch, Part, Site
from hctap_embedded.ports import is_free
from hctap_embedded.programs import API, DASHBOARD, WORKER
from hctap_embedded.records import STACK_JSON, read_record
from hctap_embedded.stack import PARTS, STORES, Stack


def pids(stack: Stack) -> dict[str, int | None]:
    return {status.name: status.pid for status in stack.status() if status.name in STORES}


def states(stack: Stack) -> dict[str, str]:
    return {status.name: status.state for status in stack.status() if status.name in STORES}


RUNNING = dict.fromkeys(STORES, "running")
STOPPED = dict.fromkeys(STORES, "stopped")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_gone(pid: int | None) -> bool:
    """Whether it has ended; its zombie may stay, which is what the stack has to cope with."""
    return not pid or not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that the tests of this module kill and start again; its path is one that needs quoting."""
    stack = Stack(tmp_path_factory.mktemp('it\'s a "shared" one, ä') / "home")
    try:
        yield stack
    finally:
        stack.erase()


@pytest.fixture
def own(shared: Stack) -> Stack:
    """The module's stack, running."""
    shared.up()
    return shared


def test_up_starts_the_stores_and_writes_where_they_are(own: Stack) -> None:
    assert states(own) == RUNNING
    path = own.home / STACK_ENV
    assert path.read_text(encoding="utf-8") == own.addresses().lines()
    assert path.stat().st_mode & 0o777 == 0o600
    assert own.home.stat().st_mode & 0o777 == 0o700


def test_up_again_changes_nothing(own: Stack) -> None:
    before, begun = pids(own), time.monotonic()
    own.up()
    assert time.monotonic() - begun < 2
    assert pids(own) == before


def test_down_stops_everything_and_up_finds_the_ports_free(own: Stack) -> None:
    addresses, before = own.addresses(), pids(own)
    assert own.down() == list(STORES)
    assert states(own) == STOPPED
    assert not any(psutil.pid_exists(pid) for pid in before.values() if pid)
    assert own.down() == []
    assert own.up() == addresses


def test_all_listen_on_this_machine_alone(own: Stack) -> None:
    found = set()
    for pid in pids(own).values():
        process = psutil.Process(pid)
        for member in (process, *process.children(recursive=True)):
            for connection in member.net_connections("all"):
                if connection.status == psutil.CONN_LISTEN:
                    found.add(connection.laddr)
    assert {address.ip for address in found} == {"127.0.0.1"}
    assert sorted(address.port for address in found) == sorted(read_record(own.home).ports.values())
    assert all(address.port < 32_768 for address in found)


def test_no_password_stands_in_the_arguments_or_the_logs(own: Stack) -> None:
    secrets = json.loads((own.home / "credentials.json").read_text(encoding="utf-8")).values()
    arguments = [word for pid in pids(own).values() for word in psutil.Process(pid).cmdline()]
    logs = "".join(path.read_text(encoding="utf-8") for path in (own.home / "logs").iterdir())
    assert not [secret for secret in secrets if secret in logs or any(secret in word for word in arguments)]


def test_stores_inherit_nothing_from_a_test_run(shared: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    shared.down()
    for name in ("COVERAGE_PROCESS_START", "COV_CORE_SOURCE", "PGDATA", "PYTEST_CURRENT_TEST", "AWS_PROFILE"):
        monkeypatch.setenv(name, "leaked")
    stack = Stack(shared.home, environ=dict(os.environ))
    stack.up()
    for name in ("valkey", "s3"):
        assert "leaked" not in psutil.Process(pids(stack)[name]).environ().values()


@pytest.mark.parametrize("name", STORES)
def test_a_killed_part_alone_is_started_again(own: Stack, name: str) -> None:
    before = pids(own)
    os.kill(before[name] or 0, signal.SIGKILL)
    wait_until(lambda: is_gone(before[name]))
    assert states(own)[name] == "stopped"
    own.up()
    after = pids(own)
    assert states(own) == RUNNING
    assert after[name] != before[name]
    assert {other: after[other] for other in STORES if other != name} == {
        other: before[other] for other in STORES if other != name
    }


def test_a_part_that_no_longer_answers_is_replaced(own: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hctap_embedded.starter._PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("hctap_embedded.probes._TIMEOUT_SECONDS", 0.2)
    before = pids(own)["valkey"]
    created = read_record(own.home).processes["valkey"].created
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=time.sleep, time=lambda: created + 3_600)
    monkeypatch.setattr("hctap_embedded.starter.time", clock)
    os.kill(before or 0, signal.SIGSTOP)
    own.up()
    assert states(own) == RUNNING
    assert pids(own)["valkey"] != before


@pytest.mark.parametrize("content", [None, '{"ports": {"s3":', '{"ports": {}, "processes": {}}'])
def test_without_its_record_the_stack_finds_its_processes(own: Stack, content: str | None) -> None:
    before = pids(own)
    (own.home / STACK_JSON).unlink()
    if content is not None:
        (own.home / STACK_JSON).write_text(content, encoding="utf-8")
    own.up()
    assert states(own) == RUNNING
    assert not any(psutil.pid_exists(pid) for pid in before.values() if pid), "no second family works on the data"


def test_down_finds_processes_without_a_record(own: Stack) -> None:
    before = pids(own)
    (own.home / STACK_JSON).unlink()
    assert own.down() == list(STORES)
    assert not any(psutil.pid_exists(pid) for pid in before.values() if pid)


def test_a_recycled_pid_is_left_alone(own: Stack) -> None:
    own.down()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        record = {"pid": stranger.pid, "created": 1.0, "inputs": ""}
        content = json.loads((own.home / STACK_JSON).read_text(encoding="utf-8"))
        content["processes"] = dict.fromkeys(STORES, record)
        (own.home / STACK_JSON).write_text(json.dumps(content), encoding="utf-8")
        assert states(own) == STOPPED
        own.up()
        own.down()
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("name", STORES)
def test_a_part_moves_when_its_port_is_taken(own: Stack, name: str) -> None:
    own.down()
    port = read_record(own.home).ports[name]
    with socket.create_server(("127.0.0.1", port)):
        own.up()
    assert read_record(own.home).ports[name] != port
    assert states(own) == RUNNING
    assert (own.home / STACK_ENV).read_text(encoding="utf-8") == own.addresses().lines()


def test_two_commands_at_once_start_one_stack(shared: Stack) -> None:
    shared.down()
    command = [sys.executable, "-m", "hctap_embedded", "up", "--stores-only"]
    environ = os.environ | {"HCTAP_HOME": str(shared.home)}
    commands = [subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    printed = "".join(command.communicate(timeout=120)[0] for command in commands)
    assert [command.returncode for command in commands] == [0, 0]
    assert (printed.count(" started "), printed.count(" already running ")) == (3, 3)
    assert states(shared) == RUNNING


def test_two_homes_do_not_meet(own: Stack, home: Path) -> None:
    other = Stack(home)
    other.up()
    assert not set(read_record(home).ports.values()) & set(read_record(own.home).ports.values())
    other.down()
    assert states(own) == RUNNING


PROGRAM = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer.allow_reuse_address = True
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ[sys.argv[2]])), Handler).serve_forever()
"""


def standing_in(part: Part) -> Part:
    """The program's part with a small web server in its place."""

    def prepare(site: Site) -> Launch:
        command = (sys.executable, "-c", PROGRAM, f"{part.name}={site.home}", f"HCTAP_{part.name.upper()}_PORT")
        own = {f"HCTAP_{part.name.upper()}_PORT": str(site.ports[part.name])}
        return Launch(command, site.addresses().environment() | own)

    return replace(part, prepare=prepare, marks=lambda home: (f"{part.name}={home}",), stop_seconds=2)


def test_programs_follow_the_stores(home: Path) -> None:
    events: list[tuple[str, str]] = []
    parts = {**PARTS, "api": standing_in(API), "dashboard": standing_in(DASHBOARD), "worker": standing_in(WORKER)}
    stack = Stack(home, parts=parts, listen=lambda event: events.append((event.part.name, event.what)))
    addresses = stack.up(tuple(parts))
    assert {status.name: status.state for status in stack.status()} == dict.fromkeys(parts, "running")
    assert {name for name, _ in events[:3]} == set(STORES), "stores come first"
    assert addresses.api_url is not None
    assert addresses.environment().items() >= {"HCTAP_API_URL": addresses.api_url}.items()

    os.kill(pids(stack)["valkey"] or 0, signal.SIGKILL)
    events.clear()
    port = read_record(home).ports["valkey"]
    wait_until(lambda: is_free(port))
    with socket.create_server(("127.0.0.1", port)):
        stack.up()
    both = {("api", "started"), ("worker", "started")}
    assert set(events[-2:]) == both, "they have the new address, though only the stores were asked for"
    assert ("dashboard", "started") not in events

    events.clear()
    stack.down()
    names = [name for name, what in events if what == "stopped"]
    assert names[0] == "dashboard"
    assert set(names[1:3]) == {"api", "worker"}
    assert set(names[3:]) == set(STORES)


def test_programs_are_told_where_the_others_will_be(home: Path) -> None:
    told: list[str | None] = []
    events: list[tuple[str, str]] = []
    dashboard = standing_in(DASHBOARD)

    def prepare(site: Site) -> Launch:
        told.append(site.addresses().api_url)
        return dashboard.prepare(site)

    # The dashboard is the first to start, before the API has come to its own port.
    programs = {"dashboard": replace(dashboard, prepare=prepare), "api": standing_in(API)}
    stores = {name: part for name, part in PARTS.items() if part.is_store}
    stack = Stack(home, parts=stores | programs, listen=lambda event: events.append((event.part.name, event.what)))
    first = stack.up(("dashboard", "api"))
    stack.down()
    with socket.create_server(("127.0.0.1", read_record(home).ports["api"])):
        second = stack.up(("dashboard", "api"))
    assert first.api_url != second.api_url
    assert told == [first.api_url, second.api_url]
    assert events.count(("dashboard", "started")) == 2, "once for each time the stack came up"
    stack.down()


def test_each_module_has_a_database_of_its_own(database_url: str, stack: Stack) -> None:
    assert database_url.rpartition("/")[0] == stack.addresses().database_url.rpartition("/")[0]
    assert database_url != stack.addresses().database_url
