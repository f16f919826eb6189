"""Forms for a manufacturer's own sites: what makes one, and the versions of what is agreed to."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from leads.models import WebForm
from leads.web_forms import (
    change_web_form,
    consent_text_called,
    consent_texts_visible_to,
    create_web_form,
    find_web_form,
    read_shown,
    set_open,
    web_forms_visible_to,
)
from tests.contracts.catalogue import tell
from tests.contracts.set_up import effect_of
from tests.factories import NOON, Network
from tests.pages.web_forms import ENGLISH, GERMAN, details, form_of

pytestmark = pytest.mark.django_db


def versions(network: Network, form: WebForm) -> list[tuple[str, int, str]]:
    with tenant_context(network.manufacturer.id):
        texts = consent_texts_visible_to(network.by, form=form)
    return [(text.language, text.version, text.text) for text in texts]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"product_lines": []}, "product_lines"),
        ({"product_lines": ["windows"]}, "product_lines"),
        ({"country": "XX"}, "country"),
        ({"asks": ["last_name"]}, "asks"),
        ({"texts": {}}, "languages"),
        ({"texts": {"fr": ENGLISH}}, "languages"),
        ({"texts": {"en": replace(ENGLISH, title="")}}, "title_en"),
        ({"texts": {"en": replace(ENGLISH, consent=" ")}}, "consent_en"),
        ({"texts": {"en": replace(ENGLISH, thanks="")}}, "thanks_en"),
        ({"sites": ["https://*"]}, "sites"),
        ({"sites": ["https://a.example; script-src *"]}, "sites"),
        ({"sites": [f"https://s{n}.example" for n in range(21)]}, "sites"),
        ({"go_on_to": "javascript:alert(1)"}, "go_on_to"),
    ],
)
def test_refuses_what_makes_no_form(network: Network, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        form_of(network, **changes)

    assert refused.value.field == field
    with tenant_context(network.manufacturer.id):
        assert not WebForm.objects.exists()


def test_needs_a_source(network: Network) -> None:
    with pytest.raises(InvalidInput, match="fill"):
        create_web_form(details=details(), source="", by=network.by, at=NOON)


def test_writes_sites_as_browsers_do_and_each_once(network: Network) -> None:
    form = form_of(network, sites=["www.Acme.example/contact", "https://www.acme.example"])

    assert form.sites == ["https://www.acme.example"]


def test_keeps_every_version_of_what_is_agreed_to(network: Network) -> None:
    form = form_of(network)
    texts = {"en": replace(ENGLISH, consent="Second"), "de": GERMAN}

    change_web_form(form=form, details=details(texts=texts), by=network.by, at=NOON)
    change_web_form(form=form, details=details(name="Other", texts=texts), by=network.by, at=NOON)

    assert versions(network, form) == [
        ("de", 1, GERMAN.consent),
        ("en", 2, "Second"),
        ("en", 1, ENGLISH.consent),
    ]


def test_goes_on_counting_after_a_language_was_left_out(network: Network) -> None:
    form = form_of(network)

    change_web_form(form=form, details=details(texts={"de": GERMAN}), by=network.by, at=NOON)
    texts = {"en": replace(ENGLISH, consent="Second"), "de": GERMAN}
    change_web_form(form=form, details=details(texts=texts), by=network.by, at=NOON)

    assert [version for _, version, _ in versions(network, form)] == [1, 2, 1]


@pytest.mark.parametrize(
    "change", ["UPDATE leads_consenttext SET text = 'x'", "DELETE FROM leads_consenttext"]
)
def test_never_changes_a_text_that_somebody_agreed_to(network: Network, change: str) -> None:
    form_of(network)

    with (
        pytest.raises(DatabaseError, match="append-only"),
        tenant_context(network.manufacturer.id),
        transaction.atomic(),
    ):
        tell(change)


def test_records_what_changed_and_nothing_else(network: Network) -> None:
    form = form_of(network)

    same = effect_of(lambda: change_web_form(form=form, details=details(), by=network.by, at=NOON))
    closed = effect_of(lambda: set_open(form=form, is_open=False, by=network.by, at=NOON))
    again = effect_of(lambda: set_open(form=form, is_open=False, by=network.by, at=NOON))
    texts = {"en": replace(ENGLISH, consent="Second"), "de": GERMAN}
    other = effect_of(
        lambda: change_web_form(form=form, details=details(texts=texts), by=network.by, at=NOON)
    )

    assert (same.tables, same.changes) == (set(), [])
    assert [(change.kind, change.before) for change in closed.changes] == [
        ("web_form", {"closed_at": None})
    ]
    assert (again.tables, again.changes) == (set(), [])
    assert [(change.kind, change.after) for change in other.changes] == [
        ("consent_text", {"text": "Second", "number": 2})
    ]


def test_shows_the_text_that_somebody_saw_already(network: Network) -> None:
    form = form_of(network)
    found = find_web_form(form.id)
    assert found is not None
    seen = read_shown(found, language="en").consent
    texts = {"en": replace(ENGLISH, consent="Second"), "de": GERMAN}
    change_web_form(form=form, details=details(texts=texts), by=network.by, at=NOON)

    assert read_shown(found, language="de", consent_id=seen.id).consent == seen
    assert read_shown(found, language="en").consent.text == "Second"
    assert read_shown(found, language="fr").language == network.manufacturer.language


def test_shows_no_text_of_another_form(network: Network) -> None:
    form, other = (find_web_form(form_of(network, name=name).id) for name in ("One", "Other"))
    assert form is not None
    assert other is not None
    foreign = read_shown(other, language="en").consent

    assert read_shown(form, language="en", consent_id=foreign.id).consent != foreign


def test_is_nobody_elses(network: Network) -> None:
    form = form_of(network)
    other, partner = Network("globex"), network.partner()
    label = f"form-{form.id.hex[-8:]}-en-1"

    with tenant_context(other.manufacturer.id):
        assert not web_forms_visible_to(other.by).exists()
        assert consent_text_called(label, actor=other.by) is None
    with tenant_context(network.manufacturer.id):
        assert web_forms_visible_to(network.by).get() == form
        assert consent_text_called(label, actor=network.by) is not None
        at_partner = network.actor_for(partner)
        assert not web_forms_visible_to(at_partner).exists()
        assert consent_texts_visible_to(at_partner, form=form) == []
        assert consent_text_called(label, actor=at_partner) is None
