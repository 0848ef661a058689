"""The API, a worker and the dashboard, as child processes that get the stack's addresses in their environment."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from hctap_embedded.addresses import HOST
from hctap_embedded.faults import explain
from hctap_embedded.files import read_tail
from hctap_embedded.part import Launch, Part, Site
from hctap_embedded.probes import answers_http

_API = "hctap_api"
_DASHBOARD = "hctap_dashboard"
_ETL = "hctap_etl"


def _environment(site: Site) -> dict[str, str]:
    # A profile or a session of a real account must have no part in requests to the stack.
    inherited = {name: value for name, value in site.environ.items() if not name.startswith("AWS_")}
    own = {"HCTAP_HOME": str(site.home), "HCTAP_API_HOST": HOST, "HCTAP_DASHBOARD_HOST": HOST}
    return {**inherited, **site.addresses().environment(), **own}


def _launch(site: Site, module: str) -> Launch:
    options = ("-P", "-X", f"hctap_home={site.home}")
    return Launch((sys.executable, *options, "-m", module), _environment(site))


def _marks(module: str, home: Path) -> tuple[str, ...]:
    return (f"hctap_home={home}", module)


def _prepare_api(site: Site) -> Launch:
    """Bring database and lake to what the API needs before it can say that it is ready."""
    _run_etl(site, "The database", "cannot be upgraded", "db", "upgrade")
    _run_etl(site, "The lake", "cannot be prepared", "lake", "prepare")
    return _launch(site, _API)


def _run_etl(site: Site, what: str, fault: str, *command: str) -> None:
    log = site.log("upgrade")
    with log.open("ab") as output:
        done = subprocess.run(
            (sys.executable, "-P", "-m", "hctap_etl", *command),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(site),
        )
    if done.returncode != 0:
        raise explain(what, fault, read_tail(log), site.home, log)


API = Part(
    name="api",
    title="API",
    prepare=_prepare_api,
    marks=lambda home: _marks(_API, home),
    is_ready=lambda site: answers_http(site.ports["api"], "/health"),
    stage=1,
    inputs=lambda site: tuple(replace(site.addresses(), api_url=None, dashboard_url=None).environment().values()),
)


def _prepare_worker(site: Site) -> Launch:
    """Bring the database to what the worker needs; the API may be about it too, then they take turns."""
    _run_etl(site, "The database", "cannot be upgraded", "db", "upgrade")
    launch = _launch(site, _ETL)
    port = {"HCTAP_WORKER_PORT": str(site.ports["worker"])}
    return Launch((*launch.command, "worker"), {**launch.environment, **port})


WORKER = Part(
    name="worker",
    title="Worker",
    prepare=_prepare_worker,
    marks=lambda home: _marks(_ETL, home),
    is_ready=lambda site: answers_http(site.ports["worker"], "/health"),
    path="/health",
    stage=1,
    inputs=API.inputs,
    # What is in hand is done again by the next one.
    stop_seconds=15,
)

DASHBOARD = Part(
    name="dashboard",
    title="Dashboard",
    prepare=lambda site: _launch(site, _DASHBOARD),
    marks=lambda home: _marks(_DASHBOARD, home),
    is_ready=lambda site: answers_http(site.ports["dashboard"], "/app/_stcore/health"),
    path="/app/",
    stage=2,
    inputs=lambda site: (site.addresses().api_url,),
)
