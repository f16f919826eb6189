"""The page on which a partner's absences and its exclusion list stand."""

from datetime import timedelta
from typing import Any

import pytest

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from partners.absences import add_absence
from partners.exclusions import add_exclusion
from partners.models import Absence, Exclusion, Partner
from tests.factories import Network
from tests.pages.desks import at_desk, queries_of, read, text_of


def page_of(partner: Partner) -> str:
    return f"/partners/{partner.id}/availability/"


def day(ahead: int) -> str:
    return (clock.now().date() + timedelta(days=ahead)).isoformat()


@pytest.fixture
def partner(network: Network) -> Partner:
    return network.partner()


def absences(network: Network) -> list[tuple[str, str]]:
    with tenant_context(network.manufacturer.id):
        rows = Absence.objects.order_by("first_day").values_list("first_day", "last_day")
        return [(first.isoformat(), last.isoformat()) for first, last in rows]


def entries(network: Network) -> list[str]:
    with tenant_context(network.manufacturer.id):
        return list(Exclusion.objects.values_list("shown", flat=True))


def test_adds_an_absence_and_strikes_it_out(network: Network, partner: Partner) -> None:
    client = at_desk(network)

    client.post(f"/partners/{partner.id}/absences/add/", {"first_day": day(3), "last_day": day(5)})
    added = absences(network)
    with tenant_context(network.manufacturer.id):
        absence = Absence.objects.get()
    client.post(f"/absences/{absence.id}/end/")

    assert added == [(day(3), day(5))]
    assert absences(network) == []
    assert "The absence has ended." in read(client, page_of(partner))


@pytest.mark.parametrize(
    ("days", "answer"),
    [
        ((5, 3), "The last day must not lie before the first."),
        ((-5, -3), "This absence is over already; give days to come."),
        ((0, 900), "An absence lasts two years at most; pause the partner instead."),
    ],
)
def test_says_what_is_wrong_with_days(
    network: Network, partner: Partner, days: tuple[int, int], answer: str
) -> None:
    sent = {"first_day": day(days[0]), "last_day": day(days[1])}

    response = at_desk(network).post(f"/partners/{partner.id}/absences/add/", sent)

    assert response.status_code == 422
    assert answer in text_of(response)
    assert sent["first_day"] in text_of(response)
    assert absences(network) == []


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("SOURCE", "Trade fair", "Trade fair"),
        ("EMAIL", "Erika@Example.com", "e•••@example.com"),
        ("EMAIL_DOMAIN", "@Example.com", "example.com"),
        ("COMPANY", "Muster GmbH", "Muster GmbH"),
    ],
)
def test_adds_an_entry_and_removes_it(
    network: Network, partner: Partner, kind: str, value: str, shown: str
) -> None:
    client = at_desk(network)
    address = f"/partners/{partner.id}/exclusions/add/"

    for _ in range(2):
        client.post(address, {"kind": kind, "value": value})
    added, page = entries(network), read(client, page_of(partner))
    with tenant_context(network.manufacturer.id):
        entry = Exclusion.objects.get()
    client.post(f"/exclusions/{entry.id}/remove/")

    assert added == [shown]
    assert shown in page
    assert entries(network) == []


@pytest.mark.parametrize(
    ("kind", "value", "answer"),
    [
        ("EMAIL", "erika", "This is not an e-mail address."),
        ("EMAIL_DOMAIN", "gmail.com", "give the customer's address instead"),
        ("COMPANY", "G", "with two letters at least"),
        ("SHOE", "42", "Select a valid choice"),
    ],
)
def test_says_what_is_wrong_with_an_entry(
    network: Network, partner: Partner, kind: str, value: str, answer: str
) -> None:
    response = at_desk(network).post(
        f"/partners/{partner.id}/exclusions/add/", {"kind": kind, "value": value}
    )

    assert response.status_code == 422
    assert answer in text_of(response)


def test_shows_others_at_the_desk_what_they_cannot_change(
    network: Network, partner: Partner
) -> None:
    _fill(network, partner, 1)
    client = at_desk(network, "DISPATCHER")

    page = read(client, page_of(partner))

    assert "Source 0" in page
    assert "<form" not in page[page.index("<main") : page.index("</main>")]
    sent: dict[str, Any] = {"first_day": day(3), "last_day": day(5)}
    assert client.post(f"/partners/{partner.id}/absences/add/", sent).status_code == 404


def test_finds_nothing_of_another_network(
    network: Network, other_network: Network, partner: Partner
) -> None:
    client = at_desk(other_network)
    absence, entry = _fill(network, partner, 1)

    assert client.get(page_of(partner)).status_code == 404
    assert client.post(f"/absences/{absence.id}/end/").status_code == 404
    assert client.post(f"/exclusions/{entry.id}/remove/").status_code == 404
    assert len(absences(network)) == len(entries(network)) == 1


def test_asks_as_often_for_ten_as_for_one(network: Network) -> None:
    client, one, ten = at_desk(network), *network.partners(2)
    _fill(network, one, 1)
    _fill(network, ten, 10)

    assert queries_of(client, page_of(one)) == queries_of(client, page_of(ten))


def _fill(network: Network, partner: Partner, count: int) -> tuple[Absence, Exclusion]:
    now = clock.now()
    filled = []
    for number in range(count):
        first = now.date() + timedelta(days=3 * number + 1)
        days: dict[str, Any] = {"first_day": first, "last_day": first}
        source: dict[str, Any] = {"kind": "SOURCE", "value": f"Source {number}"}
        of_partner: dict[str, Any] = {"partner": partner, "by": network.by, "at": now}
        filled.append((add_absence(**of_partner, **days), add_exclusion(**of_partner, **source)))
    return filled[-1]
