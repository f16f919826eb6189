"""Two networks whose leads have gone every way there is, by the product's own functions."""

from decimal import Decimal
from typing import Any

from kpis.history import import_history
from kpis.history.reading import RawRow
from leadhub.core.tenancy.context import tenant_context
from leads.attachments import add_attachment
from leads.dispatch import reject_lead, release_lead, reroute_lead, withdraw_lead
from leads.erasure import erase_lead
from leads.escalation import sweep
from leads.feedback import close_lead, give_feedback, reopen_lead, return_lead
from leads.handing_over import hand_over
from leads.leaving import move_on
from leads.merging import merge_lead
from leads.messages import deliver_due
from leads.models import Assignment, Lead
from leads.models.assignments import LostReason, ReturnReason
from leads.notes import add_note
from leads.pipeline import set_stage
from leads.reminders import set_reminder
from leads.routing import pick_lead
from partners.models import Partner
from tests.acting import DAY, HOUR, MINUTE, accept, decline, holder_of, member
from tests.contracts.catalogue import World, make_world
from tests.factories import NOON, PDF, Network

# After everything that happens here, and before anything more falls due.
AFTER = NOON + 2 * DAY

PAST: list[dict[str, str]] = [
    {},
    {"partner_external_id": "P", "offered_at": "2026-01-02T08:00Z"},
    {"partner_external_id": "P", "accepted_at": "2026-01-02T08:00Z"},
    {
        "partner_external_id": "P",
        "offered_at": "2026-01-02T08:00Z",
        "accepted_at": "2026-01-02T09:00Z",
        "contacted_at": "2026-01-02T10:00Z",
        "first_feedback_at": "2026-01-02T11:00Z",
        "closed_at": "2026-01-03T09:00Z",
        "outcome": "WON",
        "value": "4800",
    },
    {
        "partner_external_id": "P",
        "accepted_at": "2026-01-02T09:00Z",
        "first_feedback_at": "2026-01-03T09:00Z",
        "closed_at": "2026-01-03T09:00Z",
        "outcome": "LOST",
    },
]


def two_worlds() -> tuple[World, World]:
    """A row in every table of two tenants, leads in every state, and a past of their own."""
    worlds = make_world("acme"), make_world("globex")
    for world in worlds:
        Ways(world.network).go()
        bring_history(world.network)
    deliver_due()
    return worlds


