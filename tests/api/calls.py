"""Every call of the API: its address, method and scope, and what makes it succeed."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from leadhub.core.tenancy.context import tenant_context
from leads.feedback import give_feedback, return_lead
from leads.models import Assignment
from leads.policies import publish_policy
from leads.replay.jobs import request_replay
from leads.routing import accept_offer
from leads.selectors import policies_visible_to
from leads.webhooks.log import send_test
from leads.webhooks.subscriptions import add_webhook
from partners.absences import add_absence
from partners.exclusions import add_exclusion
from partners.invitations import invite
from partners.keys import prefix_of
from partners.materials.publishing import Edition, add_material
from partners.models import ApiKey
from tests.acting import MANUFACTURER_SCOPES, PARTNER_SCOPES, member
from tests.api.calling import lead_body
from tests.factories import PDF, Network

if TYPE_CHECKING:
    from partners.models import Partner


# Addresses that need no key.
PUBLIC = {
    "home",
    "api-schema",
    "api-docs",
    "api-guide",
    "health-live",
    "health-ready",
    "health-timers",
    "health-metrics",
}


METHODS = ("get", "post", "put", "patch", "delete")


PARTNER = {"name": "Huber", "country": "DE", "postal_code": "80331", "email": "a@b.example"}


WAVES = [{"partners": 1, "response_window": 60}]


EDITION = {"content": b64encode(PDF).decode(), "file_name": "Prices.pdf", "language": "de"}


DOCUMENT = {**EDITION, "title": "Prices", "kind": "PRICE_LIST", "product_lines": ["heat-pumps"]}


HOOK = {"url": "https://hooks.example.com/leadhub"}


WHOLE_WAVES = [{**WAVES[0], "radius_km": None, "head_start": 0}]


class World:
    """A partner in Munich, the states that calls need, and the ids of what they made."""

    def __init__(self, network: Network, now: datetime) -> None:
        self.network, self.now = network, now
        self.open_lead = network.lead(at=now)
        self.partner: Partner = network.partner()
        self.ids = {"partner_id": str(self.partner.id), "external_id": "P/9", "code": "pumps"}

    def nothing(self) -> None:
        """The call needs no object."""

    def keyed(self) -> None:
        """A key of the partner."""
        token = self.network.key_for(self.partner)
        with tenant_context(self.network.manufacturer.id):
            self.ids["key_id"] = str(ApiKey.objects.get(prefix=prefix_of(token)).id)

    def held(self) -> None:
        """A lead that waits for a person."""
        self.ids["lead_id"] = str(self.network.lead(at=self.now, postal_code="00000").id)

    def staffed(self) -> None:
        """Somebody of the partner's."""
        colleague = member(self.network, "kim@roles.example", "PARTNER_REP", self.partner)
        self.ids["membership_id"] = str(colleague.id)

    def invited(self) -> None:
        """Somebody who has been invited."""
        asked = invite(email="kim@new.example", role="ANALYST", by=self.network.by, at=self.now)
        self.ids["invitation_id"] = str(asked.id)

    def opened(self) -> None:
        """A lead on the pick list."""
        self.ids["lead_id"] = str(self.open_lead.id)

    def offered(self) -> None:
        """A lead on offer to the partner."""
        lead = self.network.lead(at=self.now)
        (self.offer,) = self.network.offers(lead)
        self.ids |= {"lead_id": str(lead.id), "offer_id": str(self.offer.id)}

    def absent(self) -> None:
        """Days on which the partner is away."""
        first, last = (self.now.date() + timedelta(days=ahead) for ahead in (2, 5))
        absence = add_absence(
            partner=self.partner, first_day=first, last_day=last, by=self.network.by, at=self.now
        )
        self.ids["absence_id"] = str(absence.id)

    def kept_from(self) -> None:
        """A source whose leads are kept from the partner."""
        entry = add_exclusion(
            partner=self.partner, kind="SOURCE", value="press", by=self.network.by, at=self.now
        )
        self.ids["exclusion_id"] = str(entry.id)

    def published(self) -> None:
        """A document for selling."""
        edition = Edition(PDF, "Prices.pdf", "de", self.now.date())
        material = add_material(
            title="Prices",
            kind="PRICE_LIST",
            product_lines=["heat-pumps"],
            edition=edition,
            by=self.network.by,
            at=self.now,
        )
        with tenant_context(self.network.manufacturer.id):
            version = material.versions.get()
        self.ids |= {"material_id": str(material.id), "version_id": str(version.id)}

    def accepted(self) -> Assignment:
        """A lead in the partner's hands."""
        self.offered()
        by = self.network.actor_for(self.partner)
        assignment = accept_offer(offer=self.offer, by=by, at=self.now)
        self.ids["assignment_id"] = str(assignment.id)
        return assignment

    def lost(self) -> None:
        """A lead that the partner lost."""
        give_feedback(
            assignment=self.accepted(),
            status="LOST",
            reason="PRICE",
            by=self.network.actor_for(self.partner),
            at=self.now,
        )

    def drafted(self) -> None:
        """A policy that holds for nothing yet."""
        draft = publish_policy(
            name="Draft", waves=WHOLE_WAVES, is_draft=True, by=self.network.by, at=self.now
        )
        self.ids["policy_id"] = str(draft.id)

    def simulated(self) -> None:
        """A simulation that waits."""
        self.drafted()
        with tenant_context(self.network.manufacturer.id):
            draft = policies_visible_to(self.network.by).get(id=self.ids["policy_id"])
        replay = request_replay(policy=draft, leads=5, by=self.network.by, at=self.now)
        self.ids["replay_id"] = str(replay.id)

    def hooked(self) -> None:
        """A webhook, with a test on its way."""
        webhook, _ = add_webhook(url=HOOK["url"], by=self.network.by, at=self.now)
        message = send_test(webhook=webhook, by=self.network.by, at=self.now)
        self.ids |= {"webhook_id": str(webhook.id), "message_id": str(message.id)}

    def in_a_team(self) -> None:
        """A lead in the hands of a partner for which somebody works."""
        self.accepted()
        rep = member(self.network, "rep@people.example", "PARTNER_REP", self.partner)
        self.colleague = str(rep.user_id)

    def returned(self) -> None:
        """A lead that the partner gave back."""
        by = self.network.actor_for(self.partner)
        return_lead(assignment=self.accepted(), reason="OTHER", by=by, at=self.now)


