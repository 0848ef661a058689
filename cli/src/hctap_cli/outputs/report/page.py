"""The whole page: its parts, its style and script inside it, and a policy that lets it load nothing else."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from hctap_cli.outputs.report.elements import esc

_LINKS = {"summary": "Summary", "problems": "Problems", "medications": "Medications", "notes": "Notes"}


@dataclass(frozen=True, slots=True)
class Imprint:
    """What made the report: the title is the name of what was read."""

    title: str
    extractor: str
    version: str
    vocabulary: str


def render_page(imprint: Imprint, parts: Iterable[str], *, has_faults: bool) -> str:
    """The page as text; the same parts give the same bytes."""
    style, script = _read("style.css"), _read("script.js")
    # Only this very style and this very script may run, and nothing can be loaded or sent.
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    links = _LINKS | ({"faults": "Not read"} if has_faults else {})
    navigation = "".join(f'<a href="#{name}">{title}</a>' for name, title in links.items())
    made = f"{imprint.extractor} {imprint.version}, vocabulary {imprint.vocabulary[:12]}"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{esc(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<title>What the notes in {esc(imprint.title)} say</title><style>{style}</style></head><body>"
        f'<header><h1>What the notes in {esc(imprint.title)} say</h1><p class="quiet">Read by HC-TAP: {esc(made)}. '
        "This page holds the notes themselves: treat it as you treat them. "
        f"Not a medical device; check what you use.</p><nav>{navigation}</nav></header><main>"
        f'{"".join(parts)}</main><div id="tip" role="tooltip" hidden></div>'
        "<noscript><p>Without scripts the page can be read, but not filtered.</p></noscript>"
        f"<script>{script}</script></body></html>\n"
    )


def _read(name: str) -> str:
    return resources.files("hctap_cli.outputs.report").joinpath(name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
