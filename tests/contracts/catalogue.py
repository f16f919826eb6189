"""What the database says of itself, and a world with a row in every tenant's table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from kpis.comparing import compare_network
from leadhub.core.ids import new_id
from leadhub.core.models import Delivery, IdempotentAnswer
from leadhub.core.tenancy.context import PRESENT_KEY, system_context, tenant_context
from leads.attachments import add_attachment
from leads.bulk import begin_deed
from leads.disclosures import note_disclosures
from leads.dispatch import assign_lead
from leads.feedback import give_feedback
from leads.intake import Consent
from leads.missed_months import count_due_months
from leads.models import Assignment, Lead, LeadEvent, LogCheckpoint, WebhookAttempt
from leads.notes import add_note
from leads.performance import refresh_performance
from leads.reminders import set_reminder
from leads.replay.jobs import request_replay
from leads.saved_views import open_with, save_view
from leads.selectors import policies_visible_to
from leads.web_forms import FormDetails, FormText, create_web_form
from leads.webhooks.subscriptions import add_webhook
from partners.absences import add_absence
from partners.exclusions import add_exclusion
from partners.invitations import invite
from partners.materials.opening import open_version
from partners.materials.publishing import Edition, add_material
from partners.memberships import actor_of
from partners.models import ApiKey, Import, ImportFile, ImportPart, ImportRow, Partner
from partners.network import CertificationDetails
from partners.notices import Wishes, keep_wishes
from partners.single_sign_on import save_connection
from tests.acting import DAY, MINUTE, accept, holder_of, member
from tests.factories import NOON, PDF, Network

TENANT_TABLES = """
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'manufacturer_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    ORDER BY c.relname
"""


def ask(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run a query and give its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def tell(sql: str, *parameters: Any) -> int:
    """Run a statement and give the number of rows that it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        changed: int = cursor.rowcount
    return changed


@contextmanager
def unguarded() -> Iterator[None]:
    """Let statements without a context reach the database, to see what it makes of them."""
    guards = connection.execute_wrappers
    connection.execute_wrappers = []
    try:
        yield
    finally:
        connection.execute_wrappers = guards


@contextmanager
def key_presented(prefix: str) -> Iterator[None]:
    """Look at what whoever presents a key may see before its secret has been checked."""
    ask(PRESENT_KEY, prefix)
    try:
        with unguarded():
            yield
    finally:
        ask(PRESENT_KEY, "")


def tenant_tables() -> list[str]:
    """Every table whose rows belong to a tenant."""
    return [table for (table,) in ask(TENANT_TABLES)]


def tenants_seen(table: str) -> set[UUID]:
    """The tenants whose rows of a table are visible now."""
    return {tenant for (tenant,) in ask(f"SELECT DISTINCT manufacturer_id FROM {table}")}


@dataclass(frozen=True)
class World:
    """A network whose every table has rows: leads on offer, in hands, held and on the pick list.

    :ivar offered: to ``asked`` and to others, answered by nobody.
    :ivar held: in the hands of ``holder``, with feedback.
    """

    network: Network
    asked: Partner
    holder: Partner
    offered: Lead
    held: Lead
    assignment: Assignment
    unplaced: Lead
    direct: Assignment

    @property
    def tenant(self) -> UUID:
        """The manufacturer's id."""
        return self.network.manufacturer.id


def make_world(slug: str) -> World:
    """Write at least one row into every table of a tenant."""
    network = Network(slug)
    network.policy({"partners": 2})
    certified: dict[str, Any] = {
        "regions": ("DE-BY",),
        "certifications": (CertificationDetails("gold"),),
        "product_lines": ("heat-pumps", "boilers"),
    }
    asked, holder = network.partner(**certified), network.partner(**certified)
    lead = network.lead(consent=Consent("2026-01", NOON, "web form"))
    offer = next(o for o in network.offers(lead) if o.partner_id == holder.id)
    assignment = accept(offer)
    give_feedback(
        assignment=assignment,
        status="REACHED",
        by=holder_of(assignment),
        at=NOON + 2 * MINUTE,
    )
    _keep_with(assignment)
    unplaced = network.lead(postal_code="20095")
    assigned = network.lead(postal_code="20095")
    direct = assign_lead(lead=assigned, partner=holder, by=network.by, at=NOON)
    rep = member(network, f"rep@{slug}.example", "PARTNER_REP", holder)
    _look_at_the_board(network, slug, lead)
    keep_wishes(user_id=rep.user_id, wishes=Wishes())
    for partner in (asked, holder, None):
        role = "ANALYST" if partner is None else "PARTNER_REP"
        invite(email=f"new@{slug}.example", role=role, partner=partner, by=network.by, at=NOON)
    for partner in (asked, holder):
        add_absence(
            partner=partner,
            first_day=NOON.date() + 30 * DAY,
            last_day=NOON.date() + 40 * DAY,
            by=network.by,
            at=NOON,
        )
    add_exclusion(partner=asked, kind="SOURCE", value=f"fair of {slug}", by=network.by, at=NOON)
    edition = Edition(PDF, "Prices.pdf", "de", NOON.date())
    material = add_material(
        title=f"Prices of {slug}",
        kind="PRICE_LIST",
        product_lines=["heat-pumps"],
        edition=edition,
        by=network.by,
        at=NOON,
    )
    with tenant_context(network.manufacturer.id):
        version = material.versions.get()
    for partner in (asked, holder):
        open_version(version=version, by=network.actor_for(partner), at=NOON)
    add_attachment(
        assignment=assignment,
        content=PDF,
        file_name="Plan.pdf",
        by=holder_of(assignment),
        at=NOON + 2 * MINUTE,
    )
    save_connection(
        issuer="https://login.example",
        client_id="leadhub",
        secret="secret",
        domain=f"{slug}.example",
        by=network.by,
        at=NOON,
    )
    offered = network.lead(required_certification="gold")
    _make_a_form(network)
    _keep_an_answer(network)
    _keep_a_checkpoint(network)
    _ask_for_a_replay(network)
    _import_files(network)
    count_due_months(at=NOON)
    refresh_performance(at=NOON + DAY)
    compare_network(network.manufacturer, at=NOON + DAY)
    _give_a_message_up(network)
    _tell_a_webhook(network, lead)
    with tenant_context(network.manufacturer.id):
        note_disclosures([lead.id], by=holder_of(assignment), at=NOON + MINUTE)
    return World(network, asked, holder, offered, lead, assignment, unplaced, direct)


