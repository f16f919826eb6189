"""The browsers of these tests: Chromium, and for what people do most Firefox as well.

Both are driven alike; Firefox as Debian ships it, by WebDriver BiDi, which knows no touch.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from leadhub.embedded.browsers import CHROMIUM, FIREFOX
from tests.browser.visiting import DEVICES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

# A test that is marked so runs in each.
EVERYWHERE = pytest.mark.parametrize("engine", ["chromium", "firefox"])
_FLAGS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    # a page of another origin may show one of ours in a frame, though both are on this machine
    "--disable-features=LocalNetworkAccessChecks",
    # no name leads anywhere: a request to another host is noted and goes nowhere
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
# The same for Firefox: all but this machine is asked of a proxy where nobody listens.
_PREFERENCES: dict[str, str | float | bool] = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    # which a context cannot ask of it
    "ui.prefersReducedMotion": 1,
}


class Engines:
    """Browsers, each started when the first test asks for it."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._started: dict[str, Browser] = {}

    def get(self, name: str) -> Browser:
        """Return a browser; each test gets a profile of its own in it."""
        if name not in self._started:
            self._started[name] = getattr(self, f"_start_{name}")()
        return self._started[name]

    def close(self) -> None:
        """End those that were started."""
        for browser in self._started.values():
            browser.close()

    def _start_chromium(self) -> Browser:
        program = CHROMIUM.find()
        if program is None:
            pytest.fail(CHROMIUM.instructions, pytrace=False)
        return self._playwright.chromium.launch(
            executable_path=program,
            args=list(_FLAGS),
            chromium_sandbox=os.geteuid() != 0,  # which root cannot have
        )

    def _start_firefox(self) -> Browser:
        program = FIREFOX.find()
        if program is None:
            pytest.skip(f"Left out: {FIREFOX.instructions}")
        return self._playwright.firefox.launch(
            executable_path=program, channel="moz-firefox", firefox_user_prefs=_PREFERENCES
        )


def device_of(engine: str, name: str) -> dict[str, Any]:
    """Describe a device to a browser, as far as the browser can be one."""
    described = DEVICES[name]
    if engine == "chromium":
        return dict(described)
    return {key: value for key, value in described.items() if key not in ("is_mobile", "has_touch")}
