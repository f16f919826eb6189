"""A manufacturer's own settings."""

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.html_mail import Brand
from leadhub.core.regions import has_holidays_of
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.working_time import written
from partners.changes import fields_of, record_change
from partners.hours import checked_hours
from partners.models import Manufacturer, OwnSetting

_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")
# WCAG 2.2, 1.4.3: text has to stand out from what is behind it.
LEAST_CONTRAST = 4.5
SHORTEST_RETENTION, LONGEST_RETENTION = 1, 120
LONGEST_COMPARED = 365


@in_tenant_of("by")
def change_retention(*, months: int, by: Actor) -> Manufacturer:
    """Set for how many months after a lead has ended its customer's personal data is kept.

    Leads whose time is over by that are erased the next time the timers look.

    :raises InvalidInput: if it is not 1 to 120.
    """
    if not SHORTEST_RETENTION <= months <= LONGEST_RETENTION:
        raise InvalidInput(
            field="months",
            message=gettext_noop("Choose 1 to 120 months."),
            code="out_of_range",
        )
    return _change(by, retention_months=months)


@in_tenant_of("by")
def change_duplicate_days(*, days: int, by: Actor) -> Manufacturer:
    """Set how many days back a new lead is compared with others; 0 holds no duplicates.

    Leads that are held already stay held.

    :raises InvalidInput: if it is not 0 to 365.
    """
    if not 0 <= days <= LONGEST_COMPARED:
        raise InvalidInput(
            field="days",
            message=gettext_noop("Choose 0 to 365 days; 0 compares no leads."),
            code="out_of_range",
        )
    return _change(by, duplicate_days=days)


@in_tenant_of("by")
def change_brand(*, text: str, color: str, ink: str, by: Actor) -> Manufacturer:
    """Set what stands at the head of mails and in which colours.

    :param text: empty is the manufacturer's name.
    :param color: behind it, as ``#rrggbb``; ``ink`` is the colour of the text.
    :raises InvalidInput: if a colour is none, or the two are too alike to be read.
    """
    for field, value in (("color", color), ("ink", ink)):
        if not _COLOR.match(value):
            raise InvalidInput(
                field=field,
                message=gettext_noop("Write the colour as #rrggbb, such as #1e3a5f."),
                code="malformed",
            )
    if contrast(color, ink) < LEAST_CONTRAST:
        raise InvalidInput(
            field="ink",
            message=gettext_noop(
                "These colours are too alike to be read: %(ratio)s to 1, and 4.5 to 1 is needed."
            ),
            params={"ratio": f"{contrast(color, ink):.1f}"},
            code="too_alike",
        )
    return _change(by, brand_text=text, brand_color=color.lower(), brand_ink=ink.lower())


@in_tenant_of("by")
def change_left_to_partners(
    *,
    partners_may: Sequence[str],
    own_radius_most: int,
    own_open_least: int,
    own_open_most: int,
    shows_rank: bool,
    by: Actor,
) -> Manufacturer:
    """Set what partners change and see themselves, and how far they may go.

    :param partners_may: values of ``OwnSetting``.
    :raises InvalidInput: if the bounds are the wrong way round.
    """
    if own_open_least > own_open_most:
        raise InvalidInput(
            field="own_open_most",
            message=gettext_noop("The most must not be less than the least."),
            code="too_small",
        )
    return _change(
        by,
        partners_may=[kind for kind in OwnSetting.values if kind in partners_may],
        own_radius_most=own_radius_most,
        own_open_least=own_open_least,
        own_open_most=own_open_most,
        shows_rank=shows_rank,
    )


def brand_of(manufacturer: Manufacturer) -> Brand:
    """Tell what mails of a manufacturer look like."""
    return Brand(
        manufacturer.brand_text or manufacturer.name,
        manufacturer.brand_color,
        manufacturer.brand_ink,
    )


def contrast(one: str, other: str) -> float:
    """Measure how well two colours stand out from each other, 1 to 21 (WCAG 2.2).

    :param one: as ``#rrggbb``.
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """Weigh a colour as eyes do; the formula and its numbers are those of WCAG."""
    shares = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _change(by: Actor, **fields: Any) -> Manufacturer:
    """Set fields of the manufacturer, and record it."""
    manufacturer = Manufacturer.objects.select_for_update(no_key=True).get(id=by.manufacturer_id)
    before = fields_of(manufacturer, *fields)
    for name, value in fields.items():
        setattr(manufacturer, name, value)
    manufacturer.save(update_fields=list(fields))
    record_change(
        by=by,
        kind="manufacturer",
        key=manufacturer.id,
        name=manufacturer.name,
        before=before,
        after=fields_of(manufacturer, *fields),
    )
    return manufacturer


@in_tenant_of("by")
def change_working_hours(*, days: Sequence[str], holiday_region: str, by: Actor) -> Manufacturer:
    """Set when the manufacturer works; deadlines that are set already stay as they are.

    :param days: one text a day, Monday first, as ``parse_spans`` takes it.
    :param holiday_region: a federal state, a country, or empty.
    :raises InvalidInput: naming ``days.0`` to ``days.6``, ``days`` or ``holiday_region``.
    """
    hours = checked_hours(days)
    if holiday_region and not has_holidays_of(holiday_region):
        raise InvalidInput(
            field="holiday_region",
            message=gettext_noop("The holidays of this region are not known."),
            code="unknown",
        )
    return _change(by, working_hours=written(hours), holiday_region=holiday_region)
