"""Three layers, each alone: what it lets through when the other two are switched off.

Access functions are called as they are, and once more where row level security shows everything.
Row level security is asked for whole tables, as a read would that forgot to narrow. That no row
points into another tenant, ``test_references`` shows where row level security shows everything.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from kpis.selectors import (
    leads_in_hands_of,
)
from leadhub.core.actors import Actor
from leadhub.core.errors import NotVisible
from leadhub.core.tenancy import context
from leadhub.core.tenancy.context import (
    partner_context,
    system_context,
    tenant_context,
    user_context,
)
from leads import (
    attachments,
    bulk,
    customer_data,
    dossier,
    inbox,
    needing,
    overview,
    owing,
    review,
    saved_views,
    selectors as lead_selectors,
    worklist,
)
from leads.asking import ask as ask_the_board
from leads.models import Assignment, Lead, LeadOffer, SavedView
from partners import change_log, directory, selectors as partner_selectors
from partners.api.views import context_of
from partners.materials import selectors as materials
from partners.models import Membership, Partner
from partners.single_sign_on import connection_visible_to
from tests.contracts.catalogue import ask, key_presented, tenant_tables, unguarded
from tests.contracts.competition import (
    MANUFACTURERS_OWN,
    NETWORKS_OWN,
    Competition,
    Told,
    leaking,
    secrets_from,
    tell_apart,
    tenant_models,
    word_of,
)
from tests.contracts.reads import (
    AT,
    NOT_FOR_PARTNERS,
    NOT_FOR_STAFF,
    OF_WHAT_WAS_FOUND,
    READS,
    Look,
    as_partner,
    found_reads,
    ids_of,
    offered,
    unless_refused,
)
from tests.factories import NOON

# What one layer alone lets through, each with its reason: (layer, place) -> why.
LET_THROUGH = {
    (
        "access",
        "Lead.partner_id",
    ): "rows of lost offers name in memory who holds the lead; no answer shows the column, and "
    "row level security's mask blanks it",
    (
        "access",
        "LeadEvent.actor",
    ): "the same of who withdrew an offer by accepting another; the mask blanks it, the API too",
    (
        "rows",
        "Lead.id",
    ): "which partner may pick an open lead, matching decides and no policy can; the lead names "
    "nobody",
    ("rows", "LeadProductLine.lead_id"): "the lines of such an open lead",
}


def asked_by(actor: Actor) -> list[Any]:
    """What may be asked for on the board: product lines and sources."""
    asked = ask_the_board({}, actor=actor, at=AT)
    return [*asked.lines, *asked.sources]


READS |= {
    "leads.customer_data.identify_customer": lambda look: customer_data.identify_customer(
        email="erika@example.com", phone="+49 89 1234567", actor=look.actor
    ),
    "leads.customer_data.leads_of_customer": lambda look: look.at_each(
        lambda lead: customer_data.leads_of_customer(
            customer_data.Customer(f"{word_of(lead.id)}@example.com", frozenset()),
            actor=look.actor,
        )
    ),
    "partners.change_log.changes_visible_to": lambda look: change_log.changes_visible_to(
        look.actor
    ),
    "partners.change_log.who_changed": lambda look: change_log.who_changed(look.actor),
    "kpis.selectors.leads_in_hands_of": lambda look: [
        leads_in_hands_of(look.actor, partner_id) for partner_id in ids_of(Partner)
    ],
    "leads.dossier.read_dossier": lambda look: look.at_each(
        lambda lead: unless_refused(lambda: dossier.read_dossier(lead.id, actor=look.actor))
    ),
    "leads.dossier.level_names_of": lambda look: dossier.level_names_of(look.actor),
    "leads.dossier.read_routing": lambda look: look.at_each(
        lambda lead: unless_refused(lambda: dossier.read_routing(lead.id, actor=look.actor))
    ),
    "leads.dossier.search_partners": lambda look: look.at_each(
        lambda lead: dossier.search_partners("Partner", lead=lead, actor=look.actor)
    ),
    "leads.owing.debtors_visible_to": lambda look: owing.debtors_visible_to(
        look.actor, at=NOON + timedelta(days=9)
    ),
    "leads.owing.debts_of": as_partner(
        lambda look, mine: owing.debts_of(mine, at=NOON + timedelta(days=9))
    ),
    "leads.review.held_duplicates": lambda look: review.held_duplicates(look.actor),
    "leads.review.reviews_of": lambda look: review.reviews_of(
        review.held_duplicates(look.actor), actor=look.actor
    ),
    "leads.dossier.find_partners": lambda look: dossier.find_partners("Partner", actor=look.actor),
    "leads.asking.ask": lambda look: asked_by(look.actor),
    "leads.bulk.deeds_visible_to": lambda look: bulk.deeds_visible_to(look.actor),
    "leads.saved_views.views_visible_to": lambda look: saved_views.views_visible_to(look.actor),
    "leads.saved_views.opening_view_of": lambda look: saved_views.opening_view_of(look.actor),
    "leads.saved_views.view_of_address": lambda look: [
        saved_views.view_of_address(str(id_), actor=look.actor) for id_ in ids_of(SavedView)
    ],
    "partners.selectors.partners_called": lambda look: partner_selectors.partners_called(
        "partner", actor=look.actor, at_most=9
    ),
    "leads.overview.sources_of": lambda look: overview.sources_of(look.actor),
    "leads.overview.regions_of": lambda look: overview.regions_of(look.actor),
    "leads.selectors.offers_of_lead": lambda look: look.at_each(
        lambda lead: lead_selectors.offers_of_lead(look.actor, lead=lead)
    ),
    "leads.inbox.glance_at_offers": as_partner(offered),
    "leads.inbox.glance_at_offer": as_partner(
        lambda look, mine: [inbox.glance_at_offer(mine, id_, at=AT) for id_ in ids_of(LeadOffer)]
    ),
    "leads.inbox.find_offer_to": as_partner(
        lambda look, mine: [inbox.find_offer_to(mine, id_, at=AT) for id_ in ids_of(LeadOffer)]
    ),
    "leads.inbox.find_own_assignment": as_partner(
        lambda look, mine: look.at_each(lambda lead: inbox.find_own_assignment(mine, lead.id))
    ),
    "leads.needing.needs_of": as_partner(
        lambda look, mine: needing.needs_of(mine, at=NOON + timedelta(days=9))
    ),
    "leads.worklist.work_of": as_partner(lambda look, mine: worklist.work_of(mine, at=AT)),
    "leads.worklist.ended_work_of": as_partner(
        lambda look, mine: worklist.ended_work_of(mine, at=AT)
    ),
    "leads.worklist.find_work": as_partner(
        lambda look, mine: [worklist.find_work(mine, id_, at=AT) for id_ in ids_of(Assignment)]
    ),
    "leads.worklist.find_assignment": as_partner(
        lambda look, mine: [worklist.find_assignment(mine, id_) for id_ in ids_of(Assignment)]
    ),
    "partners.selectors.partner_named": lambda look: [
        unless_refused(partial(partner_selectors.partner_named, id_, actor=look.actor))
        for id_ in ids_of(Partner)
    ],
    "partners.single_sign_on.connection_visible_to": lambda look: [
        connection_visible_to(look.actor)
    ],
    "leads.attachments.attachments_visible_to": lambda look: attachments.attachments_visible_to(
        look.actor
    ),
    "partners.materials.selectors.materials_visible_to": lambda look: (
        materials.materials_visible_to(look.actor, at=AT)
    ),
    "partners.materials.selectors.materials_in_full": lambda look: materials.materials_in_full(
        materials.materials_visible_to(look.actor, at=AT), look.actor, at=AT
    ),
    "partners.materials.selectors.versions_visible_to": lambda look: materials.versions_visible_to(
        [look.actor], at=AT
    ),
    "partners.materials.selectors.current_versions_visible_to": lambda look: (
        materials.current_versions_visible_to([look.actor], at=AT)
    ),
    "partners.materials.selectors.openings_visible_to": lambda look: materials.openings_visible_to(
        look.actor
    ),
    "partners.materials.selectors.times_opened": lambda look: [
        materials.times_opened(one, actor=look.actor)
        for one in materials.materials_visible_to(look.actor, at=AT)
    ],
    "partners.directory.countries_of": lambda look: directory.countries_of(look.actor),
    "partners.directory.levels_with_holders": lambda look: directory.levels_with_holders(
        look.actor
    ),
    "partners.directory.lines_with_sellers": lambda look: directory.lines_with_sellers(look.actor),
    "partners.directory.partner_visible_to": lambda look: [
        unless_refused(partial(directory.partner_visible_to, look.actor, id_))
        for id_ in ids_of(Partner)
    ],
    "partners.directory.partners_found": lambda look: directory.partners_found(
        look.actor, directory.Search(), on=AT.date()
    ),
}


def test_knows_every_read() -> None:
    assert found_reads() == READS.keys() | OF_WHAT_WAS_FOUND.keys()


def looks(*rivals: Competition) -> Iterator[Look]:
    """Everybody who reads: both sides of both networks."""
    with system_context("test.looks"):
        all_leads = tuple(Lead.objects.order_by("id"))
    for one in rivals:
        for actor in (one.staff, one.holder, one.loser):
            yield Look(actor, all_leads)


def show(line: str) -> None:
    """Print what was counted, or let through, for whoever runs this with ``-rP``."""
    sys.stdout.write(f"{line}\n")


def told_by(read: Callable[[Look], Any], look: Look) -> list[Told]:
    """Call a read and tell its answer apart; a refusal tells nothing."""
    try:
        return list(tell_apart(read(look)))
    except NotVisible:
        return []


def read_all(
    rivals: tuple[Competition, Competition],
    inside: Callable[[Actor], AbstractContextManager[None]],
    *,
    layer: str,
) -> set[tuple[str, str, str]]:
    """Call every read as everybody, and tell what came through that should not have.

    Each read must tell something to a manufacturer and to a partner unless it is none of their
    business: otherwise that nothing came through would prove nothing.
    """
    came_through, heard, calls, values = set(), set(), 0, 0
    for look in looks(*rivals):
        secrets, is_partner = secrets_from(look.actor, *rivals), look.actor.is_partner
        for name, read in READS.items():
            with inside(look.actor):
                told = told_by(read, look)
            calls, values = calls + 1, values + len(told)
            places = leaking(told, secrets)
            came_through |= {
                (name, look.actor.label, place)
                for place in places
                if (layer, place) not in LET_THROUGH
            }
            if told:
                heard.add((name, is_partner))
    show(f"{layer}: {calls} reads told {values} values; {len(came_through)} came through")
    for leak in sorted(came_through):
        show(f"  let through: {leak}")
    assert {name for name, is_partner in heard if is_partner} == READS.keys() - NOT_FOR_PARTNERS
    assert {name for name, is_partner in heard if not is_partner} == READS.keys() - NOT_FOR_STAFF
    return came_through


def test_lets_nothing_through_as_it_is(rivals: tuple[Competition, Competition]) -> None:
    assert read_all(rivals, context_of, layer="both") == set()


def test_lets_nothing_through_by_access_functions_alone(
    rivals: tuple[Competition, Competition], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contexts are entered, but the database is told to show everything."""
    with system_context("test.access"):
        monkeypatch.setattr(context, "_tell_database", lambda scope: None)
        everything = {tenant for (tenant,) in ask("SELECT manufacturer_id FROM leads_lead")}

        came_through = read_all(rivals, context_of, layer="access")
        monkeypatch.undo()

    assert len(everything) == 2
    assert came_through == set()


