"""The passwords of a stack of containers: made once into volumes, one for each service that needs them.

Every file may be read by whoever has the volume; which service has which volume says the compose file.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from hctap_etl.certificates import CA_FILE

_DATABASE_URL: Final = "postgresql://hctap:{password}@postgres:5432/hctap"
_REDIS_URL: Final = "{scheme}://:{password}@redis:6379/0"
# LocalStack lets everybody in; what it is called by is no secret.
_LAKE: Final = {
    "AWS_ENDPOINT_URL": "http://localstack:4566",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "HCTAP_LAKE_FORGETS": "1",
}
# Where the services find the volume with the addresses and with the authority's certificate.
_READ_AT: Final = "/run/hctap"


def make_passwords(folder: Path, *, is_tls: bool) -> bool:
    """Make the passwords that are missing, and write the addresses that hold them; says whether one was made.

    `postgres`, `redis` and `stores` in the folder are the volumes. With `is_tls` the addresses ask for certificates.
    """
    database, is_first = _ensure(folder / "postgres" / "password")
    cache, is_second = _ensure(folder / "redis" / "password")
    _write(folder / "redis" / "redis.conf", f"requirepass {cache}\n")
    addresses = {
        "HCTAP_DATABASE_URL": _DATABASE_URL.format(password=database),
        "HCTAP_REDIS_URL": _REDIS_URL.format(password=cache, scheme="rediss" if is_tls else "redis"),
        **_LAKE,
    }
    if is_tls:
        addresses["HCTAP_DATABASE_URL"] += f"?sslmode=verify-full&sslrootcert={_READ_AT}/{CA_FILE}"
        addresses["HCTAP_REDIS_URL"] += f"?ssl_ca_certs={_READ_AT}/{CA_FILE}"
    _write(folder / "stores" / "stack.env", "".join(f"{name}={value}\n" for name, value in addresses.items()))
    return is_first or is_second


def _ensure(path: Path) -> tuple[str, bool]:
    if path.is_file() and (password := path.read_text(encoding="ascii").strip()):
        return password, False
    # Letters and digits alone stand in addresses and configuration files as they are.
    password = secrets.token_hex(16)
    _write(path, password)
    return password, True


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="ascii")
    draft.chmod(0o444)
    draft.replace(path)
