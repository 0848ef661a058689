"""The scoreboard in short: the engine alone on a few notes, through its own program; rows, ratios and pages."""

import hashlib
import sys
from pathlib import Path

import pytest
from benchmarks.__main__ import main
from benchmarks.board import Row, rows_of
from benchmarks.environments import PeerUnavailable, Workshop
from benchmarks.materials import Materials, load_materials
from benchmarks.peers.catalogue import OURS, PEERS, command_of
from benchmarks.regimens import value_of
from benchmarks.scoreboard import entries_of, read_remarks, render_page, requests_of
from benchmarks.scoring import Score
from benchmarks.systems import Answers, ask

from hctap_core.intervals import Interval

ROOT = Path(__file__).parents[2]
ENTRIES = entries_of(PEERS, ["medspacy"])


@pytest.fixture(scope="module")
def materials() -> Materials:
    return load_materials(ROOT, notes=2, sentences=60)


@pytest.fixture(scope="module")
def answers(materials: Materials, tmp_path_factory: pytest.TempPathFactory, vocabulary_folder: Path) -> Answers:
    home = tmp_path_factory.mktemp("home")
    (home / "vocabulary").symlink_to(vocabulary_folder)
    command = command_of(ENTRIES[0], Path(sys.executable), home / "terms.csv", home / "bench" / "work")
    return ask(command, ROOT, requests_of(materials, 0.1), lambda _: None)


def test_the_engine_answers_everything_within_its_texts(materials: Materials, answers: Answers) -> None:
    assert len(answers.records) == 2 * len(materials.all_notes()) + len(materials.all_sentences())
    assert (answers.errors, answers.violations) == ({}, 0)
    assert answers.characters_per_s is not None
    assert answers.characters_per_s > 0


def test_every_kind_of_row_is_scored(materials: Materials, answers: Answers) -> None:
    rows = {row.key: row for row in rows_of(materials, {OURS: answers})}
    for key in ("test/entities/ALL/strict", "dev/codes", "test/headings", "dev/assertion/ALL", "dev/suite/negated"):
        number = rows[key].number(OURS)
        assert number is not None, key
        assert 0 < number <= 1
    assert rows["test/entities/ALL/strict"].is_ahead() is None  # there is no peer
    assert rows["cost/violations"].values == {OURS: 0}


def test_the_page_names_what_could_not_be_asked_and_never_hides_it(materials: Materials, answers: Answers) -> None:
    asked: dict[str, Answers | PeerUnavailable] = {
        OURS: answers,
        "HC-TAP rules": answers,
        "medSpaCy": PeerUnavailable("no such package"),
    }
    page = render_page(ENTRIES, materials, asked, {}, 7)
    assert "**medSpaCy**: could not be asked: `no such package`." in page
    assert "## Our failures" in page
    assert "| measure | HC-TAP | ratio |" in page  # the rules read notes as the default does: no column of their own


def _score(value: float, low: float, high: float) -> Score:
    return Score(value, Interval(low, high), 1, 1, 1)


def test_ratios_are_turned_round_where_less_is_better() -> None:
    better = Row("k", "g", "t", {OURS: _score(0.9, 0.8, 0.95), "A": _score(0.6, 0.5, 0.7), "B": _score(0.45, 0.4, 0.5)})
    assert (better.best_peer(), better.is_ahead()) == (("A", 0.6), True)
    assert better.ratio() == pytest.approx(1.5)
    slower = Row("k", "g", "t", {OURS: 4.0, "A": 2.0, "B": 8.0}, more_is_better=False)
    assert (slower.best_peer(), slower.is_ahead(), slower.ratio()) == (("A", 2.0), False, 0.5)


def test_own_variants_are_no_peers() -> None:
    assert Row("k", "g", "t", {OURS: 1.0, f"{OURS} rules": 2.0}).best_peer() is None


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("FREQUENCY", "2/d", "2.0/d", True),
        ("FREQUENCY", "1/2d", "0.5/d", True),
        ("FREQUENCY", "1/wk", "0.143/d", True),
        ("FREQUENCY", "4-6/d", "4/d", False),
        ("ROUTE", "oral", "oral", True),
        ("ROUTE", "oral", "rectal", False),
    ],
)
def test_values_compare_by_what_they_come_to(kind: str, one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (value_of(kind, one) == value_of(kind, other)) is same


def test_every_remark_is_about_a_row_that_there_is(materials: Materials, answers: Answers) -> None:
    keys = {row.key for row in rows_of(materials, {OURS: answers})}
    assert set(read_remarks(ROOT / "benchmarks" / "remarks.yaml")) <= keys


@pytest.mark.parametrize("peer", [peer.peer for peer in PEERS])
def test_every_peer_is_pinned_by_version_and_hash(peer: str) -> None:
    lines = (ROOT / "benchmarks" / "peers" / peer / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pinned
    assert all("==" in line for line in pinned)
    assert sum("--hash=sha256:" in line for line in lines) >= len(pinned)


def test_an_unknown_folder_of_corpora_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpora", str(tmp_path / "none"), "--home", str(tmp_path)]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_the_workshop_installs_nothing_twice(tmp_path: Path) -> None:
    requirements = ROOT / "benchmarks" / "peers" / "openmed" / "requirements.txt"
    (tmp_path / "openmed").mkdir()
    (tmp_path / "openmed" / "requirements.sha256").write_text(hashlib.sha256(requirements.read_bytes()).hexdigest())
    python = Workshop(ROOT, tmp_path, "no-uv").python_of("openmed")
    assert python == tmp_path / "openmed" / "bin" / "python"
