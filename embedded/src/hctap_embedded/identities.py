"""As whom PostgreSQL runs: it refuses to be root, and in a container or on a rented machine one often is."""

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hctap_core.errors import StorePartUnavailable
from hctap_embedded.faults import explain
from hctap_embedded.files import PROBE_PREFIX

_NOBODY = "nobody"
_OUTSIDE = Path("/var/lib/hctap")
_DROP = """\
import os, sys
os.setgroups([])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[1]))
os.execv(sys.argv[3], sys.argv[3:])
"""


@dataclass(frozen=True)
class Identity:
    """How to run a program of PostgreSQL: what to put before its command, and who must own the data.

    `is_outside`: the data must lie outside the home, since that user cannot reach into it.
    """

    name: str
    prefix: tuple[str, ...] = ()
    owner: int | None = None
    is_outside: bool = False


def choose_identity(home: Path, program: Path) -> Identity:
    """The first identity under which `program` starts and writes beside the data.

    A user with a name is itself. Root tries, in this order: a user namespace, in which its own files stay its own and
    it is not root; the user nobody with the one capability to enter folders (containers forbid namespaces but allow
    this); plain nobody. A user without a name, as containers make them, tries the namespace too.

    Raises:
        StorePartUnavailable: none of them works, or the program does not start on this system at all.
    """
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return Identity("self")
    _require_runnable(program, home)
    for candidate in other_identities():
        if _works(candidate, home, program):
            return candidate
    raise StorePartUnavailable(
        "PostgreSQL runs neither as root nor as a user without a name, and this system lets no other user be taken on.",
        remedy="Run as an ordinary user (in a container: `USER` or `--user`), or allow user namespaces.",
    )


def other_identities() -> list[Identity]:
    """What this user can try to become on this system, best first."""
    try:
        nobody = pwd.getpwnam(_NOBODY)
    except KeyError:
        return []
    is_root = os.geteuid() == 0
    found = []
    if unshare := shutil.which("unshare"):
        prefix = (unshare, "--user", f"--map-user={nobody.pw_uid}", "--")
        found.append(Identity("namespace", prefix, owner=0 if is_root else None))
    if is_root and (setpriv := shutil.which("setpriv")):
        drop = (f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
        enter = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
        found.append(Identity("capability", (setpriv, *drop, *enter, "--"), owner=nobody.pw_uid))
    if is_root:
        python = (sys.executable, "-I", "-S", "-c", _DROP, str(nobody.pw_uid), str(nobody.pw_gid))
        found.append(Identity("nobody", python, owner=nobody.pw_uid, is_outside=True))
    return found


def _has_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _require_runnable(program: Path, home: Path) -> None:
    result = _run([str(program), "--version"])
    if result.returncode != 0:
        raise explain("PostgreSQL", "does not run on this system", result.stderr, home)


def _works(identity: Identity, home: Path, program: Path) -> bool:
    base = _OUTSIDE if identity.is_outside else home
    write = ("/bin/sh", "-c", 'echo >"$0/theirs"')
    try:
        base.mkdir(mode=0o755, parents=True, exist_ok=True)
        with _probe_folder(base) as folder:
            own(folder, identity.owner)
            # Root without its usual rights in a container may give a folder away and then not reach into it.
            (folder / "ours").touch()
            runs = identity.is_outside or _succeeds([*identity.prefix, str(program), "--version"])
            return runs and _succeeds([*identity.prefix, *write, str(folder)])
    except (OSError, subprocess.TimeoutExpired):
        return False


@contextmanager
def _probe_folder(base: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=PROBE_PREFIX, dir=base))
    try:
        yield folder
    finally:
        own(folder, os.geteuid())
        shutil.rmtree(folder, ignore_errors=True)


def _succeeds(command: Sequence[str]) -> bool:
    return _run(command).returncode == 0


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)


def place_outside(home: Path) -> Path:
    """The folder that nobody can reach for the data of `home`."""
    folder = _OUTSIDE / hashlib.sha256(str(home).encode()).hexdigest()[:16]
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return folder


def reachable_program(identity: Identity, program: Path, package: Path, libraries: Path) -> Path:
    """The program itself, or a copy of it (with its package) at a place that the identity can reach."""
    if identity.owner in {None, os.geteuid()} or _finds_itself(identity, program):
        return program
    version = f"{package.name}-{int(program.stat().st_mtime)}-{program.stat().st_size}"
    place = _OUTSIDE / version
    if not place.is_dir():
        _OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
        _copy_whole([package, libraries], place)
    return place / package.name / program.relative_to(package)


def _finds_itself(identity: Identity, program: Path) -> bool:
    # PostgreSQL looks for its own files with access(), which does not count the capability to enter folders.
    return _succeeds([*identity.prefix, str(program.with_name("pg_config")), "--bindir"])


def _copy_whole(folders: Sequence[Path], place: Path) -> None:
    beside = Path(tempfile.mkdtemp(prefix=".copy-", dir=place.parent))
    for folder in folders:
        if folder.is_dir():
            shutil.copytree(folder, beside / folder.name, symlinks=True)
    beside.chmod(0o755)
    beside.rename(place)


def own(folder: Path, owner: int | None) -> None:
    """Give the folder and all in it to `owner`, if it is not that user's already."""
    folder = folder.resolve()
    if owner is None or folder.stat().st_uid == owner:
        return
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in (*folders, *files):
            os.chown(Path(parent, name), owner, owner, follow_symlinks=False)
    # The folder last: an interrupted walk is then begun again.
    os.chown(folder, owner, owner)
