"""Every import contract of the build is broken here once on purpose, to see it caught."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEMBERS = ("core", "nlp", "cli", "stores", "client", "embedded", "services/api", "services/etl", "services/dashboard")
# A contract, a module, and an import that the contract forbids it.
BREACHES = (
    ("layers", "services/etl/src/hctap_etl/pipeline.py", "import hctap_api.errors"),
    ("engine-does-no-io", "nlp/src/hctap_nlp/shadow.py", "import boto3"),
    ("core-is-the-domain", "core/src/hctap_core/runs.py", "import yaml"),
    ("only-the-lake-knows-s3", "stores/src/hctap_stores/cache/connection.py", "import obstore"),
    ("only-the-database-knows-sql", "services/api/src/hctap_api/errors.py", "import psycopg"),
    ("only-the-database-knows-sql", "services/etl/src/hctap_etl/working.py", "import procrastinate"),
    ("dashboard-speaks-http", "services/dashboard/src/hctap_dashboard/theme.py", "import hctap_stores.listing"),
    ("own-notes-need-no-store", "cli/src/hctap_cli/lines.py", "import httpx"),
    ("only-entry-points-read-settings", "services/etl/src/hctap_etl/pipeline.py", "import hctap_etl.settings"),
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for member in MEMBERS:
        for path in (ROOT / member / "src").rglob("*.py"):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sysconfig.get_path("scripts")) / "lint-imports"), "--no-logo", "--no-cache"]
    places = os.pathsep.join(str(folder / member / "src") for member in MEMBERS)
    environ = {"PYTHONPATH": places, "PATH": os.environ["PATH"], "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def test_every_contract_has_its_breach() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert {contract["id"] for contract in contracts} == {contract for contract, _, _ in BREACHES}


def test_the_code_as_it_is_keeps_them_all(checkout: Path) -> None:
    result = lint(checkout)
    assert result.returncode == 0, result.stdout + result.stderr
    assert str(checkout) not in sys.path


@pytest.mark.parametrize(("contract", "place", "breach"), BREACHES)
def test_a_breach_is_caught(checkout: Path, contract: str, place: str, breach: str) -> None:
    path = checkout / place
    before = path.read_text(encoding="utf-8")
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    name = next(c["name"] for c in contracts if c["id"] == contract)
    path.write_text(before + f"\n{breach}\n", encoding="utf-8")
    try:
        result = lint(checkout)
    finally:
        path.write_text(before, encoding="utf-8")
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{name} BROKEN" in result.stdout