def readers(
    *rivals: Competition,
) -> Iterator[tuple[str, AbstractContextManager[None], Actor | None]]:
    """Every kind of context, and as whom the one who is in it may be told things."""
    acme = rivals[0]
    for one in rivals:
        yield "tenant", tenant_context(one.tenant), one.staff
        yield "partner", context_of(one.holder), one.holder
        yield "partner", context_of(one.loser), one.loser
    person = acme.world.network.by
    with system_context("test.readers"):
        rep = Membership.objects.get(partner=acme.world.holder)
    yield "person", user_context(rep.user_id), acme.holder
    yield "key", key_presented(acme.world.network.api_key.split("_")[1]), person
    yield "nobody", unguarded(), None


# Which kind of context sees rows of which tables at all.
PARTNERS_TABLES = {
    *NETWORKS_OWN,
    "leads_assignment",
    "leads_lead",
    "leads_leadattachment",
    "leads_leadcontact",
    "leads_leaddisclosure",
    "leads_leadevent",
    "leads_leadfeedback",
    "leads_leadnote",
    "leads_leadoffer",
    "leads_leadproductline",
    "leads_missedmonth",
    "leads_partnercomparison",
    "leads_partnerstanding",
    "leads_pick",
    "leads_reminder",
    "partners_absence",
    "partners_certification",
    "partners_coveragecode",
    "partners_invitation",
    "partners_manufacturer",
    "partners_materialopening",
    "partners_membership",
    "partners_partner",
    "partners_portfolioitem",
    "partners_servicearea",
    "partners_user",
}
SEES = {
    "partner": PARTNERS_TABLES,
    "person": {"partners_manufacturer", "partners_membership", "partners_user"},
    "key": {"partners_apikey"},
    "nobody": set(),
}


