"""What must hold does: wherever leads went, with a past that was imported, and erased."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, connection

from leadhub.core import clock
from leadhub.core.tenancy.context import system_context, system_snapshot
from leads.escalation import sweep
from leads.events import CHANGE_STATUS, replay
from leads.invariants.checking import broken_invariants, check_invariants
from leads.models import EventType, Lead
from leads.models.leads import LeadStatus
from tests.acting import DAY, HOUR
from tests.contracts.catalogue import ask
from tests.factories import NOON, Network
from tests.invariants.worlds import AFTER, two_worlds
from tests.owner import as_owner


@pytest.mark.django_db
def test_holds_wherever_leads_went() -> None:
    two_worlds()

    with system_context("test.states"):
        states = {status for (status,) in ask("SELECT DISTINCT status FROM leads_lead")}
        erased = ask("SELECT count(*) FROM leads_lead WHERE erased_at IS NOT NULL")[0][0]
    passing = {LeadStatus.RECEIVED, LeadStatus.RETURNED}
    assert states == set(LeadStatus) - passing, "the control: leads went every way"
    assert erased >= 10
    assert broken_invariants(at=AFTER, with_timers=False) == []


@pytest.mark.django_db
def test_holds_of_an_empty_installation() -> None:
    assert broken_invariants(at=NOON) == []


@pytest.mark.django_db
def test_finds_nothing_late_while_timers_run(network: Network) -> None:
    network.partners(3)
    network.lead()
    at = NOON + HOUR + HOUR / 100
    late = broken_invariants(at=at + HOUR)
    sweep(at=at)

    assert "waves_end_in_time" in str(late), "the control: nobody swept by then"
    assert [one for one in broken_invariants(at=at) if "waves_end_in_time" in one] == []


def test_replays_the_facts_that_change_a_state_and_no_others() -> None:
    """The statement that writes out histories leaves out what the replay does not look at."""
    for before in ("lead.received", "offer.accepted", "lead.reopened"):
        for type_ in set(EventType.values) - CHANGE_STATUS:
            assert replay([(before, {}), (type_, {})]) == replay([(before, {})])


@pytest.mark.usefixtures("committed")
def test_looks_at_one_instant_however_long_it_takes() -> None:
    network = Network("acme")
    network.partners(2)
    lead = network.lead()
    findings = check_invariants(at=NOON)
    first = next(findings)

    as_owner("DELETE FROM leads_leadoffer WHERE lead_id = %s", lead.id)

    assert [one for one in (first, *findings) if one.rows] == []
    assert "offered_to_somebody" in str(broken_invariants(at=NOON))


@pytest.mark.usefixtures("committed")
def test_can_change_nothing() -> None:
    with (
        pytest.raises(InternalError, match="read-only transaction"),
        system_snapshot("test"),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM leads_lead")


@pytest.mark.usefixtures("committed")
def test_the_command_says_that_all_is_well() -> None:
    network, out = Network("acme"), StringIO()
    network.lead(postal_code="00000")

    call_command("check_invariants", stdout=out)

    lines = out.getvalue().splitlines()
    assert all(line.startswith("holds ") for line in lines[:-1])
    assert len(lines) > 20
    assert lines[-1] == "Everything that must hold holds."


@pytest.mark.usefixtures("committed")
def test_the_command_names_the_first_few_and_fails() -> None:
    network, out = Network("acme"), StringIO()
    with clock.set_to(NOON):
        leads = [network.lead(postal_code="00000") for _ in range(7)]
        as_owner("DELETE FROM leads_leadcontact")

        with pytest.raises(CommandError, match="1 invariants are broken") as failure:
            call_command("check_invariants", stdout=out)

    assert failure.value.returncode == 1
    told = out.getvalue()
    assert "BROKEN  every_lead_has_its_customer: 7" in told
    assert sum(str(lead.id) in told for lead in leads) == 5


@pytest.mark.usefixtures("committed")
def test_the_command_leaves_out_what_is_late_where_nobody_runs_timers() -> None:
    network, out = Network("acme"), StringIO()
    network.partner()
    with clock.set_to(NOON):
        network.lead()

    with clock.set_to(NOON + DAY):
        call_command("check_invariants", "--without-timers", stdout=out)
        with pytest.raises(CommandError):
            call_command("check_invariants", stdout=StringIO())

    assert "waves_end_in_time" not in out.getvalue()
    assert network.again(network.lead()).status == Lead.Status.OFFERED
