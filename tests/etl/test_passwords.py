"""The secrets of a stack of containers: made once, each in the volume of its service, right for who reads them."""

import os
import stat
import subprocess
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from hctap_core.errors import SettingsInvalid
from hctap_etl.certificates import make_certificates
from hctap_etl.passwords import make_passwords
from hctap_etl.settings import read_settings

VOLUMES = ("postgres", "redis", "stores")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The volumes, empty."""
    for name in VOLUMES:
        (tmp_path / name).mkdir()
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_passwords_are_made_once_and_stay(folder: Path) -> None:
    assert make_passwords(folder, is_tls=False) is True
    made = files(folder)
    assert set(made) == {"postgres/password", "redis/password", "redis/redis.conf", "stores/stack.env"}
    assert make_passwords(folder, is_tls=False) is False
    assert files(folder) == made
    assert len(made["postgres/password"]) == 32
    assert made["postgres/password"] != made["redis/password"]


def test_every_program_reads_its_settings_from_them(folder: Path) -> None:
    make_passwords(folder, is_tls=False)
    settings = read_settings(folder / "stores")
    password = (folder / "postgres" / "password").read_text()
    assert settings.database_url == f"postgresql://hctap:{password}@postgres:5432/hctap"
    assert settings.lake.endpoint_url == "http://localstack:4566"
    assert settings.lake.forgets
    assert isinstance(settings, BaseSettings)


def test_a_lost_address_is_written_again_from_the_same_password(folder: Path) -> None:
    make_passwords(folder, is_tls=False)
    made = files(folder)
    (folder / "stores" / "stack.env").unlink()
    assert make_passwords(folder, is_tls=False) is False
    assert files(folder) == made


def test_other_services_may_read_and_not_change_them(folder: Path) -> None:
    make_passwords(folder, is_tls=False)
    for path in folder.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_with_tls_the_addresses_ask_for_certificates_that_hold(folder: Path) -> None:
    make_passwords(folder, is_tls=True)
    assert make_certificates(folder) is True
    made = files(folder)
    assert make_certificates(folder) is False
    assert files(folder) == made
    addresses = (folder / "stores" / "stack.env").read_text()
    assert "?sslmode=verify-full&sslrootcert=/run/hctap/ca.pem" in addresses
    assert "rediss://" in addresses
    authority = folder / "stores" / "ca.pem"
    for server in ("postgres", "redis"):
        certificate = str(folder / server / "server.crt")
        for host, is_right in ((server, True), ("elsewhere", False)):
            verify = ["openssl", "verify", "-CAfile", str(authority), "-verify_hostname", host, certificate]
            assert (subprocess.run(verify, check=False, capture_output=True).returncode == 0) is is_right
    assert b"PRIVATE KEY" not in made["stores/ca.pem"]


def test_without_openssl_there_is_a_remedy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(SettingsInvalid, match="openssl"):
        make_certificates(folder)