def test_lets_nothing_through_by_row_level_security_alone(
    rivals: tuple[Competition, Competition],
) -> None:
    """Every table is read whole in every kind of context: narrowing was forgotten everywhere."""
    came_through: set[tuple[str, str]] = set()
    tables: dict[str, set[str]] = {}
    values = pairs = 0
    for kind, inside, actor in readers(*rivals):
        secrets = secrets_from(actor, *rivals)
        with inside:
            for model in tenant_models():
                told = list(tell_apart(model._base_manager.all()))
                pairs, values = pairs + 1, values + len(told)
                places = leaking(told, secrets)
                came_through |= {
                    (kind, place) for place in places if ("rows", place) not in LET_THROUGH
                }
                if told:
                    tables.setdefault(kind, set()).add(model._meta.db_table)
    show(f"rows: {pairs} tables in contexts told {values} values; {len(came_through)} came through")
    everything = {model._meta.db_table for model in tenant_models()}
    assert tables | {"nobody": tables.get("nobody", set())} == {"tenant": everything, **SEES}
    assert came_through == set()


def test_shows_a_person_of_both_networks_both_and_no_rival(
    rivals: tuple[Competition, Competition],
) -> None:
    acme, globex = rivals
    secrets = secrets_from(acme.loser, acme) | secrets_from(globex.holder, globex)

    with partner_context([acme.loser.partner_id, globex.holder.partner_id]):  # type: ignore[list-item]
        answers = [list(model._base_manager.all()) for model in tenant_models()]

        told = list(tell_apart(answers))

    places = {place for place in leaking(told, secrets) if ("rows", place) not in LET_THROUGH}
    assert places == set()
    assert {str(acme.tenant), str(globex.tenant)} <= {one.text for one in told}


