"""What becomes of a form that somebody sends from a manufacturer's site."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from leadhub.core.tenancy.context import tenant_context
from leads.erasure import erase_lead
from leads.models import LeadConsent, LeadEvent
from leads.models.leads import HoldReason, LeadStatus
from leads.web_forms import change_web_form, set_open
from tests.factories import NOBODYS, NOON, Network
from tests.pages.desks import at_desk, read, text_of
from tests.pages.web_forms import (
    CONSENT,
    ENGLISH,
    GERMAN,
    Visitor,
    details,
    form_of,
    leads_of,
    path_of,
    stamp_in,
)

pytestmark = pytest.mark.django_db


def thanked(answer: Any) -> bool:
    return answer.status_code == 302 and "/thanks/" in answer.headers["Location"]


def test_makes_a_lead_that_is_offered(network: Network) -> None:
    network.partner()
    form = form_of(network, temperature="HOT")

    answer = Visitor(form).sends(wish="12 kW\r\nplease", phone="089 1234567")

    assert thanked(answer)
    (lead,) = leads_of(network)
    assert lead.status == LeadStatus.OFFERED
    assert (lead.source, lead.temperature, lead.is_test) == ("website", "HOT", False)
    assert lead.received_at == NOON + timedelta(seconds=60)
    contact = lead.contact
    assert (contact.last_name, contact.email, contact.phone) == (
        "Beispiel", "erika@example.com", "+49891234567",
    )  # fmt: skip
    assert (contact.wish, contact.language) == ("12 kW\nplease", "en")
    assert lead.wish_summary == "Heat pumps"
    with tenant_context(network.manufacturer.id):
        first = LeadEvent.objects.filter(lead=lead).order_by("sequence")[0]
    assert (first.type, first.actor) == ("lead.received", "system:web form")


def test_keeps_what_the_customer_agreed_to(network: Network) -> None:
    form = form_of(network)
    visitor = Visitor(form)
    stamp = visitor.stamp()
    other = {"en": replace(ENGLISH, consent="Newer."), "de": GERMAN}
    change_web_form(form=form, details=details(texts=other), by=network.by, at=NOON)

    visitor.sends(stamp=stamp)

    (lead,) = leads_of(network)
    with tenant_context(network.manufacturer.id):
        consent = LeadConsent.objects.get(lead=lead)
    assert consent.text_version == f"form-{form.id.hex[-8:]}-en-1"
    assert consent.given_at == NOON + timedelta(seconds=60)
    assert consent.source == "Home page"
    desk = at_desk(network)
    assert CONSENT in read(desk, f"/leads/{lead.id}/")
    erase_lead(lead=lead, by=network.by, at=NOON + timedelta(days=1))
    assert CONSENT in read(desk, f"/leads/{lead.id}/")


def test_is_one_lead_however_often_it_is_sent(network: Network) -> None:
    visitor = Visitor(form_of(network))
    stamp = visitor.stamp()

    answers = [visitor.sends(stamp=stamp) for _ in range(3)]
    answers += [visitor.sends(stamp=stamp, last_name="Other", after=90)]

    assert all(thanked(answer) for answer in answers)
    assert [lead.contact.last_name for lead in leads_of(network)] == ["Beispiel"]


def test_is_held_where_every_lead_would_be(network: Network) -> None:
    network.compare_within(30)
    form = form_of(network)

    Visitor(form).sends()
    Visitor(form).sends()
    Visitor(form).sends(postal_code="99999", email="other@example.com", last_name="Other")

    assert [lead.hold_reason for lead in leads_of(network)][1:] == [
        HoldReason.DUPLICATE,
        HoldReason.UNKNOWN_POSTAL_CODE,
    ]


def test_marks_what_a_form_that_is_tried_out_brings(network: Network) -> None:
    Visitor(form_of(network, is_test=True)).sends()

    assert [lead.is_test for lead in leads_of(network)] == [True]


def test_asks_which_product_lines_where_there_are_several(network: Network) -> None:
    visitor = Visitor(form_of(network, product_lines=["boilers", "heat-pumps"]))

    without = visitor.sends()
    foreign = visitor.sends(product_lines=["windows"])
    visitor.sends(product_lines=["heat-pumps", "boilers"])

    assert "Choose at least one." in text_of(without)
    assert foreign.status_code == 422
    assert [lead.wish_summary for lead in leads_of(network)] == ["Heat pumps, Boilers"]


def test_thanks_a_program_and_keeps_nothing(network: Network) -> None:
    visitor = Visitor(form_of(network))

    caught, person = visitor.sends(homepage="http://spam.example"), visitor.sends()

    assert thanked(caught)
    assert caught.headers["Location"] == person.headers["Location"]
    assert caught.content == person.content
    assert len(leads_of(network)) == 1


def test_asks_whoever_is_too_fast_to_send_it_once_more(network: Network) -> None:
    visitor = Visitor(form_of(network))
    stamp = visitor.stamp()

    hasty = visitor.sends(stamp=stamp, after=1, wish="My own words")

    assert hasty.status_code == 422
    assert "That was quick." in text_of(hasty)
    assert "My own words" in text_of(hasty)
    assert leads_of(network) == []
    assert stamp_in(hasty) == stamp
    assert thanked(visitor.sends(stamp=stamp_in(hasty), after=5))
    assert len(leads_of(network)) == 1


@pytest.mark.parametrize(
    ("after", "stamp"), [(90_000, None), (60, ""), (60, "forged"), (-60, None)]
)
def test_loses_nothing_of_a_form_without_a_good_stamp(
    network: Network, after: float, stamp: str | None
) -> None:
    visitor = Visitor(form_of(network))

    answer = visitor.sends(after=after, stamp=stamp, wish="My own words")

    assert answer.status_code == 422
    assert "My own words" in text_of(answer)
    assert leads_of(network) == []
    assert thanked(visitor.sends(stamp=stamp_in(answer), after=after + 300))
    assert len(leads_of(network)) == 1


def test_takes_no_stamp_of_another_form(network: Network) -> None:
    one, other = form_of(network), form_of(network, name="Fair")

    answer = Visitor(one).sends(stamp=Visitor(other).stamp())

    assert answer.status_code == 422
    assert leads_of(network) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"last_name": ""}, "Please fill this in."),
        ({"email": "", "phone": ""}, "How can you be reached? Please fill in one of the two."),
        ({"email": "nonsense"}, "This is not an e-mail address."),
        ({"phone": "12"}, "No phone can have this number"),
        ({"postal_code": ""}, "Please fill this in."),
        ({"postal_code": "1" * 20}, "No postal code is as long as this."),
        ({"country": "XX"}, "Select a valid choice."),
        ({"consent": None}, "Without your consent nothing can be sent."),
        ({"wish": "x" * 5_001}, "Ensure this value has at most 5000 characters"),
        ({"last_name": "a\x00b"}, None),
        ({"wish": "a\x00b"}, None),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was_typed(
    network: Network, typed: dict[str, Any], words: str | None
) -> None:
    form = form_of(network)

    answer = Visitor(form).sends(**{"wish": "My own words", **typed})

    if words is None:
        assert thanked(answer)
        (lead,) = leads_of(network)
        assert "a b" in (lead.contact.last_name, lead.contact.wish)
        return
    assert answer.status_code == 422
    page = text_of(answer)
    assert words in page
    assert 'role="alert"' in page
    assert "autofocus" in page
    assert "80331" in page or "postal_code" in typed
    assert leads_of(network) == []


def test_keeps_lines_and_directions_out_of_names(network: Network) -> None:
    Visitor(form_of(network)).sends(
        last_name="Beispiel\r\nBcc: all@example.com\u202etxt.exe", wish="one\u2066\r\ntwo\x07"
    )

    (lead,) = leads_of(network)
    assert lead.contact.last_name == "Beispiel Bcc: all@example.comtxt.exe"
    assert lead.contact.wish == "one\ntwo"


@pytest.mark.parametrize("body", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_shows_what_was_typed_as_text_everywhere(network: Network, body: str) -> None:
    network.partner()
    form = form_of(
        network, asks=["first_name", "last_name", "company", "email", "street", "city", "wish"]
    )
    names = ("first_name", "last_name", "company", "street", "city", "wish")
    typed: dict[str, Any] = dict.fromkeys(names, body)

    refused = Visitor(form).sends(**typed, postal_code=body, country=body)
    Visitor(form).sends(**typed)

    assert body not in refused.content.decode()
    (lead,) = leads_of(network)
    desk = at_desk(network)
    for address in ("/leads/", f"/leads/{lead.id}/", "/leads/?q=script"):
        page = desk.get(address)
        assert page.status_code == 200
        assert body not in page.content.decode()


def test_takes_nothing_while_it_is_closed(network: Network) -> None:
    form = form_of(network)
    visitor = Visitor(form)
    stamp = visitor.stamp()
    set_open(form=form, is_open=False, by=network.by, at=NOON)

    answer = visitor.sends(stamp=stamp)

    assert answer.status_code == 410
    assert "This form is closed at the moment." in text_of(answer)
    assert leads_of(network) == []
    set_open(form=form, is_open=True, by=network.by, at=NOON)
    assert thanked(visitor.sends(stamp=stamp))


@pytest.mark.parametrize("path", ["", "thanks/", "colors.css"])
def test_knows_no_form_that_there_is_not(network: Network, path: str) -> None:
    assert Client().get(f"/forms/{NOBODYS}/{path}").status_code == 404
    if not path:
        assert Client().post(f"/forms/{NOBODYS}/").status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://testserver"}, 302),
        ({"origin": "null"}, 302),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://www.acme.example"}, 403),
        ({"origin": "http://testserver.evil.example"}, 403),
    ],
)
def test_is_sent_from_its_own_page_only(
    network: Network, headers: dict[str, str], status: int
) -> None:
    visitor = Visitor(form_of(network))
    stamp = visitor.stamp()
    visitor.client.defaults |= {"HTTP_ORIGIN": headers["origin"]}

    assert visitor.sends(stamp=stamp).status_code == status
    assert len(leads_of(network)) == (status == 302)


def test_reads_nothing_that_is_too_large(network: Network) -> None:
    visitor = Visitor(form_of(network))

    answer = visitor.sends(wish="x" * 70_000)

    assert answer.status_code == 413
    assert leads_of(network) == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"last_name=x"),
        ("application/json", b"{}"),
        ("multipart/form-data; boundary=x", b"garbage"),
        ("multipart/form-data", b""),
        ("application/x-www-form-urlencoded", b"a=b&" * 2_000),
        ("application/x-www-form-urlencoded", b"last_name=%ff%fe&stamp=%00"),
    ],
)
def test_answers_garbage_kindly(network: Network, content_type: str, body: bytes) -> None:
    form = form_of(network)

    answer = Client().post(path_of(form), data=body, content_type=content_type)

    assert answer.status_code in (400, 422)
    assert leads_of(network) == []


def test_stays_in_its_own_network(network: Network) -> None:
    other = Network("globex")
    form = form_of(network)

    Visitor(form).sends()

    assert len(leads_of(network)) == 1
    assert leads_of(other) == []
    assert at_desk(other).get(f"/set-up/forms/{form.id}/").status_code == 404
