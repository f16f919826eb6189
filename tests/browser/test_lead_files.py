"""A dealer at the customer's: a photograph is taken, a price list is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from leadhub.core import clock
from partners.materials.publishing import Edition, add_material
from tests.acting import accept
from tests.browser.people import PASSWORD, Dealer, dealer, hot_lead
from tests.browser.visiting import log_in
from tests.core.pictures import photograph
from tests.factories import PDF, Network

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Page

    from tests.browser.conftest import OpenPage

PHOTO: FilePayload = {
    "name": "IMG_1.jpg",
    "mimeType": "image/jpeg",
    "buffer": photograph(size=(1_200, 900)),
}


@pytest.fixture
def world(committed: None) -> Network:
    """A network with a price list."""
    network, at = Network("acme"), clock.now()
    edition = Edition(PDF, "Preise 2026.pdf", "de", at.date())
    add_material(
        title="Preise 2026",
        kind="PRICE_LIST",
        product_lines=["heat-pumps"],
        edition=edition,
        by=network.by,
        at=at,
    )
    return network


@pytest.fixture
def owner(world: Network) -> Dealer:
    """Somebody of a partner."""
    return dealer(world, "Alpha Heating")


def address_of_lead(world: Network) -> str:
    """Let the dealer take a lead; where its page is."""
    lead = hot_lead(world)
    return f"/assignments/{accept(world.offers(lead)[0], at=clock.now()).id}/"


def test_a_photograph_is_sent_as_soon_as_it_is_taken(
    phone: Page, world: Network, owner: Dealer
) -> None:
    log_in(phone, owner.email, PASSWORD, then=address_of_lead(world))

    phone.get_by_label("Take a photo").set_input_files(PHOTO)

    expect(phone.get_by_text("Stored with the lead.")).to_be_visible()
    picture = phone.get_by_role("img", name="IMG_1.jpg")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    phone.get_by_role("button", name="Remove IMG_1.jpg").tap()
    phone.get_by_role("button", name="Remove", exact=True).tap()
    expect(phone.get_by_text("The file was removed.")).to_be_visible()
    expect(picture).to_have_count(0)


def test_a_file_is_added_without_scripts(
    open_page: OpenPage, world: Network, owner: Dealer
) -> None:
    phone = open_page("phone", scripts=False)
    log_in(phone, owner.email, PASSWORD, then=address_of_lead(world))
    phone.get_by_label("Or choose photos and PDFs").set_input_files(PHOTO)

    phone.get_by_role("button", name="Add to the lead").tap()

    expect(phone.get_by_text("Stored with the lead.")).to_be_visible()
    expect(phone.get_by_role("img", name="IMG_1.jpg")).to_be_visible()


def test_the_price_list_is_at_hand(phone: Page, world: Network, owner: Dealer) -> None:
    log_in(phone, owner.email, PASSWORD, then=address_of_lead(world))
    document = phone.get_by_role("link", name="Preise 2026")

    with phone.expect_download() as opened:
        document.tap()

    assert opened.value.suggested_filename == "Preise 2026.pdf"
    phone.get_by_role("link", name="To my leads").tap()
    phone.get_by_role("link", name="Documents").tap()
    phone.get_by_label("Search documents").fill("nothing")
    expect(phone.get_by_text("Nothing found")).to_be_visible()
    phone.get_by_label("Search documents").fill("preise")
    expect(phone.get_by_role("link", name="Preise 2026")).to_be_visible()
