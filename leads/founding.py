"""How a tenant begins: with an administrator, a key and a policy by which leads can be routed."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from leads.policies import DEFAULT_NAME, DEFAULT_WAVES, publish_policy
from partners.keys import issue_key
from partners.memberships import (
    Person,
    add_member,
    administrator_of,
    found_manufacturer,
    has_account,
)
from partners.models import Manufacturer
from partners.models.accounts import Role


class Tenant(NamedTuple):
    """A new tenant and what is to be told once."""

    manufacturer: Manufacturer
    api_key: str
    is_new_person: bool


@transaction.atomic
def found_tenant(*, slug: str, name: str, administrator: Person, at: datetime) -> Tenant:
    """Make a manufacturer that can receive leads at once: nothing of it exists half.

    :raises SlugTaken: if the slug is in use.
    """
    is_new_person = not has_account(administrator.email)
    manufacturer = found_manufacturer(slug=slug, name=name, at=at)
    add_member(manufacturer=manufacturer, person=administrator, role=Role.ADMIN)
    by = administrator_of(manufacturer)
    publish_policy(name=DEFAULT_NAME, waves=DEFAULT_WAVES, by=by, at=at)
    key = issue_key(name="First key", by=by, at=at)
    return Tenant(manufacturer, key, is_new_person)
