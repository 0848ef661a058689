"""The pipeline: the same as long as nothing changes that decides what a run finds."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hctap_embedded.stack import Stack
from hctap_etl import pipeline
from hctap_etl.pipeline import pipeline_of
from hctap_nlp.extractors import Extractor, load_extractor
from hctap_nlp.extractors.identity import Identity

_ENGINE = """
import sys
from pathlib import Path
from hctap_core.phi import PhiPolicy
from hctap_nlp.extractors import load_extractor
from hctap_nlp.phi.guard import guard
from hctap_etl import rendering
guard(load_extractor("rules", Path(sys.argv[1])), PhiPolicy.REDACT).extract("Jane Doe denies fever. Aspirin daily.")
print(*(name.removeprefix("hctap_core.") for name in sys.modules if name.startswith("hctap_core.")))
"""


def test_the_pipeline_is_the_same_until_something_changes(extractor: Extractor) -> None:
    one = pipeline_of(extractor)
    assert one == pipeline_of(extractor)
    assert (one.extractor, one.vocabulary) == ("rules", extractor.vocabulary_hash)
    assert one.code_version.startswith(f"{extractor.version}+")
    assert one.hash != one.model_copy(update={"code_version": "other"}).hash


def test_a_row_of_the_users_own_is_another_pipeline(extractor: Extractor, stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("- {term: zorblax, type: PROBLEM}\n")
    own = load_extractor("rules", stack.home / "vocabulary", terms=tmp_path)
    assert pipeline_of(own).hash != pipeline_of(extractor).hash


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copies of the packages that decide what a run finds, in place of the installed ones."""
    for package in ("hctap_nlp", "hctap_remote", *pipeline.DECIDING):
        shutil.copytree(
            pipeline._folder_of(package), tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "models")
        )
    monkeypatch.setattr(pipeline, "_folder_of", lambda package: tmp_path / package)
    return tmp_path


@pytest.mark.parametrize(
    "path",
    [
        "hctap_nlp/phi/anchors.yaml",
        "hctap_nlp/vocabulary/terms/headings.yaml",
        "hctap_nlp/extraction.py",
        "hctap_nlp/new.py",
        "hctap_core/sections.py",
        "hctap_etl/rendering.py",
        "hctap_etl/pieces.py",
        "hctap_stores/database/rows.py",
    ],
)
def test_what_decides_the_results_is_part_of_the_pipeline(extractor: Extractor, packages: Path, path: str) -> None:
    before = pipeline_of(extractor)
    with (packages / path).open("a") as file:
        file.write("\n# more\n")
    assert pipeline_of(extractor).hash != before.hash


def test_what_decides_nothing_is_no_part_of_the_pipeline(extractor: Extractor, packages: Path) -> None:
    before = pipeline_of(extractor)
    (packages / "hctap_nlp" / "phi" / "__pycache__").mkdir()
    # The model's card has a hash of its own in the pipeline; only the remote extractors are of the remote package.
    (packages / "hctap_nlp" / "models").mkdir()
    for path in ("hctap_nlp/phi/__pycache__/anchors.pyc", "hctap_nlp/.swp", "hctap_nlp/models/x", "hctap_remote/x.py"):
        (packages / path).write_text("x")
    assert pipeline_of(extractor) == before


def test_a_remote_extractor_is_the_code_that_asks_the_service(packages: Path) -> None:
    remote = Identity("bedrock", "1", None, "model")
    before = pipeline_of(remote)
    (packages / "hctap_remote" / "prompting.py").write_text("# another\n")
    assert pipeline_of(remote).hash != before.hash


def test_of_the_core_an_engine_needs_only_what_is_part_of_the_pipeline(extractor: Extractor, stack: Stack) -> None:
    assert extractor.name == "rules", "its vocabulary is compiled"
    # Errors, reasons, hashes and dates of notes that have no entities, and the scores of the suite.
    others = {"__init__", "errors", "reasons", "notes", "moments", "evaluation", "gold", "intervals", "matching"}
    said = subprocess.run(
        [sys.executable, "-c", _ENGINE, stack.home / "vocabulary"], check=True, capture_output=True, text=True
    )
    assert {f"{name}.py" for name in set(said.stdout.split()) - others} == set(pipeline.DECIDING["hctap_core"])
