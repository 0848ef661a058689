import subprocess
import sys
from pathlib import Path

import pytest

from hctap_core.errors import StorePartUnavailable
from hctap_embedded.locks import locked

HOLDER = """
import sys, time
from pathlib import Path
from hctap_embedded.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_command_waits_and_gives_up_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with (
        locked(path),
        pytest.raises(StorePartUnavailable, match="Another command") as caught,
        locked(path, patience_seconds=0.05),
    ):
        pass
    assert caught.value.remedy


def test_a_killed_holder_holds_no_more(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StorePartUnavailable), locked(path, patience_seconds=0.05):
            pass
        holder.kill()
        holder.wait()
    with locked(path, patience_seconds=1):
        pass
