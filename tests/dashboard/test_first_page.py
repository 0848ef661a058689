"""The page that a browser loads first."""

from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.testclient import TestClient

from hctap_dashboard.address import Place
from hctap_dashboard.first_page import serve_first_page, write_first_page

STATIC = Path(streamlit.__file__).with_name("static")


def test_it_is_streamlits_with_what_would_be_asked_and_loaded_later() -> None:
    page = write_first_page(STATIC)
    head, _, body = page.partition("</head>")
    assert "BACKEND_BASE_URL" in head
    assert '<div id="root">' in body
    # Whoever takes a newer Streamlit sees here whether its parts have other names.
    for part in ("Html", "purify.es"):
        (name,) = (path.name for path in (STATIC / "static" / "js").glob(f"{part}.*.js"))
        assert f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' in head


def test_files_that_a_streamlit_does_not_have_are_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<head></head>", "utf-8")
    page = write_first_page(tmp_path)
    assert "BACKEND_BASE_URL" in page
    assert "modulepreload" not in page


@pytest.mark.parametrize("path", ["/app/", *(f"/app/{place}" for place in Place)])
def test_every_page_begins_with_it(path: str) -> None:
    answer = TestClient(Starlette(routes=serve_first_page("it", Place))).get(path)
    assert answer.text == "it"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_other_addresses_are_streamlits() -> None:
    client = TestClient(Starlette(routes=serve_first_page("it", Place)))
    assert client.get("/app/_stcore/health").status_code == 404
