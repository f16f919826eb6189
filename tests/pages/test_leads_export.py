"""Leads as a file: those that the board lists, whole, and nobody else's."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.models import LeadDisclosure
from leads.views import export
from tests.factories import NOON, ContactFactory, Network
from tests.pages.desks import at_desk, read

EXPORT = "/leads/export/"
CONTACT = {"first_name", "last_name", "company", "email", "phone", "street"}


@pytest.fixture(autouse=True)
def noon() -> Any:
    """Look at noon."""
    with clock.set_to(NOON):
        yield


def rows(client: Client, query: str = "") -> list[dict[str, str]]:
    response: Any = client.get(EXPORT + query)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_writes_what_a_lead_is(network: Network) -> None:
    partner = network.partner(name="Huber Heating")
    lead = network.lead(contact=ContactFactory.build(last_name="Beispiel"))
    desk = at_desk(network)

    (row,) = rows(desk)

    assert (row["external_id"], row["status"]) == (lead.external_id, "OFFERED")
    assert row["received_at"] == "2026-03-02T13:00:00+01:00"
    assert (row["partner"], row["last_name"]) == ("", "Beispiel")
    assert partner.name not in str(row)
    headers = desk.get(EXPORT).headers
    assert headers["Content-Disposition"] == 'attachment; filename="leads-2026-03-02.csv"'
    assert headers["Content-Type"] == "text/csv; charset=utf-8"


def test_keeps_to_what_was_asked_for_and_its_order(network: Network) -> None:
    far, near = network.lead(postal_code="20095"), network.lead(postal_code="80331")
    network.lead(source="other")
    desk = at_desk(network)

    found = rows(desk, f"?source={near.source}&sort=town")

    assert [row["external_id"] for row in found] == [far.external_id, near.external_id]


def test_gives_an_analyst_no_contact_data(network: Network) -> None:
    network.lead(contact=ContactFactory.build(last_name="Beispiel"))

    (whole,), (bare,) = rows(at_desk(network)), rows(at_desk(network, "ANALYST"))

    assert whole.keys() - bare.keys() == CONTACT
    assert "Beispiel" not in str(bare)


def test_shows_nobody_elses_leads(network: Network, other_network: Network) -> None:
    own, foreign = network.lead(), other_network.lead(external_id="theirs")

    found = rows(at_desk(network))

    assert [row["external_id"] for row in found] == [own.external_id]
    assert foreign.external_id == "theirs"


def test_starts_no_formula(network: Network) -> None:
    network.lead(external_id="=1+1", contact=ContactFactory.build(last_name="@SUM(A1)"))

    (row,) = rows(at_desk(network))

    assert (row["external_id"], row["last_name"]) == ("'=1+1", "'@SUM(A1)")


def test_reads_many_leads_as_often_as_few(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = at_desk(network)
    network.lead()
    few = queries(desk)
    for _ in range(9):
        network.lead()

    assert queries(desk) == few
    monkeypatch.setattr(export, "ROWS_AT_A_TIME", 3)
    assert len({row["external_id"] for row in rows(desk)}) == 10


def queries(desk: Client) -> int:
    with CaptureQueriesContext(connection) as asked:
        rows(desk)
    return len(asked)


def test_the_board_leads_to_the_file_of_what_it_lists(network: Network) -> None:
    lead = network.lead()
    desk = at_desk(network)

    assert f'href="{EXPORT}?source={lead.source}"' in read(desk, f"/leads/?source={lead.source}")
    assert EXPORT not in read(desk, "/leads/?status=WON")


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "noted"), [("DISPATCHER", 1), ("ANALYST", 0)])
def test_notes_whose_contact_was_taken_away(network: Network, role: str, noted: int) -> None:
    lead = network.lead()

    b"".join(at_desk(network, role).get("/leads/export/").streaming_content)  # type: ignore[attr-defined]

    with tenant_context(network.manufacturer.id):
        assert LeadDisclosure.objects.filter(lead=lead).count() == noted
