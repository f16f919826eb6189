"""Invariants of leads as statements: each finds the rows that break one, and should find none.

Where the database itself refuses what must never be, there is nothing to ask here: a constraint
that is missing or switched off is found in ``leads.invariants.catalogue``.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from leads import notifications
from leads.follow_up import NO_CONTACT
from leads.lateness import LATE_AFTER
from leads.models import EventType
from leads.models.leads import CLOSED, IN_HANDS, LeadStatus
from leads.picks import DIFFERING


class Invariant(NamedTuple):
    """What must hold.

    :ivar name: a code, for programs and for whoever looks one up.
    :ivar broken: what is the case of each row that is found.
    :ivar sql: gives the rows that break it, each as one text.
    """

    name: str
    broken: str
    sql: str


OF_HOLDERS = (
    Invariant(
        "one_holder",
        "lead in hands or closed without exactly one assignment for it, or not in hands with one",
        """
        SELECT l.id::text
        FROM leads_lead l
        LEFT JOIN (
            SELECT lead_id, count(*) AS held, (array_agg(partner_id))[1] AS partner_id,
                (array_agg(outcome))[1] AS outcome
            FROM leads_assignment WHERE outcome IS DISTINCT FROM 'RETURNED' GROUP BY lead_id
        ) a ON a.lead_id = l.id
        WHERE coalesce(a.held, 0) <> (l.status = ANY (%(in_hands)s || %(closed)s))::int
            OR a.partner_id <> l.partner_id
            OR a.outcome IS DISTINCT FROM CASE WHEN l.status = ANY (%(closed)s) THEN l.status END
        """,
    ),
    Invariant(
        "one_accepted_offer",
        "accepted offer without the assignment that it became, or the other way round",
        """
        SELECT coalesce(o.id, a.offer_id)::text
        FROM (SELECT * FROM leads_leadoffer WHERE status = 'ACCEPTED') o
        FULL JOIN (
            SELECT * FROM leads_assignment
            WHERE outcome IS DISTINCT FROM 'RETURNED' AND offer_id IS NOT NULL
        ) a ON a.offer_id = o.id AND a.lead_id = o.lead_id AND a.partner_id = o.partner_id
        WHERE a.id IS NULL OR o.id IS NULL
        """,
    ),
    Invariant(
        "open_offers_of_open_wave",
        "open offer of a lead that is not on offer, or of another wave or deadline than the lead's",
        """
        SELECT o.id::text
        FROM leads_leadoffer o JOIN leads_lead l ON l.id = o.lead_id
        WHERE o.status = 'OPEN' AND (
            l.status <> 'OFFERED' OR l.wave <> o.wave OR l.respond_by <> o.respond_by)
        """,
    ),
    Invariant(
        "offered_to_somebody",
        "lead on offer without an open offer",
        """
        SELECT l.id::text FROM leads_lead l
        WHERE l.status = 'OFFERED' AND NOT EXISTS (
            SELECT FROM leads_leadoffer o WHERE o.lead_id = l.id AND o.status = 'OPEN')
        """,
    ),
    Invariant(
        "no_passing_state",
        "lead that rests in a state that ends with the transaction it began in",
        "SELECT id::text FROM leads_lead WHERE status = ANY (%(passing)s)",
    ),
    Invariant(
        "standing_counts_leads_in_hands",
        "partner whose standing counts other leads in hands than it holds",
        """
        SELECT coalesce(s.partner_id, h.partner_id)::text
        FROM leads_partnerstanding s
        FULL JOIN (
            SELECT a.partner_id, count(*) AS held
            FROM leads_assignment a
            JOIN leads_lead l ON l.id = a.lead_id AND NOT l.is_imported
            WHERE a.outcome IS NULL GROUP BY a.partner_id
        ) h ON h.partner_id = s.partner_id
        WHERE coalesce(s.open_assignments, 0) <> coalesce(h.held, 0)
        """,
    ),
    Invariant(
        "timers_of_leads_that_go_on",
        "lead in hands that nobody is asked to report on, or timer of an imported or erased one",
        """
        SELECT a.id::text
        FROM leads_assignment a JOIN leads_lead l ON l.id = a.lead_id
        WHERE a.outcome IS NULL AND CASE
            WHEN l.is_imported OR l.erased_at IS NOT NULL THEN a.follow_up_at IS NOT NULL
            ELSE a.feedback_due_at IS NULL END
        """,
    ),
)

OF_THE_LOG = (
    Invariant(
        "no_gap_in_the_log",
        "lead whose facts are not numbered 1, 2, 3 up to what the lead counts",
        """
        SELECT l.id::text
        FROM leads_lead l
        LEFT JOIN (
            SELECT lead_id, count(*) AS facts, min(sequence) AS first, max(sequence) AS last
            FROM leads_leadevent GROUP BY lead_id
        ) e ON e.lead_id = l.id
        WHERE e.facts IS NULL OR e.first <> 1 OR e.last <> e.facts OR e.last <> l.last_sequence
        """,
    ),
    Invariant(
        "last_digest",
        "lead that carries another digest than its last fact",
        """
        SELECT l.id::text
        FROM leads_lead l JOIN leads_leadevent e
            ON e.manufacturer_id = l.manufacturer_id AND e.lead_id = l.id
            AND e.sequence = l.last_sequence
        WHERE e.digest <> l.log_digest
        """,
    ),
    Invariant(
        "holder_as_told",
        "lead with another holder than its last pick tells of",
        """
        SELECT l.id::text
        FROM (
            SELECT DISTINCT ON (lead_id) lead_id, partner_id FROM leads_leadevent
            WHERE type = ANY (%(picks)s) ORDER BY lead_id, sequence DESC
        ) e JOIN leads_lead l ON l.id = e.lead_id
        WHERE l.status = ANY (%(in_hands)s || %(closed)s)
            AND e.partner_id IS DISTINCT FROM l.partner_id
        """,
    ),
    Invariant(
        "assignments_as_told",
        "assignment without its one pick in the log, or the other way round",
        """
        SELECT coalesce(a.id, e.assignment_id)::text
        FROM leads_assignment a
        FULL JOIN (
            SELECT assignment_id, count(*) AS picks, (array_agg(lead_id))[1] AS lead_id,
                (array_agg(partner_id))[1] AS partner_id
            FROM leads_leadevent WHERE type = ANY (%(picks)s) GROUP BY assignment_id
        ) e ON e.assignment_id = a.id
        WHERE a.id IS NULL OR e.picks IS DISTINCT FROM 1
            OR e.lead_id <> a.lead_id OR e.partner_id <> a.partner_id
        """,
    ),
    Invariant(
        "picks_as_told",
        "pick that figures count otherwise than the log says",
        DIFFERING,
    ),
    Invariant(
        "offers_as_told",
        "offer that the log does not tell of, or the other way round",
        """
        SELECT coalesce(o.id, e.offer_id)::text
        FROM leads_leadoffer o
        FULL JOIN (
            SELECT (data ->> 'offer')::uuid AS offer_id, lead_id, partner_id, count(*) AS told
            FROM leads_leadevent WHERE type = 'lead.offered' GROUP BY 1, 2, 3
        ) e ON e.offer_id = o.id AND e.lead_id = o.lead_id AND e.partner_id = o.partner_id
        WHERE o.id IS NULL OR e.told IS DISTINCT FROM 1
        """,
    ),
    Invariant(
        "waves_without_gap",
        "lead whose waves are not numbered 1, 2, 3 up to its last one",
        """
        SELECT l.id::text
        FROM leads_lead l
        LEFT JOIN (
            SELECT lead_id, count(*) AS waves, max(number) AS last
            FROM leads_wave GROUP BY lead_id
        ) w ON w.lead_id = l.id
        WHERE NOT l.is_imported
            AND (coalesce(w.waves, 0) <> l.wave OR coalesce(w.last, 0) <> l.wave)
        """,
    ),
)

# Which fact is told to whom, and as what. Of withdrawn offers a partner hears that had seen them.
TOLD_TO_PARTNER: Mapping[str, str] = {
    EventType.LEAD_OFFERED: notifications.OFFER_NEW,
    EventType.LEAD_ASSIGNED: notifications.LEAD_ASSIGNED,
    EventType.CONTACT_OVERDUE: notifications.CONTACT_OVERDUE,
    EventType.FEEDBACK_OVERDUE: notifications.FEEDBACK_OVERDUE,
    EventType.LEAD_TAKEN_BACK: notifications.LEAD_TAKEN_BACK,
    EventType.LEAD_ERASED: notifications.LEAD_ERASED,
}

OF_MESSAGES = (
    Invariant(
        "every_fact_is_told",
        "fact without the message that tells of it",
        """
        SELECT e.id::text
        FROM leads_leadevent e
        JOIN leads_lead l ON l.id = e.lead_id
        LEFT JOIN leads_leadoffer o ON e.type = 'offer.withdrawn'
            AND o.id = (e.data ->> 'offer')::uuid
        WHERE e.recorded_at > %(at)s - %(kept)s AND e.at > %(at)s - %(kept)s
            AND CASE e.type
                WHEN 'lead.offered' THEN NOT l.is_imported
                WHEN 'lead.assigned' THEN NOT l.is_imported
                WHEN 'lead.escalated' THEN true
                WHEN 'contact.overdue' THEN true
                WHEN 'feedback.overdue' THEN true
                WHEN 'lead.taken_back' THEN e.data ? 'because'
                WHEN 'lead.erased' THEN e.assignment_id IS NOT NULL
                WHEN 'lead.handed_over'
                    THEN e.actor IS DISTINCT FROM 'user:' || (e.data ->> 'user')
                WHEN 'reminder.set' THEN true
                WHEN 'offer.withdrawn' THEN NOT l.is_imported AND o.available_from <= e.at
                    AND NOT EXISTS (
                        SELECT FROM leads_leadevent w
                        WHERE w.manufacturer_id = e.manufacturer_id AND w.lead_id = e.lead_id
                            AND w.type = 'lead.assigned' AND w.partner_id = e.partner_id
                            AND w.at = e.at AND w.sequence > e.sequence)
                ELSE false END
            AND NOT EXISTS (
                SELECT FROM core_delivery d
                WHERE d.event_id = e.id AND d.channel = 'NOTICE' AND CASE e.type
                    WHEN 'lead.escalated' THEN d.recipient = %(dispatchers)s AND d.kind = CASE
                        WHEN e.data ->> 'because' = %(no_contact)s THEN %(contact_escalated)s
                        ELSE %(lead_escalated)s END
                    WHEN 'offer.withdrawn' THEN d.recipient = 'partner:' || e.partner_id
                        AND d.kind = ANY (%(gone)s)
                    WHEN 'lead.handed_over' THEN d.kind = %(handed_over)s
                        AND d.recipient = 'colleague:' || (e.data ->> 'user')
                    WHEN 'reminder.set' THEN d.kind = %(reminder)s AND d.recipient = coalesce(
                        'colleague:' || (e.data ->> 'user'), 'partner:' || e.partner_id)
                    ELSE d.recipient = 'partner:' || e.partner_id
                        AND d.kind = %(told_to_partner)s::jsonb ->> e.type END)
        """,
    ),
    Invariant(
        "messages_within_the_tenant",
        "message to a partner, or about something, of another tenant",
        """
        SELECT d.id::text
        FROM core_delivery d
        LEFT JOIN partners_partner p ON d.recipient = 'partner:' || p.id
        LEFT JOIN leads_leadoffer o ON o.id = d.subject_id
        LEFT JOIN leads_assignment a ON a.id = d.subject_id
        LEFT JOIN leads_lead l ON l.id = d.subject_id
        WHERE (d.recipient LIKE 'partner:%%' AND p.manufacturer_id IS DISTINCT FROM
                d.manufacturer_id)
            OR coalesce(o.manufacturer_id, a.manufacturer_id, l.manufacturer_id, d.manufacturer_id)
                <> d.manufacturer_id
        """,
    ),
)

OF_WORK = (
    Invariant(
        "stage_as_told",
        "lead in hands or ended with another closing chance than the log last tells of",
        """
        SELECT a.id::text
        FROM leads_assignment a
        LEFT JOIN LATERAL (
            SELECT e.data FROM leads_leadevent e
            WHERE e.assignment_id = a.id AND e.type = 'lead.stage_set'
            ORDER BY e.sequence DESC LIMIT 1
        ) s ON true
        WHERE a.closing_chance IS DISTINCT FROM s.data ->> 'chance'
            OR to_char(a.expected_month, 'YYYY-MM') IS DISTINCT FROM s.data ->> 'month'
            OR a.expected_value IS DISTINCT FROM (s.data ->> 'value')::numeric
        """,
    ),
    Invariant(
        "notes_as_told",
        "note that the log does not tell of, or the other way round",
        """
        SELECT coalesce(n.id::text, e.data ->> 'note')
        FROM leads_leadnote n
        FULL JOIN (SELECT * FROM leads_leadevent WHERE type = 'note.added') e
            ON e.data ->> 'note' = n.id::text AND e.assignment_id = n.assignment_id
        WHERE n.id IS NULL OR e.id IS NULL
        """,
    ),
    Invariant(
        "reminders_as_told",
        "reminder that the log does not tell of, or the other way round",
        """
        SELECT coalesce(r.id::text, e.data ->> 'reminder')
        FROM leads_reminder r
        FULL JOIN (SELECT * FROM leads_leadevent WHERE type = 'reminder.set') e
            ON e.data ->> 'reminder' = r.id::text AND e.assignment_id = r.assignment_id
        WHERE r.id IS NULL OR e.id IS NULL
            OR (e.data ->> 'due_at')::timestamptz <> r.due_at
        """,
    ),
)

OF_PERSONAL_DATA = (
    Invariant(
        "erased_means_gone",
        "erased lead that goes on, or of which something personal is left",
        """
        SELECT l.id::text FROM leads_lead l
        WHERE l.erased_at IS NOT NULL AND (
            l.status IN ('HELD', 'OFFERED', 'OPEN') OR l.evidence <> ''
            OR EXISTS (SELECT FROM leads_leadcontact c WHERE c.lead_id = l.id)
            OR EXISTS (SELECT FROM leads_leadoffer o WHERE o.lead_id = l.id AND o.note <> '')
            OR EXISTS (
                SELECT FROM leads_assignment a JOIN leads_leadfeedback f ON f.assignment_id = a.id
                WHERE a.lead_id = l.id AND f.note <> '')
            OR EXISTS (
                SELECT FROM leads_assignment a JOIN leads_leadnote n ON n.assignment_id = a.id
                WHERE a.lead_id = l.id AND n.text <> '')
            OR EXISTS (
                SELECT FROM leads_assignment a JOIN leads_reminder r ON r.assignment_id = a.id
                WHERE a.lead_id = l.id AND (r.text <> '' OR r.ended_at IS NULL)))
        """,
    ),
    Invariant(
        "erased_as_told",
        "lead that is erased without a fact that says so, or the other way round",
        """
        SELECT coalesce(l.id, e.lead_id)::text
        FROM (SELECT id FROM leads_lead WHERE erased_at IS NOT NULL) l
        FULL JOIN (SELECT DISTINCT lead_id FROM leads_leadevent WHERE type = 'lead.erased') e
            ON e.lead_id = l.id
        WHERE l.id IS NULL OR e.lead_id IS NULL
        """,
    ),
    Invariant(
        "every_lead_has_its_customer",
        "lead, neither erased nor imported, without a contact",
        """
        SELECT l.id::text FROM leads_lead l
        WHERE l.erased_at IS NULL AND NOT l.is_imported AND NOT EXISTS (
            SELECT FROM leads_leadcontact c WHERE c.lead_id = l.id)
        """,
    ),
    Invariant(
        "shown_after_acceptance",
        "contact shown to a partner that had not taken the lead by then",
        """
        SELECT d.id::text FROM leads_leaddisclosure d
        WHERE d.partner_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM leads_assignment a
            WHERE a.lead_id = d.lead_id AND a.partner_id = d.partner_id
                AND a.accepted_at <= d.seen_at)
        """,
    ),
)

# These hold where timers run; a test in which time stands still leaves them out.
OF_TIMERS = (
    Invariant(
        "waves_end_in_time",
        f"lead on offer whose deadline passed more than {LATE_AFTER:.0f} s ago",
        """
        SELECT id::text FROM leads_lead
        WHERE status = 'OFFERED' AND respond_by < %(at)s - %(late)s
        """,
    ),
    Invariant(
        "follow_ups_in_time",
        f"lead in hands on which a next step has been due for more than {LATE_AFTER:.0f} s",
        """
        SELECT id::text FROM leads_assignment
        WHERE follow_up_at IS NOT NULL AND least(contact_due_at, CASE
            WHEN feedback_told_at IS NULL OR feedback_told_at < feedback_due_at
            THEN feedback_due_at END) < %(at)s - %(late)s
        """,
    ),
    Invariant(
        "messages_in_time",
        f"message that nobody has tried to send, due for more than {LATE_AFTER:.0f} s",
        """
        SELECT id::text FROM core_delivery
        WHERE done_at IS NULL AND failed_at IS NULL AND due_at < %(at)s - %(late)s
            AND (claimed_until IS NULL OR claimed_until < %(at)s)
        """,
    ),
    Invariant(
        "letters_in_time",
        f"letter of an account that nobody has tried to send, due for more than {LATE_AFTER:.0f} s",
        """
        SELECT id::text FROM core_letter
        WHERE due_at < %(at)s - %(late)s AND (claimed_until IS NULL OR claimed_until < %(at)s)
        """,
    ),
)

OF_ROWS = OF_HOLDERS + OF_THE_LOG + OF_MESSAGES + OF_WORK + OF_PERSONAL_DATA

# What the statements name.
WORDS: Mapping[str, Any] = {
    "in_hands": list(IN_HANDS),
    "closed": list(CLOSED),
    "passing": [LeadStatus.RECEIVED, LeadStatus.RETURNED],
    "picks": [EventType.OFFER_ACCEPTED, EventType.LEAD_ASSIGNED, EventType.LEAD_PICKED],
    "dispatchers": notifications.DISPATCHERS,
    "no_contact": NO_CONTACT,
    "contact_escalated": notifications.CONTACT_ESCALATED,
    "lead_escalated": notifications.LEAD_ESCALATED,
    "handed_over": notifications.LEAD_HANDED_OVER,
    "reminder": notifications.REMINDER,
    "gone": [notifications.OFFER_TAKEN, notifications.OFFER_WITHDRAWN],
}
