"""What a part of the stack is: how it is prepared, recognised, asked and ended."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hctap_embedded.addresses import DATABASE, HOST, ROLE, Addresses, address_of
from hctap_embedded.credentials import Credentials

# The environment of the stores is made of these alone, so that no variable of a test run or of a user's shell
# (PGDATA, COVERAGE_PROCESS_START, AWS_PROFILE, …) changes what they do.
_PASSED_ON = ("PATH", "HOME", "USER", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True)
class Site:
    """The place that all parts of one stack share."""

    home: Path
    credentials: Credentials
    ports: Mapping[str, int]
    environ: Mapping[str, str]

    def log(self, part: str) -> Path:
        """Where a part's output goes."""
        return self.home / "logs" / f"{part}.log"

    def bare_environment(self) -> dict[str, str]:
        """An environment for the stores: nothing of the caller's but what finds programs and libraries."""
        passed_on = {name: self.environ[name] for name in _PASSED_ON if name in self.environ}
        return {"PATH": "/usr/local/bin:/usr/bin:/bin", **passed_on, "LC_ALL": "C", "TZ": "UTC"}

    def addresses(self) -> Addresses:
        """Where the parts answer; a program that never got a port has no address."""
        secret, ports = self.credentials, self.ports
        login = f"{ROLE}:{secret.database_password}"
        return Addresses(
            database_url=f"postgresql://{login}@{HOST}:{ports['postgres']}/{DATABASE}",
            redis_url=f"redis://:{secret.redis_password}@{HOST}:{ports['valkey']}/0",
            s3_endpoint=address_of(ports["s3"]),
            access_key_id=secret.access_key_id,
            secret_access_key=secret.secret_access_key,
            api_url=address_of(ports["api"]) if "api" in ports else None,
            dashboard_url=address_of(ports["dashboard"]) if "dashboard" in ports else None,
        )


@dataclass(frozen=True)
class Launch:
    """How to start a process: an absolute path with its arguments, and its whole environment."""

    command: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """One server of the stack.

    `prepare` makes its folder and configuration and says how to start it; it may be called again with other ports.
    `marks` are arguments that stand only in the command of this part in this home.
    `inputs` are the addresses that it was given: when they change, it is started again.
    `stage` orders the parts: they are started from 0 upwards (all above 0 together) and stopped the other way round.
    """

    name: str
    title: str
    prepare: Callable[[Site], Launch]
    marks: Callable[[Path], tuple[str, ...]]
    is_ready: Callable[[Site], bool]
    scheme: str = "http"
    path: str = ""
    stage: int = 0
    inputs: Callable[[Site], tuple[str | None, ...]] = lambda _: ()
    stop_signal: signal.Signals = signal.SIGTERM
    start_seconds: float = 60
    stop_seconds: float = 10

    def address(self, port: int) -> str:
        """Where it answers, as a person writes it: without a password."""
        return address_of(port, self.scheme) + self.path

    @property
    def is_store(self) -> bool:
        """Whether the part keeps data; the others are programs that are given the addresses of the stores."""
        return self.stage == 0
