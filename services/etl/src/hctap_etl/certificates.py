"""Certificates for a stack of containers whose stores are spoken to by TLS: an authority of its own signs them once."""

import logging
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from hctap_core.errors import SettingsInvalid

log = logging.getLogger(__name__)

CA_FILE: Final = "ca.pem"
_DAYS: Final = "825"
_RENEWED_SECONDS: Final = str(30 * 86_400)
_SERVERS: Final = ("postgres", "redis")


def make_certificates(folder: Path) -> bool:
    """Make a certificate for each store, unless they are good for another month; says whether they were made.

    The authority's key is not kept: new certificates come with a new authority, and the stores are started again.

    Raises:
        SettingsInvalid: If there is no OpenSSL.
    """
    program = shutil.which("openssl")
    if program is None:
        raise SettingsInvalid("There is no openssl to make certificates with.", remedy="Install it (apt: openssl).")
    if all(_is_good(program, folder / server / "server.crt") for server in _SERVERS):
        return False
    with tempfile.TemporaryDirectory() as scratch:
        _make_all(program, Path(scratch), folder)
    log.info("certificates_made", extra={"count": len(_SERVERS)})
    return True


def _is_good(program: str, certificate: Path) -> bool:
    command = [program, "x509", "-in", str(certificate), "-noout", "-checkend", _RENEWED_SECONDS]
    return certificate.is_file() and subprocess.run(command, check=False, capture_output=True).returncode == 0


def _make_all(program: str, scratch: Path, folder: Path) -> None:
    def call(*arguments: str) -> None:
        subprocess.run([program, *arguments], check=True, capture_output=True, cwd=scratch)

    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    signs = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    subject = ("-subj", "/CN=hctap stack")
    call("req", "-x509", *new_key, *subject, *signs, "-days", _DAYS, "-keyout", "ca.key", "-out", CA_FILE)
    for server in _SERVERS:
        (scratch / "extensions").write_text(f"subjectAltName=DNS:{server}\nextendedKeyUsage=serverAuth\n")
        call("req", *new_key, "-subj", f"/CN={server}", "-keyout", "server.key", "-out", "server.csr")
        signed = ("-CA", CA_FILE, "-CAkey", "ca.key", "-CAcreateserial", "-days", _DAYS, "-extfile", "extensions")
        call("x509", "-req", "-in", "server.csr", *signed, "-out", "server.crt")
        for name in ("server.key", "server.crt"):
            _put(scratch / name, folder / server / name)
    _put(scratch / CA_FILE, folder / "stores" / CA_FILE)


def _put(made: Path, path: Path) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    shutil.copyfile(made, draft)
    draft.chmod(0o444)
    draft.replace(path)
