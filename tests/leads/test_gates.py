"""Absent partners, overdue feedback and exclusion lists, from what was entered to who is asked."""

from datetime import date, timedelta
from typing import Any

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads.explanations import explain_exclusions
from leads.feedback import give_feedback
from leads.models import Lead, Wave
from leads.owing import FeedbackOverdue
from leads.pick_list import pick_list_visible_to
from leads.routing import NotEligible, pick_lead
from partners.absences import add_absence, end_absence
from partners.exclusions import add_exclusion, remove_exclusion
from partners.models import Partner
from tests.acting import DAY, HOUR, MINUTE, accepted_lead, asked, holder_of, run_out
from tests.factories import NOON, ContactFactory, Network

TODAY = NOON.date()


def away(network: Network, partner: Partner, first: int, last: int) -> Any:
    return add_absence(
        partner=partner,
        first_day=TODAY + first * DAY,
        last_day=TODAY + last * DAY,
        by=network.by,
        at=NOON,
    )


def keep_from(network: Network, partner: Partner, kind: str, value: str) -> Any:
    return add_exclusion(partner=partner, kind=kind, value=value, by=network.by, at=NOON)


def reasons(network: Network, lead: Lead) -> list[str]:
    with tenant_context(network.manufacturer.id):
        wave = Wave.objects.filter(lead=lead).latest("number")
    return [
        f"{gate['code']}: {gate['detail']}"
        for exclusion in explain_exclusions(wave)
        for gate in exclusion["gates"]
    ]


@pytest.mark.parametrize(
    ("days", "partners"),
    [((0, 0), 0), ((0, 5), 0), ((1, 5), 1), ((0, 730), 0), ((-3, 0), 0)],
    ids=str,
)
def test_asks_nobody_who_is_absent_today(
    network: Network, days: tuple[int, int], partners: int
) -> None:
    away(network, network.partner(), *days)

    assert len(asked(network, network.lead())) == partners


def test_begins_and_ends_an_absence_by_the_manufacturers_midnight(network: Network) -> None:
    partner = network.partner()
    away(network, partner, 1, 1)
    midnight = NOON + 11 * HOUR  # in Berlin

    before = asked(network, network.lead(at=midnight - MINUTE))
    on_it = asked(network, network.lead(at=midnight))
    after = asked(network, network.lead(at=midnight + DAY))

    assert (before, on_it, after) == ([partner.id], [], [partner.id])


def test_says_until_when_a_partner_is_absent_over_all_its_absences(network: Network) -> None:
    partner = network.partner()
    away(network, partner, 0, 2)
    away(network, partner, 0, 6)
    away(network, partner, 20, 30)

    assert reasons(network, network.lead()) == ["inactive: absent: until 2026-03-08"]


def test_asks_a_partner_again_that_is_back_early(network: Network) -> None:
    partner = network.partner()
    absence = away(network, partner, 0, 5)

    end_absence(absence=absence, by=network.by, at=NOON)

    assert asked(network, network.lead()) == [partner.id]


def test_keeps_an_absence_through_changes_of_the_partner(network: Network) -> None:
    partner = network.partner()
    away(network, partner, 0, 5)

    network.partner(external_id=partner.external_id, weight=90)

    assert asked(network, network.lead()) == []


def test_asks_nobody_whose_feedback_is_overdue(network: Network) -> None:
    network.partner()
    held = accepted_lead(network)
    due = held.accepted_at + DAY

    in_time = asked(network, network.lead(at=due - MINUTE))
    late = network.lead(at=due)

    assert in_time == [held.partner_id]
    assert reasons(network, late) == ["feedback_overdue: 1 overdue > 0"]


def test_asks_again_once_the_feedback_was_given(network: Network) -> None:
    network.partner()
    held = accepted_lead(network)
    later = NOON + 3 * DAY
    give_feedback(assignment=held, status="NOT_REACHABLE", by=holder_of(held), at=later)

    assert asked(network, network.lead(at=later + MINUTE)) == [held.partner_id]


def test_allows_as_much_overdue_feedback_as_the_policy_says(network: Network) -> None:
    network.policy({"partners": 1}, max_overdue_feedback=2)
    partner = network.partner()
    for _ in range(2):
        accepted_lead(network)

    tolerated = asked(network, network.lead(at=NOON + 2 * DAY))
    accepted_lead(network, at=NOON + 2 * DAY)
    too_much = asked(network, network.lead(at=NOON + 4 * DAY))

    assert (tolerated, too_much) == ([partner.id], [])


