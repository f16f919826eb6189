"""Every read with somebody who asks, and how it is asked: a new one has to be listed here."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Model

import kpis
import leads
import partners
from kpis.behind import leads_behind
from kpis.definitions import Dimension
from kpis.network import network_visible_to, placement_visible_to, prospects_visible_to
from kpis.periods import Period
from kpis.selectors import fairness_visible_to, figures_visible_to, funnel_visible_to
from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible
from leadhub.core.tenancy.context import (
    system_context,
)
from leads import (
    inbox,
    missed_months,
    pick_list,
    selectors as lead_selectors,
)
from leads.attention import attention_counts
from leads.models import ConsentText, Lead, WebForm, Webhook
from leads.undelivered import undelivered_visible_to
from leads.web_forms import (
    consent_text_called,
    consent_texts_visible_to,
    web_forms_visible_to,
)
from leads.webhooks.log import messages_visible_to
from leads.webhooks.subscriptions import webhooks_visible_to
from partners import selectors as partner_selectors
from partners.imports import selectors as import_selectors
from tests.acting import HOUR
from tests.contracts.catalogue import unguarded
from tests.factories import NOON

AT = NOON + 2 * HOUR


PERIOD = Period(starts=NOON - timedelta(days=1), ends=NOON + timedelta(days=1))


@dataclass(frozen=True)
class Look:
    """Somebody who reads, and all leads there are, whoever's they may be."""

    actor: Actor
    all_leads: tuple[Lead, ...]

    def at_each(self, read: Callable[[Lead], Any]) -> list[Any]:
        """Ask about every lead, known or guessed."""
        return [read(lead) for lead in self.all_leads]


def offers_of(look: Look) -> Any:
    return lead_selectors.offers_visible_to(look.actor, at=AT)


def assignments_of(look: Look) -> Any:
    return lead_selectors.assignments_visible_to(look.actor)


def pick_list_of(look: Look) -> Any:
    return pick_list.pick_list_visible_to(look.actor, at=AT)


def partners_of(look: Look) -> Any:
    return partner_selectors.partners_visible_to(look.actor)


