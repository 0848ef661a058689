from pathlib import Path

import pytest

from hctap_core.errors import StorePartUnavailable
from hctap_embedded.faults import explain, explained

HOME = Path("/somewhere/.hctap")


@pytest.mark.parametrize(
    ("output", "said", "remedy"),
    [
        ("initdb: error: could not write file: No space left on device", "could not write file", "HCTAP_HOME"),
        ("postgres: /lib/libc.so.6: version `GLIBC_2.28' not found", "GLIBC_2.28", "docker compose"),
        ("LOG: hello\nFATAL:  could not open file: Permission denied\nLOG: bye", "FATAL:", f"Make {HOME}"),
        ("FATAL:  database files are incompatible with server", "incompatible", "another PostgreSQL version"),
        ("Bad file format reading the append only file base.rdb", "Bad file", "it is a cache"),
        ("/usr/bin/python: No module named hctap_api", "hctap_api", "uv sync"),
        ("something nobody foresaw", "something nobody foresaw", "/log"),
    ],
)
def test_known_reasons_have_remedies(output: str, said: str, remedy: str) -> None:
    error = explain("The part", "does not start", output, HOME, Path("/log"))
    assert error.message.startswith("The part does not start: ")
    assert said in error.message
    assert error.remedy is not None
    assert remedy in error.remedy


def test_silence_is_explained_too() -> None:
    error = explain("The part", "does not start", "", HOME)
    assert error.message == "The part does not start."
    assert error.remedy


def test_a_long_line_is_cut() -> None:
    assert len(explain("The part", "does not start", "error " * 1000, HOME).message) < 400


def test_what_the_system_refuses_is_explained() -> None:
    with (
        pytest.raises(StorePartUnavailable, match="The part cannot be started: No space left") as caught,
        explained("The part", HOME),
    ):
        raise OSError(28, "No space left on device", "/somewhere/file")
    assert "/somewhere/file" in caught.value.message
    assert "HCTAP_HOME" in (caught.value.remedy or "")
