"""Every change of the set-up and of rights leaves a record, whichever way it is made.

Every changing call of the API and every form of a page is sent; what it made of the tables of the
set-up is compared with what it recorded. An address that is not listed fails, and so does a table.
What no address reaches is found in the code: whoever writes such a table has to record it.
"""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction
from django.test import Client

import kpis
import leads
import partners
from leadhub.core import clock
from leadhub.core.actors import system_actor
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.models import RoutingPolicy
from leads.policies import publish_policy, switch_policy_off
from partners.absences import add_absence
from partners.changes import record_change
from partners.exclusions import add_exclusion
from partners.invitations import accept_as_new, invite
from partners.models import Absence, ApiKey, Exclusion, Invitation, Membership, SetUpChange
from partners.single_sign_on import save_connection
from tests.acting import member
from tests.api.calling import Api
from tests.api.test_access import CALLS, PATTERNS, Call, World, path_of
from tests.contracts.catalogue import ask, tell, tenant_tables
from tests.factories import NOON, Network
from tests.pages.desks import at_desk, form_of, read
from tests.people.letters import letters_to, link_in

pytestmark = pytest.mark.django_db

# Tables that somebody sets up; the others hold what happened, or what follows from these.
SET_UP = {
    "leads_routingpolicy",
    "partners_absence",
    "partners_apikey",
    "partners_certification",
    "partners_certificationlevel",
    "partners_exclusion",
    "partners_invitation",
    "partners_manufacturer",
    "partners_membership",
    "partners_partner",
    "partners_portfolioitem",
    "partners_productline",
    "partners_servicearea",
    "partners_singlesignon",
}
NOT_SET_UP = {
    "core_delivery",
    "core_idempotentanswer",
    "leads_assignment",
    "leads_lead",
    "leads_leadconsent",
    "leads_leadcontact",
    "leads_leaddisclosure",
    "leads_leadevent",
    "leads_leadfeedback",
    "leads_leadoffer",
    "leads_leadproductline",
    "leads_leadsearch",
    "leads_logcheckpoint",
    "leads_missedmonth",
    "leads_partnerperformance",
    "leads_partnerstanding",
    "leads_replay",
    "leads_wave",
    "partners_coveragecode",
    "partners_portfoliotally",
    "partners_setupchange",
    "partners_user",
}
# Columns that note a use; nobody set them.
NOTED = ("last_used_at",)
# Calls of the API that change the set-up: the control that a change is seen at all.
CHANGING_CALLS = {
    ("api-partners", "post"),
    ("api-partner", "patch"),
    ("api-partner-by-external-id", "put"),
    ("api-partner-absences", "post"),
    ("api-partner-absence", "delete"),
    ("api-partner-exclusions", "post"),
    ("api-partner-exclusion", "delete"),
    ("api-partner-invitations", "post"),
    ("api-partner-keys", "post"),
    ("api-users", "post"),
    ("api-user", "patch"),
    ("api-user", "delete"),
    ("api-user-invited", "delete"),
    ("api-keys", "post"),
    ("api-key", "delete"),
    ("api-key-rotate", "post"),
    ("api-product-line", "put"),
    ("api-level", "put"),
    ("api-policies", "post"),
    ("api-policy", "delete"),
    ("api-policy-publish", "post"),
    ("api-policies-simulate", "post"),
}

Rows = dict[tuple[str, str], str]


def set_up_rows() -> Rows:
    """A digest of every row of the set-up, whoever's it is."""
    rows: Rows = {}
    noted = "{" + ",".join(NOTED) + "}"
    with system_context("test.set_up_rows"):
        for table in SET_UP:
            for key, digest in ask(
                f"SELECT id, md5((to_jsonb(t) - %s::text[])::text) FROM {table} t", noted
            ):
                rows[table, str(key)] = digest
    return rows


def recorded() -> list[SetUpChange]:
    with system_context("test.recorded"):
        return list(SetUpChange.objects.order_by("recorded_at", "id"))


class Effect(NamedTuple):
    """What a request made of the set-up, and what it recorded."""

    tables: set[str]
    changes: list[SetUpChange]


def effect_of(act: Callable[[], object]) -> Effect:
    rows, known = set_up_rows(), {change.id for change in recorded()}
    act()
    tables = {table for (table, _), _ in rows.items() ^ set_up_rows().items()}
    return Effect(tables, [change for change in recorded() if change.id not in known])


def test_sorts_every_table() -> None:
    assert set(tenant_tables()) | {"partners_manufacturer", "partners_user"} == SET_UP | NOT_SET_UP
    assert set() == SET_UP & NOT_SET_UP


CHANGING = [call for call in CALLS if call.method != "get"]