class Ways:
    """Leads of one network, each led another way."""

    def __init__(self, network: Network) -> None:
        self.network, self.by = network, network.by
        network.policy({"partners": 2}, {"partners": 2}, take_back=True)
        network.partners(4)

    def go(self) -> None:
        """Lead them all."""
        self._answer()
        self._end()
        self._work()
        self._hold()
        self._leave()
        for number in (*range(1, 8), 26):
            sweep(at=NOON + number * HOUR)
        self._erase()
        self.network.lead(at=AFTER)
        accept(self.network.offers(self.network.lead(at=AFTER))[0], at=AFTER)

    def _held(self) -> tuple[Lead, Assignment]:
        lead = self.network.lead()
        return lead, accept(self.network.offers(lead)[0])

    def _answer(self) -> None:
        lead = self.network.lead()
        for offer in self.network.offers(lead):
            decline(offer)
        late = self.network.lead()
        offer = self.network.offers(late)[0]
        sweep(at=NOON + HOUR)
        accept(offer, at=NOON + HOUR)
        picked = self.network.lead(postal_code="20095")
        nearby = self.network.partner(postal_code="20095")
        pick_lead(lead=picked, by=self.network.actor_for(nearby), at=NOON + HOUR)
        withdraw_lead(lead=self.network.lead(), by=self.by, at=NOON + MINUTE)
        reroute_lead(lead=self.network.lead(), by=self.by, at=NOON + MINUTE)
        taken, _ = self._held()
        reroute_lead(lead=taken, by=self.by, at=NOON + 2 * MINUTE)

    def _end(self) -> None:
        answers: dict[str, Any]
        for status, answers in (
            ("APPOINTMENT", {}),
            ("WON", {"value": Decimal(100)}),
            ("LOST", {"reason": LostReason.PRICE}),
        ):
            _, assignment = self._held()
            give_feedback(
                assignment=assignment,
                status=status,
                note="in their own words",
                by=holder_of(assignment),
                at=NOON + 2 * MINUTE,
                **answers,
            )
        lead, assignment = self._held()
        answers = {"outcome": "LOST", "reason": LostReason.OTHER}
        close_lead(lead=lead, by=self.by, at=NOON + 2 * MINUTE, **answers)
        reopen_lead(lead=lead, by=self.by, at=NOON + 3 * MINUTE)
        _, assignment = self._held()
        return_lead(
            assignment=assignment,
            reason=ReturnReason.WRONG_DATA,
            by=holder_of(assignment),
            at=NOON + 2 * MINUTE,
        )

    def _work(self) -> None:
        """Keep things with a lead, one of which comes due."""
        _, assignment = self._held()
        by, at = holder_of(assignment), NOON + 2 * MINUTE
        add_note(assignment=assignment, text="in their own words", by=by, at=at)
        add_attachment(assignment=assignment, content=PDF, file_name="Plan.pdf", by=by, at=at)
        for number in (1, 2):
            due_at = at + number * HOUR
            set_reminder(assignment=assignment, due_at=due_at, text="theirs", by=by, at=at)
        with tenant_context(self.network.manufacturer.id):
            partner = Partner.objects.get(id=assignment.partner_id)
        email = f"rep@{self.network.manufacturer.slug}.work.example"
        rep = member(self.network, email, "PARTNER_REP", partner)
        hand_over(assignment=assignment, user_id=rep.user_id, by=by, at=at)
        expected: dict[str, Any] = {"month": at.date(), "value": Decimal("4800.50")}
        set_stage(assignment=assignment, chance="HIGH", by=by, at=at, **expected)

    def _hold(self) -> None:
        unknown, other, bad, _, _ = (self.network.lead(postal_code="00000") for _ in range(5))
        release_lead(lead=unknown, by=self.by, at=NOON + MINUTE)
        reject_lead(lead=bad, by=self.by, at=NOON + MINUTE)
        merge_lead(lead=other, into_id=self.network.lead().id, by=self.by, at=NOON + MINUTE)

    def _leave(self) -> None:
        nuremberg: dict[str, Any] = {"postal_code": "90402"}
        leaver = self.network.partner(**nuremberg)
        self.network.lead(**nuremberg)
        accept(self.network.offers(self.network.lead(**nuremberg))[0])
        with tenant_context(self.network.manufacturer.id):
            Partner.objects.filter(id=leaver.id).update(status=Partner.Status.LEFT)
            leaver.refresh_from_db()
            move_on(partner=leaver, by=self.by, at=NOON + 2 * MINUTE)

    def _erase(self) -> None:
        """Erase one lead in each state that leads are in."""
        with tenant_context(self.network.manufacturer.id):
            leads = list(Lead.objects.order_by("status", "id").distinct("status"))
        for lead in leads:
            erase_lead(lead=lead, by=self.by, at=NOON + 27 * HOUR)


def bring_history(network: Network) -> None:
    """Import a past of leads that nobody took, that are in hands, won and lost."""
    network.partner(external_id="P")
    rows = [
        {
            "external_id": f"past {number}",
            "product_line": "heat-pumps",
            "country": "DE",
            "postal_code": "80331",
            "received_at": "2026-01-01T08:00Z",
            **row,
        }
        for number, row in enumerate(PAST)
    ]
    numbered = [RawRow(number, values) for number, values in enumerate(rows, start=1)]
    imported = import_history(rows=iter(numbered), by=network.by, at=NOON)
    assert imported.stored == len(PAST), imported
