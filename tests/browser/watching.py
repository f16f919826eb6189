"""What goes wrong on pages while a test looks at something else."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import Error

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import (
        BrowserContext,
        ConsoleMessage,
        Page,
        Request,
        Response,
        WebError,
    )

# What a page is made of has to be there. A document or an answer to a script may well be a
# refusal, which is for the test to judge.
_PARTS = {"stylesheet", "script", "image", "font", "media", "manifest", "texttrack"}
_WITHOUT_HOST = {"about", "blob", "data", "mailto", "tel"}
# What a page no longer waits for, as another one was opened, has not failed; in Chromium's words
# and in Firefox's.
_LEFT = ("ERR_ABORTED", "NS_BINDING_ABORTED")
_JUDGED_BY_ANSWER = "Failed to load resource: the server responded with a status of"


class Watch:
    """Notes requests to other hosts, errors of scripts, broken policies and failed answers."""

    def __init__(self, address: str) -> None:
        """Take the only address that pages may ask; it may be called by this machine's name."""
        named = address.replace("127.0.0.1", "localhost")
        self._origins = {urlsplit(one)[:2] for one in (address, named)}
        self._contexts: list[BrowserContext] = []
        self.problems: list[str] = []

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context."""
        self._contexts.append(context)
        context.on("request", self._see_request)
        context.on("requestfailed", self._see_failure)
        context.on("response", self._see_response)
        context.on("console", self._see_console)
        context.on("weberror", self._see_error)

    def catch_up(self) -> None:
        """Wait until all that has happened on open pages so far is noted."""
        for context in self._contexts:
            for page in context.pages:
                _wait_for(page)

    def forgive(self) -> None:
        """Let pass what has gone wrong so far: the test is about it."""
        self.catch_up()
        self.problems.clear()

    def take_pictures(self, place: Path, name: str) -> list[str]:
        """Leave a picture of every open page; return lines that say where."""
        pages = [page for context in self._contexts for page in context.pages]
        lines = []
        for number, page in enumerate(pages, start=1):
            picture = place / f"{name}-{number}.png"
            with suppress(Error):  # a page that hangs shows nothing
                page.screenshot(path=picture, full_page=True)
                lines.append(f"{page.url} looked like {picture}")
        return lines

    def _see_request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        is_ours = asked[:2] in self._origins
        if not is_ours and asked.scheme not in _WITHOUT_HOST:
            self.problems.append(f"a request to another host: {request.url}")

    def _see_failure(self, request: Request) -> None:
        if request.failure and not any(word in request.failure for word in _LEFT):
            self.problems.append(f"a failed request: {request.url} ({request.failure})")

    def _see_response(self, response: Response) -> None:
        is_part = response.request.resource_type in _PARTS
        if response.status >= (400 if is_part else 500):
            self.problems.append(f"an answer with status {response.status}: {response.url}")

    def _see_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_JUDGED_BY_ANSWER):
            self.problems.append(f"an error in the console: {message.text}")

    def _see_error(self, error: WebError) -> None:
        self.problems.append(f"an uncaught exception: {error.error}")


def _wait_for(page: Page) -> None:
    """Wait until a page has done what it was at; one that is just being left, on the next."""
    try:
        page.evaluate("null")
    except Error:
        page.wait_for_load_state()
        page.evaluate("null")
