"""The images: small, closed, and without anything that does not belong into them."""

import io
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.smoke.conftest import IMAGES, ROOT, Containers

MEGABYTE = 1_000_000
LIMITS = {"hctap-api:smoke": 400, "hctap-dashboard:smoke": 600, "hctap-etl:smoke": 850}
SECRET_NAMES = re.compile(r"(^|/)(\.env|stack\.env|credentials(\.json)?|id_[a-z0-9]+|[^/]*\.(pem|key|p12))$")
# What Debian and Python's libraries bring as their own: certificates of public authorities.
PUBLIC = re.compile(r"^(etc/ssl/|usr/share/|usr/lib/ssl/|usr/local/share/)|/(certifi|botocore)/|/ssl/certs/")
images = pytest.mark.parametrize("image", IMAGES)


def files_of(saved: Path) -> Iterator[tuple[str, bytes | None]]:
    """The files of all layers of a saved image with what they hold; None for what is no plain file."""
    with tarfile.open(saved) as archive:
        manifest = archive.extractfile("manifest.json")
        assert manifest
        (described,) = json.load(manifest)
        for name in described["Layers"]:
            member = archive.extractfile(name)
            assert member
            with tarfile.open(fileobj=io.BytesIO(member.read())) as layer:
                for entry in layer:
                    file = layer.extractfile(entry) if entry.isreg() else None
                    yield entry.name, file.read() if file else None


def sentences() -> list[bytes]:
    """A sentence of each sample note that is long enough to stand nowhere else."""
    found = []
    for half in ("dev", "test"):
        for line in (ROOT / "samples" / half / "notes.jsonl").read_text(encoding="utf-8").splitlines():
            longest = max(json.loads(line)["text"].split("\n"), key=len)
            found.append(longest[:80].encode())
    return found


@images
def test_it_is_small(containers: Containers, image: str) -> None:
    size = int(containers.docker("image", "inspect", "--format", "{{.Size}}", image).stdout)
    assert size < LIMITS[image] * MEGABYTE


@images
def test_no_layer_holds_a_note_or_a_secret(containers: Containers, image: str, tmp_path: Path) -> None:
    password = containers.inside("postgres", "cat", "/run/secrets/password").strip()
    forbidden = [*sentences(), password.encode(), containers.key().encode()]
    saved = tmp_path / "image.tar"
    containers.docker("save", "--output", str(saved), image)
    for name, data in files_of(saved):
        if data is not None:
            assert PUBLIC.search(name) or not SECRET_NAMES.search(name), name
            assert not any(words in data for words in forbidden), name


@images
def test_nothing_in_it_installs_or_builds(containers: Containers, image: str) -> None:
    tools = "for name in pip pip3 uv gcc cc make wheel git; do command -v $name; done; true"
    modules = (
        'python -c \'import importlib.util as u; print(*filter(u.find_spec, ("pip", "setuptools", "ensurepip")))\''
    )
    inside = ("run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-c")
    assert containers.docker(*inside, f"{tools}; {modules}").stdout.strip() == ""


@images
def test_it_says_what_it_is(containers: Containers, image: str) -> None:
    labels = json.loads(containers.docker("image", "inspect", "--format", "{{json .Config.Labels}}", image).stdout)
    assert labels["org.opencontainers.image.title"] == image.removesuffix(":smoke")
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_the_first_entity_comes_without_network_and_at_once(containers: Containers) -> None:
    program = (
        "import time; begun = time.monotonic(); import pathlib; from hctap_nlp.extractors import load_extractor; "
        "reader = load_extractor('hybrid', pathlib.Path('/var/lib/hctap/vocabulary')); "
        "found = reader.extract('Denies chest pain.').mentions[0]; print(found.norm, time.monotonic() - begun)"
    )
    command = ("run", "--rm", "--network", "none", "--read-only", "--entrypoint", "python", "hctap-etl:smoke")
    said = containers.docker(*command, "-c", program).stdout.split()
    assert said[:2] == ["chest", "pain"]
    containers.seconds["first entity"] = float(said[2])
