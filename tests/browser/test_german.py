"""Whoever reads German reads no English: no page on a phone says what there is German for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings

from leadhub.core.texts import read_catalogue
from tests.browser.people import PASSWORD
from tests.browser.visiting import log_in
from tests.browser.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Page

    # One text, or its singular and plural.
    Texts = str | tuple[str, ...] | list[str]

SAID = """
() => {
  const said = [];
  const roots = [document, ...[...document.querySelectorAll("template")].map((one) => one.content)];
  for (const root of roots) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const parent = texts.currentNode.parentElement;
      if (!parent?.closest("script, style")) said.push(texts.currentNode.textContent);
    }
    for (const name of ["aria-label", "placeholder", "title", "alt"]) {
      for (const one of root.querySelectorAll(`[${name}]`)) said.push(one.getAttribute(name));
    }
  }
  return said.map((text) => text.trim().replaceAll(/\\s+/g, " ")).filter(Boolean);
}
"""
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


class English:
    """What is said in English, and otherwise in German."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        patterns = []
        for message in read_catalogue("de"):
            for english, german in _pairs(message.id, message.string):
                if len(english) < 4 or english == german:
                    continue
                if PLACEHOLDER.search(english):
                    patterns.append(".+".join(map(re.escape, PLACEHOLDER.split(english))))
                else:
                    self.texts.add(english)
        # Languages are called what their speakers call them.
        self.texts -= {name for _, name in settings.LANGUAGES}
        # What is the same in German somewhere else is German.
        self.texts -= {german for m in read_catalogue("de") for _, german in _pairs(m.id, m.string)}
        self._filled_in = [re.compile(pattern) for pattern in patterns if len(pattern) > 12]

    def among(self, said: Iterable[str]) -> list[str]:
        """Find what is English."""
        return sorted({text for text in said if self._is(text)})

    def _is(self, text: str) -> bool:
        return text in self.texts or any(one.fullmatch(text) for one in self._filled_in)


def _pairs(english: Texts, german: Texts | None) -> list[tuple[str, str]]:
    if not english or not german:
        return []
    if isinstance(english, str):
        return [(english, str(german))]
    return [(one, str(german[-1])) for one in english]


def english_on(page: Page, addresses: Iterable[str], english: English) -> list[str]:
    """Open pages one after the other; what they say in English."""
    found = []
    for address in addresses:
        page.goto(address)
        found += [f"{address}: {text}" for text in english.among(page.evaluate(SAID))]
    return found


def test_no_page_of_a_phone_says_in_english_what_there_is_german_for(
    phone: Page, committed: None
) -> None:
    world = World(language="de")
    english = English()
    assert english.among(["Accept", "3 enquiries are waiting for your answer."])
    link = world.link
    before = english_on(phone, [link], english)
    log_in(phone, world.dealer.email, PASSWORD)

    pages = [*world.phone_pages, "/offline/de/"]

    assert before + english_on(phone, pages, english) == []
