"""MiniStack as a child process: all of AWS that is emulated, on loopback, in memory."""

import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hctap_core.errors import StorePartUnavailable

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Emulator:
    """Where the emulator listens, and variables with which every client of AWS speaks to it and to nothing else."""

    url: str
    environ: Mapping[str, str]


@contextmanager
def start_emulator(environ: Mapping[str, str], folder: Path, region: str) -> Iterator[Emulator]:
    """The emulator for as long as the block runs.

    Raises:
        StorePartUnavailable: If it does not start; its log lies in the folder.
    """
    port = _find_port()
    log = folder / "emulator.log"
    folder.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env={**environ, **_emulator_settings(port, folder)},
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    try:
        _wait(process, f"http://{HOST}:{port}", log)
        yield Emulator(f"http://{HOST}:{port}", {**environ, **_client_settings(port, region)})
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _emulator_settings(port: int, folder: Path) -> dict[str, str]:
    # It would listen everywhere, open a port of MQTT, and look for Docker to run databases in.
    return {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_PORT": "off",
        "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
    }


def _client_settings(port: int, region: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        # CDK remembers the account of a key, so each emulator gets a key of its own.
        "AWS_ACCESS_KEY_ID": f"AKIA{secrets.token_hex(8).upper()}",
        "AWS_SECRET_ACCESS_KEY": secrets.token_hex(20),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_LEGACY_EXPORT_WARNING": "1",
    }


def _find_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=2):  # noqa: S310 - our own process
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise StorePartUnavailable("The emulator of AWS did not start.", remedy=f"Read {log}.")