@pytest.mark.parametrize(
    ("kind", "value", "lead"),
    [
        ("SOURCE", " Trade  Fair ", {"source": "trade fair"}),
        ("EMAIL", "Erika@Example.com", {}),
        ("EMAIL_DOMAIN", "@example.com", {}),
        (
            "EMAIL_DOMAIN",
            "example.com",
            {"contact": ContactFactory.build(email="e@mail.example.com")},
        ),
        (
            "COMPANY",
            "Müller Wärme GmbH & Co. KG",
            {"contact": ContactFactory.build(company="MÜLLER-WÄRME")},
        ),
    ],
)
def test_keeps_a_lead_from_those_on_whose_list_it_is(
    network: Network, kind: str, value: str, lead: dict[str, Any]
) -> None:
    partner, other = network.partners(2)
    keep_from(network, partner, kind, value)

    routed = network.lead(**lead)

    assert asked(network, routed) == [other.id]
    assert reasons(network, routed) == [
        f"conflict: on the exclusion list by {kind.lower().replace('_', ' ')}"
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("SOURCE", "web"),
        ("EMAIL", "rika@example.com"),
        ("EMAIL_DOMAIN", "ample.com"),
        ("COMPANY", "Muster Wärme"),
    ],
)
def test_lets_pass_what_only_resembles_an_entry(network: Network, kind: str, value: str) -> None:
    partner = network.partner()
    keep_from(network, partner, kind, value)

    lead = network.lead(contact=ContactFactory.build(company="Muster"))

    assert asked(network, lead) == [partner.id]


def test_keeps_the_list_in_later_waves(network: Network) -> None:
    network.policy({"partners": 1}, {"partners": 5})
    first, second = network.partners(2)
    lead = network.lead()
    spared = second if asked(network, lead) == [first.id] else first
    keep_from(network, spared, "EMAIL", "erika@example.com")

    run_out(lead)

    assert network.again(lead).status == Lead.Status.OPEN


def test_asks_again_once_the_entry_is_gone(network: Network) -> None:
    partner = network.partner()
    entry = keep_from(network, partner, "SOURCE", "website")

    remove_exclusion(exclusion=entry, by=network.by)

    assert asked(network, network.lead()) == [partner.id]


def test_lists_a_lead_for_nobody_whom_it_is_kept_from(network: Network) -> None:
    network.lead()
    partner, other = network.partners(2)
    keep_from(network, partner, "EMAIL_DOMAIN", "example.com")

    listed = {}
    with tenant_context(network.manufacturer.id):
        for one in (partner, other):
            listed[one.id] = pick_list_visible_to(network.actor_for(one), at=NOON).count()

    assert listed == {partner.id: 0, other.id: 1}


def test_lets_no_absent_partner_pick(network: Network) -> None:
    lead = network.lead()
    partner = network.partner()
    away(network, partner, 0, 0)

    with pytest.raises(NotEligible):
        pick_lead(lead=lead, by=network.actor_for(partner), at=NOON + HOUR)


def test_lists_open_leads_but_lets_nobody_pick_who_owes_feedback(network: Network) -> None:
    partner = network.partner()
    accepted_lead(network)
    network.partner(external_id=partner.external_id, postal_code="20095")
    lead = network.lead()
    network.partner(external_id=partner.external_id)
    later = NOON + 2 * DAY

    with tenant_context(network.manufacturer.id):
        listed = pick_list_visible_to(network.actor_for(partner), at=later).count()
    with pytest.raises(FeedbackOverdue):
        pick_lead(lead=lead, by=network.actor_for(partner), at=later)

    assert listed == 1


def test_takes_back_an_absence_that_ends_before_it_begins(network: Network) -> None:
    partner = network.partner()
    for first, last, code in ((5, 4, "too_early"), (-5, -1, "in_the_past"), (0, 999, "too_late")):
        with pytest.raises(Exception, match=r"\w") as refused:
            away(network, partner, first, last)
        assert refused.value.code == code  # type: ignore[attr-defined]


def test_shortens_an_absence_to_yesterday(network: Network) -> None:
    partner = network.partner()
    absence = away(network, partner, -3, 5)

    ended = end_absence(absence=absence, by=network.by, at=NOON)

    assert ended is not None
    assert ended.last_day == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("SOURCE", "", "malformed"),
        ("EMAIL", "nobody", "malformed"),
        ("EMAIL_DOMAIN", "no domain", "malformed"),
        ("EMAIL_DOMAIN", "gmail.com", "too_wide"),
        ("COMPANY", "G", "malformed"),
    ],
)
def test_refuses_entries_by_which_nobody_is_recognised(
    network: Network, kind: str, value: str, code: str
) -> None:
    with pytest.raises(Exception, match=r"\w") as refused:
        keep_from(network, network.partner(), kind, value)

    assert refused.value.code == code  # type: ignore[attr-defined]


def test_keeps_nothing_of_an_address_but_its_beginning(network: Network) -> None:
    entry = keep_from(network, network.partner(), "EMAIL", "erika@example.com")

    assert entry.shown == "e•••@example.com"
    assert "erika" not in entry.key
    assert timedelta(0) == entry.created_at - NOON
