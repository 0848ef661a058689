"""The pictures of the guide are those that a command makes, and all of them are shown somewhere."""

import re
import struct
from pathlib import Path

from tests.e2e.pictures import IMAGES, PICTURES, SIZE

ROOT = Path(__file__).parents[2]


def test_the_guide_has_the_pictures_that_the_command_takes() -> None:
    assert {path.name for path in IMAGES.iterdir()} == {f"{name}.png" for name in PICTURES}
    for path in IMAGES.iterdir():
        # Width and height are the first two numbers of a PNG's first part.
        assert struct.unpack(">II", path.read_bytes()[16:24]) == (SIZE["width"], SIZE["height"]), path.name


def test_each_picture_stands_in_the_readme_or_the_guide() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {name for page in pages for name in re.findall(r"images/([a-z-]+)\.png", page.read_text("utf-8"))}
    assert shown == set(PICTURES)