@pytest.mark.parametrize("call", CHANGING, ids=lambda call: f"{call.method} {call.url}")
def test_records_what_a_program_changes(call: Call, network: Network, now: datetime) -> None:
    world = World(network, now)
    call.arrange(world)
    path, _ = path_of(call, world.ids)
    is_manufacturer = "manufacturer" in call.callers
    api = Api(network.api_key if is_manufacturer else network.key_for(world.partner))

    effect = effect_of(lambda: api.call(call.method.upper(), path, call.body(world)))

    assert bool(effect.tables) == ((call.url, call.method) in CHANGING_CALLS)
    assert bool(effect.changes) == bool(effect.tables)
    assert {change.actor.partition(":")[0] for change in effect.changes} <= {"key"}
    assert {change.manufacturer_id for change in effect.changes} <= {network.manufacturer.id}


@pytest.fixture
def now() -> datetime:
    """The present, for leads whose offers have to be open."""
    return clock.now()


def send(client: Client, address: str, **changes: Any) -> None:
    """Send the form that stands on a page, with some fields changed."""
    sent = form_of(read(client, address)) | changes
    response = client.post(address, sent)
    assert response.status_code == 302, response.content.decode()


def default_policy(network: Network) -> RoutingPolicy:
    with tenant_context(network.manufacturer.id):
        return RoutingPolicy.objects.get(is_active=True)


def pause(client: Client, network: Network) -> None:
    partner = network.partner()
    assert client.post(f"/partners/{partner.id}/status/", {"status": "PAUSED"}).status_code == 302


PROVIDER = {
    "issuer": "https://login.example.com",
    "client_id": "leadhub",
    "secret": "kept-to-ourselves",
    "domain": "acme.example",
}


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


def invited(network: Network) -> Invitation:
    # Yesterday, so that a new link is valid for longer.
    at = clock.now() - timedelta(days=1)
    return invite(email="new@acme.example", role="ANALYST", by=network.by, at=at)


def analyst(network: Network) -> Membership:
    return member(network, "analyst@acme.example", "ANALYST")


def connected(network: Network) -> None:
    save_connection(**PROVIDER, by=network.by, at=clock.now())


