"""The same thing written twice at once, and different things that need the same rows."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from leadhub.core import outbox
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.dispatch import assign_lead
from leads.feedback import return_lead
from leads.intake import Contact, Receipt, receive_lead
from leads.models import Assignment, Lead, PartnerStanding, RoutingPolicy
from partners.models import CertificationLevel, Partner, ProductLine
from partners.network import PartnerExists, change_partner, create_partner, save_partner
from tests.acting import HOUR, MINUTE, accept, again, holder_of
from tests.factories import NOON, Network, NewLeadFactory, PartnerDetailsFactory, count_rows
from tests.pages.desks import at_desk, form_of, read
from tests.races.holding import Meeting, failures, hold_at, hold_lock


@pytest.fixture
def world(committed: None) -> Network:
    """A committed network that asks one partner at a time."""
    network = Network("acme")
    network.policy({"partners": 1})
    return network


def open_assignments(network: Network, partner: Partner) -> int:
    with tenant_context(network.manufacturer.id):
        return PartnerStanding.objects.get(partner=partner).open_assignments


def test_makes_one_lead_of_the_same_push_twice_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.partner()
    new = NewLeadFactory.build()
    meeting = Meeting(2)
    hold_at(monkeypatch, meeting, "leads.intake.read_setup")

    def act() -> Receipt:
        return receive_lead(new=new, by=world.by, at=NOON)

    results = meeting.race(act, act)

    assert failures(results) == []
    assert meeting.met == 1
    assert sorted(receipt.is_new for receipt in results) == [False, True]
    assert results[0].lead == results[1].lead
    assert count_rows(Lead) == 1
    assert len(world.offers(results[0].lead)) == 1


def test_makes_one_partner_of_the_same_details_twice_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    details = PartnerDetailsFactory.build()
    meeting = Meeting(2)
    hold_at(monkeypatch, meeting, "partners.network._known_lines")

    def act() -> tuple[Partner, bool]:
        return save_partner(details=details, by=world.by, at=NOON)

    results = meeting.race(act, act)

    assert failures(results) == []
    assert sorted(is_new for _, is_new in results) == [False, True]
    assert count_rows(Partner) == 1


def test_creates_one_partner_when_two_ask_for_the_same_new_one(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    details = PartnerDetailsFactory.build()
    meeting = Meeting(2)
    hold_at(monkeypatch, meeting, "partners.network.wait_for_turn")

    def act() -> Partner:
        return create_partner(details=details, by=world.by, at=NOON)

    results = meeting.race(act, act)

    assert failures(results) == [PartnerExists]
    assert count_rows(Partner) == 1


def test_keeps_both_of_two_changes_of_a_partner_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = world.partner(name="Before", street="Altweg 1")
    meeting = Meeting(2)
    hold_at(monkeypatch, meeting, "partners.network.wait_for_turn")

    def change(**changes: str) -> Partner:
        return change_partner(partner=partner, changes=changes, by=world.by, at=NOON)

    results = meeting.race(partial(change, name="After"), partial(change, street="Neuweg 2"))

    with tenant_context(world.manufacturer.id):
        changed = Partner.objects.get(id=partner.id)
    assert failures(results) == []
    assert (changed.name, changed.street) == ("After", "Neuweg 2")


def test_tells_the_second_of_two_who_save_the_same_form_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen the partner as it was; only the turn decides who was faster."""
    partner = world.partner(name="Before", weight=50)
    address = f"/partners/{partner.id}/edit/"
    desks = at_desk(world), at_desk(world)
    sent = form_of(read(desks[0], address))
    meeting = Meeting(2)
    hold_at(monkeypatch, meeting, "partners.views.partner.details_of")

    results = meeting.race(
        partial(desks[0].post, address, {**sent, "weight": "80"}),
        partial(desks[1].post, address, {**sent, "weight": "20"}),
    )

    assert failures(results) == []
    assert meeting.met == 2
    assert sorted(answer.status_code for answer in results) == [302, 422]
    saved = 80 if results[0].status_code == 302 else 20
    assert again(partner).weight == saved


