"""Days on which a partner is away and asked for nothing."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.turns import wait_for_turn, wait_with_others
from partners.changes import fields_of, record_change
from partners.models import Absence, Manufacturer, Partner
from partners.portfolio_index import carry_absences

ONE_DAY = timedelta(days=1)
# Who is away for longer than this has left, or should be paused.
LONGEST = timedelta(days=2 * 366)
# So many still to come are more than anybody plans; it bounds what a page shows.
MOST_TO_COME = 100


class TooManyAbsences(StateConflict):
    """More absences than anybody plans."""

    code = "too_many_absences"
    message = gettext_noop("This partner has 100 absences ahead; end some before you add another.")


class AbsenceOver(StateConflict):
    """An absence that is past cannot be ended any more."""

    code = "absence_over"
    message = gettext_noop("This absence is over already.")


def today_of(manufacturer_id: UUID, at: datetime) -> date:
    """Tell the manufacturer's day: in its time zone absences begin and end."""
    zones = Manufacturer.objects.values_list("time_zone", flat=True)
    return at.astimezone(ZoneInfo(zones.get(id=manufacturer_id))).date()


def absences_of(partner: Partner, *, on: date) -> Sequence[Absence]:
    """List the absences that are not over, the next first."""
    return list(
        Absence.objects.filter(
            manufacturer=partner.manufacturer_id, partner=partner, last_day__gte=on
        ).order_by("first_day", "last_day", "id")
    )


@in_tenant_of("by")
def add_absence(
    *, partner: Partner, first_day: date, last_day: date, by: Actor, at: datetime
) -> Absence:
    """Let a partner be asked for nothing on these days, both included; again, it changes nothing.

    Offers that it has already stay open: it may still answer them.

    :raises InvalidInput: if the days are over, the wrong way round, or too many.
    :raises TooManyAbsences: if the partner has a hundred ahead.
    """
    today = today_of(by.manufacturer_id, at)
    _check_days(first_day, last_day, today)
    wait_with_others("ranks", by.manufacturer_id)
    wait_for_turn("partner", by.manufacturer_id, partner.external_id)
    days = {"first_day": first_day, "last_day": last_day}
    known = Absence.objects.filter(manufacturer=by.manufacturer_id, partner=partner, **days).first()
    if known is not None:
        return known
    if len(absences_of(partner, on=today)) >= MOST_TO_COME:
        raise TooManyAbsences
    absence = Absence.objects.create(manufacturer_id=by.manufacturer_id, partner=partner, **days)
    carry_absences(partner)
    _record(absence, partner, by, before=None, after=days)
    return absence


@in_tenant_of("absence")
def end_absence(*, absence: Absence, by: Actor, at: datetime) -> Absence | None:
    """Let a partner be back today; an absence that has not begun is struck out.

    :returns: the absence, shortened to yesterday; ``None`` if it was struck out.
    :raises NotVisible: if it was struck out meanwhile.
    :raises AbsenceOver: if it is past.
    """
    partner = Partner.objects.get(manufacturer=by.manufacturer_id, id=absence.partner_id)
    wait_with_others("ranks", by.manufacturer_id)
    wait_for_turn("partner", by.manufacturer_id, partner.external_id)
    found = Absence.objects.filter(manufacturer=by.manufacturer_id, id=absence.id).first()
    if found is None:
        raise NotVisible
    absence = found
    today = today_of(by.manufacturer_id, at)
    if absence.last_day < today:
        raise AbsenceOver
    before = fields_of(absence, "first_day", "last_day")
    yesterday = today - ONE_DAY
    is_struck = absence.first_day >= today or _is_known(absence, yesterday)
    absence.last_day = yesterday
    after = None if is_struck else fields_of(absence, "first_day", "last_day")
    _record(absence, partner, by, before=before, after=after)
    if is_struck:
        absence.delete()
    else:
        absence.save(update_fields=["last_day"])
    carry_absences(partner)
    return None if is_struck else absence


def _is_known(absence: Absence, last_day: date) -> bool:
    """Tell whether the same days stand there already as another absence."""
    return Absence.objects.filter(
        manufacturer=absence.manufacturer_id,
        partner=absence.partner_id,
        first_day=absence.first_day,
        last_day=last_day,
    ).exists()


def _check_days(first_day: date, last_day: date, today: date) -> None:
    if last_day < first_day:
        raise InvalidInput(
            field="last_day",
            message=gettext_noop("The last day must not lie before the first."),
            code="too_early",
        )
    if last_day < today:
        raise InvalidInput(
            field="last_day",
            message=gettext_noop("This absence is over already; give days to come."),
            code="in_the_past",
        )
    if last_day - first_day > LONGEST:
        raise InvalidInput(
            field="last_day",
            message=gettext_noop("An absence lasts two years at most; pause the partner instead."),
            code="too_late",
        )


def _record(
    absence: Absence,
    partner: Partner,
    by: Actor,
    *,
    before: dict[str, date] | None,
    after: dict[str, date] | None,
) -> None:
    record_change(
        by=by, kind="absence", key=absence.id, name=partner.name, before=before, after=after
    )
