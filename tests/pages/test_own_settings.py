"""A partner's settings in its manager's hands, as far as the manufacturer lets partners."""

from datetime import date
from typing import Any

import pytest

from leadhub.core.tenancy.context import system_context, tenant_context
from partners.absences import add_absence
from partners.memberships import Person, add_member
from partners.models import Absence, Manufacturer, Partner, SetUpChange
from partners.network import change_partner, details_of
from tests.acting import member
from tests.factories import NOON, Network
from tests.pages.desks import at_desk
from tests.pages.phones import Phone, read

PATHS: dict[str, tuple[str, dict[str, Any]]] = {
    "AREA": ("/settings/area/", {"radius_km": "30", "postal_code_areas": "80, 85"}),
    "LINES": ("/settings/lines/", {"product_lines": "boilers"}),
    "CAPS": ("/settings/caps/", {"cap_open": "8", "cap_per_week": "20"}),
    "ABSENCES": (
        "/settings/absences/add/",
        {"first_day": "2026-03-10", "last_day": "2026-03-12"},
    ),
}


@pytest.fixture
def partner(network: Network) -> Partner:
    """A partner in Munich."""
    return network.partner()


@pytest.fixture
def phone(network: Network, partner: Partner) -> Phone:
    """The phone of the partner's manager."""
    person = Person(email="mara@partner.example", name="Mara", password="x", language="en")
    manager = add_member(
        manufacturer=network.manufacturer, person=person, role="PARTNER_MANAGER", partner=partner
    )
    return Phone(manager)


def leave(network: Network, *kinds: str, **bounds: Any) -> None:
    """Let partners change something themselves."""
    with system_context("test"):
        own = Manufacturer.objects.filter(id=network.manufacturer.id)
        own.update(partners_may=list(kinds), **bounds)


def details(network: Network, partner: Partner) -> Any:
    with tenant_context(network.manufacturer.id):
        return details_of(Partner.objects.get(id=partner.id))


def changes(network: Network) -> list[SetUpChange]:
    with tenant_context(network.manufacturer.id):
        return list(SetUpChange.objects.order_by("recorded_at", "id"))


def test_changes_what_is_left_to_partners_and_records_who(
    network: Network, partner: Partner, phone: Phone
) -> None:
    leave(network, *PATHS)
    before = len(changes(network))

    for path, sent in PATHS.values():
        assert phone.send(path, **sent).status_code == 302, path

    now = details(network, partner)
    assert (now.radius_km, now.postal_code_areas) == (30, ["80", "85"])
    assert (list(now.product_lines), now.cap_open) == (["boilers"], 8)
    assert (now.cap_per_day, now.cap_per_week, now.cap_per_month) == (None, 20, None)
    with tenant_context(network.manufacturer.id):
        absence = Absence.objects.get(partner=partner)
    assert (absence.first_day, absence.last_day) == (date(2026, 3, 10), date(2026, 3, 12))
    recorded = changes(network)[before:]
    assert len(recorded) == len(PATHS)
    assert len({change.actor for change in recorded}) == 1


@pytest.mark.parametrize("kind", list(PATHS))
def test_changes_nothing_that_is_not_left_to_partners(
    network: Network, partner: Partner, phone: Phone, kind: str
) -> None:
    leave(network, *(set(PATHS) - {kind}))
    before, records = details(network, partner), len(changes(network))
    path, sent = PATHS[kind]

    answer = phone.send(path, **sent)

    assert answer.status_code == 403
    assert "Your manufacturer sets this" in read(answer)
    assert details(network, partner) == before
    assert len(changes(network)) == records


