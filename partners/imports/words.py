"""Words in cells that stand for codes: countries, states, statuses, languages, lines, levels."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from babel import Locale

from leadhub.core.countries import COUNTRIES
from leadhub.core.regions import CODES, IN_ENGLISH, NAMES
from partners.imports.fields import simplified
from partners.models import CertificationLevel, ProductLine
from partners.models.partners import Status

_LOCALES = ("de", "en")
STATUSES: Mapping[str, str] = {
    **dict.fromkeys(("active", "aktiv", "yes", "ja", "true", "1", "x"), Status.ACTIVE),
    **dict.fromkeys(
        ("paused", "pausiert", "pause", "inactive", "inaktiv", "no", "nein", "false", "0"),
        Status.PAUSED,
    ),
    **dict.fromkeys(
        ("left", "left the network", "ausgeschieden", "gekuendigt", "ehemalig", "former"),
        Status.LEFT,
    ),
}
LANGUAGES: Mapping[str, str] = {
    **dict.fromkeys(("de", "deutsch", "german", "ger", "deu"), "de"),
    **dict.fromkeys(("en", "englisch", "english", "eng"), "en"),
}
# As cars and old lists write them.
_SHORT = {"d": "DE", "a": "AT", "ch": "CH", "deu": "DE", "aut": "AT", "che": "CH"}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a manufacturer calls its product lines and levels: code or name -> code."""

    lines: Mapping[str, str]
    levels: Mapping[str, str]


def read_vocabulary(
    lines: Iterable[ProductLine], levels: Iterable[CertificationLevel]
) -> Vocabulary:
    """Make the vocabulary; a name that several have stands for none of them."""
    return Vocabulary(_by_word(lines), _by_word(levels))


def _by_word(things: Iterable[ProductLine] | Iterable[CertificationLevel]) -> dict[str, str]:
    pairs = [(thing.code, thing.name) for thing in things]
    names = Counter(plain(name) for _, name in pairs)
    by_name = {plain(name): code for code, name in pairs if names[plain(name)] == 1}
    return {**by_name, **{plain(code): code for code, _ in pairs}}


def plain(word: str) -> str:
    """Write a word so that case and blanks make no difference."""
    return " ".join(word.split()).casefold()


def country_of(word: str) -> str | None:
    """Find the country that a code or a German or English name means."""
    code = word.strip().upper()
    return code if code in COUNTRIES else _countries().get(simplified(word))


@cache
def _countries() -> Mapping[str, str]:
    found = {
        simplified(name): code
        for locale in _LOCALES
        for code, name in Locale.parse(locale).territories.items()
        if code in COUNTRIES
    }
    return found | _SHORT


def region_of(word: str, country: str) -> str | None:
    """Find the federal state that a code or a name means; a name within the country first."""
    code = word.strip().upper()
    if code in NAMES:
        return code
    within = f"{country}-{code}"
    if within in NAMES:
        return within
    return _regions(country).get(simplified(word)) or _regions("").get(simplified(word))


@cache
def _regions(country: str) -> Mapping[str, str]:
    spelled = {name: code for names in CODES.values() for name, code in names.items()}
    named = {name: code for names in (NAMES, IN_ENGLISH) for code, name in names.items()}
    return {
        simplified(name): code
        for name, code in (*spelled.items(), *named.items())
        if code.startswith(country)
    }


def find_each(
    words: Iterable[str], find: Callable[[str], str | None]
) -> tuple[list[str], list[str]]:
    """Find what each of the words stands for: codes, each once, and the words that are unknown."""
    pairs = [(word, find(word)) for word in words]
    known = dict.fromkeys(code for _, code in pairs if code is not None)
    return list(known), [word for word, code in pairs if code is None]
