"""How one part is started, with a small web server in the place of a real part."""

import json
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from hctap_core.errors import StorePartUnavailable
from hctap_embedded.credentials import ensure_credentials
from hctap_embedded.part import Launch, Part, Site
from hctap_embedded.ports import free_ports
from hctap_embedded.probes import answers_http
from hctap_embedded.records import RecordKeeper, read_record
from hctap_embedded.starter import Starter

SERVER = """
import http.server, json, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer.allow_reuse_address = True
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["HCTAP_API_PORT"])), Handler).serve_forever()
"""
STORE_PORTS = {"postgres": 20_001, "valkey": 20_002, "s3": 20_003}


def stand_in(script: str = SERVER) -> Part:
    """A part called `api` that runs `script` with the stack's addresses."""

    def prepare(site: Site) -> Launch:
        environment = {**site.environ, **site.addresses().environment()}
        return Launch((sys.executable, "-c", script, f"home={site.home}"), environment)

    return Part(
        name="api",
        title="The stand-in",
        prepare=prepare,
        marks=lambda home: (f"home={home}",),
        is_ready=lambda site: answers_http(site.ports["api"], "/"),
        stage=1,
        inputs=lambda site: (site.addresses().database_url,),
        start_seconds=20,
        stop_seconds=2,
    )


class Scene:
    """A home with ports given to the stores, none of which runs."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.events: list[str] = []
        (home / "logs").mkdir()
        self.keeper = RecordKeeper(home)
        for name, port in STORE_PORTS.items():
            self.keeper.choose_port(name, lambda _, port=port: port)  # type: ignore[misc]  # a default binds the value

    def starter(self, *, first: int | None = None, wanted: int | None = None) -> Starter:
        return Starter(
            self.home,
            ensure_credentials(self.home),
            self.keeper,
            {"GREETING": "hello"},
            {} if first is None else {"api": first},
            {} if wanted is None else {"api": wanted},
            lambda event: self.events.append(event.what),
        )

    def ensure(self, part: Part, *, wanted: int | None = None) -> int:
        """Start what `up` would start; the pid of the part."""
        starter = self.starter(wanted=wanted)
        for idle in starter.find_idle([part]):
            starter.start(idle)
        return self.keeper.record.processes["api"].pid

    @property
    def port(self) -> int:
        return self.keeper.record.ports["api"]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.starter()._clear(stand_in())


@pytest.fixture
def spare_port() -> int:
    return next(free_ports(Path("/spare"), (), STORE_PORTS.values()))


def test_a_part_starts_once_and_gets_the_addresses(scene: Scene) -> None:
    pid = scene.ensure(stand_in())
    assert scene.ensure(stand_in()) == pid
    assert scene.events == ["started", "already running"]
    with urllib.request.urlopen(f"http://127.0.0.1:{scene.port}/", timeout=10) as answer:
        environment = json.load(answer)
    expected = {"GREETING": "hello", **scene.starter().site().addresses().environment()}
    assert expected.items() <= environment.items()


def test_a_part_starts_again_when_an_address_moved(scene: Scene) -> None:
    pid = scene.ensure(stand_in())
    assert not scene.starter().is_outdated(stand_in())
    scene.keeper.choose_port("postgres", lambda _: 20_009)
    assert scene.starter().is_outdated(stand_in())
    assert scene.ensure(stand_in()) != pid
    assert not scene.starter().is_outdated(stand_in())
    assert not psutil.pid_exists(pid)


def test_the_first_choice_is_taken_if_free(scene: Scene, spare_port: int) -> None:
    scene.starter(first=spare_port).start(stand_in())
    assert scene.port == spare_port


def test_a_wanted_port_is_insisted_on(scene: Scene, spare_port: int) -> None:
    pid = scene.ensure(stand_in())
    assert scene.port != spare_port
    assert scene.ensure(stand_in(), wanted=spare_port) != pid
    assert scene.port == spare_port


def test_a_wanted_port_that_is_taken_is_an_error(scene: Scene, spare_port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", spare_port)),
        pytest.raises(StorePartUnavailable, match=f"Port {spare_port}") as caught,
    ):
        scene.ensure(stand_in(), wanted=spare_port)
    assert "HCTAP_API_PORT" in (caught.value.remedy or "")


def test_a_port_lost_to_a_faster_program_is_given_up(scene: Scene) -> None:
    part = stand_in()
    strangers: list[socket.socket] = []

    def prepare_too_late(site: Site) -> Launch:
        if len(strangers) < 2:
            strangers.append(socket.create_server(("127.0.0.1", site.ports["api"])))
        return part.prepare(site)

    try:
        scene.starter().start(replace(part, prepare=prepare_too_late))
        assert scene.port not in {stranger.getsockname()[1] for stranger in strangers}
        assert answers_http(scene.port, "/")
    finally:
        for stranger in strangers:
            stranger.close()


def test_a_stranger_that_answers_on_the_port_is_not_the_part(scene: Scene, spare_port: int) -> None:
    other_home = scene.home / "other"
    other_home.mkdir()
    stranger = Scene(other_home)
    stranger.starter(first=spare_port).start(stand_in())
    part = stand_in()

    def prepare_on_taken_port(site: Site) -> Launch:
        launch = part.prepare(site)
        return Launch(launch.command, {**launch.environment, "HCTAP_API_PORT": str(spare_port)})

    always_ready = replace(part, prepare=prepare_on_taken_port, is_ready=lambda _: True, start_seconds=5)
    try:
        with pytest.raises(StorePartUnavailable):
            scene.starter().start(always_ready)
    finally:
        stranger.starter()._clear(stand_in())


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise SystemExit('error: no such thing')", "ended while it started: error: no such thing"),
        ("import hctap_nowhere", "ended while it started: ModuleNotFoundError"),
        ("import time; time.sleep(60)", "did not answer within 1 s"),
    ],
)
def test_a_part_that_does_not_come_up_is_explained_and_ended(scene: Scene, script: str, said: str) -> None:
    part = replace(stand_in(script), start_seconds=1)
    with pytest.raises(StorePartUnavailable, match=said) as caught:
        scene.ensure(part)
    assert caught.value.remedy
    assert read_record(scene.home).processes == {}


def test_a_killed_part_and_its_children_are_swept(scene: Scene) -> None:
    script = f"import os\nif os.fork() == 0:\n    import time; time.sleep(60)\n{SERVER}"
    pid = scene.ensure(stand_in(script))
    child = psutil.Process(pid).children()[0]
    os.kill(pid, signal.SIGKILL)
    assert scene.ensure(stand_in(script)) != pid
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_system_that_does_not_tell_who_listens_is_given_a_second(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "net_connections", refuse)
    begun = time.monotonic()
    scene.ensure(stand_in())
    assert time.monotonic() - begun > 1
    assert scene.events == ["started"]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_the_system_refuses_is_explained(scene: Scene) -> None:
    def prepare(site: Site) -> Launch:
        return Launch((str(site.home / "no-such-program"),), {})

    with pytest.raises(StorePartUnavailable, match="The stand-in cannot be started: No such file"):
        scene.ensure(replace(stand_in(), prepare=prepare))
