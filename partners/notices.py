"""How a person is told: by which channels, and not before when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from leadhub.core.channels.sms import is_possible
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import user_context
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
# A day at a glance is to be read, not to ring.
CHANNELS_OF: Mapping[str, Sequence[str]] = {Topic.DIGEST: (EMAIL,)}


class Wishes(NamedTuple):
    """What a person has chosen, as plain values."""

    phone: str = ""
    time_zone: str = ""
    quiet_from: time | None = None
    quiet_until: time | None = None
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


def not_before(wishes: Wishes, topic: str, *, at: datetime, zone: str) -> datetime:
    """Tell when a notice may come: at once, or when quiet hours end.

    :param zone: of the manufacturer, for people who chose none.
    """
    start, end = wishes.quiet_from, wishes.quiet_until
    if start is None or end is None or (topic == Topic.OFFERS and wishes.offers_anytime):
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


def keep_wishes(*, user_id: UUID, wishes: Wishes) -> None:
    """Keep what a person has chosen; the form has checked it."""
    values: dict[str, Any] = wishes._asdict()
    with user_context(user_id):
        NoticeSettings.objects.update_or_create(user_id=user_id, defaults=values)