def test_tells_the_second_of_two_who_publish_the_same_policy_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen the version that held; only the turn decides who was faster."""
    with tenant_context(world.manufacturer.id):
        policy = RoutingPolicy.objects.get(is_active=True)
    address = f"/set-up/policies/{policy.id}/"
    desks = at_desk(world), at_desk(world)
    sent = form_of(read(desks[0], address))
    meeting = Meeting(2)
    hold_at(monkeypatch, meeting, "leads.views.policies.Writing")

    results = meeting.race(
        partial(desks[0].post, address, {**sent, "waves-0-partners": "2"}),
        partial(desks[1].post, address, {**sent, "waves-0-partners": "3"}),
    )

    with tenant_context(world.manufacturer.id):
        holding = RoutingPolicy.objects.get(is_active=True)
    assert failures(results) == []
    assert meeting.met == 2
    assert sorted(answer.status_code for answer in results) == [302, 422]
    assert holding.version == policy.version + 1
    assert holding.waves[0]["partners"] == (2 if results[0].status_code == 302 else 3)


@pytest.mark.parametrize("kind", ["product-line", "level"])
def test_gives_a_code_to_the_first_of_two_who_add_it_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Both forms were right when they were read; only the turn decides whose code it is."""
    desks = at_desk(world), at_desk(world)
    sent = {"code": "new", "rank": "3"}
    meeting = Meeting(2)
    read_form = meeting.hold(lambda form: form.cleaned_data)
    for form in ("ProductLineForm", "LevelForm"):
        monkeypatch.setattr(f"partners.word_forms.{form}.clean", read_form)

    results = meeting.race(
        partial(desks[0].post, f"/set-up/add-{kind}/", {**sent, "name": "First"}),
        partial(desks[1].post, f"/set-up/add-{kind}/", {**sent, "name": "Second"}),
    )

    with tenant_context(world.manufacturer.id):
        model = ProductLine if kind == "product-line" else CertificationLevel
        (name,) = model.objects.filter(code="new").values_list("name", flat=True)
    assert failures(results) == []
    assert meeting.met == 2
    assert sorted(answer.status_code for answer in results) == [302, 422]
    assert name == ("First" if results[0].status_code == 302 else "Second")


def test_keeps_a_cap_on_offers_when_two_leads_come_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.partner(cap_per_day=1)
    meeting = Meeting(2)
    hold_at(monkeypatch, meeting, "leads.waves.find_candidates")
    # leads of one customer would wait for each other before
    of_another = partial(world.lead, contact=Contact("Max", "Muster", email="max@example.com"))

    results = meeting.race(world.lead, of_another)

    assert failures(results) == []
    assert meeting.met == 2
    assert sorted(lead.status for lead in results) == [Lead.Status.OFFERED, Lead.Status.OPEN]


def test_counts_two_first_assignments_of_a_partner_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = [world.lead(), world.lead()]
    partner = world.partner()
    meeting = Meeting(2)
    hold_lock(monkeypatch, meeting)

    def act(lead: Lead) -> Callable[[], Assignment]:
        return lambda: assign_lead(lead=lead, partner=partner, by=world.by, at=NOON + MINUTE)

    results = meeting.race(*[act(lead) for lead in leads])

    assert failures(results) == []
    assert open_assignments(world, partner) == 2


def test_lets_two_partners_return_leads_that_are_then_offered_to_each_other(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both count down their own standing, then note the offer to the other."""
    munich, berlin = world.partner(), world.partner(postal_code="10115")
    held = [
        assign_lead(lead=world.lead(postal_code="20095"), partner=p, by=world.by, at=NOON)
        for p in (munich, berlin)
    ]
    for partner in (munich, berlin):
        save_partner(
            details=PartnerDetailsFactory.build(external_id=partner.external_id, radius_km=2_000.0),
            by=world.by,
            at=NOON,
        )
    meeting = Meeting(2, in_order=False)
    hold_at(monkeypatch, meeting, "leads.feedback.end_assignment_unclosed")

    def act(assignment: Assignment) -> Callable[[], Assignment]:
        return lambda: return_lead(
            assignment=assignment, reason="OTHER", by=holder_of(assignment), at=NOON + HOUR
        )

    results = meeting.race(*[act(assignment) for assignment in held])

    assert failures(results) == []
    assert [open_assignments(world, partner) for partner in (munich, berlin)] == [0, 0]


def test_counts_every_assignment_of_a_partner_that_accepts_many_at_once(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = world.partner()
    offers = [world.offers(world.lead())[0] for _ in range(4)]
    meeting = Meeting(4, in_order=False)
    hold_lock(monkeypatch, meeting)

    results = meeting.race(*[partial(accept, offer) for offer in offers])

    assert failures(results) == []
    assert open_assignments(world, partner) == 4


def test_hands_a_message_to_one_sender_only(
    world: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.partners(3)
    for _ in range(6):
        world.lead()
    meeting = Meeting(2, in_order=False)
    claim_due = meeting.hold(outbox.claim_due)

    def act() -> list[Any]:
        with system_context("test"):
            return [delivery.id for delivery in claim_due(channel="NOTICE", at=NOON, limit=4)]

    first, second = meeting.race(act, act)

    assert len(first) + len(second) == 6
    assert not set(first) & set(second)
