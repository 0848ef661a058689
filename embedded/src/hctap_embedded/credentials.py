"""The passwords of one stack, made once and kept in its home."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from hctap_embedded.files import write_whole

CREDENTIALS = "credentials.json"


@dataclass(frozen=True, repr=False)
class Credentials:
    """Passwords of letters and digits alone, so that they stand in URLs and configuration files as they are."""

    database_password: str
    redis_password: str
    access_key_id: str
    secret_access_key: str


def ensure_credentials(home: Path) -> Credentials:
    """The home's credentials; new ones if there are none or the file cannot be read."""
    path = home / CREDENTIALS
    try:
        return Credentials(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        credentials = Credentials(
            database_password=secrets.token_hex(16),
            redis_password=secrets.token_hex(16),
            # Not twelve digits: the S3 service would read those as an account of its own.
            access_key_id=f"HCTAP{secrets.token_hex(8).upper()}",
            secret_access_key=secrets.token_hex(20),
        )
        write_whole(path, json.dumps(asdict(credentials), indent=1) + "\n")
        return credentials
