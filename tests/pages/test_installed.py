"""The app on the home screen: what phones and their service worker are told."""

import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from leadhub.core.pages import installed


def get(path: str, **headers: str) -> Any:
    response = Client().get(path, headers=headers)
    assert response.status_code == 200, path
    return response


def built(address: str) -> bytes:
    """What the build made, by its address."""
    place = Path(settings.DJANGO_VITE["default"]["manifest_path"]).parent
    return (place / address.removeprefix("/static/")).read_bytes()


@pytest.mark.parametrize(("language", "inbox"), [("en", "Inbox"), ("de", "Anfragen")])
def test_describes_the_app_in_the_language_of_the_page(language: str, inbox: str) -> None:
    response = get(f"/app/{language}.webmanifest")

    described = json.loads(response.content)
    assert response.headers["Content-Type"] == "application/manifest+json"
    assert (described["lang"], described["start_url"], described["scope"]) == (
        language,
        "/inbox/",
        "/",
    )
    assert described["display"] == "standalone"
    assert described["shortcuts"][0]["name"] == inbox
    page = get(f"/offline/{language}/").content.decode()
    assert f'<link rel="manifest" href="/app/{language}.webmanifest">' in page


def test_knows_no_other_language() -> None:
    for path in ("/app/fr.webmanifest", "/offline/fr/"):
        assert Client().get(path).status_code == 404


def test_has_icons_of_the_sizes_that_it_names() -> None:
    icons = json.loads(get("/app/en.webmanifest").content)["icons"]

    assert {icon["purpose"] for icon in icons} == {"any", "maskable"}
    for icon in icons:
        head = built(icon["src"])[:24]
        assert head.startswith(b"\x89PNG\r\n\x1a\n")
        wide, tall = struct.unpack(">II", head[16:24])
        assert icon["sizes"] == f"{wide}x{tall}"


def test_colours_the_phones_edge_light_and_dark() -> None:
    page = get("/offline/en/").content.decode()

    assert re.findall(r'theme-color" media="[^"]+: (\w+)\)" content="(\S+)"', page) == [
        ("light", "#ffffff"),
        ("dark", "#181e2b"),
    ]
    browser = Client()
    browser.cookies["theme"] = "dark"
    chosen = browser.get("/offline/en/").content.decode()
    assert '<meta name="theme-color" content="#181e2b">' in chosen


def test_hands_out_a_worker_for_all_pages_that_is_asked_for_each_time() -> None:
    response = get("/service-worker.js")

    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["Service-Worker-Allowed"] == "/"
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    same = Client().get("/service-worker.js", headers={"If-None-Match": response.headers["ETag"]})
    assert same.status_code == 304


def test_names_the_parts_of_this_build_in_the_worker() -> None:
    script = get("/service-worker.js").content.decode()

    build = json.loads(script.partition("self.BUILD = ")[2].partition(";\n")[0])
    page = get("/offline/en/").content.decode()
    assert {part.rpartition(".")[2] for part in build["parts"]} == {"js", "css", "woff2"}
    for part in build["parts"]:
        assert built(part)
        assert part in page or part.endswith("woff2")
    assert build["offline"] == {"en": "/offline/en/", "de": "/offline/de/"}


def test_has_no_worker_without_a_build(settings: Any, tmp_path: Path) -> None:
    settings.DJANGO_VITE = {"default": {"manifest_path": tmp_path / "manifest.json"}}
    installed._worker.cache_clear()
    try:
        assert Client().get("/service-worker.js").status_code == 404
    finally:
        installed._worker.cache_clear()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Nothing you tap now is sent."),
        ("de", "Was Sie jetzt antippen, wird nicht gesendet."),
    ],
)
def test_says_without_a_network_that_nothing_is_sent(language: str, words: str) -> None:
    response = get(f"/offline/{language}/")

    assert words in response.content.decode()
    assert f'<html lang="{language}"' in response.content.decode()
    assert "Set-Cookie" not in response.headers
