"""The environments of the peers: a virtual environment each, from requirements pinned by version and hash."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hctap_core.errors import PlatformError

PYTHON = "3.11"  # the newest that all peers run on
_SECONDS = 900
_LONGEST = 300


class PeerUnavailable(PlatformError):
    """A peer could not be installed or did not answer."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where the environments stand, and which uv makes them."""

    root: Path
    folder: Path
    uv: str

    def python_of(self, peer: str) -> Path:
        """The interpreter of a peer's environment; makes the environment unless it is there as required.

        Raises:
            PeerUnavailable: With the last line of what the installer said.
        """
        requirements = self.root / "benchmarks" / "peers" / peer / "requirements.txt"
        environment = self.folder / peer
        stamp, wanted = environment / "requirements.sha256", hashlib.sha256(requirements.read_bytes()).hexdigest()
        python = environment / "bin" / "python"
        if not (stamp.is_file() and stamp.read_text(encoding="ascii") == wanted):
            self._run("venv", "--quiet", "--clear", "--python", PYTHON, str(environment))
            self._run("pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r", str(requirements))
            stamp.write_text(wanted, encoding="ascii")
        return python

    def _run(self, *arguments: str) -> None:
        try:
            done = subprocess.run([self.uv, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise PeerUnavailable(f"uv {arguments[0]} took longer than {_SECONDS} s") from None
        except OSError as error:
            raise PeerUnavailable(f"uv cannot be run: {error.strerror}") from None
        if done.returncode:
            raise PeerUnavailable(last_line(done.stderr) or f"uv {arguments[0]} ended with {done.returncode}")


def last_line(text: str) -> str:
    """The last line that says something, shortened."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:_LONGEST] if lines else ""
