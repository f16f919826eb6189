"""Columns that some may see and others not: blanked by row level security, not by each read."""

from uuid import UUID

from leadhub.core import clock
from leadhub.core.tenancy.context import (
    partner_context,
)
from leads import (
    selectors as lead_selectors,
)
from leads.models import EventType, Lead, LeadEvent
from partners.api.views import context_of
from tests.contracts.catalogue import ask
from tests.contracts.competition import (
    Competition,
)


def test_blanks_the_holder_of_a_lead_for_everybody_but_the_holder(
    rivals: tuple[Competition, Competition],
) -> None:
    acme = rivals[0]

    seen = {}
    for actor in (acme.staff, acme.holder, acme.loser):
        with context_of(actor):
            seen[actor.partner_id] = Lead.objects.get(id=acme.world.held.id).partner_id

    holder = acme.holder.partner_id
    assert seen == {None: holder, holder: holder, acme.loser.partner_id: None}


def test_finds_no_lead_by_a_holder_that_is_blanked(rivals: tuple[Competition, Competition]) -> None:
    acme = rivals[0]

    found = {}
    for actor in (acme.holder, acme.loser):
        with context_of(actor):
            found[actor.partner_id] = Lead.objects.filter(partner=acme.holder.partner_id).count()

    assert found == {acme.holder.partner_id: 2, acme.loser.partner_id: 0}


def test_has_all_columns_in_every_mask(db: None) -> None:
    columns = (
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = ANY (%s) ORDER BY 1, ordinal_position"
    )
    masks = [
        name for (name,) in ask("SELECT viewname FROM pg_views WHERE schemaname = 'leadhub_masks'")
    ]

    assert set(masks) == {"leads_lead", "leads_leadevent"}
    assert ask(columns, "leadhub_masks", masks) == ask(columns, "public", masks)


def test_has_masks_that_run_with_the_rights_of_whoever_looks(db: None) -> None:
    options = ask(
        "SELECT relkind, reloptions FROM pg_class"
        " WHERE relnamespace = 'leadhub_masks'::regnamespace"
    )

    assert options == [("v", ["security_invoker=true"])] * 2


def test_lists_the_same_facts_for_holders_as_row_level_security(db: None) -> None:
    ((condition,),) = ask(
        "SELECT qual FROM pg_policies WHERE tablename = %s AND policyname = 'holder'",
        "leads_leadevent",
    )

    named = {type_ for type_ in EventType if f"'{type_}'" in condition}
    assert named == set(lead_selectors.FOR_HOLDERS)


def test_hides_an_offer_in_the_log_while_a_head_start_lasts(
    rivals: tuple[Competition, Competition],
) -> None:
    network = rivals[0].world.network
    network.policy({"partners": 2, "head_start": 600}, max_overdue_feedback=9)
    lead = network.lead(external_id="ahead", at=clock.now())
    ahead, behind = network.offers(lead)

    def facts_for(partner_id: UUID) -> int:
        with partner_context([partner_id]):
            return LeadEvent.objects.filter(lead_id=lead.id).count()

    assert (facts_for(ahead.partner_id), facts_for(behind.partner_id)) == (1, 0)
