"""Notices become messages: one for each person they concern and each channel that person chose.

A notice is written with its event and names a side, so that routing reads no people. When it is due
it is spread here, once: the messages are made in the transaction that takes the notice as done.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from leadhub.core import metrics, outbox
from leadhub.core.bulk import new_row
from leadhub.core.models import Delivery
from leadhub.core.outbox import Outcome, Result
from leadhub.core.tenancy.context import system_context
from leadhub.core.working_time import WorkCalendar
from leads.notifications import ADMINS, DISPATCHERS, TOPIC_OF
from partners.models import Membership, Partner, PushDevice
from partners.models.accounts import Role
from partners.notices import EMAIL, PUSH, Wishes, channels_for, not_before, wishes_in
from partners.opening_hours import business_calendar

logger = logging.getLogger(__name__)

SPREAD_AT_ONCE = 500
ALARMED = (Role.ADMIN, Role.DISPATCHER)
NOBODY = "nobody"


class Told(NamedTuple):
    """A person who is told, what they chose, their manufacturer's zone, and their devices.

    :ivar business: when the partner is open for which they are told, if it has said so.
    """

    user_id: UUID
    wishes: Wishes
    zone: str
    devices: Sequence[UUID]
    business: WorkCalendar | None


@dataclass
class Sides:
    """Who stands behind the recipients of notices.

    :ivar people: recipient, with the manufacturer's id -> the people.
    :ivar mailboxes: partners without people that have an address of their own.
    """

    people: dict[tuple[UUID, str], list[Told]] = field(default_factory=lambda: defaultdict(list))
    mailboxes: set[str] = field(default_factory=set)


def spread_due(*, at: datetime, limit: int = SPREAD_AT_ONCE) -> int:
    """Make the messages of notices that are due.

    :returns: how many notices were taken; 0 is "nothing to do".
    """
    with system_context("spreading.spread_due"):
        notices = outbox.claim_due(channel=Delivery.Channel.NOTICE, at=at, limit=limit)
        if not notices:
            return 0
        try:
            _spread(notices, at)
        except Exception:
            # One of them is broken, and must not hold up the others; a lost connection does.
            if not connection.is_usable():
                raise
            for notice in notices:
                _spread_one(notice, at)
    return len(notices)


def _spread_one(notice: Delivery, at: datetime) -> None:
    try:
        _spread([notice], at)
    except Exception as error:
        if not connection.is_usable():
            raise
        logger.exception("notice %s cannot be spread", notice.id)
        reason = f"broken:{type(error).__name__}"
        outbox.record([Outcome(notice, Result.PUT_OFF, reason)], at=at)


@transaction.atomic
def _spread(notices: Sequence[Delivery], at: datetime) -> None:
    sides = _read_sides(notices)
    rows: list[Delivery] = []
    outcomes = []
    for notice in notices:
        made = list(_messages_of(notice, sides, at))
        rows += made
        outcomes.append(
            Outcome(notice, Result.SENT) if made else Outcome(notice, Result.SKIPPED, NOBODY)
        )
    # Who is told of the same for two partners is told when the first of them is open.
    rows.sort(key=lambda row: row.due_at)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    outbox.record(outcomes, at=at)
    metrics.count_messages((one.delivery.channel, one.result.name) for one in outcomes)


def _messages_of(notice: Delivery, sides: Sides, at: datetime) -> Iterator[Delivery]:
    if notice.recipient in sides.mailboxes:
        yield _message(notice, EMAIL, notice.recipient, at)
        return
    topic = TOPIC_OF.get(notice.kind)
    for told in sides.people[notice.manufacturer_id, notice.recipient]:
        chosen: tuple[str, ...] = (EMAIL,)
        due_at = not_before(told.wishes, topic or "", at=at, zone=told.zone, business=told.business)
        if topic is not None:
            chosen = channels_for(told.wishes, topic, has_device=bool(told.devices))
        for channel in chosen:
            if channel == PUSH:
                for device in told.devices:
                    yield _message(notice, PUSH, f"device:{device}", due_at)
            else:
                yield _message(notice, channel, f"user:{told.user_id}", due_at)


def _message(notice: Delivery, channel: str, recipient: str, due_at: datetime) -> Delivery:
    return new_row(
        Delivery,
        manufacturer_id=notice.manufacturer_id,
        event_id=notice.event_id,
        channel=channel,
        kind=notice.kind,
        recipient=recipient,
        subject_id=notice.subject_id,
        dedupe=f"{notice.dedupe.partition(':')[0]}:{notice.id.hex}:{recipient}:{channel}",
        due_at=due_at,
    )


def _read_sides(notices: Sequence[Delivery]) -> Sides:
    """Read everybody whom some notices concern, in one go for all of them."""
    wanted = {(notice.manufacturer_id, notice.recipient) for notice in notices}
    named: dict[str, set[str]] = defaultdict(set)
    for manufacturer_id, recipient in wanted:
        kind, _, identifier = recipient.partition(":")
        named[kind].add(identifier or str(manufacturer_id))
    members = list(
        Membership.objects.filter(
            Q(partner_id__in=named["partner"])
            | Q(manufacturer_id__in=named[DISPATCHERS], role__in=ALARMED)
            | Q(manufacturer_id__in=named[ADMINS], role=Role.ADMIN)
            | Q(user_id__in=named["user"], partner__isnull=True)
            | Q(user_id__in=named["colleague"], partner__isnull=False),
            user__is_active=True,
        )
        .select_related("manufacturer", "partner", "user__notice_settings")
        .order_by("manufacturer_id", "user_id", "id")
    )
    devices = _devices_of({member.user_id for member in members})
    sides = Sides()
    for member in members:
        told = Told(
            member.user_id,
            wishes_in(getattr(member.user, "notice_settings", None)),
            member.manufacturer.time_zone,
            devices.get(member.user_id, ()),
            member.partner and business_calendar(member.partner, member.manufacturer),
        )
        for recipient in _sides_of(member):
            if (member.manufacturer_id, recipient) in wanted:
                sides.people[member.manufacturer_id, recipient].append(told)
    alone = named["partner"] - {str(member.partner_id) for member in members}
    reached = Partner.objects.filter(id__in=alone).exclude(email="")
    sides.mailboxes = {f"partner:{id_}" for id_ in reached.values_list("id", flat=True)}
    return sides


def _sides_of(member: Membership) -> Iterator[str]:
    if member.partner_id is not None:
        yield f"partner:{member.partner_id}"
        yield f"colleague:{member.user_id}"
        return
    yield f"user:{member.user_id}"
    if member.role in ALARMED:
        yield DISPATCHERS
    if member.role == Role.ADMIN:
        yield ADMINS


def _devices_of(user_ids: set[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    devices = PushDevice.objects.filter(user_id__in=user_ids).order_by("user_id", "id")
    for user_id, device_id in devices.values_list("user_id", "id"):
        found[user_id].append(device_id)
    return found
