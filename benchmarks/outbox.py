"""A network and messages in its outbox, as the product would have written them."""

import random
from itertools import cycle, islice

from benchmarks.networks import LINES, found_network
from leadhub.core import clock
from leadhub.core.ids import new_id
from leadhub.core.models import Delivery, PostalCode
from leadhub.core.tenancy.context import system_context
from leads.intake import Contact, NewLead, receive_lead
from leads.models import LeadOffer
from leads.notifications import OFFER_NEW
from partners.memberships import Person, add_member, administrator_of
from partners.models import Manufacturer, Membership, NoticeSettings, Partner

PARTNERS = 300
LEADS = 200


def found() -> Manufacturer:
    """Found a network whose partners have a person each, and whose leads are on offer."""
    manufacturer = found_network(slug="outbox", partners=PARTNERS).manufacturer
    with system_context("benchmark"):
        partners = list(Partner.objects.filter(manufacturer=manufacturer))
        codes = list(PostalCode.objects.filter(country="DE").values_list("code", flat=True))
    for number, partner in enumerate(partners):
        person = Person(email=f"p{number}@example.com", name=f"Person {number}")
        member = add_member(
            manufacturer=manufacturer, person=person, role="PARTNER_REP", partner=partner
        )
        with system_context("benchmark"):
            NoticeSettings.objects.create(user_id=member.user_id, phone="+4915112345678")
    by, chance = administrator_of(manufacturer), random.Random(1)
    for number in range(LEADS):
        new = NewLead(
            external_id=f"CRM-{number}",
            source="website",
            product_lines=[chance.choice(LINES)],
            country="DE",
            postal_code=chance.choice(codes),
            contact=Contact("Erika", "Beispiel", email=f"e{number}@example.com"),
        )
        receive_lead(new=new, by=by, at=clock.now())
    return manufacturer


def fill(manufacturer: Manufacturer, channel: str, count: int) -> None:
    """Let so many messages of a channel be due, and nothing else."""
    with system_context("benchmark"):
        Delivery.objects.all().delete()
        people = dict(
            Membership.objects.filter(partner__isnull=False).values_list("partner_id", "user_id")
        )
        offers = list(LeadOffer.objects.open().values_list("id", "partner_id"))
        at = clock.now()
        Delivery.objects.bulk_create(
            [
                Delivery(
                    manufacturer_id=manufacturer.id,
                    channel=channel,
                    kind=OFFER_NEW,
                    recipient=(
                        f"partner:{partner_id}"
                        if channel == Delivery.Channel.NOTICE
                        else f"user:{people[partner_id]}"
                    ),
                    subject_id=offer_id,
                    dedupe=f"{OFFER_NEW}:{new_id()}",
                    due_at=at,
                )
                for offer_id, partner_id in islice(cycle(offers), count)
            ],
            batch_size=2_000,
        )


def left(channel: str) -> int:
    """Count the messages of a channel that did not leave."""
    with system_context("benchmark"):
        waiting = Delivery.objects.filter(channel=channel, done_at__isnull=True).count()
        skipped = Delivery.objects.filter(channel=channel).exclude(skipped="").count()
    return waiting + skipped
