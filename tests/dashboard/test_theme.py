"""Colours that everybody can tell apart and text that everybody can read, in light and in dark."""

import re
from itertools import combinations

import pytest

from hctap_core.entities import EntityType
from hctap_dashboard.theme import OPTIONS, STYLE, TINTS

SHARE = 0.24


def channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def luminance(colour: tuple[float, float, float]) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def laid_over(tint: str, page: str) -> tuple[float, float, float]:
    red, green, blue = (
        SHARE * top + (1 - SHARE) * below for top, below in zip(channels(tint), channels(page), strict=True)
    )
    return red, green, blue


@pytest.mark.parametrize("kind", EntityType)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marked_text_keeps_the_contrast_that_wcag_asks_for(kind: EntityType, scheme: str) -> None:
    text, page = (str(OPTIONS[f"theme.{scheme}.{name}"]) for name in ("textColor", "backgroundColor"))
    assert contrast(channels(text), laid_over(TINTS[kind], page)) >= 4.5


def test_the_share_of_the_tint_is_the_styles() -> None:
    assert f"var(--hc-tint) {SHARE:.0%}" in STYLE


def test_every_type_has_a_tint_of_its_own_from_the_palette() -> None:
    assert TINTS.keys() == set(EntityType)
    palette = {"#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#000000"}
    assert set(TINTS.values()) <= palette
    assert all(one != other for one, other in combinations(TINTS.values(), 2))
    assert all(f".hc-{kind.lower()} {{ --hc-tint: {tint}; }}" in STYLE for kind, tint in TINTS.items())


def test_the_style_fetches_nothing() -> None:
    assert not re.search(r"url\(|@import|https?:", STYLE)
