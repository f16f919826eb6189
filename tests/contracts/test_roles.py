"""Every page and every role, every call and every scope: allowed exactly where the table says."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse

from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import tenant_context
from leads.selectors import policies_visible_to
from partners.invitations import invite
from partners.keys import MANUFACTURER_SCOPES, PARTNER_SCOPES, issue_key
from partners.models.accounts import PARTNER_ROLES, Role
from partners.roles import KINDS, RIGHTS, Capability, may, scope_for, scopes_of, table_of_rights
from partners.selectors import keys_visible_to
from tests.acting import accept, member
from tests.api.calling import Api
from tests.api.test_access import CALLS, PATTERNS, PUBLIC, Call, World as ApiWorld, path_of
from tests.factories import NOON, Network
from tests.pages.acting import logged_in

if TYPE_CHECKING:
    from partners.models import Partner

DOCUMENT = settings.BASE_DIR / "docs" / "roles.md"
# Pages of whoever is logged in, about nobody but themselves; and those that need no log-in.
PERSONAL = {
    "home", "person-account", "person-choose-manufacturer", "person-device-forget",
    "person-devices", "person-gallery", "person-notices",
}  # fmt: skip
OPEN = {
    "person-company", "person-invitation", "person-invitation-open", "person-log-in",
    "person-log-out",
}  # fmt: skip
# How people log in and what protects their account: by the names of the library.
LOG_IN = ("account_", "mfa_", "openid_connect_", "usersessions_")
# Every other page, and what it is for.
PAGES: Mapping[str, Capability] = {
    "desk-brand": Capability.CHANGE_BRAND,
    "desk-changes": Capability.SEE_CHANGES,
    "desk-cockpit": Capability.SEE_FIGURES,
    "desk-customer-data": Capability.PROTECT_DATA,
    "desk-data-protection": Capability.PROTECT_DATA,
    "desk-invitation-again": Capability.MANAGE_PEOPLE,
    "desk-invitation-withdraw": Capability.MANAGE_PEOPLE,
    "desk-invite": Capability.MANAGE_PEOPLE,
    "desk-invite-partner": Capability.INVITE_TO_PARTNERS,
    "desk-key": Capability.MANAGE_KEYS,
    "desk-key-add": Capability.MANAGE_KEYS,
    "desk-key-revoke": Capability.MANAGE_KEYS,
    "desk-key-rotate": Capability.MANAGE_KEYS,
    "desk-keys": Capability.MANAGE_KEYS,
    "desk-lead": Capability.SEE_LEADS,
    "desk-lead-add": Capability.ADD_LEADS,
    "desk-lead-assign": Capability.DISPATCH_LEADS,
    "desk-lead-close": Capability.DISPATCH_LEADS,
    "desk-lead-erase": Capability.DISPATCH_LEADS,
    "desk-lead-extend": Capability.DISPATCH_LEADS,
    "desk-lead-reject": Capability.DISPATCH_LEADS,
    "desk-lead-release": Capability.DISPATCH_LEADS,
    "desk-lead-reopen": Capability.DISPATCH_LEADS,
    "desk-lead-reroute": Capability.DISPATCH_LEADS,
    "desk-lead-return-verdict": Capability.DISPATCH_LEADS,
    "desk-lead-withdraw": Capability.DISPATCH_LEADS,
    "desk-leads": Capability.SEE_LEADS,
    "desk-leads-export": Capability.EXPORT_LEADS,
    "desk-level": Capability.CHANGE_NETWORK,
    "desk-level-add": Capability.CHANGE_NETWORK,
    "desk-line": Capability.CHANGE_NETWORK,
    "desk-line-add": Capability.CHANGE_NETWORK,
    "desk-message-again": Capability.RESEND_MESSAGES,
    "desk-messages": Capability.RESEND_MESSAGES,
    "desk-messages-again": Capability.RESEND_MESSAGES,
    "desk-partner": Capability.SEE_NETWORK,
    "desk-partner-add": Capability.CHANGE_NETWORK,
    "desk-partner-edit": Capability.CHANGE_NETWORK,
    "desk-partner-status": Capability.CHANGE_NETWORK,
    "desk-partners": Capability.SEE_NETWORK,
    "desk-people": Capability.MANAGE_PEOPLE,
    "desk-person-remove": Capability.MANAGE_PEOPLE,
    "desk-person-role": Capability.MANAGE_PEOPLE,
    "desk-policies": Capability.SEE_POLICIES,
    "desk-policy": Capability.CHANGE_POLICIES,
    "desk-policy-add": Capability.CHANGE_POLICIES,
    "desk-policy-off": Capability.CHANGE_POLICIES,
    "desk-policy-on": Capability.CHANGE_POLICIES,
    "desk-set-up": Capability.SEE_NETWORK,
    "desk-single-sign-on": Capability.CHANGE_LOG_IN,
    "desk-single-sign-on-remove": Capability.CHANGE_LOG_IN,
    "partner-inbox": Capability.SEE_OFFERS,
    "partner-invitation-again": Capability.MANAGE_TEAM,
    "partner-invitation-withdraw": Capability.MANAGE_TEAM,
    "partner-invite": Capability.MANAGE_TEAM,
    "partner-lead": Capability.SEE_WORK,
    "partner-lead-contact": Capability.REPORT_WORK,
    "partner-lead-feedback": Capability.REPORT_WORK,
    "partner-lead-return": Capability.REPORT_WORK,
    "partner-leads": Capability.SEE_WORK,
    "partner-offer": Capability.SEE_OFFERS,
    "partner-offer-accept": Capability.ANSWER_OFFERS,
    "partner-offer-decline": Capability.ANSWER_OFFERS,
    "partner-person-remove": Capability.MANAGE_TEAM,
    "partner-pick-list": Capability.SEE_OFFERS,
    "partner-pick-list-pick": Capability.ANSWER_OFFERS,
    "partner-team": Capability.MANAGE_TEAM,
}
# Where a partner may, and only with another lead than the desk's.
OPEN_LEADS = {"partner-pick-list-pick"}


class World(NamedTuple):
    """A partner with a lead on offer and one in hands, and a person for every role."""

    ids: Mapping[str, Any]
    open_lead: Any
    clients: Mapping[str, Client]

    def path(self, page: str) -> str:
        """Where a page is, about objects that exist."""
        names = PATTERNS[page].pattern.converters
        ids = {**self.ids, "lead_id": self.open_lead} if page in OPEN_LEADS else self.ids
        return reverse(page, kwargs={name: self._id(page, name, ids) for name in names})

    @staticmethod
    def _id(page: str, name: str, ids: Mapping[str, Any]) -> Any:
        return "gold" if (page, name) == ("desk-level", "code") else ids[name]


@pytest.fixture
def world(network: Network) -> World:
    """People of each role at their browsers."""
    open_lead = network.lead()
    partner: Partner = network.partner(regions=("DE-BY",))
    network.policy({})
    assignment = accept(network.offers(network.lead())[0])
    lead = network.lead()
    with tenant_context(network.manufacturer.id):
        policy = policies_visible_to(network.by)[0]
        key = keys_visible_to(network.by)[0]
    colleague = member(network, "colleague@roles.example", "PARTNER_REP", partner)
    invitation = invite(
        email="new@roles.example", role="PARTNER_REP", partner=partner, by=network.by, at=NOON
    )
    ids = {
        "membership_id": colleague.id,
        "invitation_id": invitation.id,
        "lead_id": lead.id,
        "offer_id": network.offers(lead)[0].id,
        "assignment_id": assignment.id,
        "partner_id": partner.id,
        "policy_id": policy.id,
        "key_id": key.id,
        "code": "boilers",
        "message_id": message_given_up(network),
    }
    clients = {
        role: logged_in(
            Client(),
            member(
                network,
                f"{role.lower()}@roles.example",
                role,
                partner if role in PARTNER_ROLES else None,
            ),
        )
        for role in Role.values
    }
    return World(ids, open_lead.id, clients)


def message_given_up(network: Network) -> Any:
    with tenant_context(network.manufacturer.id):
        message = Delivery.objects.order_by("id").first()
        assert message is not None
        Delivery.objects.filter(id=message.id).update(failed_at=NOON)
    return message.id


def pages() -> Iterator[tuple[str, URLPattern]]:
    """Every address that is for browsers."""
    calls = {call.url for call in CALLS}
    for name, pattern in PATTERNS.items():
        is_of_log_in = name.startswith(LOG_IN)
        if name not in calls and name not in PUBLIC - PERSONAL and not is_of_log_in:
            yield name, pattern


def test_every_page_is_in_the_table() -> None:
    assert {name for name, _ in pages()} == PAGES.keys() | PERSONAL | OPEN


@pytest.mark.parametrize(("page", "capability"), PAGES.items())
def test_a_page_opens_to_the_roles_that_the_table_names(
    world: World, page: str, capability: Capability
) -> None:
    door: Any = PATTERNS[page].callback
    partners_side = page.startswith("partner-")
    expected = {
        role: (role in PARTNER_ROLES) == partners_side and may(role, capability)
        for role in Role.values
    }

    opened = {role: is_open(client, world.path(page)) for role, client in world.clients.items()}

    assert door.needs == capability
    assert opened == expected
    assert any(opened.values())


def is_open(client: Client, path: str) -> bool:
    """Tell whether a page is there for somebody, by each method it takes; nothing is changed."""
    statuses = {ask(client.get, path), ask(client.post, path)} - {405}
    assert statuses
    assert statuses == {404} or 404 not in statuses
    return statuses != {404}


def ask(method: Callable[[str], Any], path: str) -> int:
    with transaction.atomic():
        status: int = method(path).status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_to_nobody_without_logging_in(world: World, page: str) -> None:
    answer = Client().get(world.path(page))

    assert answer.status_code == 405 or answer.headers["Location"].startswith("/log-in/")


@pytest.mark.parametrize("page", sorted(PERSONAL))
def test_a_page_about_oneself_opens_to_every_role(world: World, page: str) -> None:
    assert all(is_open(client, world.path(page)) for client in world.clients.values())


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.url}")
def test_a_call_is_open_to_the_one_scope_that_the_table_names(call: Call, network: Network) -> None:
    world = ApiWorld(network, NOON)
    call.arrange(world)
    path, _ = path_of(call, world.ids)
    view: Any = PATTERNS[call.url].callback
    capability = view.view_class.needs[call.method.upper()]
    keys = {
        (kind, scope): issue_key(
            name=f"only {scope}",
            by=network.by,
            at=NOON,
            scopes=[scope],
            partner=world.partner if kind == "partner" else None,
        )
        for kind in KINDS
        for scope in scopes_of(kind)
    }

    opened = {
        key for key, token in keys.items() if answered(token, call, path, call.body(world)) != 403
    }

    assert opened == {
        (kind, scope) for kind in KINDS if (scope := scope_for(kind, capability)) is not None
    }
    assert {scope for _, scope in opened} == {call.scope}


def answered(token: str, call: Call, path: str, body: Any) -> int:
    with transaction.atomic():
        status = Api(token).call(call.method.upper(), path, body).status
        transaction.set_rollback(True)
    return status


def test_every_capability_is_somebodys_and_has_words() -> None:
    assert RIGHTS.keys() == set(Capability)
    assert all(right.roles or right.scopes for right in RIGHTS.values())
    assert all(right.words for right in RIGHTS.values())


def test_gives_analysts_nothing_that_changes_anything() -> None:
    verbs = {
        capability.value.split(".")[1] for capability in Capability if may("ANALYST", capability)
    }

    assert verbs == {"see", "explain", "export"}


def test_gives_no_partner_what_is_the_manufacturers() -> None:
    for capability, right in RIGHTS.items():
        sides = {role in PARTNER_ROLES for role in right.roles}
        assert len(sides) <= 1, capability


def test_knows_the_scopes_of_the_interface() -> None:
    assert set(MANUFACTURER_SCOPES) == {
        "leads:write", "leads:read", "partners:write", "partners:read",
        "kpis:read", "materials:read", "webhooks:manage",
    }  # fmt: skip
    assert set(PARTNER_SCOPES) == {"offers:act", "leads:read", "materials:read", "kpis:read"}


def test_the_documentation_shows_the_table() -> None:
    assert table_of_rights() in Path(DOCUMENT).read_text("utf-8"), (
        "Put the table of `manage.py show_roles` into docs/roles.md."
    )