@pytest.mark.parametrize(
    ("path", "sent", "said"),
    [
        ("area", {"radius_km": "41"}, "Choose 1 to 40 kilometres."),
        ("area", {"radius_km": "", "postal_code_areas": ""}, "Give a radius or postal codes"),
        ("area", {"radius_km": "9", "postal_code_areas": "80 8x!"}, "Give a prefix such as 80"),
        ("area", {"radius_km": "9", "postal_code_areas": "80 20"}, "20 reaches farther than 40 km"),
        ("area", {"radius_km": "9", "regions": "DE-BY"}, "DE-BY reaches farther than 40 km"),
        ("lines", {}, "Choose one product line at least"),
        ("lines", {"product_lines": "rockets"}, "rockets"),
        ("caps", {"cap_open": "1"}, "Choose 2 to 9 leads."),
        ("caps", {"cap_open": "10"}, "Choose 2 to 9 leads."),
        ("caps", {"cap_open": ""}, "Please fill this in."),
        ("caps", {"cap_open": "5", "cap_per_day": "0"}, "greater than or equal to 1"),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was(  # noqa: PLR0917
    network: Network, partner: Partner, phone: Phone, path: str, sent: dict[str, Any], said: str
) -> None:
    leave(network, *PATHS, own_radius_most=40, own_open_least=2, own_open_most=9)
    before = details(network, partner)

    answer = phone.send(f"/settings/{path}/", **sent)

    assert answer.status_code == 422
    assert said in read(answer)
    assert details(network, partner) == before


def test_ends_an_absence_of_its_own_and_of_nobody_else(
    network: Network, other_network: Network, partner: Partner, phone: Phone
) -> None:
    leave(network, *PATHS)
    days: dict[str, Any] = {
        "first_day": date(2026, 3, 10),
        "last_day": date(2026, 3, 12),
        "at": NOON,
    }
    own = add_absence(partner=partner, by=network.by, **days)
    colleague = add_absence(partner=network.partner(), by=network.by, **days)
    foreign = add_absence(partner=other_network.partner(), by=other_network.by, **days)

    answers = [
        phone.send(f"/settings/absences/{one.id}/end/").status_code
        for one in (own, colleague, foreign)
    ]

    assert answers == [302, 404, 404]
    with system_context("test"):
        left = set(Absence.objects.values_list("id", flat=True))
    assert left == {colleague.id, foreign.id}


def test_shows_a_map_and_what_is_not_left_to_partners(network: Network, phone: Phone) -> None:
    page = phone.open("/settings/")

    assert "land-map" in page
    assert "Acme sets this. Ask them to change it." in page
    assert "/settings/area/" not in page


def test_is_no_page_of_representatives(network: Network, partner: Partner) -> None:
    leave(network, *PATHS)
    rep = Phone(member(network, "rep@partner.example", "PARTNER_REP", partner))

    assert rep.ask("/settings/").status_code == 404
    for path, sent in PATHS.values():
        assert rep.send(path, **sent).status_code == 404


def test_names_no_other_partner(network: Network, phone: Phone) -> None:
    leave(network, *PATHS)
    other = network.partner()
    before = details(network, other)

    answers = [
        phone.send(path, partner=str(other.id), **sent).status_code for path, sent in PATHS.values()
    ]

    assert set(answers) == {404}
    assert details(network, other) == before


def test_lets_the_manufacturer_decide(network: Network) -> None:
    desk = at_desk(network)
    sent = {
        "partners_may": ["AREA", "CAPS"],
        "own_radius_most": "60",
        "own_open_least": "3",
        "own_open_most": "12",
        "shows_rank": "on",
    }

    wrong = desk.post("/set-up/left-to-partners/", {**sent, "own_open_most": "2"})
    right = desk.post("/set-up/left-to-partners/", sent)

    assert wrong.status_code == 422
    assert right.status_code == 302
    with system_context("test"):
        manufacturer = Manufacturer.objects.get(id=network.manufacturer.id)
    assert manufacturer.partners_may == ["AREA", "CAPS"]
    assert (manufacturer.own_radius_most, manufacturer.shows_rank) == (60, True)


def test_keeps_what_the_manufacturer_entered_however_far_it_reaches(
    network: Network, partner: Partner, phone: Phone
) -> None:
    leave(network, *PATHS, own_radius_most=40)
    far = {"postal_code_areas": ["20"], "regions": ["DE-BY"]}
    change_partner(partner=partner, changes=far, by=network.by, at=NOON)

    answer = phone.send(
        "/settings/area/", radius_km="12", postal_code_areas="20", regions=["DE-BY"]
    )

    assert answer.status_code == 302
    now = details(network, partner)
    assert (now.radius_km, now.postal_code_areas, now.regions) == (12, ["20"], ["DE-BY"])
