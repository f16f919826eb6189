"""Postal codes and regions that a partner covers, as the codes by which a lead finds it. Pure."""

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_noop

from leadhub.core.errors import InvalidInput

REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
PREFIX = re.compile(
    r"(?:(?P<country>[A-Z]{2}):)?(?P<first>[A-Z0-9]{1,10})(?:-(?P<last>[A-Z0-9]{1,10}))?"
)


def coverage_codes_of(
    *, country: str, postal_code_areas: Iterable[str], regions: Iterable[str]
) -> set[str]:
    """Turn areas as entered into coverage codes, such as ``DE:803`` and ``DE-BY``.

    :param country: where an area without a country of its own lies.
    :param postal_code_areas: prefixes (``80``) and ranges of digits (``80331-80339``), optionally
        with a country (``AT:10``).
    :param regions: ISO 3166-2 codes.
    :raises InvalidInput: naming the area that cannot be read.
    """
    codes: set[str] = set()
    for position, area in enumerate(postal_code_areas):
        codes.update(_codes_of_area(country, area, f"postal_code_areas.{position}"))
    for position, region in enumerate(regions):
        if not REGION.fullmatch(region):
            raise InvalidInput(
                field=f"regions.{position}",
                message=gettext_noop("Give the ISO 3166-2 code, such as DE-BY."),
                code="malformed",
            )
        codes.add(region)
    return codes


def _codes_of_area(country: str, area: str, field: str) -> Iterator[str]:
    read = PREFIX.fullmatch("".join(area.split()).upper())
    if read is None:
        raise InvalidInput(
            field=field,
            message=gettext_noop("Give a prefix such as 80 or a range such as 80331-80339."),
            code="malformed",
        )
    land, first, last = read["country"] or country, read["first"], read["last"]
    if last is None:
        yield f"{land}:{first}"
        return
    if not (first.isdigit() and last.isdigit() and len(first) == len(last) and first <= last):
        raise InvalidInput(
            field=field,
            message=gettext_noop("A range needs two numbers of equal length, the lower one first."),
            code="malformed",
        )
    # All numbers have the empty prefix in common, which is shorter than any code of a lead.
    for prefix in prefixes_of_range(first, last):
        yield from (f"{land}:{start}" for start in ([prefix] if prefix else "0123456789"))


def prefixes_of_range(first: str, last: str) -> list[str]:
    """Write a range of equally long numbers as the fewest prefixes: 80-82, 830 for 80000-83099."""
    if first == last:
        return [first]
    digits = len(first)
    if first == "0" * digits and last == "9" * digits:
        return [""]
    prefixes: list[str] = []
    for lead in range(int(first[0]), int(last[0]) + 1):
        head = str(lead)
        low = first[1:] if head == first[0] else "0" * (digits - 1)
        high = last[1:] if head == last[0] else "9" * (digits - 1)
        prefixes += [head + rest for rest in (prefixes_of_range(low, high) if low else [""])]
    return prefixes
