"""Working on a lead from a phone: what is done daily takes a tap, a lost network loses nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from leadhub.core import clock
from tests.acting import HOUR, accept, again, facts_of
from tests.browser.engines import EVERYWHERE
from tests.browser.people import PASSWORD, Dealer, colleague, dealer, hot_lead
from tests.browser.visiting import answer_calls, log_in, tap
from tests.core.pictures import photograph
from tests.factories import ContactFactory, Network

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Page

    from leads.models import Lead
    from tests.browser.watching import Watch

PHOTO: FilePayload = {
    "name": "IMG_1.jpg",
    "mimeType": "image/jpeg",
    "buffer": photograph(size=(1_200, 900)),
}


@pytest.fixture
def world(committed: None) -> Network:
    """A network whose partners owe feedback ten minutes after they took a lead."""
    network = Network("acme")
    network.policy({}, feedback_due=[600], max_overdue_feedback=0)
    return network


@pytest.fixture
def alpha(world: Network) -> Dealer:
    return dealer(world, "Alpha Heating")


def hold(world: Network, *, since: timedelta = timedelta(0), wish: str = "Boiler") -> Lead:
    """Let the partner asked first hold a lead."""
    at = clock.now() - since
    phone = ContactFactory.build(phone="+498999998123")
    lead = world.lead(at=at, contact=phone, wish_summary=wish)
    accept(world.offers(lead)[0], at=at)
    return lead


def open_lead(phone: Page, world: Network, lead: Lead, email: str) -> None:
    """Log in, and open a lead in hands."""
    (assignment,) = world.assignments(lead)
    log_in(phone, email, PASSWORD, then=f"/assignments/{assignment.id}/")


def test_a_tap_on_call_stamps_the_attempt(phone: Page, world: Network, alpha: Dealer) -> None:
    lead = hold(world)
    answer_calls(phone)
    open_lead(phone, world, lead, alpha.email)

    phone.get_by_role("link", name="Call").tap()

    # What to answer is at the thumb now.
    reached = phone.locator(".thumb-bar").get_by_role("button", name="Reached", exact=True)
    expect(reached).to_be_visible()
    expect(phone.get_by_role("heading", name="Did you reach the customer?")).to_be_visible()
    assert phone.evaluate("called") == ["tel:+498999998123"]
    assert facts_of(world, lead)[-1] == "contact.attempted"
    reached.tap()
    expect(phone.get_by_text("Noted: reached.")).to_be_visible()
    assert again(lead).status == "CONTACTED"


def test_a_call_from_the_list_of_leads_stamps_the_attempt_as_well(
    phone: Page, world: Network, alpha: Dealer
) -> None:
    lead = hold(world)
    answer_calls(phone)
    log_in(phone, alpha.email, PASSWORD, then="/assignments/")

    phone.get_by_role("link", name="Call Erika Beispiel").tap()

    expect(phone.get_by_text("Noted: tried to reach.")).to_be_visible()
    assert phone.evaluate("called") == ["tel:+498999998123"]
    assert facts_of(world, lead)[-1] == "contact.attempted"


@EVERYWHERE
def test_a_reminder_takes_one_tap_and_another_one_ends_it(
    phone: Page, world: Network, alpha: Dealer
) -> None:
    open_lead(phone, world, hold(world), alpha.email)

    tap(phone.locator("#lead section").get_by_role("button", name="Tomorrow"))

    expect(phone.get_by_text("You will be reminded.")).to_be_visible()
    expect(phone.get_by_text("Reminder: tomorrow").first).to_be_visible()
    tap(phone.get_by_role("button", name="Done", exact=True))
    expect(phone.get_by_role("button", name="Done", exact=True)).to_have_count(0)


def test_a_note_is_kept_and_one_that_did_not_arrive_is_still_there(
    phone: Page, watch: Watch, world: Network, alpha: Dealer
) -> None:
    lead = hold(world)
    open_lead(phone, world, lead, alpha.email)
    note = phone.locator("#new-note")
    note.fill("Has a dog, ring twice")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Keep the note").tap()
    expect(phone.get_by_text("What you typed is still here")).to_be_visible()
    phone.context.set_offline(False)

    phone.get_by_role("button", name="Keep the note").tap()

    expect(phone.get_by_text("Noted.")).to_be_visible()
    expect(note).to_have_value("")
    expect(phone.get_by_text("Has a dog, ring twice")).to_be_visible()
    watch.forgive()


def test_a_lead_is_handed_over_with_two_taps(phone: Page, world: Network, alpha: Dealer) -> None:
    colleague(world, alpha, "Robin")
    open_lead(phone, world, hold(world), alpha.email)

    phone.get_by_role("button", name="Hand over to a colleague").tap()
    phone.get_by_role("button", name="Robin").tap()

    expect(phone.get_by_text("Handed over.")).to_be_visible()
    expect(phone.get_by_text("Robin works on it")).to_be_visible()


def test_a_chance_is_told_in_one_tap_after_it_was_asked_for(
    phone: Page, world: Network, alpha: Dealer
) -> None:
    open_lead(phone, world, hold(world), alpha.email)

    phone.get_by_role("button", name="Chance of a sale").tap()
    phone.get_by_role("dialog").get_by_role("button", name="High").tap()

    expect(phone.get_by_text("Thank you, noted.")).to_be_visible()
    expect(phone.locator("#stage-button")).to_contain_text("High")


def test_a_lead_that_is_returned_shows_nothing_of_the_customer_any_more(
    phone: Page, world: Network, alpha: Dealer
) -> None:
    lead = hold(world)
    open_lead(phone, world, lead, alpha.email)

    phone.get_by_role("button", name="Return lead").tap()
    phone.get_by_role("dialog").get_by_role("button", name="Contact data is wrong").tap()

    expect(phone.get_by_text("The lead was returned.")).to_be_visible()
    expect(phone.get_by_role("button", name="Return lead")).to_have_count(0)
    assert "Beispiel" not in phone.content()
    assert "lead.returned" in facts_of(world, lead)


def test_a_photograph_that_did_not_arrive_stays_chosen_and_is_sent_by_another_tap(
    phone: Page, watch: Watch, world: Network, alpha: Dealer
) -> None:
    open_lead(phone, world, hold(world), alpha.email)
    phone.context.set_offline(True)
    phone.get_by_label("Take a photo").set_input_files(PHOTO)
    expect(phone.get_by_text("there seems to be no network")).to_be_visible()
    phone.context.set_offline(False)

    phone.get_by_role("button", name="Add to the lead").tap()

    expect(phone.get_by_text("Stored with the lead.")).to_be_visible()
    expect(phone.get_by_role("img", name="IMG_1.jpg")).to_be_visible()
    watch.forgive()


def test_a_list_that_cannot_be_renewed_says_so_until_it_can(
    phone: Page, watch: Watch, world: Network, alpha: Dealer
) -> None:
    log_in(phone, alpha.email, PASSWORD)
    phone.context.set_offline(True)
    expect(phone.get_by_text("No connection. What you see may be out of date")).to_be_visible()
    hot_lead(world)

    phone.context.set_offline(False)

    expect(phone.get_by_text("No connection.")).to_be_hidden()
    expect(phone.get_by_role("button", name="Accept")).to_be_visible()
    watch.forgive()


@EVERYWHERE
def test_the_pick_list_is_locked_while_feedback_is_owed_and_one_tap_leads_to_it(
    phone: Page, world: Network, alpha: Dealer
) -> None:
    owed = hold(world, since=HOUR, wish="Boiler for a barn")
    waiting = open_for_all(world)
    log_in(phone, alpha.email, PASSWORD, then="/pick-list/")
    expect(phone.get_by_text("You are missing 1 lead.")).to_be_visible()
    expect(phone.get_by_text("Locked until feedback is given")).to_be_visible()
    expect(phone.get_by_role("button", name="Take this lead")).to_have_count(0)

    tap(phone.get_by_role("link", name="Give feedback now"))
    tap(phone.locator("#owed").get_by_role("link", name="Boiler for a barn"))
    tap(phone.get_by_role("button", name="Appointment"))
    expect(phone.get_by_text("Thank you, noted.")).to_be_visible()
    tap(phone.get_by_role("link", name="To my leads"))
    tap(phone.get_by_role("link", name="Pick list"))
    tap(phone.get_by_role("button", name="Take this lead"))

    expect(phone.get_by_role("heading", name="Erika Beispiel").first).to_be_visible()
    assert "feedback.given" in facts_of(world, owed)
    assert again(waiting).partner_id == alpha.partner.id


def open_for_all(world: Network) -> Lead:
    """Receive a lead that nobody is asked about, so that it is on the pick list."""
    lead = hot_lead(world)
    assert again(lead).status == "OPEN"
    return lead
