"""Every page and every role, every call and every scope: allowed exactly where the table says."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse

from leadhub.core import clock
from leadhub.core.ids import new_id
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import tenant_context
from leads.attachments import add_attachment
from leads.bulk import begin_deed
from leads.policies import publish_policy
from leads.reminders import set_reminder
from leads.replay.jobs import request_replay
from leads.saved_views import save_view
from leads.selectors import policies_visible_to
from leads.webhooks.log import send_test
from leads.webhooks.subscriptions import add_webhook
from partners.absences import add_absence
from partners.devices import add_device
from partners.exclusions import add_exclusion
from partners.imports.jobs import start_import
from partners.invitations import invite
from partners.keys import issue_key
from partners.materials.publishing import Edition, add_material
from partners.memberships import actor_of
from partners.models import Absence, Membership, Partner
from partners.models.accounts import PARTNER_ROLES, Role
from partners.roles import KINDS, RIGHTS, Capability, may, scope_for, scopes_of, table_of_rights
from partners.selectors import keys_visible_to
from tests.acting import MANUFACTURER_SCOPES, PARTNER_SCOPES, accept, holder_of, member
from tests.api.calling import Api
from tests.api.calls import CALLS, PATTERNS, PUBLIC, Call, World as ApiWorld, path_of
from tests.factories import NOON, PDF, Network
from tests.pages.acting import logged_in
from tests.pages.web_forms import form_of
from tests.push_service import Browser

DOCUMENT = settings.BASE_DIR / "docs" / "roles.md"
# Pages of whoever is logged in, about nobody but themselves; and those that need no log-in.
PERSONAL = {
    "home", "person-account", "person-choose-manufacturer", "person-device-forget",
    "person-devices", "person-gallery", "person-notices", "person-quiet",
}  # fmt: skip
OPEN = {
    "app-manifest", "app-offline", "app-worker", "form-colors", "form-show", "form-thanks",
    "link-code", "link-lead", "link-lead-contact",
    "link-lead-feedback", "link-offer", "link-offer-accept", "link-offer-decline", "link-open",
    "partner-news", "person-company", "person-invitation", "person-invitation-open",
    "person-log-in", "person-log-out",
}  # fmt: skip
# How people log in and what protects their account: by the names of the library.
LOG_IN = ("account_", "mfa_", "openid_connect_", "usersessions_")
# Every other page, and what it is for.
PAGES: Mapping[str, Capability] = {
    "desk-brand": Capability.CHANGE_BRAND,
    "desk-changes": Capability.SEE_CHANGES,
    "desk-cockpit": Capability.SEE_FIGURES,
    "desk-cockpit-file": Capability.SEE_FIGURES,
    "desk-cockpit-leads": Capability.SEE_LEADS,
    "desk-cockpit-partners": Capability.SEE_FIGURES,
    "desk-cockpit-regions": Capability.SEE_FIGURES,
    "desk-cockpit-turnover": Capability.SEE_FIGURES,
    "desk-customer-data": Capability.PROTECT_DATA,
    "desk-data-protection": Capability.PROTECT_DATA,
    "desk-fairness": Capability.SEE_FIGURES,
    "desk-fairness-export": Capability.SEE_FIGURES,
    "desk-form": Capability.MANAGE_FORMS,
    "desk-form-add": Capability.MANAGE_FORMS,
    "desk-form-close": Capability.MANAGE_FORMS,
    "desk-form-open": Capability.MANAGE_FORMS,
    "desk-forms": Capability.MANAGE_FORMS,
    "desk-draft": Capability.CHANGE_POLICIES,
    "desk-draft-discard": Capability.CHANGE_POLICIES,
    "desk-draft-edit": Capability.CHANGE_POLICIES,
    "desk-draft-preview": Capability.CHANGE_POLICIES,
    "desk-draft-publish": Capability.CHANGE_POLICIES,
    "desk-draft-replay": Capability.CHANGE_POLICIES,
    "desk-replay": Capability.SEE_POLICIES,
    "desk-described": Capability.SEE_FIGURES,
    "desk-described-file": Capability.SEE_FIGURES,
    "desk-duplicates": Capability.DISPATCH_LEADS,
    "desk-duplicates-compared": Capability.CHANGE_POLICIES,
    "desk-feedback-owed": Capability.SEE_LEADS,
    "desk-histories": Capability.IMPORT_HISTORY,
    "desk-history": Capability.IMPORT_HISTORY,
    "desk-history-discard": Capability.IMPORT_HISTORY,
    "desk-history-refused": Capability.IMPORT_HISTORY,
    "desk-history-store": Capability.IMPORT_HISTORY,
    "desk-history-template": Capability.IMPORT_HISTORY,
    "desk-import": Capability.CHANGE_NETWORK,
    "desk-import-check": Capability.CHANGE_NETWORK,
    "desk-import-discard": Capability.CHANGE_NETWORK,
    "desk-import-refused": Capability.CHANGE_NETWORK,
    "desk-import-store": Capability.CHANGE_NETWORK,
    "desk-import-template": Capability.CHANGE_NETWORK,
    "desk-import-undo": Capability.CHANGE_NETWORK,
    "desk-imports": Capability.CHANGE_NETWORK,
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
    "desk-lead-merge": Capability.DISPATCH_LEADS,
    "desk-lead-reject": Capability.DISPATCH_LEADS,
    "desk-lead-release": Capability.DISPATCH_LEADS,
    "desk-lead-reopen": Capability.DISPATCH_LEADS,
    "desk-lead-reroute": Capability.DISPATCH_LEADS,
    "desk-lead-return-verdict": Capability.DISPATCH_LEADS,
    "desk-lead-withdraw": Capability.DISPATCH_LEADS,
    "desk-lead-routing": Capability.EXPLAIN_ROUTING,
    "desk-leads": Capability.SEE_LEADS,
    "desk-leads-bulk": Capability.DISPATCH_LEADS,
    "desk-leads-bulk-assign": Capability.DISPATCH_LEADS,
    "desk-leads-bulk-close": Capability.DISPATCH_LEADS,
    "desk-leads-bulk-extend": Capability.DISPATCH_LEADS,
    "desk-leads-bulk-reject": Capability.DISPATCH_LEADS,
    "desk-leads-bulk-release": Capability.DISPATCH_LEADS,
    "desk-leads-bulk-reroute": Capability.DISPATCH_LEADS,
    "desk-leads-bulk-withdraw": Capability.DISPATCH_LEADS,
    "desk-leads-bulk-done": Capability.DISPATCH_LEADS,
    "desk-leads-columns": Capability.SEE_LEADS,
    "desk-leads-open-with": Capability.SEE_LEADS,
    "desk-leads-view": Capability.SEE_LEADS,
    "desk-leads-view-add": Capability.SEE_LEADS,
    "desk-leads-view-remove": Capability.SEE_LEADS,
    "desk-leads-view-replace": Capability.SEE_LEADS,
    "desk-left-to-partners": Capability.CHANGE_NETWORK,
    "desk-working-hours": Capability.CHANGE_NETWORK,
    "desk-leads-export": Capability.EXPORT_LEADS,
    "desk-level": Capability.CHANGE_NETWORK,
    "desk-level-add": Capability.CHANGE_NETWORK,
    "desk-line": Capability.CHANGE_NETWORK,
    "desk-line-add": Capability.CHANGE_NETWORK,
    "desk-attachment": Capability.SEE_LEADS,
    "desk-material": Capability.SEE_NETWORK,
    "desk-material-add": Capability.CHANGE_MATERIALS,
    "desk-material-edit": Capability.CHANGE_MATERIALS,
    "desk-material-file": Capability.SEE_NETWORK,
    "desk-material-replace": Capability.CHANGE_MATERIALS,
    "desk-material-version-end": Capability.CHANGE_MATERIALS,
    "desk-material-withdraw": Capability.CHANGE_MATERIALS,
    "desk-materials": Capability.SEE_NETWORK,
    "desk-message-again": Capability.RESEND_MESSAGES,
    "desk-messages": Capability.RESEND_MESSAGES,
    "desk-messages-again": Capability.RESEND_MESSAGES,
    "desk-webhook": Capability.MANAGE_WEBHOOKS,
    "desk-webhook-add": Capability.MANAGE_WEBHOOKS,
    "desk-webhook-edit": Capability.MANAGE_WEBHOOKS,
    "desk-webhook-message": Capability.MANAGE_WEBHOOKS,
    "desk-webhook-message-again": Capability.MANAGE_WEBHOOKS,
    "desk-webhook-off": Capability.MANAGE_WEBHOOKS,
    "desk-webhook-on": Capability.MANAGE_WEBHOOKS,
    "desk-webhook-remove": Capability.MANAGE_WEBHOOKS,
    "desk-webhook-rotate": Capability.MANAGE_WEBHOOKS,
    "desk-webhook-test": Capability.MANAGE_WEBHOOKS,
    "desk-webhooks": Capability.MANAGE_WEBHOOKS,
    "desk-partner": Capability.SEE_NETWORK,
    "desk-partner-add": Capability.CHANGE_NETWORK,
    "desk-partner-edit": Capability.CHANGE_NETWORK,
    "desk-partner-missed-leads": Capability.EXPLAIN_ROUTING,
    "desk-partner-move": Capability.DISPATCH_LEADS,
    "desk-partner-absence-add": Capability.CHANGE_NETWORK,
    "desk-partner-absence-end": Capability.CHANGE_NETWORK,
    "desk-partner-availability": Capability.SEE_NETWORK,
    "desk-partner-exclusion-add": Capability.CHANGE_NETWORK,
    "desk-partner-exclusion-remove": Capability.CHANGE_NETWORK,
    "desk-partner-hours": Capability.CHANGE_NETWORK,
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
    "partner-attachment": Capability.SEE_WORK,
    "partner-attachment-remove": Capability.REPORT_WORK,
    "partner-figures": Capability.SEE_OWN_FIGURES,
    "partner-absence-add": Capability.CHANGE_OWN_SETTINGS,
    "partner-absence-end": Capability.CHANGE_OWN_SETTINGS,
    "partner-area": Capability.CHANGE_OWN_SETTINGS,
    "partner-caps": Capability.CHANGE_OWN_SETTINGS,
    "partner-hours": Capability.CHANGE_OWN_SETTINGS,
    "partner-lines": Capability.CHANGE_OWN_SETTINGS,
    "partner-settings": Capability.CHANGE_OWN_SETTINGS,
    "partner-inbox": Capability.SEE_OFFERS,
    "partner-invitation-again": Capability.MANAGE_TEAM,
    "partner-invitation-withdraw": Capability.MANAGE_TEAM,
    "partner-invite": Capability.MANAGE_TEAM,
    "partner-lead": Capability.SEE_WORK,
    "partner-lead-attach": Capability.REPORT_WORK,
    "partner-lead-calendar": Capability.SEE_WORK,
    "partner-lead-contact": Capability.REPORT_WORK,
    "partner-lead-feedback": Capability.REPORT_WORK,
    "partner-lead-hand-over": Capability.REPORT_WORK,
    "partner-lead-note": Capability.REPORT_WORK,
    "partner-lead-reminder": Capability.REPORT_WORK,
    "partner-lead-reminder-end": Capability.REPORT_WORK,
    "partner-lead-return": Capability.REPORT_WORK,
    "partner-lead-stage": Capability.REPORT_WORK,
    "partner-material": Capability.SEE_MATERIALS,
    "partner-materials": Capability.SEE_MATERIALS,
    "partner-leads": Capability.SEE_WORK,
    "partner-missed-leads": Capability.SEE_OFFERS,
    "partner-offer": Capability.SEE_OFFERS,
    "partner-offer-accept": Capability.ANSWER_OFFERS,
    "partner-offer-decline": Capability.ANSWER_OFFERS,
    "partner-person-remove": Capability.MANAGE_TEAM,
    "partner-pick-list": Capability.SEE_OFFERS,
    "partner-pick-list-pick": Capability.ANSWER_OFFERS,
    "partner-team": Capability.MANAGE_TEAM,
}
# Behind the door a role is refused as well that may do more than the key; an empty body names none.
MORE_THAN_A_SCOPE = {("api-users", "post")}
# Where a partner may, and only with another lead than the desk's.
OPEN_LEADS = {"partner-pick-list-pick"}


class World(NamedTuple):
    """A partner with a lead on offer and one in hands; for every role a person with a browser."""

    ids: Mapping[str, Any]
    open_lead: Any
    clients: Mapping[str, Client]
    devices: Mapping[str, Any]
    views: Mapping[str, Any]

    def path(self, page: str, role: str = "ADMIN") -> str:
        """Where a page is, about objects that exist; browsers and views are the role's own."""
        names = PATTERNS[page].pattern.converters
        view = self.views.get(role, self.views["ADMIN"])
        ids = {**self.ids, "device_id": self.devices[role], "view_id": view}
        if page in OPEN_LEADS:
            ids["lead_id"] = self.open_lead
        return reverse(page, kwargs={name: self._id(page, name, ids) for name in names})

    @staticmethod
    def _id(page: str, name: str, ids: Mapping[str, Any]) -> Any:
        if name == "policy_id" and page.startswith("desk-draft"):
            return ids["draft_id"]
        if name == "message_id" and page.startswith("desk-webhook"):
            return ids["told_id"]
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
    draft = publish_policy(name="Draft", waves=policy.waves, is_draft=True, by=network.by, at=NOON)
    replay = request_replay(policy=draft, leads=1, by=network.by, at=NOON)
    colleague = member(network, "colleague@roles.example", "PARTNER_REP", partner)
    invitation = invite(
        email="new@roles.example", role="PARTNER_REP", partner=partner, by=network.by, at=NOON
    )
    material = add_material(
        title="Prices",
        kind="PRICE_LIST",
        product_lines=[],
        edition=Edition(PDF, "Prices.pdf", "de", NOON.date()),
        by=network.by,
        at=NOON,
    )
    with tenant_context(network.manufacturer.id):
        version = material.versions.get()
    attachment = add_attachment(
        assignment=assignment, content=PDF, file_name="Plan.pdf", by=holder_of(assignment), at=NOON
    )
    by, due_at = holder_of(assignment), clock.now() + timedelta(days=9)
    set_reminder(assignment=assignment, due_at=due_at, by=by, at=NOON + timedelta(minutes=9))
    webhook, _ = add_webhook(url="https://hooks.example.com/", by=network.by, at=NOON)
    deed = begin_deed(
        deed_id=new_id(),
        verb="withdraw",
        lead_ids=[lead.id],
        by=actor_of(member(network, "deeds@roles.example", "DISPATCHER")),
        at=NOON,
    )
    ids = {
        "webhook_id": webhook.id,
        "told_id": send_test(webhook=webhook, by=network.by, at=NOON).id,
        "deed_id": deed.id,
        "material_id": material.id,
        "version_id": version.id,
        "attachment_id": attachment.id,
        "membership_id": colleague.id,
        "invitation_id": invitation.id,
        "lead_id": lead.id,
        "offer_id": network.offers(lead)[0].id,
        "assignment_id": assignment.id,
        "partner_id": partner.id,
        "policy_id": policy.id,
        "draft_id": draft.id,
        "replay_id": replay.id,
        "import_id": import_of(network, "PARTNERS"),
        "history_id": import_of(network, "HISTORY"),
        "key_id": key.id,
        "form_id": form_of(network).id,
        "code": "boilers",
        "message_id": message_given_up(network),
        "absence_id": absence_of(partner, network).id,
        "exclusion_id": add_exclusion(
            partner=partner, kind="SOURCE", value="fair", by=network.by, at=NOON
        ).id,
    }
    people = {
        role: member(
            network,
            f"{role.lower()}@roles.example",
            role,
            partner if role in PARTNER_ROLES else None,
        )
        for role in Role.values
    }
    clients = {role: logged_in(Client(), person) for role, person in people.items()}
    devices = {role: device_of(person) for role, person in people.items()}
    views = {role: view_of(person) for role, person in people.items() if role not in PARTNER_ROLES}
    return World(ids, open_lead.id, clients, devices, views)


