import os
from pathlib import Path

import pytest

from hctap_core.errors import StorePartUnavailable
from hctap_embedded import wheels
from hctap_embedded.wheels import package_folder, postgres_program, valkey_server


@pytest.mark.parametrize("program", [postgres_program("postgres"), postgres_program("initdb"), valkey_server()])
def test_the_wheels_bring_programs(program: Path) -> None:
    assert os.access(program, os.X_OK)


def test_a_missing_package_is_named_with_the_remedy() -> None:
    with pytest.raises(StorePartUnavailable, match="'no_such_package'") as caught:
        package_folder("no_such_package")
    assert "uv sync" in (caught.value.remedy or "")


def test_a_wheel_without_programs_is_for_another_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "package_folder", lambda _: tmp_path)
    for find in (valkey_server, lambda: postgres_program("postgres")):
        with pytest.raises(StorePartUnavailable, match="for this system"):
            find()