def _look_at_the_board(network: Network, slug: str, lead: Lead) -> None:
    desk = actor_of(member(network, f"desk@{slug}.example", "DISPATCHER"))
    with tenant_context(network.manufacturer.id):
        name = f"View of {slug}"
        view = save_view(name=name, asked={"source": "website"}, is_shared=True, by=desk)
        open_with(view=view, by=desk)
    begin_deed(deed_id=new_id(), verb="withdraw", lead_ids=[lead.id], by=desk, at=NOON)


def _keep_with(assignment: Assignment) -> None:
    by, at = holder_of(assignment), NOON + 2 * MINUTE
    add_note(assignment=assignment, text="in their own words", by=by, at=at)
    set_reminder(assignment=assignment, due_at=NOON + 300 * DAY, text="theirs", by=by, at=at)


def _make_a_form(network: Network) -> None:
    slug = network.manufacturer.slug
    text = FormText(f"Ask {slug}", "Before", f"Agreed with {slug}", "Thanks")
    details = FormDetails(
        name=f"Form of {slug}",
        product_lines=["heat-pumps"],
        country="DE",
        asks=["email"],
        texts={"en": text},
        sites=[f"https://{slug}.example"],
    )
    create_web_form(details=details, source="website", by=network.by, at=NOON)


def _keep_an_answer(network: Network) -> None:
    with tenant_context(network.manufacturer.id):
        key = ApiKey.objects.get()
        IdempotentAnswer.objects.create(
            manufacturer_id=network.manufacturer.id,
            api_key_id=key.id,
            key="once",
            request_digest=b"0" * 32,
            status=201,
            body=b"{}",
            created_at=NOON,
        )


def _ask_for_a_replay(network: Network) -> None:
    with tenant_context(network.manufacturer.id):
        holding, *others = policies_visible_to(network.by).order_by("-version")
        against = others[0] if others else holding
        request_replay(policy=holding, against=against, leads=5, by=network.by, at=NOON)


def _import_files(network: Network) -> None:
    """Keep a file of either kind, of which a row is refused and nothing stored yet."""
    own = {"manufacturer_id": network.manufacturer.id}
    with tenant_context(network.manufacturer.id):
        for kind in Import.Kind.values:
            job = Import.objects.create(
                **own,
                kind=kind,
                status=Import.Status.CHECKED,
                upload_key=new_id(),
                file_name=f"{network.manufacturer.slug}.csv",
                columns=["number", "name"],
                mapping={"columns": ["external_id", "name"], "country": "DE"},
                total=1,
                done=1,
                counts={"REFUSED": 1},
                created_at=NOON,
                worked_at=NOON,
                ordered_by=network.by.label,
            )
            ImportFile.objects.create(**own, job=job, content=b"number;name")
            ImportPart.objects.create(**own, job=job, number=0, rows=[[2, ["1", "Huber"]]])
            ImportRow.objects.create(
                **own, job=job, line=2, key="1", verdict="REFUSED", cells=["1", "Huber"]
            )


def _give_a_message_up(network: Network) -> None:
    with tenant_context(network.manufacturer.id):
        first = Delivery.objects.order_by("id").values("id")[:1]
        Delivery.objects.filter(id__in=first).update(failed_at=NOON, last_error="server_away")


def _tell_a_webhook(network: Network, lead: Lead) -> None:
    host = f"hooks.{network.manufacturer.slug}.example"
    webhook, _ = add_webhook(url=f"https://{host}/", by=network.by, at=NOON)
    with tenant_context(network.manufacturer.id):
        event = LeadEvent.objects.get(lead=lead, sequence=1)
        message = Delivery.objects.create(
            manufacturer_id=network.manufacturer.id,
            event_id=event.id,
            channel=Delivery.Channel.WEBHOOK,
            kind=event.type,
            recipient=f"webhook:{webhook.id}",
            subject_id=lead.id,
            dedupe=f"webhook:{webhook.id}:{event.id}",
            due_at=NOON,
            done_at=NOON,
        )
        WebhookAttempt.objects.create(
            manufacturer_id=network.manufacturer.id,
            webhook=webhook,
            message=message.id,
            lead=lead,
            at=NOON,
            took_ms=20,
            status=200,
            answer=f"thanks from {host}",
        )


def _keep_a_checkpoint(network: Network) -> None:
    with tenant_context(network.manufacturer.id):
        LogCheckpoint.objects.create(
            manufacturer_id=network.manufacturer.id,
            number=1,
            taken_at=NOON,
            up_to=NOON,
            events=0,
            digest=b"0" * 32,
        )


def one_row(table: str, tenant: UUID, *, column: str = "id") -> Any:
    """Any row's key of a tenant's table."""
    with system_context("test.one_row"):
        rows = ask(
            f"SELECT {column} FROM {table} WHERE manufacturer_id = %s ORDER BY 1 LIMIT 1", tenant
        )
    assert rows, f"the world has no row in {table}"
    return rows[0][0]
