"""Two manufacturers with competing partners, and how to find in an answer what is not for them.

Whatever a read answers is told apart into its values, each with the place where it stands, such as
``Lead.partner_id``. The secrets of a reader are the keys of all rows that are none of its business
and the words of customers it does not serve; found in a value, they are a leak at its place.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet

from leadhub.core.actors import Actor
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.feedback import give_feedback
from leads.models import Lead, LeadContact
from partners.models import Manufacturer, Partner
from tests.acting import HOUR, member, run_out
from tests.contracts.catalogue import World, ask, make_world, tenant_tables
from tests.factories import NOON

# What a manufacturer keeps for itself; a table that is missing here has to say whose its rows are.
MANUFACTURERS_OWN = frozenset(
    {
        "core_delivery",
        "core_idempotentanswer",
        "leads_bulkdeed",
        "leads_consenttext",
        "leads_leadconsent",
        "leads_leadsearch",
        "leads_logcheckpoint",
        "leads_openingview",
        "leads_replay",
        "leads_routingpolicy",
        "leads_savedview",
        "leads_webform",
        "leads_partnerperformance",
        "leads_wave",
        "leads_webhook",
        "leads_webhookattempt",
        "leads_webhookstanding",
        "partners_exclusion",
        "partners_apikey",
        "partners_import",
        "partners_importfile",
        "partners_importpart",
        "partners_importrow",
        "partners_singlesignon",
        "partners_portfoliotally",
        "partners_setupchange",
    }
)
# What every partner of a network may know, whose keys therefore are no secrets.
NETWORKS_OWN = frozenset(
    {
        "partners_productline",
        "partners_certificationlevel",
        "partners_material",
        "partners_materialproductline",
        "partners_materialversion",
    }
)
# Its rows are hidden, but each lead says by the rules of which it was offered.
KEYS_ARE_NAMED = frozenset({"leads_routingpolicy"})
MANY = (Mapping, QuerySet, list, tuple, set, frozenset)


class Told(NamedTuple):
    """A value of an answer, and where it stands."""

    place: str
    text: str


@dataclass(frozen=True)
class Competition:
    """A world with an open lead that both partners may pick, and customers of one word each."""

    world: World
    open: Lead

    @property
    def tenant(self) -> UUID:
        """The manufacturer's id."""
        return self.world.tenant

    @property
    def staff(self) -> Actor:
        """The manufacturer's side."""
        return Actor(self.tenant, "user:staff")

    @property
    def holder(self) -> Actor:
        """The partner that was faster."""
        return self.world.network.actor_for(self.world.holder)

    @property
    def loser(self) -> Actor:
        """The partner that was asked and lost."""
        return self.world.network.actor_for(self.world.asked)


def compete(slug: str) -> Competition:
    """Let two partners of a new network compete, with somebody working for each."""
    world = make_world(slug)
    member(world.network, f"rep@loser.{slug}.example", "PARTNER_REP", world.asked)
    unanswered = world.network.lead(external_id=f"{slug}-open")
    run_out(unanswered)
    world.network.compare_within(30)
    world.network.lead(external_id=f"{slug}-again")
    give_feedback(
        assignment=world.direct,
        status="LOST",
        reason="PRICE",
        by=world.network.actor_for(world.holder),
        at=NOON + HOUR,
    )
    with tenant_context(world.tenant):
        for contact in LeadContact.objects.all():
            word = word_of(contact.lead_id)
            contact.email = contact.email_as_sent = f"{word}@example.com"
            contact.last_name = contact.wish = word
            contact.save()
    return Competition(world, world.network.again(unanswered))


def word_of(lead_id: UUID) -> str:
    """What the customer of a lead and nobody else is called."""
    return f"canary{lead_id.hex}"


def secrets_from(actor: Actor | None, *competitions: Competition) -> frozenset[str]:
    """List what somebody must not be told; ``None`` is nobody, who must be told nothing."""
    found: set[str] = set()
    with system_context("test.secrets"):
        for one in competitions:
            is_own = actor is not None and actor.manufacturer_id == one.tenant
            if not is_own:
                found |= set(_all_of(one))
            elif actor is not None and actor.partner_id is not None:
                found |= set(_not_for_partner(one, actor.partner_id))
    return frozenset(found)


