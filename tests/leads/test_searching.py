"""Searching leads: what somebody types, what is found by it, and what is not."""

from uuid import UUID

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads import searching
from leads.intake import Contact
from leads.models import Lead, LeadContact, LeadSearch
from leads.searching import find_leads, words_in
from tests.factories import Network

JUERGEN = Contact(
    first_name="Jürgen",
    last_name="Groß-Łuczak",
    company="Müller & Söhne 100% GmbH",
    email="J.Bauer@Example.com",
    phone="+49 89 99998123",
)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", []),
        ("  Müller   Wien ", ["Müller", "Wien"]),
        ("a b c d e f", ["a", "b", "c", "d", "e"]),
        ("-- & Müller", ["Müller"]),
        ("CRM-2024-17", ["CRM-2024-17"]),
        ("80331 2024", ["80331", "2024"]),
        ("24/7", ["24/7"]),
        ("2024-0017", ["20240017"]),
        ("089 99 99 81 23", ["08999998123"]),
        ("(089) 9999-8123 Müller", ["08999998123", "Müller"]),
        ("+49 (0)89/9999", ["49899999"]),
        ("0049 89 9999", ["49899999"]),
        ("89 99 99 81", ["89999981"]),
    ],
)
def test_takes_a_search_apart(typed: str, words: list[str]) -> None:
    assert words_in(typed) == words


@pytest.mark.parametrize(
    "typed",
    [
        *("jürgen", "JURGEN", "juergen", "rge", "gross", "GROẞ-LUCZAK", "groß łuc"),
        *("mueller", "muller", "Söhne", "soehne", "bauer", "auer@example.com", "baur"),
        *("münchen", "munchen", "muenchen 80331", "033", "crm-2026/17", "202617", "2026-17"),
        *("089 9999 8123", "0049 89 99 99 81 23", "+49 (0) 89/9999-8123", "8123", "99998"),
        *("j", "jü", "m", "80", "100%", "mü gr 80"),
    ],
)
def test_finds_a_lead(db: None, typed: str) -> None:
    network = Network()
    lead = network.lead(external_id="CRM-2026/17", contact=JUERGEN)

    assert ids_found(network, typed) == [lead.id]


@pytest.mark.parametrize(
    "typed",
    [
        *("erika", "jürgen wien", "mellr", "xqz", "j_rgen", "%", "100_", "10%g"),
        *("ü", "rg", "33", "0899999812300", "079 9999"),
        *("' OR true --", "\\"),
    ],
)
def test_finds_nothing_by_what_is_not_there(db: None, typed: str) -> None:
    network = Network()
    network.lead(external_id="CRM-2026/17", contact=JUERGEN)

    assert ids_found(network, typed) == []


def test_finds_a_name_with_an_umlaut_by_either_spelling(db: None) -> None:
    network = Network()
    leads = [
        network.lead(contact=Contact(last_name=name, email=f"{n}@example.com")).id
        for n, name in enumerate(("Köhler", "Koehler"))
    ]

    found = {typed: sorted(ids_found(network, typed)) for typed in ("köhler", "koehler", "öhl")}

    assert found == dict.fromkeys(found, leads)


@pytest.mark.parametrize(
    ("phone", "typed"),
    [
        ("+43 1 5131234", "01 513 12 34"),
        ("+41 44 668 18 00", "044 668 18 00"),
        ("+352 26 12 34 56", "026 123"),
        ("+1 212 555 0123", "(212) 555-0123"),
        ("+39 06 1234 5678", "06 1234"),
    ],
)
def test_finds_a_phone_as_it_is_dialled_in_its_own_country(
    db: None, phone: str, typed: str
) -> None:
    network = Network()
    lead = network.lead(contact=Contact(phone=phone))

    assert ids_found(network, typed) == [lead.id]


def test_follows_a_contact_that_changes(db: None) -> None:
    network = Network()
    lead = network.lead()

    with tenant_context(network.manufacturer.id):
        LeadContact.objects.filter(lead=lead).update(last_name="Neumann")
        Lead.objects.filter(id=lead.id).update(city="Wien", external_id="ERP-9")

    found = {
        typed: len(ids_found(network, typed))
        for typed in ("neumann", "erika", "wien", "erp-9", "beispiel", "münchen", "crm")
    }
    assert found == {
        **dict.fromkeys(("neumann", "erika", "wien", "erp-9"), 1),
        **dict.fromkeys(("beispiel", "münchen", "crm"), 0),
    }


def test_forgets_a_contact_that_is_erased(db: None) -> None:
    network = Network()
    lead = network.lead(external_id="CRM-1", contact=JUERGEN)

    with tenant_context(network.manufacturer.id):
        LeadContact.objects.filter(lead=lead).delete()
        words = LeadSearch.objects.get(lead=lead).words

    assert words == " crm-1 1 munchen 80331"
    assert (ids_found(network, "crm-1"), ids_found(network, "jürgen")) == ([lead.id], [])


def test_finds_the_newest_and_says_that_there_are_more(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network()
    leads = [network.lead(contact=Contact(email=f"{n}@example.com")).id for n in range(3)]
    monkeypatch.setattr(searching, "FOUND_AT_MOST", 2)

    assert ids_found(network, "example") == leads[:0:-1]
    with tenant_context(network.manufacturer.id):
        assert find_leads(["example"]).is_cut
        assert not find_leads(["0@example"]).is_cut


def ids_found(network: Network, typed: str) -> list[UUID]:
    """Search as the manufacturer, who always searches for something."""
    with tenant_context(network.manufacturer.id):
        words = words_in(typed)
        if not words:
            return []
        found = Lead.objects.filter(id__in=find_leads(words).as_rows)
        return list(found.order_by("-id").values_list("id", flat=True))
