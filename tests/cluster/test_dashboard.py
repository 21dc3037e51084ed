"""Pictures of a view, taken by a real Chromium of a page that stands in for the Dashboard."""

import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from raylessons.cluster import dashboard
from raylessons.cluster.dashboard import find_chromium, photograph_dashboard

PAGE = b"<!doctype html><div style='height:3000px'>above</div><p>Waiting for scheduling: 3</p>"

needs_chromium = pytest.mark.skipif(find_chromium() is None, reason="no Chromium on the PATH")


@pytest.fixture(scope="module")
def view_url() -> Iterator[str]:
    class View(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), View)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_without_a_browser_there_is_no_picture(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert photograph_dashboard("127.0.0.1:1", "cluster", around="ray::") is None


@needs_chromium
def test_a_picture_has_the_size_that_was_asked_for(view_url):
    picture = photograph_dashboard(view_url, "jobs", around="Waiting for", size=(640, 200))
    assert picture is not None
    png = picture._repr_png_()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == (640, 200)


@needs_chromium
def test_words_that_never_come_are_named(view_url, monkeypatch):
    monkeypatch.setattr(dashboard, "LONGEST_SECONDS", 5.0)
    with pytest.raises(TimeoutError, match=r"'jobs' did not show 'no such words' in 5 seconds"):
        photograph_dashboard(view_url, "jobs", around="no such words")
