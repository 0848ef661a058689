"""Colours, type and style of every page, in one place.

The tints are Okabe and Ito's (2008), which people with any of the common colour deficiencies can tell apart; they are
laid thinly over the page, so text keeps the page's own contrast in light and in dark.
"""

from importlib.resources import files
from typing import Final

from hctap_core.entities import EntityType

TINTS: Final[dict[EntityType, str]] = {
    EntityType.PROBLEM: "#D55E00",
    EntityType.MEDICATION: "#0072B2",
    EntityType.TEST: "#E69F00",
    EntityType.PROCEDURE: "#CC79A7",
    EntityType.ANATOMY: "#009E73",
}
PLAIN_TINT: Final = "#7F7F7F"

OPTIONS: Final[dict[str, object]] = {
    "theme.light.primaryColor": "#0072B2",
    "theme.light.backgroundColor": "#FFFFFF",
    "theme.light.secondaryBackgroundColor": "#F3F4F6",
    "theme.light.textColor": "#1B1F24",
    "theme.dark.primaryColor": "#56B4E9",
    "theme.dark.backgroundColor": "#14171A",
    "theme.dark.secondaryBackgroundColor": "#1E2226",
    "theme.dark.textColor": "#E6E8EA",
}

_TINTED: Final = "".join(f".hc-{kind.lower()} {{ --hc-tint: {tint}; }}\n" for kind, tint in TINTS.items())
STYLE: Final = f"<style>{files('hctap_dashboard').joinpath('style.css').read_text('utf-8')}\n{_TINTED}</style>"
