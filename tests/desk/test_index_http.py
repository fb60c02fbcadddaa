"""Streamlit's page is answered with our name and style; all else passes, and nothing of an older page is kept."""

import re
from pathlib import Path

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from desk import index_http

STATIC = Path(st.__file__).parent / "static"
OWN = STATIC / "index.html"
PAGE = index_http.ours(STATIC, "Ours", ".frame { padding: 0 }")


@pytest.fixture
def client():
    def own(_request):
        return FileResponse(OWN)

    def document(_request):
        return HTMLResponse("<title>Streamlit</title>A download of ours")

    def unchanged(request):
        known = FileResponse(OWN, stat_result=OWN.stat()).headers["etag"]
        return Response(status_code=304) if request.headers.get("if-none-match") == known else FileResponse(OWN)

    routes = [Route("/", own), Route("/media/document.html", document), Route("/again", unchanged)]
    return TestClient(index_http.Index(Starlette(routes=routes), OWN, PAGE))


def test_the_page_has_our_name_and_our_style_behind_all_others():
    assert "<title>Ours</title>" in PAGE
    assert PAGE.index("</div>") < PAGE.index("<style>.frame { padding: 0 }</style>") < PAGE.index("</body>")


def test_what_the_page_loads_early_is_there():
    [head] = re.findall(r"<head>(.*)</head>", PAGE, re.DOTALL)
    named = re.findall(r'(?:src|href)="\./(static/[^"]+)"', head)
    assert len(named) > OWN.read_text(encoding="utf-8").count("./static/")
    assert [path for path in named if not (STATIC / path).is_file()] == []


def test_another_page_of_streamlits_is_refused(tmp_path):
    (tmp_path / "static").symlink_to(STATIC / "static")
    (tmp_path / "index.html").write_text("<html><head></head><body></body></html>", encoding="utf-8")
    with pytest.raises(ValueError, match="<title>Streamlit</title>"):
        index_http.ours(tmp_path, "Ours", "")


def test_an_address_answers_with_our_page(client):
    answer = client.get("/")
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert int(answer.headers["content-length"]) == len(PAGE.encode())
    assert answer.headers["cache-control"] == "no-cache"
    assert client.head("/").headers["content-length"] == answer.headers["content-length"]


def test_a_browser_that_knows_streamlits_page_gets_ours_whole(client):
    known = FileResponse(OWN, stat_result=OWN.stat()).headers["etag"]
    assert client.get("/again", headers={"if-none-match": known}).text == PAGE


def test_a_document_to_be_downloaded_passes_as_it_is(client):
    assert client.get("/media/document.html").text.endswith("A download of ours")
