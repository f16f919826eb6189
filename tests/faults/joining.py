"""Run in the environment of an installation: gives people accounts of partners.

``python -m tests.faults.joining``, told on its standard input who joins: a list of
``{"tenant", "partner", "email"}``.
"""

import json
import sys

import django

PASSWORD = "correct horse"  # noqa: S105 - of people who do not exist


def join(people: list[dict[str, str]]) -> None:
    """Let each of them act for their partner."""
    from leadhub.core.tenancy.context import tenant_context  # noqa: PLC0415 - Django is set up
    from partners.memberships import (  # noqa: PLC0415
        Person,
        add_member,
        manufacturer_by_slug,
    )
    from partners.models import Partner  # noqa: PLC0415

    for told in people:
        manufacturer = manufacturer_by_slug(told["tenant"])
        assert manufacturer is not None, told
        with tenant_context(manufacturer.id):
            partner = Partner.objects.get(id=told["partner"])
        person = Person(email=told["email"], name="Robin Rep", password=PASSWORD, language="en")
        add_member(manufacturer=manufacturer, person=person, role="PARTNER_REP", partner=partner)


if __name__ == "__main__":
    django.setup()
    join(json.load(sys.stdin))
