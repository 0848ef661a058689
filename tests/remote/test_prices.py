"""The table of prices, and units as the service counts them."""

from pathlib import Path

import pytest

from hctap_core.errors import SettingsInvalid
from hctap_remote.prices import load_prices, units_of


def test_the_table_that_ships_says_when_it_was_captured_and_from_where() -> None:
    prices = load_prices()
    assert prices.captured.year >= 2026
    assert set(prices.sources) == {"comprehend", "bedrock"}
    assert prices.of_units("DetectEntitiesV2", 10_000) == pytest.approx(100)
    assert prices.of_tokens("anthropic.claude-haiku-4-5-20251001-v1:0", 1_000_000, 1_000_000) == pytest.approx(6)
    assert prices.of_units("DetectPHI", 1) is None
    assert prices.of_tokens("another", 1, 1) is None


@pytest.mark.parametrize(("length", "units"), [(1, 1), (100, 1), (101, 2), (20_000, 200)])
def test_units(length: int, units: int) -> None:
    assert units_of("é" * length) == units


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text("captured: 2026-01-02\ncomprehend: {InferRxNorm: 2}\nbedrock: {m: {input: 1, output: 2}}\n")
    assert load_prices(path).of_units("InferRxNorm", 3) == 6


@pytest.mark.parametrize("content", ["captured: never", "- 1", "comprehend: [", None])
def test_what_is_no_table_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "prices.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SettingsInvalid):
        load_prices(path)