class Call(NamedTuple):
    """One method of one address: the scope it needs, what it needs to succeed, what it answers.

    ``kinds`` names the kinds of keys it is for, as far as the scope leaves a choice.
    """

    url: str
    method: str
    scope: str
    arrange: Callable[[World], Any] = World.nothing
    body: Callable[[World], Any] = lambda _: None
    status: int = 200
    kinds: tuple[str, ...] = ("manufacturer", "partner")
    query: str = ""

    @property
    def callers(self) -> tuple[str, ...]:
        """The kinds of keys that may have the scope and may call."""
        having = {"manufacturer": MANUFACTURER_SCOPES, "partner": PARTNER_SCOPES}
        return tuple(kind for kind in self.kinds if self.scope in having[kind])


def tomorrow(world: World) -> dict[str, str]:
    return {"respond_by": f"{world.now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"}


def days_to_come(world: World) -> dict[str, str]:
    days = (world.now + timedelta(days=ahead) for ahead in (10, 20))
    return dict(zip(("first_day", "last_day"), (f"{day:%Y-%m-%d}" for day in days), strict=True))


def always(body: Any) -> Callable[[World], Any]:
    return lambda _: body


ONLY_PARTNER, ONLY_MANUFACTURER = ("partner",), ("manufacturer",)


