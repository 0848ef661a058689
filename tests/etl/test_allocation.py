"""What is large and free is not kept."""

import subprocess
import sys
from typing import Final

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no glibc")
_PROGRAM: Final = """
import os, psutil
from hctap_etl.allocation import keep_large_blocks_apart

if {is_apart}:
    keep_large_blocks_apart()
begun = psutil.Process().memory_info().rss
for size in (24, 20, 20):
    block = b"x" * (size << 20)
    del block
print(psutil.Process().memory_info().rss - begun >> 20)
"""


@pytest.mark.parametrize(("is_apart", "least", "most"), [(True, 0, 2), (False, 15, 30)])
def test_large_blocks_go_back(is_apart: bool, least: int, most: int) -> None:  # noqa: FBT001 - a case of the table
    program = _PROGRAM.format(is_apart=is_apart)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert least <= int(done.stdout) <= most
