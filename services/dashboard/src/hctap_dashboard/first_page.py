"""What a browser loads before it speaks with the dashboard: Streamlit's own page, with what it would find out later.

Streamlit's page asks below its own address where the server is (`/app/notes/_stcore/health`), is refused, waits and
asks one step higher; told where that is, it asks once. And it loads the part that shows text of ours, the title first
of all, only when there is text to show, behind all the parts that the rest of a page needs.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from hctap_dashboard.serving import BASE_PATH

# Every address of ours is one step below the server's.
_SERVER: Final = '<script>window.__streamlit = {BACKEND_BASE_URL: new URL(".", location.href).href}</script>'
# What `st.html` needs beyond what every page of Streamlit's loads at once; its build adds a hash to the names.
_PARTS: Final = ("Html.*.js", "purify.es.*.js")
_HEAD: Final = "</head>"


def write_first_page(folder: Path) -> str:
    """Streamlit's page from the folder of its static files; one without the files that we know is left as it is."""
    page = (folder / "index.html").read_text("utf-8")
    scripts = folder / "static" / "js"
    names = sorted(part.name for pattern in _PARTS for part in scripts.glob(pattern))
    loads = "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in names)
    return page.replace(_HEAD, f"{_SERVER}{loads}{_HEAD}", 1)


def serve_first_page(page: str, places: Iterable[str]) -> list[Route]:
    """The routes that give the page at the dashboard's address and at each of its places."""

    def give(_: Request) -> HTMLResponse:
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    return [Route(f"/{BASE_PATH}/{place}", give) for place in ("", *places)]
