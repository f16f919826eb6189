"""Who owes feedback takes no lead from the pick list, until it is given."""

from datetime import datetime

import pytest

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.feedback import give_feedback
from leads.models import Assignment, Lead
from leads.owing import FeedbackOverdue, debtors_visible_to
from leads.policies import publish_policy
from leads.routing import pick_lead
from partners.models import Partner
from tests.acting import DAY, HOUR, accepted_lead, again, holder_of
from tests.api.calling import Api
from tests.factories import Network
from tests.pages.desks import at_desk, read
from tests.pages.phones import phone_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_lead(network: Network) -> Lead:
    """A lead that came before any partner."""
    return network.lead()


@pytest.fixture
def partner(network: Network, open_lead: Lead) -> Partner:
    """A partner that may take it."""
    return network.partner(name="Alpha Heating")


@pytest.fixture
def owed(network: Network, partner: Partner) -> Assignment:
    """A lead in that partner's hands."""
    assignment: Assignment = again(accepted_lead(network))
    return assignment


def due_of(assignment: Assignment) -> datetime:
    assert assignment.feedback_due_at is not None
    return assignment.feedback_due_at


def test_who_owes_feedback_takes_nothing_until_it_is_given(
    network: Network, open_lead: Lead, partner: Partner, owed: Assignment
) -> None:
    late, by = due_of(owed) + HOUR, network.actor_for(partner)
    with pytest.raises(FeedbackOverdue):
        pick_lead(lead=open_lead, by=by, at=late)

    give_feedback(assignment=owed, status="NOT_REACHABLE", by=by, at=late)
    picked = pick_lead(lead=open_lead, by=by, at=late)

    assert picked.partner_id == partner.id


def test_feedback_that_is_not_due_yet_keeps_nobody_from_anything(
    network: Network, open_lead: Lead, partner: Partner, owed: Assignment
) -> None:
    at = due_of(owed) - HOUR

    picked = pick_lead(lead=open_lead, by=network.actor_for(partner), at=at)

    assert picked.lead_id == open_lead.id


def test_the_policy_of_the_lead_says_how_much_may_be_owed(
    network: Network, partner: Partner, owed: Assignment
) -> None:
    network.policy({}, max_overdue_feedback=1)
    lead = network.lead(postal_code="20095")
    with tenant_context(network.manufacturer.id):
        Lead.objects.filter(id=lead.id).update(latitude=48.13, longitude=11.57)

    picked = pick_lead(lead=lead, by=network.actor_for(partner), at=due_of(owed) + DAY)

    assert picked.lead_id == lead.id


def test_a_program_lists_the_lead_and_is_refused_with_403(
    network: Network, open_lead: Lead, partner: Partner, owed: Assignment
) -> None:
    api = Api(network.key_for(partner))

    with clock.set_to(due_of(owed)):
        listed = api.get("pick-list/").json["results"]
        refused = api.post(f"pick-list/{open_lead.id}/pick/")

    assert [lead["id"] for lead in listed] == [str(open_lead.id)]
    assert (refused.status, refused.code) == (403, "feedback_overdue")


def test_the_page_shows_what_is_missed_and_leads_to_what_is_owed(
    network: Network, open_lead: Lead, partner: Partner, owed: Assignment
) -> None:
    phone = phone_of(network, partner)

    at = due_of(owed)
    page = phone.open("/pick-list/", at=at)
    answer = phone.tap(f"/pick-list/{open_lead.id}/pick/", partner=partner.id, at=at)

    assert "You are missing 1 lead." in page
    assert "You owe feedback on 1 lead." in page
    assert "/assignments/#owed" in page
    assert "Take this lead" not in page
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/inbox/", "/assignments/"])
def test_a_partner_sees_what_it_owes_wherever_it_looks_one_tap_away(
    network: Network, partner: Partner, owed: Assignment, path: str
) -> None:
    phone = phone_of(network, partner)

    before = phone.open(path, at=due_of(owed) - HOUR)
    page = phone.open(path, at=due_of(owed))
    lead = phone.open(f"/assignments/{owed.id}/", at=due_of(owed))

    assert "You owe feedback" not in before
    box = page[page.index('id="owed"') :]
    assert "You owe feedback on 1 lead." in box
    assert f'href="/assignments/{owed.id}/#report-title"' in box
    assert 'id="report-title"' in lead
    assert "Feedback due since" in lead
    give_feedback(assignment=owed, status="REACHED", by=network.actor_for(partner), at=due_of(owed))
    assert "You owe feedback" not in phone.open(path, at=due_of(owed) + HOUR)


@pytest.mark.parametrize(
    ("allowed", "words"),
    [
        ((0, 0), "Until you have given it, new enquiries go to other partners"),
        ((0, 1), "some of the new enquiries go to other partners"),
        ((1, 0), "some of the new enquiries go to other partners"),
        ((1, 1), "if more becomes overdue, new enquiries go to other partners"),
    ],
)
def test_a_partner_is_told_what_it_does_not_get_until_then(
    network: Network, partner: Partner, owed: Assignment, allowed: tuple[int, int], words: str
) -> None:
    default, fair = allowed
    network.policy({}, max_overdue_feedback=default)
    rule = {"partners": 1, "response_window": 60}
    publish_policy(
        name="Fair",
        source="fair",
        waves=[rule],
        max_overdue_feedback=fair,
        by=network.by,
        at=owed.accepted_at,
    )

    page = phone_of(network, partner).open("/inbox/", at=due_of(owed))

    assert words in page


def test_dispatchers_see_which_partners_owe_feedback(
    network: Network, partner: Partner, owed: Assignment
) -> None:
    client = at_desk(network, "DISPATCHER")

    with clock.set_to(due_of(owed)):
        page = read(client, "/leads/feedback-owed/")
        board = read(client, "/leads/?attention=feedback")
    with clock.set_to(due_of(owed) - HOUR):
        before = read(client, "/leads/feedback-owed/")

    assert "Alpha Heating" in page
    assert f"partner={partner.id}" in page
    assert f"/leads/{owed.lead_id}/" in board
    assert "No feedback is overdue" in before


def test_debtors_are_listed_the_longest_owing_first(network: Network) -> None:
    first, second = network.partners(2)
    assignments = [again(accepted_lead(network)) for _ in range(4)]

    with tenant_context(network.manufacturer.id):
        debtors = debtors_visible_to(network.by, at=due_of(assignments[-1]))
        nobody = debtors_visible_to(network.actor_for(first), at=due_of(assignments[-1]))

    assert {debtor.partner.id for debtor in debtors} == {first.id, second.id}
    assert sum(debtor.leads for debtor in debtors) == 4
    assert nobody == []
    assert holder_of(assignments[0]).partner_id in {first.id, second.id}
