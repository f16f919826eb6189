"""One cell of a partner file as one value of ``PartnerDetails``, or the reason why it is none."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_noop

from leadhub.core.errors import InvalidInput
from leadhub.core.geo import normalise_postal_code
from partners.imports.fields import NEEDED, simplified
from partners.imports.words import (
    LANGUAGES,
    STATUSES,
    Vocabulary,
    country_of,
    find_each,
    plain,
    region_of,
)

# What empties a field; a blank cell leaves it as it is.
EMPTIES = "-"
LONGEST: Mapping[str, int] = {
    "external_id": 120,
    "name": 200,
    "email": 254,
    "street": 200,
    "postal_code": 12,
    "city": 120,
    "phone": 60,
}
EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(("email", "phone", "street", "city"), ""),
    **dict.fromkeys(("radius_km", "latitude", "longitude"), None),
    **dict.fromkeys(("cap_open", "cap_per_day", "cap_per_week", "cap_per_month"), None),
    **dict.fromkeys(("postal_code_areas", "regions", "product_lines"), ()),
}
LARGEST_CAP = 2_147_483_647
ROUND_THE_EARTH_KM = 20_038
AREAS_AT_MOST, LONGEST_AREA, LONGEST_AREA_PART = 500, 25, 10
BETWEEN = re.compile(r"[;|\n]")
BETWEEN_CODES = re.compile(r"[;,|\n]")
_BETWEEN_AREAS = re.compile(r"[\s;,|]+")
_WHOLE = re.compile(r"\d{1,10}(?:[.,]0+)?")
_DECIMAL = re.compile(r"[+-]?\d{1,6}(?:[.,]\d{1,15})?")
_THOUSANDS = re.compile(r"\d{1,3}[.,]\d{3}")
# A German postal code whose first digit, a zero, a spreadsheet took away.
_WITHOUT_ZERO = re.compile(r"\d{4}")


class Around(NamedTuple):
    """What a cell is read with: the manufacturer's words, and the country of its row."""

    vocabulary: Vocabulary
    country: str


def read_value(name: str, text: str, around: Around) -> Any:
    """Read the cell of a field other than those of certifications.

    :raises InvalidInput: if it says nothing that the field can be.
    """
    if not text.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
        raise refusal(name, gettext_noop("There is a character that does not belong here."))
    if text == EMPTIES and name != NEEDED:
        if name not in EMPTY:
            raise refusal(name, gettext_noop("This cannot be emptied."))
        return EMPTY[name]
    return _READERS[name](name, text, around)


def _text(name: str, text: str, around: Around) -> str:
    text = " ".join(text.split())
    if len(text) > LONGEST[name]:
        raise refusal(name, gettext_noop("At most %(most)s characters."), most=LONGEST[name])
    return text


def _email(name: str, text: str, around: Around) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise refusal(
            name, gettext_noop("“%(text)s” is no e-mail address."), text=text[:60]
        ) from None
    return _text(name, text, around)


def _postal_code(name: str, text: str, around: Around) -> str:
    code = normalise_postal_code(_text(name, text, around))
    return f"0{code}" if around.country == "DE" and _WITHOUT_ZERO.fullmatch(code) else code


def one_of(name: str, text: str, find: Callable[[str], str | None]) -> str:
    """Find the one thing that a word stands for.

    :raises InvalidInput: if there is none.
    """
    found = find(text)
    if found is None:
        raise refusal(name, gettext_noop("“%(text)s” is not known here."), text=text[:60])
    return found


def _status(name: str, text: str, around: Around) -> str:
    return one_of(name, text, lambda word: STATUSES.get(simplified(word)))


def _language(name: str, text: str, around: Around) -> str:
    return one_of(name, text, lambda word: LANGUAGES.get(simplified(word)))


def _country(name: str, text: str, around: Around) -> str:
    return one_of(name, text, country_of)


def _cap(name: str, text: str, around: Around) -> int:
    return _whole(name, text, LARGEST_CAP)