def import_of(network: Network, kind: str) -> Any:
    job = start_import(
        kind=kind,
        file_name="new.csv",
        content=b"number;name\n1;Huber\n",
        upload_key=uuid4(),
        by=network.by,
        at=NOON,
    )
    return job.id


def absence_of(partner: Partner, network: Network) -> Absence:
    day = clock.now().date() + timedelta(days=9)
    return add_absence(partner=partner, first_day=day, last_day=day, by=network.by, at=clock.now())


def view_of(person: Membership) -> Any:
    with tenant_context(person.manufacturer_id):
        return save_view(name="Mine", asked={}, is_shared=False, by=actor_of(person)).id


def device_of(person: Membership) -> Any:
    keys = Browser().keys
    device = add_device(
        user_id=person.user_id,
        endpoint=f"https://push.example.com/{person.id}",
        public_key=keys["p256dh"],
        secret=keys["auth"],
        name="Phone",
        at=NOON,
    )
    return device.id


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

    opened = {
        role: is_open(client, world.path(page, role)) for role, client in world.clients.items()
    }

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
    assert all(is_open(client, world.path(page, role)) for role, client in world.clients.items())


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

    body = None if (call.url, call.method) in MORE_THAN_A_SCOPE else call.body(world)

    opened = {key for key, token in keys.items() if answered(token, call, path, body) != 403}

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
