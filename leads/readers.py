"""Who reads a message: the person, their language, their zone, and where they are reached."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import Coalesce

from leadhub.core import clock
from leadhub.core.models import Delivery
from leads.models import LeadOffer
from leads.models.offers import OfferStatus
from partners.models import Manufacturer, Membership, Partner, PushDevice, User
from partners.notices import SMS, Wishes, wishes_in

NOBODY = "nobody"
NO_LONGER = "no_longer_concerned"
NO_DEVICE = "device_gone"
NO_NUMBER = "no_number"


class Reader(NamedTuple):
    """Whom a message goes to.

    :ivar zone: an IANA zone, for times of day.
    :ivar phone: in E.164, empty without one.
    :ivar waiting: how many offers wait for an answer of theirs; counted for devices alone.
    """

    name: str
    address: str
    language: str
    zone: str
    manufacturer: Manufacturer
    phone: str = ""
    device: PushDevice | None = None
    waiting: int = 0
    is_person: bool = True


@dataclass(frozen=True)
class Readers:
    """Everybody whom some messages go to, read together.

    :ivar sides: (person, partner) and, for staff, (person, manufacturer).
    """

    manufacturers: dict[UUID, Manufacturer]
    users: dict[UUID, User]
    partners: dict[UUID, Partner]
    devices: dict[UUID, PushDevice]
    sides: set[tuple[UUID, UUID]]
    waiting: Mapping[UUID, int]

    def find(self, delivery: Delivery, partner_id: UUID | None) -> Reader | str:
        """Find who reads a message, or why nobody does.

        :param partner_id: whose people it concerns; ``None`` if the manufacturer's.
        """
        kind, _, text = delivery.recipient.partition(":")
        identifier = UUID(text)
        manufacturer = self.manufacturers[delivery.manufacturer_id]
        if kind == "partner":
            return self._mailbox(self.partners.get(identifier), manufacturer)
        device = self.devices.get(identifier) if kind == "device" else None
        if kind == "device" and device is None:
            return NO_DEVICE
        user = self.users.get(device.user_id if device else identifier)
        if user is None:
            return NOBODY
        if (user.id, partner_id or manufacturer.id) not in self.sides:
            return NO_LONGER
        wishes: Wishes = wishes_in(getattr(user, "notice_settings", None))
        if delivery.channel == SMS and not wishes.phone:
            return NO_NUMBER
        return Reader(
            name=user.name,
            address=user.email,
            language=_known(user.language),
            zone=wishes.time_zone or manufacturer.time_zone,
            manufacturer=manufacturer,
            phone=wishes.phone,
            device=device,
            waiting=self.waiting.get(user.id, 0),
        )

    def _mailbox(self, partner: Partner | None, manufacturer: Manufacturer) -> Reader | str:
        if partner is None or not partner.email:
            return NOBODY
        return Reader(
            name=partner.name,
            address=partner.email,
            language=_known(partner.language),
            zone=manufacturer.time_zone,
            manufacturer=manufacturer,
            is_person=False,
        )


def read_readers(deliveries: Sequence[Delivery]) -> Readers:
    """Read everybody whom messages go to, with as many queries whatever their number."""
    named: dict[str, set[Any]] = defaultdict(set)
    for delivery in deliveries:
        kind, _, identifier = delivery.recipient.partition(":")
        named[kind].add(identifier)
    manufacturers = {delivery.manufacturer_id for delivery in deliveries}
    devices = PushDevice.objects.in_bulk(named["device"]) if named["device"] else {}
    user_ids = named["user"] | {device.user_id for device in devices.values()}
    people = User.objects.filter(id__in=user_ids, is_active=True).select_related("notice_settings")
    members = Membership.objects.filter(
        user_id__in=user_ids, manufacturer_id__in=manufacturers
    ).annotate(side=Coalesce("partner_id", "manufacturer_id"))
    return Readers(
        manufacturers=Manufacturer.objects.in_bulk(manufacturers),
        users={user.id: user for user in people},
        partners=Partner.objects.in_bulk(named["partner"]) if named["partner"] else {},
        devices=devices,
        sides=set(members.values_list("user_id", "side")),
        waiting=_count_waiting({device.user_id for device in devices.values()}),
    )


def _count_waiting(user_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Count the offers that wait for people, over all networks they work in."""
    if not user_ids:
        return {}
    works_for = Membership.objects.filter(user_id__in=user_ids, partner__isnull=False)
    sides = list(works_for.values_list("user_id", "partner_id"))
    at = clock.now()
    offers = LeadOffer.objects.filter(
        partner_id__in={partner_id for _, partner_id in sides},
        status=OfferStatus.OPEN,
        respond_by__gt=at,
    ).available(at)
    counted = dict(offers.order_by().values_list("partner_id").annotate(Count("id")))
    waiting: Counter[UUID] = Counter()
    for user_id, partner_id in sides:
        waiting[user_id] += counted.get(partner_id, 0)
    return waiting


def _known(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
