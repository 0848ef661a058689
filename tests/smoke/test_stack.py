"""The stack in containers: what it shows when it is up, what it survives, and that nothing of it is left.

The tests stand in the order in which they are run: each begins with what the one before has left.
"""

import json
import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import httpx
import pytest
from benchmarks.containers.measuring import seconds_to_health
from tests.smoke.conftest import LONG_SECONDS, ROOT, Containers, run_end_to_end, until, until_ready

from hctap_client import Client
from hctap_core.errors import NotSignedIn
from hctap_core.extractions import ExtractRequest
from hctap_core.runs import Run, RunStatus

NOTES = 68
MANY = 600
RUNNING = ("postgres", "redis", "localstack", "api", "dashboard", "etl-worker")
OURS = ("api", "dashboard", "etl-worker")


@pytest.fixture(scope="module")
def client(containers: Containers) -> Iterator[Client]:
    """The API, with an admin's key."""
    with Client(containers.api_url, 30, key=containers.key()) as opened:
        yield opened


def test_it_comes_up_with_the_samples_and_one_finished_run(containers: Containers, client: Client) -> None:
    until_ready(client)
    run = client.latest_run()
    assert (run.status, run.counts.notes, run.counts.done) == (RunStatus.SUCCEEDED, NOTES, NOTES)
    assert [one.run_id for one in client.runs().runs] == [run.run_id]
    assert len(client.notes(limit=200).notes) == NOTES
    states = containers.compose("ps", "--all", "--format", "{{.Service}} {{.State}} {{.ExitCode}}").stdout.splitlines()
    for line in states:
        service, state, code = line.split()
        assert (state, code) == (("running", "0") if service in RUNNING else ("exited", "0")), line


def test_the_api_reads_a_text_and_lets_nobody_in_without_a_key(containers: Containers, client: Client) -> None:
    found = client.extract(ExtractRequest(text="Denies chest pain. Lisinopril 10 mg PO daily."))
    assert [entity.text for entity in found.entities] == ["chest pain", "Lisinopril"]
    with Client(containers.api_url) as stranger, pytest.raises(NotSignedIn):
        stranger.latest_run()
    assert "There was no admin's key" not in containers.compose("logs", "api").stdout


def test_the_dashboard_answers_and_shows_its_page(containers: Containers) -> None:
    page = httpx.get(f"{containers.dashboard_url}/", follow_redirects=True)
    assert page.status_code == 200
    assert "<title>" in page.text
    assert httpx.get(f"{containers.dashboard_url}/_stcore/health").text == "ok"


def test_the_end_to_end_tests_pass(containers: Containers) -> None:
    print(f"\nend to end: {run_end_to_end(containers)}")  # noqa: T201 - how many passed is of interest


def test_health_comes_quickly(containers: Containers) -> None:
    containers.compose("restart", "api")
    containers.seconds["api healthy"] = _seconds_to_health(containers, "api")
    containers.compose("restart", "dashboard")
    containers.seconds["dashboard healthy"] = _seconds_to_health(containers, "dashboard")


def _seconds_to_health(containers: Containers, service: str) -> float:
    name = containers.compose("ps", "--quiet", service).stdout.strip()
    until(lambda: _state(containers, name)["Health"]["Status"] == "healthy", f"{service} is well")
    return seconds_to_health(_state(containers, name))


