"""Finding leads by what somebody typed: words of the reference, the place or the contact."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from django.db import connection
from django.db.models import Func, TextField, UUIDField, Value

WORDS_AT_MOST = 5
# Whoever finds more than this has looked for nothing in particular.
FOUND_AT_MOST = 2_000
NUMBER = re.compile(r"\+?[\d()/.-]*\d[\d()/.-]*")
NOT_A_DIGIT = re.compile(r"\D")
# As many digits as the signs between them may be left out of: "24/7" is no phone number.
DIGITS_OF_A_NUMBER = 5
# Shorter words are found at the beginning of a word only.
BEGINNING = 2


def words_in(text: str) -> list[str]:
    """Take a search apart: words between spaces, and numbers whatever stands between their digits.

    A phone number may be grouped in any way, begin with ``+49``, ``0049``, ``+49 (0)`` or ``0``.
    """
    parts = text.replace("(0)", " ").split()
    words: list[str] = []
    for is_number, found in groupby(parts, lambda part: bool(NUMBER.fullmatch(part))):
        group = list(found)
        words += _numbers(group) if is_number else filter(_is_word, group)
    return words[:WORDS_AT_MOST]


def _is_word(part: str) -> bool:
    return any(character.isalnum() for character in part)


def _numbers(groups: Sequence[str]) -> Iterator[str]:
    """Join what was typed as one number; several that could stand alone are kept apart."""
    is_one = groups[0][0] in "+(0" or any(len(group) <= BEGINNING for group in groups)
    for number in ["".join(groups)] if is_one else groups:
        digits = NOT_A_DIGIT.sub("", number)
        if len(digits) < DIGITS_OF_A_NUMBER:
            yield number
        else:
            yield digits.removeprefix("00")


class Found(NamedTuple):
    """The leads that a search found.

    :ivar ids: as PostgreSQL writes an array, the newest first.
    :ivar is_cut: there are more, which are older.
    """

    ids: str
    is_cut: bool

    @property
    def as_rows(self) -> Func:
        """Give the ids to a condition ``id__in``, as one parameter."""
        ids = Value(self.ids, output_field=TextField())
        template = "(SELECT unnest(%(expressions)s::uuid[]))"
        return Func(ids, template=template, output_field=UUIDField())


def find_leads(words: Sequence[str]) -> Found:
    """Find the newest leads of the tenant in which each of the words occurs.

    The tenant is that of the context. Elsewhere, such as among a partner's leads, nothing is found.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT leads_found(%s, %s)", [list(words), FOUND_AT_MOST + 1])
        ids = [str(lead_id) for (lead_id,) in cursor]
    return Found(f"{{{','.join(ids[:FOUND_AT_MOST])}}}", is_cut=len(ids) > FOUND_AT_MOST)
