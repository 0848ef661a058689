"""The settings of the entry points of this package.

Read by hand: `up` on a running stack takes less time than importing a settings library would.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from hctap_core.errors import SettingsInvalid
from hctap_core.home import find_home

_PORT_SETTINGS = {"api": "HCTAP_API_PORT", "dashboard": "HCTAP_DASHBOARD_PORT", "worker": "HCTAP_WORKER_PORT"}


@dataclass(frozen=True)
class StackSettings:
    """Settings of the command `hctap-embedded`: the home, and the ports that the user insists on, by part."""

    home: Path
    wanted_ports: dict[str, int]
    environ: dict[str, str]


@dataclass(frozen=True)
class S3ServerSettings:
    """Settings of the S3 service's process: the one access key that it serves, and where its objects lie."""

    access_key_id: str
    data_folder: Path


def read_stack_settings() -> StackSettings:
    """The settings as the environment gives them.

    Raises:
        SettingsInvalid: a port is not a number between 1 and 65535.
    """
    wanted = {part: _read_port(name) for part, name in _PORT_SETTINGS.items() if os.environ.get(name)}
    return StackSettings(find_home(os.environ, Path.cwd()), wanted, dict(os.environ))


def read_s3_server_settings() -> S3ServerSettings:
    """The settings as the stack gave them to the process."""
    return S3ServerSettings(os.environ["AWS_ACCESS_KEY_ID"], Path(os.environ["S3_DATA_DIR"]))


def _read_port(name: str) -> int:
    value = os.environ[name]
    if value.isdecimal() and 0 < int(value) < 1 << 16:
        return int(value)
    raise SettingsInvalid(f"{name} is not a port: {value!r}.", remedy="Give a number between 1 and 65535, or unset it.")