def disconnect(client: Client, network: Network) -> None:
    press(client, "/set-up/single-sign-on/remove/")


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
    "desk-brand": (
        lambda client, _: press(
            client, "/set-up/brand/", text="Acme", color="#000000", ink="#ffffff"
        ),
        "manufacturer",
    ),
    "desk-single-sign-on-remove": (disconnect, "single_sign_on"),
}
# Pages that only show, or change what happens to leads, or what somebody chose for themselves.
OTHER_PAGES = re.compile(
    r"partner-\w.*|desk-keys?|(account|mfa|openid_connect|usersessions)_.*|desk-leads?(-.*)?"
    r"|desk-customer-data|desk-messages?(-again)?|desk-duplicates|desk-described(-file)?"
    r"|desk-feedback-owed"
    r"|person-.*|home|health-.*|api-.*|desk-draft(-preview|-replay)?"
    r"|desk-(cockpit|fairness|partners|partner|stats|figures|trends|set-up)(-.*)?"
    r"|desk-(changes|policies|people|replay)(-.*)?"
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
    assert {change.kind for change in own} == {kind}


def test_records_how_a_tenant_begins(db: None) -> None:
    effect = effect_of(lambda: Network("acme"))

    kinds = {change.kind for change in effect.changes}
    assert kinds >= {"manufacturer", "membership", "policy", "api_key", "product_line", "level"}


def test_records_whom_somebody_lets_act(network: Network) -> None:
    effect = effect_of(lambda: member(network, "new@acme.example", "ANALYST"))
    again = effect_of(lambda: member(network, "new@acme.example", "ADMIN"))
    same = effect_of(lambda: member(network, "new@acme.example", "ADMIN"))

    assert [change.after for change in effect.changes] == [
        {"role": "ANALYST", "email": "new@acme.example"}
    ]
    assert [(c.before, c.after) for c in again.changes] == [
        ({"role": "ANALYST"}, {"role": "ADMIN"})
    ]
    assert same == Effect(set(), [])


def test_records_only_what_differs(network: Network) -> None:
    partner = network.partner(name="Meier", regions=("DE-BY", "DE-HH"))

    same = effect_of(
        lambda: network.partner(
            external_id=partner.external_id,
            name="Meier",
            regions=("DE-HH", "DE-BY"),
            email=partner.email,
        )
    )
    other = effect_of(
        lambda: network.partner(
            external_id=partner.external_id, name="Maier", email=partner.email, radius_km=60.0
        )
    )

    assert same.changes == []
    (change,) = other.changes
    assert change.before == {"name": "Meier", "radius_km": 50.0, "regions": ["DE-BY", "DE-HH"]}
    assert change.after == {"name": "Maier", "radius_km": 60.0, "regions": []}


def test_leaves_no_record_of_what_was_rolled_back(network: Network) -> None:
    def undo() -> None:
        with transaction.atomic():
            network.partner()
            transaction.set_rollback(True)

    assert effect_of(undo) == Effect(set(), [])


def test_refuses_to_record_a_secret(network: Network) -> None:
    by = system_actor(network.manufacturer.id, "test")
    for name in ("secret", "api_token", "Password", "secret_digest"):
        with pytest.raises(ValueError, match="secret"):
            record_change(by=by, kind="api_key", key=new_id(), name="x", after={name: "x"})


def test_records_that_somebody_accepted_themselves(network: Network) -> None:
    invite(email="new@acme.example", role="ANALYST", by=network.by, at=clock.now())
    (letter,) = letters_to("new@acme.example")
    token = link_in(letter).strip("/").rpartition("/")[2]

    effect = effect_of(
        lambda: accept_as_new(token=token, name="New", password="a-long-one", at=clock.now())
    )

    known = {change.kind: change for change in effect.changes}
    assert known.keys() == {"membership", "invitation"}
    assert len({change.actor for change in effect.changes}) == 1
    assert effect.changes[0].actor.startswith("user:")
    assert known["invitation"].before == {"accepted_at": None}


def test_records_that_a_provider_has_another_secret_but_not_which(network: Network) -> None:
    connected(network)

    same = effect_of(
        lambda: save_connection(**PROVIDER | {"secret": ""}, by=network.by, at=clock.now())
    )
    other = effect_of(
        lambda: save_connection(**PROVIDER | {"secret": "newer"}, by=network.by, at=clock.now())
    )

    assert same.changes == []
    assert [set(change.after or {}) for change in other.changes] == [{"renewed_at"}]


def test_never_holds_a_key_or_a_password(network: Network) -> None:
    key = network.key_for(network.partner())
    connected(network)

    with system_context("test"):
        told = str(ask("SELECT string_agg(t::text, ' ') FROM partners_setupchange t"))

    assert key.rpartition("_")[2] not in told
    assert PROVIDER["secret"] not in told
    assert "digest" not in told


@pytest.mark.parametrize(
    "change",
    ["UPDATE partners_setupchange SET actor = 'x'", "DELETE FROM partners_setupchange"],
)
def test_refuses_to_change_what_was_recorded(network: Network, change: str) -> None:
    with (
        tenant_context(network.manufacturer.id),
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
    ):
        tell(change)


# Functions that write a table of the set-up and need not record it: name -> why.
UNRECORDED = {
    "partners.portfolio_index.carry_absences": "follows from what its callers record",
    "partners.portfolio_index.rebuild_portfolio": "follows from what its callers record",
}
WRITES = re.compile(
    r"create|update|delete|save|bulk_create|bulk_update|get_or_create|update_or_create"
)
INTERFACES = ("migrations", "models", "management", "urls", "templatetags")


def test_records_wherever_a_table_of_the_set_up_is_written() -> None:
    """In the code: a public function that comes to write one has to come to record it, too."""
    silent = set(_writers(recording=False))

    assert silent == UNRECORDED.keys()
    assert {"partners.network.save_partner", "leads.policies.publish_policy"} <= set(
        _writers(recording=True)
    )


def _writers(*, recording: bool) -> Iterator[str]:
    models = {model.__name__ for model in apps.get_models() if model._meta.db_table in SET_UP}
    for app in (partners, leads, kpis):
        root = Path(app.__path__[0])
        for file in sorted(root.rglob("*.py")):
            if set(file.relative_to(root).parts[:-1]) & set(INTERFACES):
                continue
            module = ".".join((app.__name__, *file.relative_to(root).with_suffix("").parts))
            found = _writers_in(file.read_text(), models, recording=recording)
            yield from (f"{module}.{name}" for name in found)


def _writers_in(source: str, models: set[str], *, recording: bool) -> Iterator[str]:
    functions = {
        node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)
    }
    for name, function in functions.items():
        if name.startswith("_"):
            continue
        reached = _reached(function, functions)
        writes = any(_writes(one, models) for one in reached)
        records = any("record_change" in _called(one) for one in reached)
        if writes and records == recording:
            yield name


def _reached(
    function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]
) -> list[ast.FunctionDef]:
    found, waiting = [function], [function]
    while waiting:
        for name in _called(waiting.pop()):
            called = functions.get(name)
            if called is not None and called not in found:
                found.append(called)
                waiting.append(called)
    return found


def _called(function: ast.FunctionDef) -> set[str]:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {call.id for call in calls if isinstance(call, ast.Name)}


def _writes(function: ast.FunctionDef, models: set[str]) -> bool:
    """Whether ``Model.objects....create(...)`` and the like stand in a function."""
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if WRITES.fullmatch(node.func.attr):
            names = {part.id for part in ast.walk(node.func) if isinstance(part, ast.Name)}
            if names & models:
                return True
    return False