def _state(containers: Containers, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(containers.docker("inspect", "--format", "{{json .State}}", name).stdout)
    return found


@pytest.mark.parametrize("service", OURS)
def test_inside_it_is_nobody_who_may_nothing(containers: Containers, service: str) -> None:
    assert containers.inside(service, "id", "-un").strip() == "hctap"
    status = containers.inside(service, "cat", "/proc/1/status", "/proc/self/status")
    assert set(re.findall(r"^Cap(?:Eff|Prm|Bnd):\s*(\w+)$", status, re.MULTILINE)) == {"0000000000000000"}
    assert set(re.findall(r"^NoNewPrivs:\s*(\d)$", status, re.MULTILINE)) == {"1"}
    written = containers.compose("exec", "--no-TTY", service, "touch", "/app/x", "/var/lib/hctap/x", check=False)
    assert written.stderr.count("Read-only file system") == 2


def test_only_what_must_be_reached_is(containers: Containers) -> None:
    out = "import socket; socket.create_connection(('1.1.1.1', 53), 3)"
    assert containers.compose("exec", "--no-TTY", "etl-worker", "python", "-c", out, check=False).returncode != 0
    reach = "import socket; socket.create_connection(('postgres', 5432), 3)"
    assert containers.compose("exec", "--no-TTY", "dashboard", "python", "-c", reach, check=False).returncode != 0
    published = containers.compose("ps", "--format", "{{.Service}} {{.Ports}}").stdout
    assert set(re.findall(r"(\S+):\d+->", published)) == {"127.0.0.1"}


@pytest.mark.parametrize("profile", ["etl", "seed", "scale", "observability", "lineage", "*"])
def test_every_profile_is_a_valid_stack(containers: Containers, profile: str) -> None:
    containers.compose("--profile", profile, "config", "--quiet")


def test_the_job_runs_in_its_image_and_is_killed_in_the_middle(containers: Containers, client: Client) -> None:
    before = client.latest_run()
    name = _begin_run(containers)
    containers.docker("kill", "--signal", "KILL", name, check=False)
    containers.docker("rm", "--force", name)
    again = containers.once("etl", "run", "--resume", "--workers", "1")
    assert f"{NOTES}, each answered for" in again.stdout
    after = client.latest_run()
    assert after.run_id != before.run_id
    assert (after.counts.done, after.counts.by_type) == (before.counts.done, before.counts.by_type)


def _begin_run(containers: Containers) -> str:
    """The name of a container in whose middle of a new run we are."""
    name = containers.compose("run", "--detach", "etl", "run", "--new", "--workers", "1").stdout.split()[-1]
    until(lambda: "run_working" in containers.docker("logs", name).stderr, "the run is worked on")
    return name


def test_a_note_that_was_just_brought_in_outlives_localstack(containers: Containers) -> None:
    note = '{"note_id": "smoke-1", "specialty": "Smoke", "text": "Fever and cough."}'
    put = f"echo '{note}' > /tmp/note.jsonl && hctap-etl import /tmp/note.jsonl"
    containers.compose("run", "--rm", "--no-TTY", "--entrypoint", "sh", "etl", "-ec", put)
    containers.compose("kill", "--signal", "KILL", "localstack")
    containers.up()
    read = containers.inside("localstack", "awslocal", "s3", "cp", "s3://hc-tap-raw-notes/notes/smoke-1.json", "-")
    assert "Fever and cough." in read
    assert "objects that the database knows of are in the lake" in containers.once("etl", "lake", "check").stdout


# LocalStack is killed above.
@pytest.mark.parametrize("services", [("postgres", "redis"), OURS], ids=["stores", "programs"])
def test_killed_containers_come_back_with_nothing_lost(
    containers: Containers, client: Client, services: tuple[str, ...]
) -> None:
    before = client.latest_run()
    containers.compose("kill", "--signal", "KILL", *services)
    containers.up()
    until_ready(client)
    assert client.latest_run() == before
    assert containers.once("etl", "lake", "check", check=False).returncode == 0


def test_a_queued_run_is_taken_by_the_worker(containers: Containers, client: Client) -> None:
    said = containers.once("etl", "run", "--queue", "--wait")
    assert f"{NOTES + 1}, each answered for" in said.stdout
    assert client.latest_run().counts.notes == NOTES + 1


@pytest.fixture(scope="module")
def undisturbed(containers: Containers, client: Client, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over so many notes that there is time to break something in its middle."""
    file = tmp_path_factory.mktemp("many") / "notes.jsonl"
    halves = [ROOT / "samples" / half / "notes.jsonl" for half in ("dev", "test")]
    texts = [json.loads(line)["text"] for half in halves for line in half.read_text(encoding="utf-8").splitlines()]
    with file.open("w", encoding="utf-8") as out:
        for number, text in zip(range(MANY), cycle(texts), strict=False):
            note = {"note_id": f"many-{number}", "specialty": "Smoke", "text": f"{text}\nRecord {number}."}
            out.write(json.dumps(note) + "\n")
    mounted = ("--volume", f"{file}:/notes.jsonl:ro")
    containers.compose("run", "--rm", "--no-TTY", *mounted, "etl", "import", "/notes.jsonl")
    containers.once("etl", "run", "--new", "--workers", "1")
    run = client.latest_run()
    assert run.counts.done >= NOTES + MANY
    return run


@pytest.mark.parametrize(
    ("services", "code"),
    # Without its stores a job ends with what it lacks; the others it does not need.
    [(("postgres",), 4), (("localstack",), 4), (("redis", "api", "dashboard"), 0)],
    ids=["postgres", "localstack", "others"],
)
def test_whatever_is_killed_while_a_job_runs_it_is_completed(
    containers: Containers, client: Client, undisturbed: Run, services: tuple[str, ...], code: int
) -> None:
    name = _begin_run(containers)
    containers.compose("kill", "--signal", "KILL", *services)
    ended = int(containers.docker("wait", name).stdout)
    # A machine that is quick enough may have finished the run before.
    assert ended in {0, code}
    containers.docker("rm", name)
    containers.up()
    until_ready(client)
    if ended:
        containers.once("etl", "run", "--resume", "--workers", "1")
    _look_the_same(containers, client, undisturbed)


def test_a_worker_that_is_killed_in_a_run_goes_on_with_it(
    containers: Containers, client: Client, undisturbed: Run
) -> None:
    containers.once("etl", "run", "--queue")
    run_id = client.runs().runs[0].run_id
    assert run_id != client.latest_run().run_id
    until(lambda: run_id in containers.compose("logs", "etl-worker").stdout, "the worker takes it", LONG_SECONDS)
    containers.compose("kill", "--signal", "KILL", "etl-worker")
    containers.up()
    until(lambda: client.latest_run().run_id == run_id, "the run is finished", LONG_SECONDS)
    _look_the_same(containers, client, undisturbed)


def _look_the_same(containers: Containers, client: Client, undisturbed: Run) -> None:
    """Nothing is lost and nothing doubled, neither in the database nor in the lake."""
    run = client.latest_run()
    assert run.run_id != undisturbed.run_id
    assert run.status == RunStatus.SUCCEEDED
    assert (run.counts.done, run.counts.by_type) == (undisturbed.counts.done, undisturbed.counts.by_type)
    assert "objects that the database knows of are in the lake" in containers.once("etl", "lake", "check").stdout
    read = ("etl-worker", "hctap-etl", "runs", "export")
    exported = [containers.inside(*read, one.run_id) for one in (undisturbed, run)]
    lines = [sorted(_without_its_run(line) for line in export.splitlines()) for export in exported]
    assert lines[0] == lines[1]


def _without_its_run(line: str) -> str:
    return json.dumps({name: value for name, value in json.loads(line).items() if name != "run_id"})


def test_a_wrong_password_is_one_line_and_no_endless_restart(containers: Containers) -> None:
    url = "postgresql://hctap:wrong@postgres:5432/hctap"
    said = containers.compose(
        "run", "--rm", "--no-TTY", "--no-deps", "--env", f"HCTAP_DATABASE_URL={url}", "migrate", check=False
    )
    (line,) = [line for line in said.stderr.splitlines() if line.startswith("error: ")]
    assert said.returncode == 4
    assert "password" in line
    assert "wrong@" not in line


def test_a_store_that_is_away_is_named_and_asked_for_a_few_times(containers: Containers) -> None:
    url = "http://localstack:9"
    said = containers.compose(
        "run", "--rm", "--no-TTY", "--no-deps", "--env", f"AWS_ENDPOINT_URL={url}", "lake", check=False
    )
    assert said.returncode == 4
    assert "S3 does not answer at http://localstack:9." in said.stderr


def test_taken_down_it_leaves_nothing(containers: Containers) -> None:
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in containers.seconds.items())
    print(f"\n{seconds}")  # noqa: T201 - what was measured is of interest
    containers.compose("--profile", "*", "down", "--volumes", "--timeout", "20")
    project = "label=com.docker.compose.project=hctap-smoke"
    for kind in (("ps", "--all"), ("volume", "ls"), ("network", "ls")):
        assert containers.docker(*kind, "--quiet", "--filter", project).stdout == ""
