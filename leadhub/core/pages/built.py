"""What the build of styles and scripts made: where its files are, by the names of their sources."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static

SCRIPTS, WORKER = "scripts/app.js", "scripts/worker/worker.js"
# Letters that German and English are written with; browsers fetch the others where they are needed.
LETTERS = "inter-latin-wght-normal"


class NotBuilt(LookupError):
    """There is no build, or one that knows nothing of this source."""


def address_of(source: str) -> str:
    """Tell where the file made of a source is served.

    :raises NotBuilt: if there is none.
    """
    return static(_made_of(source)["file"])


def parts_of_pages() -> list[str]:
    """List what every page is made of: script, style and letters.

    :raises NotBuilt: if there is no build.
    """
    made = _made_of(SCRIPTS)
    letters = [file for file in made.get("assets", ()) if LETTERS in file]
    return [static(file) for file in (made["file"], *made.get("css", ()), *letters)]


def styles_of_pages() -> list[str]:
    """List the styles of pages, for one that does without scripts.

    :raises NotBuilt: if there is no build.
    """
    return [static(file) for file in _made_of(SCRIPTS).get("css", ())]


def worker_source() -> str:
    """Read the service worker as it was built.

    :raises NotBuilt: if there is none.
    """
    file: str = _made_of(WORKER)["file"]
    return (_place() / file).read_text("utf-8")


def _made_of(source: str) -> dict[str, Any]:
    try:
        made: dict[str, Any] = _manifest(_place())[source]
    except KeyError:
        raise NotBuilt(source) from None
    return made


@cache
def _manifest(place: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((place / "manifest.json").read_text("utf-8"))
    except FileNotFoundError as missing:
        raise NotBuilt(str(place)) from missing
    return manifest


def _place() -> Path:
    manifest: str | Path = settings.DJANGO_VITE["default"]["manifest_path"]
    return Path(manifest).parent
