"""Every form of a page that changes the set-up is sent, and its record looked for."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.models import RoutingPolicy
from leads.policies import publish_policy, switch_policy_off
from leads.web_forms import set_open
from leads.webhooks.subscriptions import add_webhook, change_webhook
from partners.absences import add_absence
from partners.exclusions import add_exclusion
from partners.invitations import invite
from partners.materials.publishing import Edition, add_material
from partners.models import (
    Absence,
    ApiKey,
    Exclusion,
    Invitation,
    Material,
    MaterialVersion,
    Membership,
)
from tests.acting import member
from tests.api.calls import PATTERNS
from tests.contracts.set_up import PROVIDER, connected, effect_of
from tests.factories import NOON, PDF, Network
from tests.pages.desks import at_desk, form_of as fields_of, read
from tests.pages.web_forms import form_of

pytestmark = pytest.mark.django_db


def send(client: Client, address: str, **changes: Any) -> None:
    """Send the form that stands on a page, with some fields changed."""
    sent = fields_of(read(client, address)) | changes
    response = client.post(address, sent)
    assert response.status_code == 302, response.content.decode()


def default_policy(network: Network) -> RoutingPolicy:
    with tenant_context(network.manufacturer.id):
        return RoutingPolicy.objects.get(is_active=True)


def pause(client: Client, network: Network) -> None:
    partner = network.partner()
    assert client.post(f"/partners/{partner.id}/status/", {"status": "PAUSED"}).status_code == 302


def press(client: Client, address: str, status: int = 302, /, **sent: str) -> None:
    """Press a button that sends a form of its own."""
    assert client.post(address, sent).status_code == status


def absent(network: Network) -> Absence:
    day = clock.now().date() + timedelta(days=9)
    return add_absence(
        partner=network.partner(), first_day=day, last_day=day, by=network.by, at=clock.now()
    )


def kept_from(network: Network) -> Exclusion:
    return add_exclusion(
        partner=network.partner(), kind="SOURCE", value="fair", by=network.by, at=NOON
    )


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("Prices.pdf", PDF)


def published(network: Network) -> Material:
    return add_material(
        title="Prices",
        kind="PRICE_LIST",
        product_lines=["heat-pumps"],
        edition=Edition(PDF, "Prices.pdf", "de", NOON.date()),
        by=network.by,
        at=NOON,
    )


def version_of(material: Material) -> MaterialVersion:
    with tenant_context(material.manufacturer_id):
        return material.versions.get()


def invited(network: Network) -> Invitation:
    # Yesterday, so that a new link is valid for longer.
    at = clock.now() - timedelta(days=1)
    return invite(email="new@acme.example", role="ANALYST", by=network.by, at=at)


def analyst(network: Network) -> Membership:
    return member(network, "analyst@acme.example", "ANALYST")


HOOK = "https://hooks.example.com/leadhub"


def hooked(network: Network, *, is_on: bool = True) -> str:
    """Add a webhook; where its page is."""
    webhook, _ = add_webhook(url=f"{HOOK}/old", by=network.by, at=NOON)
    change_webhook(webhook=webhook, is_on=is_on, by=network.by, at=NOON)
    return f"/set-up/webhooks/{webhook.id}/"


def disconnect(client: Client, network: Network) -> None:
    press(client, "/set-up/single-sign-on/remove/")


def form_page(network: Network, *, is_open: bool = True) -> str:
    form = form_of(network)
    set_open(form=form, is_open=is_open, by=network.by, at=NOON)
    return f"/set-up/forms/{form.id}/"


def own_key(network: Network) -> ApiKey:
    with tenant_context(network.manufacturer.id):
        return ApiKey.objects.get()


def fair_of(network: Network) -> RoutingPolicy:
    with tenant_context(network.manufacturer.id):
        return RoutingPolicy.objects.get(source="fair")


def fair_policy(network: Network) -> RoutingPolicy:
    waves = default_policy(network).waves
    return publish_policy(name="Fair", waves=waves, source="fair", by=network.by, at=NOON)


def fair_draft(network: Network) -> RoutingPolicy:
    waves = default_policy(network).waves
    return publish_policy(
        name="Fair", waves=waves, source="fair", is_draft=True, by=network.by, at=NOON
    )


def draft_of(network: Network) -> RoutingPolicy:
    with tenant_context(network.manufacturer.id):
        return RoutingPolicy.objects.get(published_at__isnull=True)


def fair_policy_off(network: Network) -> None:
    switch_policy_off(policy=fair_policy(network), by=network.by, at=NOON)


# What has to be there before.
BEFORE: dict[str, Callable[[Network], object]] = {
    "desk-person-remove": analyst,
    "desk-single-sign-on-remove": connected,
    "desk-policy-off": fair_policy,
    "desk-policy-on": fair_policy_off,
    "desk-draft-edit": fair_draft,
    "desk-draft-publish": fair_draft,
    "desk-draft-discard": fair_draft,
}


# Address of a page -> what somebody changes there, and what is recorded of it.
PAGES: dict[str, tuple[Callable[[Client, Network], None], str]] = {
    "desk-partner-add": (
        lambda client, _: send(
            client, "/partners/new/", external_id="P-7", name="Neu", postal_code="80331"
        ),
        "partner",
    ),
    "desk-partner-edit": (
        lambda client, network: send(
            client, f"/partners/{network.partner().id}/edit/", name="Anders"
        ),
        "partner",
    ),
    "desk-partner-status": (pause, "partner"),
    "desk-partner-hours": (
        lambda client, network: press(
            client,
            f"/partners/{network.partner().id}/opening-hours/",
            is_alike="on",
            monday_is_open="on",
            monday_opens="07:00",
            monday_closes="12:00",
        ),
        "partner",
    ),
    "desk-partner-absence-add": (
        lambda client, network: press(
            client,
            f"/partners/{network.partner().id}/absences/add/",
            first_day="2030-03-02",
            last_day="2030-03-09",
        ),
        "absence",
    ),
    "desk-partner-absence-end": (
        lambda client, network: press(client, f"/absences/{absent(network).id}/end/"),
        "absence",
    ),
    "desk-partner-exclusion-add": (
        lambda client, network: press(
            client,
            f"/partners/{network.partner().id}/exclusions/add/",
            kind="SOURCE",
            value="fair",
        ),
        "exclusion",
    ),
    "desk-partner-exclusion-remove": (
        lambda client, network: press(client, f"/exclusions/{kept_from(network).id}/remove/"),
        "exclusion",
    ),
    "desk-material-add": (
        lambda client, _: send(
            client, "/set-up/materials/new/", title="Prices", kind="PRICE_LIST", file=pdf()
        ),
        "material material_version",
    ),
    "desk-material-edit": (
        lambda client, network: send(
            client, f"/set-up/materials/{published(network).id}/edit/", title="All prices"
        ),
        "material",
    ),
    "desk-material-replace": (
        lambda client, network: send(
            client, f"/set-up/materials/{published(network).id}/replace/", file=pdf()
        ),
        "material_version",
    ),
    "desk-material-withdraw": (
        lambda client, network: press(
            client, f"/set-up/materials/{published(network).id}/withdraw/"
        ),
        "material",
    ),
    "desk-material-version-end": (
        lambda client, network: press(
            client,
            f"/set-up/materials/versions/{version_of(published(network)).id}/end/",
            valid_until="2036-12-31",
        ),
        "material_version",
    ),
    "desk-line-add": (
        lambda client, _: send(client, "/set-up/add-product-line/", code="new", name="New"),
        "product_line",
    ),
    "desk-line": (
        lambda client, _: send(client, "/set-up/product-lines/boilers/", name="Others"),
        "product_line",
    ),
    "desk-level-add": (
        lambda client, _: send(client, "/set-up/add-level/", code="new", name="New", rank="9"),
        "level",
    ),
    "desk-level": (lambda client, _: send(client, "/set-up/levels/gold/", name="Best"), "level"),
    "desk-policy-add": (
        lambda client, _: send(client, "/set-up/policies/new/", name="Fair", source="fair"),
        "policy",
    ),
    "desk-policy": (
        lambda client, network: send(
            client, f"/set-up/policies/{default_policy(network).id}/", max_overdue_feedback="3"
        ),
        "policy",
    ),
    "desk-draft-edit": (
        lambda client, network: send(
            client,
            f"/set-up/policies/drafts/{draft_of(network).id}/edit/",
            max_overdue_feedback="3",
        ),
        "policy",
    ),
    "desk-draft-publish": (
        lambda client, network: press(
            client, f"/set-up/policies/drafts/{draft_of(network).id}/publish/"
        ),
        "policy",
    ),
    "desk-draft-discard": (
        lambda client, network: press(
            client, f"/set-up/policies/drafts/{draft_of(network).id}/discard/"
        ),
        "policy",
    ),
    "desk-working-hours": (
        lambda client, _: send(client, "/set-up/working-hours/", saturday="9-12"),
        "manufacturer",
    ),
    "desk-left-to-partners": (
        lambda client, _: send(client, "/set-up/left-to-partners/", own_radius_most="60"),
        "manufacturer",
    ),
    "desk-data-protection": (
        lambda client, _: send(client, "/set-up/data-protection/", months="12"),
        "manufacturer",
    ),
    "desk-duplicates-compared": (
        lambda client, _: press(client, "/leads/duplicates/compared/", days="7"),
        "manufacturer",
    ),
    "desk-invite": (
        lambda client, _: send(client, "/people/invite/", email="new@acme.example"),
        "invitation",
    ),
    "desk-invite-partner": (
        lambda client, network: send(
            client, "/people/invite-partner/", partner=network.partner().id, email="new@p.example"
        ),
        "invitation",
    ),
    "desk-invitation-again": (
        lambda client, network: press(client, f"/people/invitations/{invited(network).id}/again/"),
        "invitation",
    ),
    "desk-invitation-withdraw": (
        lambda client, network: press(
            client, f"/people/invitations/{invited(network).id}/withdraw/"
        ),
        "invitation",
    ),
    "desk-person-role": (
        lambda client, network: press(
            client, f"/people/{analyst(network).id}/role/", role="DISPATCHER"
        ),
        "membership",
    ),
    "desk-person-remove": (
        lambda client, network: press(client, f"/people/{analyst(network).id}/remove/"),
        "membership",
    ),
    "desk-single-sign-on": (
        lambda client, _: send(client, "/set-up/single-sign-on/", **PROVIDER),
        "single_sign_on",
    ),
    "desk-policy-off": (
        lambda client, network: press(client, f"/set-up/policies/{fair_of(network).id}/off/"),
        "policy",
    ),
    "desk-policy-on": (
        lambda client, network: press(client, f"/set-up/policies/{fair_of(network).id}/on/"),
        "policy",
    ),
    "desk-key-add": (
        lambda client, _: press(
            client, "/set-up/keys/new/", 200, name="CRM", scopes="leads:read", life="30"
        ),
        "api_key",
    ),
    "desk-key-rotate": (
        lambda client, network: press(
            client, f"/set-up/keys/{own_key(network).id}/rotate/", 200, overlap="7"
        ),
        "api_key",
    ),
    "desk-key-revoke": (
        lambda client, network: press(client, f"/set-up/keys/{own_key(network).id}/revoke/"),
        "api_key",
    ),
    "desk-webhook-add": (
        lambda client, _: press(
            client, "/set-up/webhooks/new/", 200, url=HOOK, event_types="lead.won"
        ),
        "webhook",
    ),
    "desk-webhook-edit": (
        lambda client, network: press(
            client, f"{hooked(network)}edit/", url=HOOK, event_types="lead.won"
        ),
        "webhook",
    ),
    "desk-webhook-rotate": (
        lambda client, network: press(client, f"{hooked(network)}rotate/", 200, overlap="7"),
        "webhook",
    ),
    "desk-webhook-off": (
        lambda client, network: press(client, f"{hooked(network)}off/"),
        "webhook",
    ),
    "desk-webhook-on": (
        lambda client, network: press(client, f"{hooked(network, is_on=False)}on/"),
        "webhook",
    ),
    "desk-webhook-remove": (
        lambda client, network: press(client, f"{hooked(network)}remove/"),
        "webhook",
    ),
    "desk-brand": (
        lambda client, _: press(
            client, "/set-up/brand/", text="Acme", color="#000000", ink="#ffffff"
        ),
        "manufacturer",
    ),
    "desk-single-sign-on-remove": (disconnect, "single_sign_on"),
    "desk-form-add": (
        lambda client, _: send(
            client,
            "/set-up/forms/new/",
            name="Home page",
            source="website",
            product_lines="boilers",
            title_de="Anfrage",
            consent_de="Ja.",
        ),
        "web_form consent_text",
    ),
    "desk-form": (
        lambda client, network: send(client, form_page(network), name="Fair", consent_en="New"),
        "web_form consent_text",
    ),
    "desk-form-close": (
        lambda client, network: press(client, f"{form_page(network)}close/"),
        "web_form",
    ),
    "desk-form-open": (
        lambda client, network: press(client, f"{form_page(network, is_open=False)}open/"),
        "web_form",
    ),
}


# Pages that only show, or change what happens to leads, or what somebody chose for themselves.
OTHER_PAGES = re.compile(
    r"partner-\w.*|desk-keys?|(account|mfa|openid_connect|usersessions)_.*|desk-leads?(-.*)?"
    r"|desk-customer-data|desk-messages?(-again)?|desk-duplicates|desk-described(-file)?"
    r"|desk-feedback-owed|desk-materials?|desk-material-file|desk-attachment|app-.*|link-.*"
    r"|desk-webhooks?|desk-webhook-(test|message|message-again)"
    r"|person-.*|home|health-.*|api-.*|desk-draft(-preview|-replay)?|desk-forms|form-.*"
    r"|desk-(cockpit|fairness|partners|partner|stats|figures|trends|set-up)(-.*)?"
    r"|desk-(changes|policies|people|replay)(-.*)?"
    # What an import changes, it changes afterwards, by ``save_partners``.
    r"|desk-(imports?|history|histories)(-.*)?"
)


def test_knows_every_page() -> None:
    names = {name for name in PATTERNS if name not in PAGES}

    assert {name for name in names if not OTHER_PAGES.fullmatch(name)} == set()


@pytest.mark.parametrize("name", PAGES)
def test_records_what_somebody_changes_on_a_page(name: str, network: Network) -> None:
    act, kind = PAGES[name]
    client = at_desk(network)
    if name in BEFORE:
        BEFORE[name](network)

    effect = effect_of(lambda: act(client, network))

    assert effect.tables
    own = [change for change in effect.changes if change.actor.startswith("user:")]
    assert {change.kind for change in own} == set(kind.split())
