from pathlib import Path

import pytest

from hctap_core.home import STACK_ENV
from hctap_embedded.__main__ import _age, main


@pytest.fixture
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home that the command finds in its environment."""
    monkeypatch.setenv("HCTAP_HOME", str(home))
    return home


def test_a_day_in_the_life_of_a_stack(at_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--stores-only"]) == 0
    first = capsys.readouterr().out
    assert sorted(line.split()[:2] for line in first.splitlines()[:3]) == [
        ["PostgreSQL", "started"],
        ["S3", "started"],
        ["Valkey", "started"],
    ]
    assert "postgresql://127.0.0.1:" in first
    assert str(at_home) in first

    assert main(["up", "--stores-only"]) == 0
    again = capsys.readouterr().out
    assert again.count("already running") == 3

    assert main(["status"]) == 0
    status = capsys.readouterr().out
    assert status.count("running") == 3
    assert status.count("stopped") == 3
    assert "MB" in status

    assert main(["env"]) == 0
    environment = capsys.readouterr().out
    assert environment == (at_home / STACK_ENV).read_text(encoding="utf-8")
    password = environment.partition("://hctap:")[2].partition("@")[0]
    assert password
    assert password not in first + again + status

    assert main(["logs", "postgres"]) == 0
    log = capsys.readouterr().out
    assert "listening on IPv4 address" in log
    assert main(["logs", "postgres", "--lines", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == log.splitlines()[-1:]
    assert main(["logs", "dashboard"]) == 0
    assert "is empty" in capsys.readouterr().out

    assert main(["down"]) == 0
    assert capsys.readouterr().out == f"Stopped PostgreSQL, Valkey, S3. The data stay in {at_home}.\n"
    assert main(["down"]) == 0
    assert capsys.readouterr().out == "Nothing was running.\n"


def test_an_error_comes_with_its_remedy(at_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert at_home.is_dir()
    assert main(["env"]) == 4
    error = capsys.readouterr().err
    assert "There is no stack" in error
    assert "What to do: Start it with `make up`." in error


def test_an_interrupted_command_says_so(
    at_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hctap_embedded.stack.Stack.up", interrupt)
    assert main(["up"]) == 130
    assert "Interrupted" in capsys.readouterr().err
    assert list(at_home.iterdir()) == []


@pytest.mark.parametrize("arguments", [[], ["fly"], ["logs"], ["logs", "../../etc/passwd"]])
def test_a_wrong_call_is_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: hctap-embedded" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "age"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7_200, "2 h"), (86_400 * 3, "3 d")]
)
def test_ages_are_rounded(seconds: float, age: str) -> None:
    assert _age(seconds) == age