# Every read with somebody who asks: its name -> how it is asked. One that is missing fails.
READS: dict[str, Callable[[Look], Any]] = {
    "leads.attention.attention_counts": lambda look: attention_counts(look.actor, at=AT),
    "leads.selectors.leads_visible_to": lambda look: lead_selectors.leads_visible_to(look.actor),
    "leads.selectors.leads_in_full": lambda look: lead_selectors.leads_in_full(
        lead_selectors.leads_visible_to(look.actor), look.actor
    ),
    "leads.selectors.offers_visible_to": offers_of,
    "leads.selectors.offers_in_full": lambda look: lead_selectors.offers_in_full(offers_of(look)),
    "leads.selectors.assignments_visible_to": assignments_of,
    "leads.selectors.assignments_in_full": lambda look: lead_selectors.assignments_in_full(
        assignments_of(look)
    ),
    "leads.selectors.distances_to": lambda look: (
        lead_selectors.distances_to(look.actor, list(pick_list_of(look)))
        if look.actor.is_partner
        else []
    ),
    "leads.selectors.events_visible_to": lambda look: look.at_each(
        lambda lead: lead_selectors.events_visible_to(look.actor, lead=lead)
    ),
    "leads.selectors.settled_events_of": lambda look: lead_selectors.settled_events_of(look.actor),
    "leads.selectors.waves_visible_to": lambda look: look.at_each(
        lambda lead: lead_selectors.waves_visible_to(look.actor, lead=lead)
    ),
    "leads.missed_months.read_missed": lambda look: [
        missed_months.read_missed(
            look.actor, partner.id, NOON.date().replace(day=1), zone=ZoneInfo("UTC"), at=AT
        )
        for partner in partners_of(look)
    ],
    "leads.selectors.missed_months_visible_to": lambda look: (
        lead_selectors.missed_months_visible_to(look.actor)
    ),
    "leads.selectors.comparisons_visible_to": lambda look: lead_selectors.comparisons_visible_to(
        look.actor
    ),
    "leads.selectors.replays_visible_to": lambda look: lead_selectors.replays_visible_to(
        look.actor
    ),
    "leads.selectors.policies_visible_to": lambda look: lead_selectors.policies_visible_to(
        look.actor
    ),
    "leads.selectors.open_leads_in_full": lambda look: lead_selectors.open_leads_in_full(
        pick_list_of(look)
    ),
    "leads.pick_list.pick_list_visible_to": pick_list_of,
    "leads.pick_list.find_lead_to_pick": lambda look: look.at_each(
        lambda lead: pick_list.find_lead_to_pick(lead_id=lead.id, actor=look.actor, at=AT)
    ),
    "partners.selectors.product_lines_visible_to": lambda look: (
        partner_selectors.product_lines_visible_to(look.actor)
    ),
    "partners.imports.selectors.imports_visible_to": lambda look: (
        import_selectors.imports_visible_to(look.actor)
    ),
    "partners.imports.selectors.import_rows_visible_to": lambda look: (
        import_selectors.import_rows_visible_to(look.actor)
    ),
    "partners.selectors.levels_visible_to": lambda look: partner_selectors.levels_visible_to(
        look.actor
    ),
    "partners.selectors.product_line_named": lambda look: partner_selectors.product_line_named(
        "heat-pumps", actor=look.actor
    ),
    "partners.selectors.absences_visible_to": lambda look: partner_selectors.absences_visible_to(
        look.actor
    ),
    "partners.selectors.exclusions_visible_to": lambda look: (
        partner_selectors.exclusions_visible_to(look.actor)
    ),
    "partners.selectors.keys_visible_to": lambda look: partner_selectors.keys_visible_to(
        look.actor
    ),
    "partners.selectors.partners_visible_to": partners_of,
    "partners.selectors.people_visible_to": lambda look: partner_selectors.people_visible_to(
        look.actor
    ),
    "partners.selectors.invitations_visible_to": lambda look: (
        partner_selectors.invitations_visible_to(look.actor)
    ),
    "partners.selectors.partners_in_full": lambda look: partner_selectors.partners_in_full(
        partners_of(look)
    ),
    "partners.selectors.portfolios_of": lambda look: partner_selectors.portfolios_of(
        partners_of(look)
    ),
    "leads.undelivered.undelivered_visible_to": lambda look: undelivered_visible_to(look.actor),
    "leads.webhooks.subscriptions.webhooks_visible_to": lambda look: webhooks_visible_to(
        look.actor
    ),
    "leads.webhooks.log.messages_visible_to": lambda look: [
        list(messages_visible_to(look.actor, webhook=Webhook(id=id_))) for id_ in ids_of(Webhook)
    ],
    "leads.web_forms.web_forms_visible_to": lambda look: web_forms_visible_to(look.actor),
    "leads.web_forms.consent_texts_visible_to": lambda look: [
        consent_texts_visible_to(look.actor, form=form) for form in rows_of(WebForm)
    ],
    "leads.web_forms.consent_text_called": lambda look: [
        consent_text_called(text.label, actor=look.actor) for text in rows_of(ConsentText)
    ],
    "kpis.selectors.figures_visible_to": lambda look: figures_visible_to(
        look.actor, period=PERIOD, group_by=(Dimension.PARTNER,), at=AT
    ),
    "kpis.network.network_visible_to": lambda look: network_visible_to(
        look.actor, period=PERIOD, group_by=(Dimension.PARTNER,), at=AT
    ),
    "kpis.network.placement_visible_to": lambda look: placement_visible_to(
        look.actor, period=PERIOD, group_by=(Dimension.REGION,), at=AT
    ),
    "kpis.network.prospects_visible_to": lambda look: prospects_visible_to(look.actor),
    "kpis.behind.leads_behind": lambda look: leads_behind(
        look.actor, of="picks", period=PERIOD, skip=0, at_most=50, at=AT
    ),
    "kpis.selectors.funnel_visible_to": lambda look: funnel_visible_to(look.actor, period=PERIOD),
    "kpis.selectors.fairness_visible_to": lambda look: fairness_visible_to(
        look.actor, period=PERIOD
    ),
}


def as_partner(read: Callable[[Look, list[UUID]], Any]) -> Callable[[Look], Any]:
    """Ask for what a person's partners have; whoever works for none asks for nothing."""
    return lambda look: read(look, [look.actor.partner_id]) if look.actor.partner_id else []


def ids_of(model: type[Model]) -> list[UUID]:
    """Every key there is, as if all had been guessed."""
    with system_context("test.ids"), unguarded():
        return list(model._base_manager.values_list("id", flat=True))


def rows_of(model: type[Model]) -> list[Any]:
    """Every row there is, whoever's it may be."""
    with system_context("test.rows"), unguarded():
        return list(model._base_manager.order_by("pk"))


