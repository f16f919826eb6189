"""A demo world whose description was lost: its people get new passwords, its programs new keys."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from leadhub.core.actors import Actor
from leadhub.core.tenancy.context import system_context
from leadhub.demo.describing import Description, describe_people
from leadhub.demo.people import Login, People
from partners.keys import issue_key, revoke_key
from partners.memberships import actor_of, administrator_of
from partners.models import Manufacturer, Membership, Partner, User
from partners.selectors import keys_visible_to

KEY_NAME = "Demo"
INVENTED = ".example"


@transaction.atomic
def restore(manufacturer: Manufacturer, *, at: datetime) -> Description:
    """Describe a manufacturer of the demo world that was made before.

    Whoever was invited since, under a real address, keeps their password and is left out.
    """
    by = administrator_of(manufacturer)
    people = People()
    _end_lost_keys(by, at=at)
    with system_context("demo.restore"):
        partners = list(Partner.objects.filter(manufacturer=manufacturer).order_by("external_id"))
        logins = _logins(manufacturer, people)
    people.let_in()
    return {
        "slug": manufacturer.slug,
        "name": manufacturer.name,
        "api_key": issue_key(name=KEY_NAME, by=by, at=at),
        "users": describe_people(logins.get(None, []), people),
        "partners": [
            {
                "id": str(partner.id),
                "external_id": partner.external_id,
                "name": partner.name,
                "city": partner.city,
                "api_key": issue_key(name=KEY_NAME, by=by, at=at, partner=partner),
                "users": describe_people(logins.get(partner.id, []), people),
            }
            for partner in partners
        ],
    }


def _end_lost_keys(by: Actor, *, at: datetime) -> None:
    """Revoke the keys that nobody knows any more, which frees their name."""
    with system_context("demo.restore"):
        lost = list(keys_visible_to(by).filter(name=KEY_NAME).live(at))
    for key in lost:
        revoke_key(key=key, by=by, at=at)


def _logins(manufacturer: Manufacturer, people: People) -> dict[UUID | None, list[Login]]:
    memberships = Membership.objects.filter(manufacturer=manufacturer).order_by("id")
    addresses = dict(User.objects.filter(email__endswith=INVENTED).values_list("id", "email"))
    logins: dict[UUID | None, list[Login]] = {}
    for membership in memberships:
        email = addresses.get(membership.user_id)
        if email is not None:
            people.know(membership.user_id, email, role=membership.role)
            login = Login(email, membership.role, actor_of(membership))
            logins.setdefault(membership.partner_id, []).append(login)
    return logins
