"""The command line `hctap` in this process, with a cache of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.command_line import Outcome, calling

from hctap_cli.__main__ import main
from hctap_cli.program import Program
from hctap_nlp.extractors import SpanReader, load_extractor


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def extractor(cache: Path) -> SpanReader:
    """The real rules; their vocabulary lies where the command line looks for it."""
    return load_extractor("rules", cache / "vocabulary")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def hctap(
    cache: Path, extractor: SpanReader, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Outcome]]:
    """Give a command; the rules, which take a second to load, are loaded once."""
    load = Program.load_extractor

    def load_once(program: Program, name: str | None, terms: Path | None = None) -> SpanReader:
        is_plain = name == extractor.name and program.terms_folder(terms) is None
        return extractor if is_plain else load(program, name, terms)

    monkeypatch.setattr(Program, "load_extractor", load_once)
    monkeypatch.setenv("HCTAP_HOME", str(cache))
    monkeypatch.setenv("COLUMNS", "140")
    with calling("hctap", main, capsys, monkeypatch) as call:
        yield call