CALLS = [
    Call("api-leads", "get", "leads:read"),
    Call("api-leads", "post", "leads:write", body=always(lead_body()), status=201),
    Call("api-leads-bulk", "post", "leads:write", body=always({"leads": [lead_body()]})),
    Call("api-lead", "get", "leads:read", World.accepted),
    Call("api-lead-events", "get", "leads:read", World.accepted),
    Call("api-events", "get", "leads:read", kinds=ONLY_MANUFACTURER),
    Call("api-lead-routing", "get", "leads:read", World.offered, kinds=ONLY_MANUFACTURER),
    Call(
        "api-lead-assign",
        "post",
        "leads:write",
        World.opened,
        lambda world: {"partner": world.ids["partner_id"]},
    ),
    Call("api-lead-withdraw", "post", "leads:write", World.offered),
    Call("api-lead-reroute", "post", "leads:write", World.offered),
    Call("api-lead-release", "post", "leads:write", World.held),
    Call("api-lead-reject", "post", "leads:write", World.held),
    Call(
        "api-lead-merge",
        "post",
        "leads:write",
        World.held,
        lambda world: {"into": str(world.open_lead.id)},
    ),
    Call("api-lead-erase", "post", "leads:write", World.accepted),
    Call(
        "api-customer-data",
        "post",
        "leads:read",
        body=always({"email": "erika@example.com"}),
        kinds=ONLY_MANUFACTURER,
    ),
    Call("api-lead-extend", "post", "leads:write", World.offered, tomorrow),
    Call("api-lead-reopen", "post", "leads:write", World.lost),
    Call(
        "api-lead-close",
        "post",
        "leads:write",
        World.accepted,
        always({"outcome": "LOST", "reason": "PRICE"}),
    ),
    Call(
        "api-lead-return-verdict",
        "post",
        "leads:write",
        World.returned,
        always({"lead_at_fault": False}),
    ),
    Call("api-offers", "get", "leads:read", kinds=ONLY_PARTNER),
    Call("api-offer", "get", "leads:read", World.offered, kinds=ONLY_PARTNER),
    Call("api-offer-accept", "post", "offers:act", World.offered),
    Call("api-offer-decline", "post", "offers:act", World.offered, always({"reason": "OTHER"})),
    Call("api-pick-list", "get", "leads:read", kinds=ONLY_PARTNER),
    Call("api-pick-list-pick", "post", "offers:act", World.opened),
    Call("api-assignments", "get", "leads:read", kinds=ONLY_PARTNER),
    Call("api-assignment", "get", "leads:read", World.accepted, kinds=ONLY_PARTNER),
    Call("api-assignment-contact", "post", "offers:act", World.accepted, always({"reached": True})),
    Call(
        "api-assignment-feedback",
        "post",
        "offers:act",
        World.accepted,
        always({"status": "REACHED"}),
    ),
    Call(
        "api-assignment-close",
        "post",
        "offers:act",
        World.accepted,
        always({"outcome": "WON", "value": "1.00"}),
    ),
    Call(
        "api-assignment-hand-over",
        "post",
        "offers:act",
        World.in_a_team,
        lambda world: {"user": world.colleague},
    ),
    Call(
        "api-assignment-return", "post", "offers:act", World.accepted, always({"reason": "OTHER"})
    ),
    Call("api-partners", "get", "partners:read"),
    Call(
        "api-partners",
        "post",
        "partners:write",
        body=always({**PARTNER, "external_id": "P-9"}),
        status=201,
    ),
    Call("api-partner", "get", "partners:read"),
    Call("api-partner", "patch", "partners:write", body=always({"status": "PAUSED"})),
    Call("api-partner-by-external-id", "put", "partners:write", body=always(PARTNER), status=201),
    Call("api-partner-keys", "post", "partners:write", body=always({"name": "CRM"}), status=201),
    Call(
        "api-partner-invitations",
        "post",
        "partners:write",
        body=always({"email": "kim@partner.example", "role": "PARTNER_REP"}),
        status=201,
    ),
    Call("api-users", "get", "partners:write"),
    Call(
        "api-users",
        "post",
        "partners:write",
        body=always({"email": "kim@acme.example", "role": "ANALYST"}),
        status=201,
    ),
    Call("api-user", "get", "partners:write", World.staffed),
    Call("api-user", "patch", "partners:write", World.staffed, always({"role": "PARTNER_MANAGER"})),
    Call("api-user", "delete", "partners:write", World.staffed, status=204),
    Call("api-users-invited", "get", "partners:write"),
    Call("api-user-invited", "delete", "partners:write", World.invited, status=204),
    Call("api-partner-absences", "get", "partners:read"),
    Call("api-partner-absences", "post", "partners:write", body=days_to_come, status=201),
    Call("api-partner-absence", "delete", "partners:write", World.absent, status=204),
    Call("api-partner-exclusions", "get", "partners:read"),
    Call(
        "api-partner-exclusions",
        "post",
        "partners:write",
        body=always({"kind": "SOURCE", "value": "fair"}),
        status=201,
    ),
    Call("api-partner-exclusion", "delete", "partners:write", World.kept_from, status=204),
    Call("api-keys", "get", "partners:write"),
    Call("api-keys", "post", "partners:write", body=always({"name": "CRM"}), status=201),
    Call("api-key", "get", "partners:write", World.keyed),
    Call("api-key", "delete", "partners:write", World.keyed, status=204),
    Call("api-key-rotate", "post", "partners:write", World.keyed, status=201),
    Call("api-materials", "get", "materials:read", World.published),
    Call("api-materials", "post", "partners:write", body=always(DOCUMENT), status=201),
    Call("api-material", "get", "materials:read", World.published),
    Call(
        "api-material", "patch", "partners:write", World.published, always({"title": "All prices"})
    ),
    Call("api-material", "delete", "partners:write", World.published, status=204),
    Call(
        "api-material-versions",
        "post",
        "partners:write",
        World.published,
        always(EDITION),
        status=201,
    ),
    Call("api-material-version", "get", "materials:read", World.published),
    Call(
        "api-material-version",
        "patch",
        "partners:write",
        World.published,
        always({"valid_until": "2036-12-31"}),
    ),
    Call("api-product-lines", "get", "partners:read"),
    Call("api-product-line", "put", "partners:write", body=always({"name": "Pumps"}), status=201),
    Call("api-levels", "get", "partners:read"),
    Call("api-level", "put", "partners:write", body=always({"name": "Top", "rank": 3}), status=201),
    Call("api-policies", "get", "partners:read"),
    Call(
        "api-policies",
        "post",
        "partners:write",
        body=always({"name": "Quick", "is_default": True, "waves": WAVES}),
        status=201,
    ),
    Call("api-policy", "get", "partners:read", World.drafted),
    Call(
        "api-policy",
        "put",
        "partners:write",
        World.drafted,
        body=always({"name": "Slow", "waves": WAVES}),
    ),
    Call("api-policy", "delete", "partners:write", World.drafted, status=204),
    Call("api-policy-publish", "post", "partners:write", World.drafted),
    Call(
        "api-policies-simulate",
        "post",
        "partners:write",
        body=always({"name": "Quick", "is_default": True, "waves": WAVES}),
        status=202,
    ),
    Call("api-policies-simulation", "get", "partners:read", World.simulated),
    Call("api-webhooks", "get", "webhooks:manage"),
    Call("api-webhooks", "post", "webhooks:manage", body=always(HOOK), status=201),
    Call("api-webhook", "get", "webhooks:manage", World.hooked),
    Call("api-webhook", "patch", "webhooks:manage", World.hooked, always({"name": "CRM"})),
    Call("api-webhook", "delete", "webhooks:manage", World.hooked, status=204),
    Call("api-webhook-rotate", "post", "webhooks:manage", World.hooked, status=201),
    Call("api-webhook-test", "post", "webhooks:manage", World.hooked, status=202),
    Call("api-webhook-messages", "get", "webhooks:manage", World.hooked),
    Call("api-webhook-message", "get", "webhooks:manage", World.hooked),
    Call("api-webhook-message-replay", "post", "webhooks:manage", World.hooked, status=202),
    Call("api-kpis-read", "get", "kpis:read", query="?from=2026-03-01&to=2026-04-01"),
    Call("api-kpis-catalogue", "get", "kpis:read"),
    Call("api-history-import", "post", "leads:write", body=always([])),
]


OBJECTS = {
    "policy_id", "replay_id", "lead_id", "offer_id", "assignment_id", "partner_id", "key_id",
    "membership_id", "invitation_id", "absence_id", "exclusion_id",
    "material_id", "version_id", "webhook_id", "message_id",
}  # fmt: skip


# Objects that every partner of a network may see.
SHARED = {"material_id", "version_id"}


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


PATTERNS = {pattern.name or str(pattern.pattern): pattern for pattern in patterns(get_resolver())}


def path_of(call: Call, ids: dict[str, str]) -> tuple[str, bool]:
    """The path, and whether it names an object."""
    names = PATTERNS[call.url].pattern.converters.keys()
    path = reverse(call.url, kwargs={name: ids[name] for name in names})
    return path.removeprefix("/api/v1/") + call.query, bool(OBJECTS & names)
