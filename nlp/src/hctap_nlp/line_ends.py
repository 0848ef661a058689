"""Line ends of every kind as line feeds, each character of the text at its place."""

import re
from typing import Final

# Fewer wide gaps may be the columns of a table, or what is left of a wrapped sentence.
_FEWEST_GAPS: Final = 8
_GAP: Final = re.compile(r" {2,}(?=\S)")
_BLANK_LINE: Final = 4


def with_line_feeds(text: str) -> str:
    r"""The text with every line end a line feed; `\r\n` is a space and a line feed.

    Some record systems export a note as one line, in which runs of spaces stand where its lines ended: there the first
    space of a run is a line feed, and the second, too, where the run is so wide that a line was blank.
    """
    if "\r" in text:
        text = text.replace("\r\n", " \n").replace("\r", "\n")
    if text.count("   ") >= _FEWEST_GAPS and "\n" not in text:
        return _GAP.sub(_line_end, text)
    return text


def _line_end(gap: re.Match[str]) -> str:
    width = len(gap[0])
    feeds = "\n\n" if width >= _BLANK_LINE else "\n"
    return feeds + " " * (width - len(feeds))
