"""`hctap` as somebody installs it: from wheels into an empty environment, then without any network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTES = ROOT / "samples" / "dev" / "notes.jsonl"
MEMBERS = ("core", "nlp", "cli")
# A namespace of its own, in which not even the loopback is up.
WITHOUT_NETWORK = ("unshare", "--net")
CONNECT = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"


def _run(*command: object, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        list(map(str, command)),
        env=os.environ | environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def uv() -> str:
    """The uv of the checkout, if it reaches a package index."""
    path = _run("tools/uv-path").stdout.strip()
    if not path or _run(path, "pip", "install", "--dry-run", "--target", "/nonexistent", "rich").returncode:
        pytest.skip("no package index is reachable")
    return path


@pytest.fixture(scope="module")
def hctap(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in an environment that holds nothing but it and what it stands on."""
    folder = tmp_path_factory.mktemp("own")
    for member in MEMBERS:
        built = _run(uv, "build", "--wheel", "--quiet", "--out-dir", folder / "dist", member)
        assert built.returncode == 0, built.stderr
    wheels = sorted((folder / "dist").glob("*.whl"))
    assert len(wheels) == len(MEMBERS)
    python = folder / "venv" / "bin" / "python"
    made = _run(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    assert made.returncode == 0, made.stderr
    installed = _run(uv, "pip", "install", "--quiet", "--python", python, *wheels)
    assert installed.returncode == 0, installed.stderr
    return folder / "venv" / "bin" / "hctap"


def _without_network(*command: object, **environ: str) -> "subprocess.CompletedProcess[str]":
    if not shutil.which("unshare") or _run(*WITHOUT_NETWORK, "true").returncode:
        pytest.skip("a network namespace needs root and unshare")
    assert "Network is unreachable" in _run(*WITHOUT_NETWORK, sys.executable, "-c", CONNECT).stderr
    return _run(*WITHOUT_NETWORK, *command, **environ)


def test_it_stands_on_the_engine_alone(hctap: Path) -> None:
    heavy = "for name in ('hctap_stores', 'boto3', 'sqlalchemy', 'pyarrow', 'pandas', 'spacy', 'streamlit', 'httpx'):"
    program = f"import importlib.util\n{heavy}\n    print(name) if importlib.util.find_spec(name) else None"
    assert _run(hctap.with_name("python"), "-c", program).stdout == ""


def test_a_first_report_needs_no_network(hctap: Path, tmp_path: Path) -> None:
    outs = [tmp_path / "one", tmp_path / "two"]
    for seed, out in enumerate(outs):
        # The first compiles the vocabulary, the second finds it.
        told = _without_network(
            hctap, "extract", NOTES, "--out", out, HCTAP_HOME=str(tmp_path / "cache"), PYTHONHASHSEED=str(seed)
        )
        assert told.returncode == 0, told.stderr
        assert "34 notes read" in " ".join(told.stdout.split())
        assert ("preparation_stage" in told.stderr) is (seed == 0)
    for path in outs[0].iterdir():
        assert path.read_bytes() == (outs[1] / path.name).read_bytes(), path.name
    assert "Dear Colleague" in (outs[0] / "report.html").read_text(encoding="utf-8")
    (tmp_path / "note.txt").write_text("Denies chest pain.")
    told = _without_network(hctap, "explain", tmp_path / "note.txt", HCTAP_HOME=str(tmp_path / "cache"))
    assert told.returncode == 0, told.stderr
    assert "curated:chest pain" in told.stdout
