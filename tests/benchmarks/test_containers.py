"""The page of the stack in containers; `make bench-compose` measures it, where there is Docker."""

import os
import stat
from pathlib import Path

import pytest
from benchmarks.containers.__main__ import main
from benchmarks.containers.measuring import IMAGES, MEGABYTE, SERVICES, Figures, Image, seconds_to_health
from benchmarks.containers.page import render_line, render_page

STARTED = "2026-11-21T12:24:08.100000200Z"


def check(begun: str, code: int, ended: str) -> dict[str, object]:
    return {"Start": f"2026-11-21T{begun}Z", "End": f"2026-11-21T{ended}Z", "ExitCode": code, "Output": ""}


def test_health_counts_from_the_last_start_to_the_end_of_the_first_good_check() -> None:
    before = check("12:24:01.000000001", 0, "12:24:01.500000001")
    bad = check("12:24:09.100000001", 1, "12:24:09.300000001")
    good = check("12:24:10.100000001", 0, "12:24:10.600000001")
    later = check("12:24:20.100000001", 0, "12:24:20.600000001")
    state = {"StartedAt": STARTED, "Health": {"Status": "healthy", "Log": [before, bad, good, later]}}
    assert seconds_to_health(state) == pytest.approx(2.5)


FIGURES = Figures(
    images=tuple(
        Image(name, 300 * MEGABYTE, (("pyarrow", 158 * MEGABYTE), ("numpy", 56 * MEGABYTE))) for name in IMAGES
    ),
    base=128 * MEGABYTE,
    build=90.04,
    up=31.26,
    job=9.5,
    up_again=12.0,
    healthy={service: [2.0, 4.44, 2.5] for service in SERVICES},
    first_entity=[1.5, 1.2, 1.9],
    first_entity_cpu=[1.1, 1.0, 1.2],
)


def test_the_page_says_what_was_measured_beside_what_is_allowed() -> None:
    page = render_page(FIGURES, "2 cores")
    assert "| dashboard | 300 | 600 | pyarrow 158, numpy 56 |" in page
    assert "| `docker compose up --wait` after `stop` | 12.0 s | – |" in page
    assert "| api, from start to healthy | 2.5 s (4.4) | 3 s |" in page
    assert "| first entity in the etl image | 1.5 s (1.9) | 2 s |" in page
    assert "| of that, seconds of CPU | 1.1 s (1.2) | – |" in page
    assert "128 MB of each" in page


def test_the_last_line_has_the_figures_that_count() -> None:
    assert render_line(FIGURES) == (
        "api_mb=300 dashboard_mb=300 etl_mb=300 api_healthy_s=2.5 dashboard_healthy_s=2.5 first_entity_s=1.5 up_s=31"
    )


def test_an_engine_that_refuses_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\necho one >&2\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
    docker.chmod(docker.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert main(["--out", str(tmp_path / "page.md")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Cannot connect to the Docker daemon" in said
    assert not (tmp_path / "page.md").exists()
