"""A row of a partner file as details of a partner; every reason why not, field by field."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from leadhub.core.errors import InvalidInput
from partners.imports.fields import NEEDED
from partners.imports.values import (
    BETWEEN,
    BETWEEN_CODES,
    EMPTIES,
    Around,
    coded,
    one_of,
    parts_of,
    read_value,
    refusal,
)
from partners.imports.words import Vocabulary, country_of, plain
from partners.network import CertificationDetails

LEVEL, LINE, UNTIL = CERTIFICATION = (
    "certification_level",
    "certification_product_line",
    "certification_valid_until",
)
CERTIFICATIONS_AT_MOST = 200
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


class RowRefused(ValueError):
    """A row cannot be what its columns say it is.

    :ivar reasons: one for each field.
    """

    def __init__(self, reasons: list[InvalidInput]) -> None:
        super().__init__("; ".join(map(str, reasons)))
        self.reasons = reasons


def read_details(
    texts: Mapping[str, str], *, vocabulary: Vocabulary, country: str
) -> tuple[str, dict[str, Any]]:
    """Turn the texts of a row into an external id and the details that it names.

    :param texts: field -> text; a field that is absent stays as it is.
    :param country: where a partner is of which nothing says so.
    :raises RowRefused: with every reason there is.
    """
    around = Around(vocabulary, country_of(texts.get("country", "")) or country)
    values: dict[str, Any] = {}
    reasons: list[InvalidInput] = []
    for name, text in texts.items():
        if name in CERTIFICATION:
            continue
        try:
            values[name] = read_value(name, text, around)
        except InvalidInput as reason:
            reasons.append(reason)
    if texts.keys() & set(CERTIFICATION):
        try:
            values["certifications"] = _certifications(texts, around)
        except InvalidInput as reason:
            reasons.append(reason)
    reasons += _missing(texts, values)
    if reasons:
        raise RowRefused(reasons)
    return values.pop(NEEDED), values


def _missing(texts: Mapping[str, str], values: Mapping[str, Any]) -> list[InvalidInput]:
    missing = []
    if NEEDED not in texts:
        missing.append(refusal(NEEDED, gettext_noop("The number is missing.")))
    for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if values.get(one) is not None and other not in texts:
            missing.append(refusal(other, gettext_noop("Give both coordinates or none.")))
    return missing


def _certifications(texts: Mapping[str, str], around: Around) -> list[CertificationDetails]:
    """Put levels, product lines and last days together, by their places in their cells."""
    known = around.vocabulary.levels
    text = texts.get(LEVEL, "")
    if text == EMPTIES:
        return []
    words = [plain(word) for word in parts_of(text, BETWEEN)]
    # The same level may be held for several product lines.
    are_known = all(word in known for word in words)
    levels = [known[word] for word in words] if are_known else coded(LEVEL, text, known)
    if not levels:
        raise refusal(LEVEL, gettext_noop("A certification needs a level in its own column."))
    if len(levels) > CERTIFICATIONS_AT_MOST:
        raise refusal(LEVEL, gettext_noop("These are too many, or one of them is too long."))
    lines = _beside(LINE, texts.get(LINE, ""), len(levels))
    days = _beside(UNTIL, texts.get(UNTIL, ""), len(levels))
    held = [
        CertificationDetails(level, _line_or_all(line, around), _day_or_none(day))
        for level, line, day in zip(levels, lines, days, strict=True)
    ]
    # Of two alike the later one counts, as everywhere.
    return list({(one.level, one.product_line): one for one in held}.values())


def _line_or_all(text: str, around: Around) -> str | None:
    if text in ("", EMPTIES):
        return None
    return one_of(LINE, text, lambda word: around.vocabulary.lines.get(plain(word)))


def _beside(name: str, text: str, count: int) -> list[str]:
    """Give each level its own part of the cell beside; a single part, or none, is for all."""
    parts = [part.strip() for part in BETWEEN_CODES.split(text)]
    if len(parts) == 1:
        return parts * count
    if len(parts) != count:
        raise refusal(
            name,
            gettext_noop("There are %(levels)s levels and %(parts)s entries here."),
            levels=count,
            parts=len(parts),
        )
    return parts


def _day_or_none(text: str) -> date | None:
    if text in ("", EMPTIES):
        return None
    german = _GERMAN_DAY.fullmatch(text)
    try:
        if german:
            day, month, year = map(int, german.groups())
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        raise refusal(
            UNTIL,
            gettext_noop("Write the day as 31.12.2027 or 2027-12-31, not “%(text)s”."),
            text=text[:60],
        ) from None