def offered(look: Look, mine: list[UUID]) -> Any:
    return inbox.glance_at_offers(mine, at=AT)


def unless_refused(read: Callable[[], Any]) -> Any:
    """Ask for something guessed; not to be shown it is an answer."""
    try:
        return read()
    except (InvalidInput, NotVisible):
        return None


# Reads that nobody asks who has not found, by one of those above, what they are called with.
OF_WHAT_WAS_FOUND = {
    "leads.selectors.in_full_as_stored": "the lead that its caller has just written",
    "leads.selectors.active_policies": "a manufacturer, for the domain's own work",
    "leads.selectors.product_lines_of": "a lead",
    "leads.selectors.partners_asked": "a lead, for the domain's own work",
    "leads.selectors.open_assignment_of": "a lead",
    "partners.selectors.unknown_line": "no row at all",
    "kpis.selectors.cohort_of": "a manufacturer",
    "kpis.selectors.targets_of": "a manufacturer",
    "kpis.selectors.too_many_periods": "no row at all",
    "kpis.selectors.work_of": "partners",
    "leads.selectors.line_names": "the name of a column",
    "partners.imports.selectors.first_rows_of": "an import",
    "partners.selectors.names_of_actors": "facts",
    "partners.materials.selectors.about_lines": "versions",
    "partners.materials.selectors.called": "versions",
    "partners.materials.selectors.holding_of": "versions",
    "partners.materials.selectors.in_one_language": "versions",
}


# Reads that a partner gets nothing from.
NOT_FOR_PARTNERS = {
    "leads.undelivered.undelivered_visible_to",
    "leads.webhooks.log.messages_visible_to",
    "leads.webhooks.subscriptions.webhooks_visible_to",
    "leads.bulk.deeds_visible_to",
    "leads.selectors.settled_events_of",
    "leads.saved_views.view_of_address",
    "leads.saved_views.views_visible_to",
    "leads.web_forms.consent_text_called",
    "leads.web_forms.consent_texts_visible_to",
    "leads.web_forms.web_forms_visible_to",
    "leads.customer_data.leads_of_customer",
    "leads.owing.debtors_visible_to",
    "leads.review.held_duplicates",
    "leads.review.reviews_of",
    "partners.change_log.changes_visible_to",
    "partners.change_log.who_changed",
    "partners.imports.selectors.import_rows_visible_to",
    "partners.imports.selectors.imports_visible_to",
    "partners.selectors.exclusions_visible_to",
    "partners.selectors.keys_visible_to",
    "leads.selectors.waves_visible_to",
    "partners.single_sign_on.connection_visible_to",
    "leads.selectors.policies_visible_to",
    "leads.selectors.replays_visible_to",
    "kpis.network.network_visible_to",
    "kpis.network.placement_visible_to",
    "kpis.network.prospects_visible_to",
    "kpis.behind.leads_behind",
    "kpis.selectors.funnel_visible_to",
    "kpis.selectors.fairness_visible_to",
}


NOT_FOR_STAFF = {
    # Nothing settles in a world that is one transaction; tests/races/test_feed.py reads it.
    "leads.selectors.settled_events_of",
    "leads.selectors.distances_to",
    "leads.pick_list.find_lead_to_pick",
    "leads.inbox.glance_at_offers",
    "leads.inbox.glance_at_offer",
    "leads.inbox.find_offer_to",
    "leads.inbox.find_own_assignment",
    "leads.needing.needs_of",
    "leads.owing.debts_of",
    "leads.worklist.work_of",
    "leads.worklist.ended_work_of",
    "leads.worklist.find_work",
    "leads.worklist.find_assignment",
}


INTERFACES = ("api", "views", "urls", "management", "migrations", "templatetags", "models")


def found_reads() -> set[str]:
    """Every public function of a selectors module, and elsewhere each that asks who reads.

    Reads call them ``actor`` or ``partner_ids``, acts ``by``.
    """
    found = set()
    for app in (partners, leads, kpis):
        for module_info in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            if module_info.name.split(".")[1] in INTERFACES:
                continue
            module = importlib.import_module(module_info.name)
            found |= {f"{module.__name__}.{name}" for name in _reads_in(module)}
    return found


def _reads_in(module: Any) -> Iterator[str]:
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ != module.__name__ or name.startswith("_"):
            continue
        parameters = inspect.signature(function).parameters.keys()
        if module.__name__.endswith(".selectors") or parameters & {"actor", "partner_ids"}:
            yield name
