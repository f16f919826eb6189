"""How a person is told: by which channels, and not before when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from leadhub.core.channels.sms import is_possible
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import user_context
from leadhub.core.working_time import WorkCalendar, turn_at
from partners.models import NoticeSettings, Topic

EMAIL, PUSH, SMS = Delivery.Channel.EMAIL, Delivery.Channel.PUSH, Delivery.Channel.SMS
CHANNELS = (EMAIL, PUSH, SMS)
USUAL: Mapping[str, Sequence[str]] = {
    Topic.OFFERS: (EMAIL, PUSH),
    Topic.CHANGES: (EMAIL,),
    Topic.WORK: (EMAIL, PUSH),
    Topic.ALARMS: (EMAIL, PUSH),
    Topic.DIGEST: (EMAIL,),
}
# What nobody can do without is sent in some way, whatever was chosen.
ALWAYS_TOLD = frozenset({Topic.OFFERS, Topic.WORK})
FOR_PARTNERS = (Topic.OFFERS, Topic.CHANGES, Topic.WORK)
FOR_STAFF = (Topic.ALARMS, Topic.DIGEST)
# When it is quiet for whoever wants quiet hours of their own and has not said which.
USUAL_QUIET = (time(20), time(7))
# A day at a glance is to be read, not to ring.
CHANNELS_OF: Mapping[str, Sequence[str]] = {Topic.DIGEST: (EMAIL,)}


class Wishes(NamedTuple):
    """What a person has chosen, as plain values."""

    phone: str = ""
    time_zone: str = ""
    quiet_from: time | None = None
    quiet_until: time | None = None
    rings_anytime: bool = False
    offers_anytime: bool = False
    digest_hour: int = 7
    channels: Mapping[str, Sequence[str]] = {}


def wishes_in(row: NoticeSettings | None) -> Wishes:
    """Read a row, or what holds without one."""
    if row is None:
        return Wishes()
    return Wishes(*(getattr(row, name) for name in Wishes._fields))


def channels_for(wishes: Wishes, topic: str, *, has_device: bool) -> tuple[str, ...]:
    """Choose the channels of a notice.

    One that leads nowhere, for there is no device or no number, is left out; if that leaves none of
    those chosen, mail takes their place: nobody is kept from knowing by what they lack.
    """
    chosen = tuple(wishes.channels.get(topic, USUAL[topic]))
    if not chosen and topic in ALWAYS_TOLD:
        chosen = (EMAIL,)
    leads_there: dict[str, bool] = {
        EMAIL: True,
        PUSH: has_device,
        SMS: bool(wishes.phone) and is_possible(),
    }
    reaching = tuple(channel for channel in chosen if leads_there.get(channel))
    return reaching or ((EMAIL,) if chosen else ())


class Quiet(StrEnum):
    """Where the quiet time of a person comes from."""

    OWN = "own"
    BUSINESS = "business"
    NONE = "none"


def quiet_of(wishes: Wishes, *, has_hours: bool) -> Quiet:
    """Tell where the quiet time of a person comes from.

    :param has_hours: their partner has said when it is open.
    """
    if wishes.quiet_from is not None:
        return Quiet.OWN
    return Quiet.BUSINESS if has_hours and not wishes.rings_anytime else Quiet.NONE


def not_before(
    wishes: Wishes, topic: str, *, at: datetime, zone: str, business: WorkCalendar | None = None
) -> datetime:
    """Tell when a notice may come: at once, or when quiet hours end.

    :param zone: of the manufacturer, for people who chose none.
    :param business: when the partner is open whose notice it is, if it has said so: whoever chose
        nothing else has their quiet hours while it is closed.
    """
    quiet = quiet_of(wishes, has_hours=business is not None)
    if quiet == Quiet.NONE or (topic == Topic.OFFERS and wishes.offers_anytime):
        return at
    if quiet == Quiet.OWN:
        return _end_of_own(wishes, at=at, zone=zone)
    assert business is not None  # noqa: S101 - said above
    is_open, until = turn_at(at, business)
    # A business that does not open again within weeks must not keep its people from knowing.
    return at if is_open or until is None else until


def _end_of_own(wishes: Wishes, *, at: datetime, zone: str) -> datetime:
    start, end = wishes.quiet_from, wishes.quiet_until
    if start is None or end is None:
        return at
    local = at.astimezone(ZoneInfo(wishes.time_zone or zone))
    clock = local.time()
    is_overnight = start > end
    is_quiet = (clock >= start or clock < end) if is_overnight else start <= clock < end
    if not is_quiet:
        return at
    day = local.date() + timedelta(days=is_overnight and clock >= start)
    ending = datetime.combine(day, end, tzinfo=local.tzinfo)
    return max(at, ending.astimezone(at.tzinfo))


def wishes_of(user_id: UUID) -> Wishes:
    """Read what a person has chosen."""
    with user_context(user_id):
        return wishes_in(NoticeSettings.objects.filter(user=user_id).first())


def choose_quiet(*, user_id: UUID, quiet: Quiet) -> Wishes:
    """Let a person's quiet time come from somewhere else, and keep all else they have chosen.

    Own quiet hours that were none begin and end as most people's do.
    """
    wishes = wishes_of(user_id)
    changed = wishes._replace(quiet_from=None, quiet_until=None, rings_anytime=quiet == Quiet.NONE)
    if quiet == Quiet.OWN:
        start, end = wishes.quiet_from, wishes.quiet_until
        usual_start, usual_end = USUAL_QUIET
        changed = changed._replace(quiet_from=start or usual_start, quiet_until=end or usual_end)
    keep_wishes(user_id=user_id, wishes=changed)
    return changed


def keep_wishes(*, user_id: UUID, wishes: Wishes) -> None:
    """Keep what a person has chosen; the form has checked it."""
    values: dict[str, Any] = wishes._asdict()
    with user_context(user_id):
        NoticeSettings.objects.update_or_create(user_id=user_id, defaults=values)