def _weight(name: str, text: str, around: Around) -> int:
    return _whole(name, text, 100)


def _radius(name: str, text: str, around: Around) -> float:
    text = text.lower().removesuffix("km").strip()
    if _THOUSANDS.fullmatch(text):
        raise refusal(
            name,
            gettext_noop("“%(text)s” can be read in two ways; write it without the sign."),
            text=text,
        )
    return _decimal(name, text, 0.1, ROUND_THE_EARTH_KM)


def _latitude(name: str, text: str, around: Around) -> float:
    return _decimal(name, text, -90, 90)


def _longitude(name: str, text: str, around: Around) -> float:
    return _decimal(name, text, -180, 180)


def _areas(name: str, text: str, around: Around) -> list[str]:
    areas = list(dict.fromkeys(area for area in _BETWEEN_AREAS.split(text) if area))
    too_long = [
        area
        for area in areas
        if len(area) > LONGEST_AREA
        or any(len(part) > LONGEST_AREA_PART for part in re.split("[:-]", area))
    ]
    if len(areas) > AREAS_AT_MOST or too_long:
        raise refusal(name, gettext_noop("These are too many, or one of them is too long."))
    return areas


def _regions(name: str, text: str, around: Around) -> list[str]:
    return _found(
        name,
        find_each(parts_of(text, BETWEEN_CODES), lambda word: region_of(word, around.country)),
    )


def _lines(name: str, text: str, around: Around) -> list[str]:
    return coded(name, text, around.vocabulary.lines)


def coded(name: str, text: str, words: Mapping[str, str]) -> list[str]:
    """Read codes or names, which may have commas in them if semicolons stand between."""
    by_semicolon = find_each(parts_of(text, BETWEEN), lambda word: words.get(plain(word)))
    if not by_semicolon[1]:
        return by_semicolon[0]
    return _found(
        name, find_each(parts_of(text, BETWEEN_CODES), lambda word: words.get(plain(word)))
    )


def refusal(name: str, message: str, /, **params: object) -> InvalidInput:
    """Say what is wrong with the cell of a field."""
    return InvalidInput(field=name, message=message, params=params)


def parts_of(text: str, between: re.Pattern[str]) -> Iterator[str]:
    """Take a cell apart; blank parts are none."""
    return (part.strip() for part in between.split(text) if part.strip())


def _found(name: str, found: tuple[list[str], list[str]]) -> list[str]:
    codes, unknown = found
    if unknown:
        words = ", ".join(word[:60] for word in unknown[:5])
        raise refusal(name, gettext_noop("Not known here: %(words)s."), words=words)
    return codes


def _whole(name: str, text: str, most: int) -> int:
    number = int(re.split("[.,]", text)[0]) if _WHOLE.fullmatch(text) else -1
    if not 0 <= number <= most:
        raise refusal(
            name,
            gettext_noop("This has to be a whole number from 0 to %(most)s, not “%(text)s”."),
            most=most,
            text=text[:60],
        )
    return number


def _decimal(name: str, text: str, least: float, most: float) -> float:
    number = float(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else None
    if number is None or not least <= number <= most:
        raise refusal(
            name,
            gettext_noop("This has to be a number from %(least)s to %(most)s, not “%(text)s”."),
            least=least,
            most=most,
            text=text[:60],
        )
    return number


_READERS: Mapping[str, Callable[[str, str, Around], Any]] = {
    **dict.fromkeys(("external_id", "name", "street", "city", "phone"), _text),
    "email": _email,
    "postal_code": _postal_code,
    "status": _status,
    "language": _language,
    "country": _country,
    "latitude": _latitude,
    "longitude": _longitude,
    "radius_km": _radius,
    "postal_code_areas": _areas,
    "regions": _regions,
    "product_lines": _lines,
    **dict.fromkeys(("cap_open", "cap_per_day", "cap_per_week", "cap_per_month"), _cap),
    "weight": _weight,
}