def test_needs_every_exception_it_makes(
    rivals: tuple[Competition, Competition], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that lets nothing through any more has to go; the others are printed."""
    acme = rivals[0]
    secrets = secrets_from(acme.loser, *rivals)
    with system_context("test.access"):
        monkeypatch.setattr(context, "_tell_database", lambda scope: None)
        look = next(look for look in looks(*rivals) if look.actor == acme.loser)
        told = [one for read in READS.values() for one in told_by(read, look)]
        monkeypatch.undo()
    by_access = leaking(told, secrets)
    with context_of(acme.loser):
        by_rows = leaking(tell_apart([m._base_manager.all() for m in tenant_models()]), secrets)

    needed = {("access", place) for place in by_access} | {("rows", place) for place in by_rows}
    for (layer, place), reason in LET_THROUGH.items():
        show(f"{layer} alone lets {place} through: {reason}")
    assert needed == LET_THROUGH.keys()


def test_sorts_every_table_by_whom_it_is_for(db: None) -> None:
    """A new table has to be listed: as a partner's to see in part, or as the manufacturer's own."""
    everything = {model._meta.db_table for model in tenant_models()}

    assert everything == PARTNERS_TABLES | MANUFACTURERS_OWN
    assert set() == PARTNERS_TABLES & MANUFACTURERS_OWN


def test_covers_every_table_of_a_tenant(db: None) -> None:
    assert {model._meta.db_table for model in tenant_models()} >= set(tenant_tables())