def _all_of(one: Competition) -> Iterator[str]:
    yield str(one.tenant)
    for table in tenant_tables():
        yield from _keys(table, "manufacturer_id = %s", one.tenant)
    yield from (
        word_of(lead_id)
        for lead_id in Lead.objects.filter(manufacturer=one.tenant).values_list("id", flat=True)
    )


def _not_for_partner(one: Competition, partner_id: UUID) -> Iterator[str]:
    others = Partner.objects.filter(manufacturer=one.tenant).exclude(id=partner_id)
    yield from (str(other) for other in others.values_list("id", flat=True))
    for table in sorted(MANUFACTURERS_OWN - KEYS_ARE_NAMED):
        yield from _keys(table, "manufacturer_id = %s", one.tenant)
    for (table,) in ask(_WITH_PARTNER):
        if table != "leads_lead" and table not in MANUFACTURERS_OWN:
            where = "manufacturer_id = %s AND partner_id <> %s"
            yield from _keys(table, where, one.tenant, partner_id)
    for table in ("leads_leadfeedback", "leads_leadnote", "leads_reminder"):
        yield from _keys(
            table,
            "manufacturer_id = %s AND assignment_id IN"
            " (SELECT id FROM leads_assignment WHERE partner_id <> %s)",
            one.tenant,
            partner_id,
        )
    for lead in Lead.objects.filter(manufacturer=one.tenant):
        if lead.partner_id != partner_id:
            yield word_of(lead.id)
        if not _is_or_was_asked(lead, partner_id) and lead != one.open:
            yield str(lead.id)


def _is_or_was_asked(lead: Lead, partner_id: UUID) -> bool:
    return (
        lead.offers.filter(partner=partner_id).exists()
        or lead.assignments.filter(partner=partner_id).exists()
    )


_WITH_PARTNER = """
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'partner_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""


def _keys(table: str, where: str, *parameters: Any) -> Iterator[str]:
    """The keys of rows that are a row's own; one that is shared names another row."""
    ((column,),) = ask(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a"
        " ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
        " WHERE i.indisprimary AND i.indrelid = %s::regclass",
        table,
    )
    if column == "id":
        yield from (
            str(key) for (key,) in ask(f"SELECT id FROM {table} WHERE {where}", *parameters)
        )


def tenant_models() -> list[type[Model]]:
    """Every model of which a tenant has rows of its own."""
    tables = set(tenant_tables())
    special = {Manufacturer, get_user_model()}
    return sorted(
        (m for m in apps.get_models() if m._meta.db_table in tables or m in special),
        key=lambda model: model._meta.db_table,
    )


def tell_apart(answer: Any, place: str = "") -> Iterator[Told]:
    """Tell every value of an answer, however deep it stands; every row once."""
    yield from _tell(answer, place, set())


def _tell(answer: Any, place: str, seen: set[int]) -> Iterator[Told]:
    if isinstance(answer, Model):
        yield from _tell_row(answer, seen)
    elif is_dataclass(answer) and not isinstance(answer, type):
        for field in fields(answer):
            name = f"{type(answer).__name__}.{field.name}"
            yield from _tell(getattr(answer, field.name), name, seen)
    elif isinstance(answer, MANY):
        for value in answer.items() if isinstance(answer, Mapping) else answer:
            yield from _tell(value, place, seen)
    elif answer is not None:
        yield Told(place, _as_text(answer))


def _tell_row(row: Model, seen: set[int]) -> Iterator[Told]:
    """Tell the columns of a row, what was annotated, and the rows that were read with it."""
    if id(row) in seen:
        return
    seen.add(id(row))
    for attribute, value in list(vars(row).items()):
        if attribute == "_state":
            yield from _tell(list(value.fields_cache.values()), "", seen)
        elif attribute == "_prefetched_objects_cache":
            yield from _tell(list(value.values()), "", seen)
        else:
            yield from _tell(value, f"{type(row).__name__}.{attribute}", seen)


def _as_text(value: Any) -> str:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return str(value)


def leaking(told: Iterable[Told], secrets: Iterable[str]) -> set[str]:
    """Name the places at which a secret was told."""
    secrets = tuple(secrets)
    return {one.place for one in told if any(secret in one.text for secret in secrets)}
