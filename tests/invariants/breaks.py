"""Breaks of each invariant, as somebody could plant them who may write every table."""

from leads.invariants.histories import REPLAYED
from tests.invariants.worlds import AFTER

ELSEWHERE = "(SELECT id FROM {0} WHERE manufacturer_id <> d.manufacturer_id LIMIT 1)"
ANOTHER_PARTNER = "(SELECT id FROM partners_partner p WHERE p.id <> {0}.partner_id LIMIT 1)"
IN_HANDS = "outcome IS NULL"

# (invariant, what is done to the rows); one invariant may have several ways to be broken.
PLANTED: tuple[tuple[str, str], ...] = (
    (
        "one_holder",
        (
            "UPDATE leads_assignment SET outcome = 'RETURNED', returned_at = accepted_at,"
            f" feedback_due_at = NULL, contact_due_at = NULL WHERE {IN_HANDS}"
        ),
    ),
    (
        "one_holder",
        "UPDATE leads_lead SET status = 'LOST' WHERE status = 'WON'",
    ),
    (
        "one_holder",
        (
            f"UPDATE leads_assignment a SET partner_id = {ANOTHER_PARTNER.format('a')}"
            f" WHERE {IN_HANDS}"
        ),
    ),
    (
        "one_accepted_offer",
        "UPDATE leads_leadoffer SET status = 'EXPIRED' WHERE status = 'ACCEPTED'",
    ),
    ("one_accepted_offer", f"UPDATE leads_assignment SET offer_id = NULL WHERE {IN_HANDS}"),
    (
        "open_offers_of_open_wave",
        "UPDATE leads_leadoffer SET status = 'OPEN' WHERE status = 'WITHDRAWN'",
    ),
    (
        "open_offers_of_open_wave",
        "UPDATE leads_leadoffer SET respond_by = respond_by + interval '1 s' WHERE status = 'OPEN'",
    ),
    ("open_offers_of_open_wave", "UPDATE leads_leadoffer SET wave = 9 WHERE status = 'OPEN'"),
    ("offered_to_somebody", "UPDATE leads_leadoffer SET status = 'DECLINED' WHERE status = 'OPEN'"),
    ("no_passing_state", "UPDATE leads_lead SET status = 'RECEIVED' WHERE status = 'OPEN'"),
    (
        "standing_counts_leads_in_hands",
        "UPDATE leads_partnerstanding SET open_assignments = open_assignments + 1",
    ),
    ("standing_counts_leads_in_hands", "DELETE FROM leads_partnerstanding"),
    (
        "timers_of_leads_that_go_on",
        f"UPDATE leads_assignment SET feedback_due_at = NULL WHERE {IN_HANDS}",
    ),
    ("timers_of_leads_that_go_on", "UPDATE leads_lead SET is_imported = true"),
    ("no_gap_in_the_log", "DELETE FROM leads_leadevent WHERE type = 'offer.declined'"),
    ("no_gap_in_the_log", "UPDATE leads_lead SET last_sequence = last_sequence + 1"),
    ("no_gap_in_the_log", "UPDATE leads_leadevent SET sequence = sequence + 100"),
    (
        "no_gap_in_the_log",
        (
            "DELETE FROM leads_leadevent e USING leads_lead l WHERE l.id = e.lead_id"
            " AND l.status = 'HELD'"
        ),
    ),
    ("last_digest", r"UPDATE leads_lead SET log_digest = '\x00'"),
    (
        "holder_as_told",
        (
            f"UPDATE leads_leadevent e SET partner_id = {ANOTHER_PARTNER.format('e')}"
            " WHERE assignment_id IN (SELECT id FROM leads_assignment WHERE outcome IS NULL)"
        ),
    ),
    ("picks_as_told", "UPDATE leads_pick SET has_feedback = NOT has_feedback"),
    ("picks_as_told", "DELETE FROM leads_pick"),
    (
        "assignments_as_told",
        "UPDATE leads_leadevent SET type = 'offer.viewed' WHERE type = 'lead.assigned'",
    ),
    (
        "assignments_as_told",
        "UPDATE leads_leadevent SET type = 'offer.accepted' WHERE type = 'contact.made'",
    ),
    (
        "offers_as_told",
        "UPDATE leads_leadevent SET type = 'offer.viewed' WHERE type = 'lead.offered'",
    ),
    (
        "offers_as_told",
        "UPDATE leads_leadevent SET type = 'lead.offered' WHERE type = 'offer.expired'",
    ),
    ("offers_as_told", "DELETE FROM leads_leadoffer WHERE status = 'EXPIRED'"),
    ("waves_without_gap", "DELETE FROM leads_wave WHERE number = 1"),
    ("waves_without_gap", "UPDATE leads_lead SET wave = wave + 1 WHERE status = 'OPEN'"),
    *(
        ("every_fact_is_told", f"DELETE FROM core_delivery WHERE kind = '{kind}'")
        for kind in (
            "offer_new",
            "offer_taken",
            "offer_withdrawn",
            "lead_assigned",
            "lead_escalated",
            "lead_taken_back",
            "lead_erased",
            "contact_overdue",
            "contact_escalated",
            "feedback_overdue",
        )
    ),
    (
        "every_fact_is_told",
        "UPDATE core_delivery d SET recipient = 'dispatchers' WHERE kind = 'offer_new'",
    ),
    (
        "messages_within_the_tenant",
        (
            "UPDATE core_delivery d SET recipient = 'partner:' ||"
            f" {ELSEWHERE.format('partners_partner')} WHERE kind = 'offer_new'"
        ),
    ),
    *(
        (
            "messages_within_the_tenant",
            f"UPDATE core_delivery d SET subject_id = {ELSEWHERE.format(table)}",
        )
        for table in ("leads_lead", "leads_leadoffer", "leads_assignment")
    ),
    ("erased_means_gone", "UPDATE leads_lead SET erased_at = now() WHERE status = 'ACCEPTED'"),
    (
        "erased_means_gone",
        "UPDATE leads_lead SET evidence = 'called' WHERE erased_at IS NOT NULL",
    ),
    (
        "erased_means_gone",
        (
            "UPDATE leads_leadfeedback f SET note = 'theirs' FROM leads_assignment a, leads_lead l"
            " WHERE a.id = f.assignment_id AND l.id = a.lead_id AND l.erased_at IS NOT NULL"
        ),
    ),
    (
        "erased_means_gone",
        (
            "UPDATE leads_leadoffer o SET note = 'theirs' FROM leads_lead l"
            " WHERE l.id = o.lead_id AND l.erased_at IS NOT NULL"
        ),
    ),
    (
        "erased_means_gone",
        (
            "UPDATE leads_leadnote n SET text = 'theirs' FROM leads_assignment a, leads_lead l"
            " WHERE a.id = n.assignment_id AND l.id = a.lead_id AND l.erased_at IS NOT NULL"
        ),
    ),
    (
        "erased_means_gone",
        (
            "UPDATE leads_reminder r SET text = 'theirs' FROM leads_assignment a, leads_lead l"
            " WHERE a.id = r.assignment_id AND l.id = a.lead_id AND l.erased_at IS NOT NULL"
        ),
    ),
    ("stage_as_told", "UPDATE leads_assignment SET closing_chance = 'LOW'"),
    ("notes_as_told", "UPDATE leads_leadevent SET data = '{}' WHERE type = 'note.added'"),
    ("reminders_as_told", "UPDATE leads_reminder SET due_at = due_at + interval '1 s'"),
    (
        "every_fact_is_told",
        "UPDATE core_delivery SET recipient = 'dispatchers' WHERE kind = 'reminder'",
    ),
    (
        "every_fact_is_told",
        "UPDATE core_delivery SET recipient = 'dispatchers' WHERE kind = 'lead_handed_over'",
    ),
    ("erased_as_told", "UPDATE leads_lead SET erased_at = NULL WHERE erased_at IS NOT NULL"),
    ("erased_as_told", "UPDATE leads_lead SET erased_at = now()"),
    ("every_lead_has_its_customer", "DELETE FROM leads_leadcontact"),
    (
        "shown_after_acceptance",
        "UPDATE leads_leaddisclosure SET seen_at = seen_at - interval '1 day'",
    ),
    (
        "shown_after_acceptance",
        f"UPDATE leads_leaddisclosure d SET partner_id = {ANOTHER_PARTNER.format('d')}",
    ),
    (REPLAYED.name, "UPDATE leads_lead SET status = 'CONTACTED' WHERE status = 'IN_PROGRESS'"),
    (
        REPLAYED.name,
        (
            'UPDATE leads_leadevent SET data = data || \'{"status": "NOT_REACHABLE"}\''
            " WHERE type = 'feedback.given' AND data ->> 'status' = 'APPOINTMENT'"
        ),
    ),
    (
        "messages_in_time",
        (
            f"UPDATE core_delivery SET due_at = '{AFTER}'::timestamptz - interval '61 s',"
            " done_at = NULL, claimed_until = NULL, failed_at = NULL"
        ),
    ),
    (
        "letters_in_time",
        (
            "INSERT INTO core_letter (id, sealed, due_at, expires_at, attempts) VALUES"
            f" (gen_random_uuid(), '', '{AFTER}'::timestamptz - interval '61 s', now(), 0)"
        ),
    ),
    (
        "waves_end_in_time",
        (
            f"UPDATE leads_lead SET respond_by = '{AFTER}'::timestamptz - interval '61 s'"
            " WHERE status = 'OFFERED'"
        ),
    ),
    (
        "follow_ups_in_time",
        (
            f"UPDATE leads_assignment SET contact_due_at = '{AFTER}'::timestamptz - interval '61 s'"
            f" WHERE {IN_HANDS} AND contacted_at IS NULL"
        ),
    ),
)
