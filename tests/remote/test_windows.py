"""Windows of a text: within the limit, without gaps, at sentence ends, no character cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hctap_remote.windows import cut_windows


@given(
    st.text(alphabet="ab é😀.\nA 1", max_size=400),
    st.integers(0, 20),
    st.integers(0, 300),
)
def test_windows_cover_the_text_within_the_limit(text: str, overlap: int, more: int) -> None:
    most = 4 * (overlap + 1) + more
    at = 0
    for window in cut_windows(text, most, overlap):
        assert window.begin <= window.own == at < window.end
        assert len(text[window.begin : window.end].encode()) <= most
        assert window.own - window.begin <= overlap
        at = window.end
    assert at == len(text)


def test_windows_end_with_sentences() -> None:
    text = "No fever here. " * 40
    windows = list(cut_windows(text, 100, 20))
    assert len(windows) > 5
    assert all(text[: window.end].endswith(".") for window in windows[:-1])
    assert all(text[window.begin :].lstrip().startswith("No fever") for window in windows)
    assert all(window.begin < window.own for window in windows[1:])


def test_one_sentence_that_fills_a_window_is_cut_with_overlap() -> None:
    windows = list(cut_windows("x" * 250, 100, 20))
    assert [(window.begin, window.end, window.own) for window in windows] == [
        (0, 100, 0), (80, 180, 100), (160, 250, 180),
    ]  # fmt: skip


def test_a_window_that_could_not_move_on_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        list(cut_windows("abc", 8, 20))
