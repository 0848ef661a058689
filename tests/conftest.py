"""The real stores of a test session: a home and ports of its own, gone when the session ends.

`stack` is the running stack, `database_url` a fresh database for each test module, `new_database` makes further ones,
`buckets` are the names of the raw and the enriched bucket that only this test uses, and `environment` is all of it as
variables for a child process or `monkeypatch.setenv`. `home` is for tests that need a stack of their own.
"""

import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.randomness import settle

from hctap_core.errors import StorePartUnavailable
from hctap_embedded.locks import locked
from hctap_embedded.stack import Stack
from hctap_embedded.wheels import postgres_program

settle()

# Not pytest's own folder: on macOS its path is long, and it may lie on a disk that is slow to sync.
_FOLDER = Path("/tmp") if os.access("/tmp", os.W_OK) else Path(tempfile.gettempdir())  # noqa: S108 - short on purpose
_PREFIX = f"hctap-test-{os.getuid()}-"
_HOME = "home"
# A session holds this lock beside its homes for as long as it lives.
_OWNED = "owned"
_SURELY_LOCKED_SECONDS = 30


@pytest.fixture(scope="session", autouse=True)
def _bare_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the settings, the home and the AWS account of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("HCTAP_", "AWS_")):
                patch.delenv(name)
        patch.setenv("HCTAP_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """PostgreSQL, Valkey and S3, running."""
    _erase_forsaken_homes()
    with _fresh_home() as home:
        running = Stack(home)
        running.up()
        yield running


@pytest.fixture
def home() -> Iterator[Path]:
    """A home for a stack of the test's own; what runs in it at the end is stopped, and all of it deleted."""
    with _fresh_home() as folder:
        yield folder


@pytest.fixture(scope="session")
def new_database(stack: Stack) -> Iterator[Callable[[], str]]:
    """Make an empty database and say its URL; all are dropped at the end of the session."""
    made: list[str] = []

    def make() -> str:
        name = f"test_{uuid.uuid4().hex[:12]}"
        _run_sql(stack, f"CREATE DATABASE {name}")
        made.append(name)
        return stack.addresses().database_url.rpartition("/")[0] + f"/{name}"

    yield make
    for name in made:
        # A test may have killed the server; its data go with the home anyway.
        with suppress(subprocess.CalledProcessError):
            _run_sql(stack, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def database_url(new_database: Callable[[], str]) -> str:
    """An empty database of this test module's own."""
    return new_database()


@pytest.fixture
def buckets() -> tuple[str, str]:
    """The names of a raw and an enriched bucket that no other test uses; nobody has created them yet."""
    mark = uuid.uuid4().hex[:12]
    return f"raw-{mark}", f"enriched-{mark}"


@pytest.fixture
def environment(stack: Stack, database_url: str, buckets: tuple[str, str]) -> dict[str, str]:
    """The settings of this test: the stack's addresses, the module's database, the test's buckets."""
    raw, enriched = buckets
    names = {"HCTAP_DATABASE_URL": database_url, "HCTAP_RAW_BUCKET": raw, "HCTAP_ENRICHED_BUCKET": enriched}
    return {**stack.addresses().environment(), "HCTAP_HOME": str(stack.home), **names}


@contextmanager
def _fresh_home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_FOLDER))
    try:
        with locked(folder / _OWNED):
            (folder / _HOME).mkdir()
            yield folder / _HOME
    finally:
        _erase(folder)


def _erase(folder: Path) -> None:
    Stack(folder / _HOME).erase()
    shutil.rmtree(folder, ignore_errors=True)


def _run_sql(stack: Stack, statement: str) -> None:
    command = [str(postgres_program("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", stack.addresses().database_url]
    subprocess.run([*command, "-c", statement], check=True, capture_output=True, timeout=60)


def _erase_forsaken_homes() -> None:
    """Stop the stacks of sessions that were killed before they could do it themselves."""
    for folder in _FOLDER.glob(f"{_PREFIX}*"):
        with suppress(StorePartUnavailable, FileNotFoundError):
            # One that is just being made may not be locked yet.
            if time.time() - folder.stat().st_mtime > _SURELY_LOCKED_SECONDS:
                with locked(folder / _OWNED, patience_seconds=0):
                    _erase(folder)
