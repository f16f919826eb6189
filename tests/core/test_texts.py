"""Everything that the product says, it says in German as well."""

import re

import pytest

from leadhub.core.texts import collect_texts, is_translated, read_catalogue, text_of

PARTNERS_PAGES = ("templates/leads/partner/", "templates/layouts/phone", "leads/routing.py")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def test_has_a_translation_of_every_text() -> None:
    stored = read_catalogue("de")

    missing = []
    for message in collect_texts():
        translated = stored.get(text_of(message), message.context)
        if message.id and (translated is None or not is_translated(translated)):
            missing.append(text_of(message))

    assert not missing, "bin/manage collect_texts adds them to be translated"


def test_keeps_no_translation_that_is_not_used() -> None:
    used = {(text_of(message), message.context) for message in collect_texts()}

    stored = {(text_of(message), message.context) for message in read_catalogue("de")}

    assert stored - used == set()


def test_fills_the_same_values_in() -> None:
    for message in read_catalogue("de"):
        if not message.id:
            continue
        said = message.id if isinstance(message.id, list | tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for english, german in zip(said, strings, strict=True):
            wanted = set(PLACEHOLDER.findall(str(english)))
            assert set(PLACEHOLDER.findall(str(german))) == wanted, english


def test_leaves_the_german_word_for_an_offer_to_the_quote_that_a_customer_gets() -> None:
    """A partner reads of enquiries that it accepts, and of quotes that it sends."""
    clashes = [
        text_of(message)
        for message in read_catalogue("de")
        if any(place.startswith(PARTNERS_PAGES) for place, _line in message.locations)
        and "Angebot" in str(message.string)
        and "quote" not in text_of(message).lower()
    ]

    assert clashes == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "Lorem"])
def test_leaves_no_translation_unfinished(word: str) -> None:
    assert not [m for m in read_catalogue("de") if word in str(m.string)]
