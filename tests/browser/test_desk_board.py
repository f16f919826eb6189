"""The board of leads at a desk: keys, many leads at once, views; with scripts and without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.acting import again, facts_of
from tests.browser.people import PASSWORD, dispatcher, hot_lead
from tests.browser.visiting import axe, log_in
from tests.factories import ContactFactory, Network

if TYPE_CHECKING:
    from leads.models import Lead
    from tests.browser.conftest import OpenPage


@pytest.fixture
def world(committed: None) -> Network:
    """A network with one partner."""
    network = Network("acme")
    network.partner(name="Near Heating")
    return network


@pytest.fixture
def person(world: Network) -> str:
    """A dispatcher's e-mail address."""
    return dispatcher(world)


@pytest.fixture
def three(world: Network) -> list[Lead]:
    """Three leads, the one that came in last first."""
    names = ("Berg", "Tal", "See")
    leads = [hot_lead(world, contact=ContactFactory.build(last_name=name)) for name in names]
    return leads[::-1]


def row(page: Page, name: str) -> object:
    return page.get_by_role("row").filter(has_text=name)


def test_leads_are_walked_chosen_and_opened_by_keys(
    desk: Page, person: str, three: list[Lead]
) -> None:
    log_in(desk, person, PASSWORD, then="/leads/")

    desk.keyboard.press("j")
    expect(desk.get_by_role("link", name="Erika See")).to_be_focused()
    desk.keyboard.press("j")
    desk.keyboard.press("ArrowDown")
    expect(desk.get_by_role("link", name="Erika Berg")).to_be_focused()
    desk.keyboard.press("j")
    desk.keyboard.press("k")
    expect(desk.get_by_role("link", name="Erika Tal")).to_be_focused()
    desk.keyboard.press("x")
    expect(desk.get_by_text("1 lead chosen")).to_be_visible()
    expect(desk.get_by_label("Choose Erika Tal")).to_be_checked()
    desk.keyboard.press("Enter")

    expect(desk).to_have_url(re.compile(f"/leads/{three[1].id}/"))


def test_keys_are_at_rest_while_somebody_types(desk: Page, person: str, three: list[Lead]) -> None:
    log_in(desk, person, PASSWORD, then="/leads/")

    desk.keyboard.press("/")
    search = desk.get_by_label("Search leads")
    expect(search).to_be_focused()
    search.press_sequentially("jkx?/")

    expect(search).to_have_value("jkx?/")
    expect(desk.get_by_role("dialog", name="Keys")).to_be_hidden()
    search.fill("")
    expect(desk.locator("tbody a")).to_have_count(len(three))


def test_the_keys_are_listed_and_can_be_switched_off(
    desk: Page, person: str, three: list[Lead]
) -> None:
    log_in(desk, person, PASSWORD, then="/leads/")
    desk.keyboard.press("?")
    sheet = desk.get_by_role("dialog", name="Keys")
    expect(sheet.get_by_text("to the next lead")).to_be_visible()
    assert axe(desk) == []

    sheet.get_by_label("Use these keys").uncheck()
    desk.keyboard.press("Escape")
    desk.reload()
    desk.keyboard.press("j")

    expect(desk.get_by_role("link", name="Erika See")).not_to_be_focused()
    desk.get_by_role("button", name="Keys").click()
    expect(sheet.get_by_label("Use these keys")).not_to_be_checked()


def test_many_leads_are_withdrawn_at_once(
    desk: Page, world: Network, person: str, three: list[Lead]
) -> None:
    held = hot_lead(world, postal_code="99999", contact=ContactFactory.build(last_name="Feld"))
    log_in(desk, person, PASSWORD, then="/leads/?sort=oldest")
    withdraw = desk.get_by_role("button", name="Withdraw")
    expect(withdraw).to_be_hidden()

    desk.get_by_label("All on this page").check()
    expect(desk.get_by_text("4 leads chosen")).to_be_visible()
    desk.get_by_label("Choose Erika Berg").uncheck()
    withdraw.click()
    expect(desk.get_by_text("this is possible for 2 of 3 leads")).to_be_visible()
    assert axe(desk) == []
    desk.get_by_role("button", name="Withdraw: 3 leads").click()

    expect(desk.get_by_role("heading", name="done for 2 of 3 leads")).to_be_visible()
    expect(desk.get_by_text("neither on offer nor on the pick list")).to_be_visible()
    assert axe(desk) == []
    assert [again(lead).status for lead in (*three, held)] == [
        "WITHDRAWN",
        "WITHDRAWN",
        "OFFERED",
        "HELD",
    ]
    desk.reload()
    assert facts_of(world, three[0]).count("lead.withdrawn") == 1
    desk.get_by_role("link", name="Back to the leads").click()
    expect(desk).to_have_url(re.compile(r"/leads/\?sort=oldest$"))


def test_leads_are_given_to_a_partner_that_is_found_by_name(
    desk: Page, world: Network, person: str, three: list[Lead]
) -> None:
    log_in(desk, person, PASSWORD, then="/leads/")
    desk.get_by_label("Choose Erika Tal").check()
    desk.get_by_role("button", name="Assign").click()

    desk.get_by_label("Find a partner").fill("near")
    desk.get_by_label("Near Heating").check()
    desk.get_by_role("button", name="Assign: 1 lead").click()

    expect(desk.get_by_text("Near Heating has the lead now.")).to_be_visible()
    assert again(three[1]).status == "ACCEPTED"


def test_a_view_is_saved_chosen_changed_and_removed(
    desk: Page, world: Network, person: str, three: list[Lead]
) -> None:
    world.lead(temperature="COLD", contact=ContactFactory.build(last_name="Eis"))
    log_in(desk, person, PASSWORD, then="/leads/")
    desk.get_by_label("Temperature").select_option("COLD")
    names = desk.locator("tbody a")
    expect(names).to_have_text(["Erika Eis"])

    desk.get_by_role("link", name="Save as a view").click()
    desk.get_by_label("Name").fill("Cold ones")
    assert axe(desk) == []
    desk.get_by_role("button", name="Save the view").click()
    expect(desk.get_by_text("View: Cold ones")).to_be_visible()
    expect(names).to_have_text(["Erika Eis"])
    desk.get_by_role("button", name="Views").click()
    assert axe(desk) == []
    desk.get_by_role("link", name="All leads").click()
    expect(names).to_have_count(4)
    desk.get_by_role("button", name="Views").click()
    desk.get_by_role("link", name="Cold ones").click()
    desk.get_by_label("Sort by").select_option("oldest")
    expect(desk.get_by_text("(changed)")).to_be_visible()
    desk.get_by_role("button", name="Keep it like this").click()
    expect(desk.get_by_text("The view shows this from now on.")).to_be_visible()
    desk.get_by_role("link", name="Edit view").click()
    desk.get_by_role("button", name="Remove the view").click()

    expect(desk.get_by_text("The view was removed.")).to_be_visible()
    expect(names).to_have_count(4)


def test_columns_are_chosen_and_put_in_order(desk: Page, person: str, three: list[Lead]) -> None:
    log_in(desk, person, PASSWORD, then="/leads/")
    desk.get_by_role("link", name="Columns").click()
    assert axe(desk) == []

    desk.get_by_label("Source").check()
    desk.get_by_label("Partner", exact=True).uncheck()
    desk.get_by_role("button", name="Received: further to the front").click()
    expect(desk.locator("li", has_text="Received").locator("xpath=following::li[1]")).to_have_text(
        "Value"
    )
    desk.get_by_role("button", name="Show these columns").click()

    expect(desk.get_by_role("columnheader", name="Partner")).to_have_count(0)
    heads = desk.get_by_role("columnheader")
    expect(heads).to_have_text(
        ["Choose", "Lead", "Place", "Temperature", "Status", "Received", "Value", "Source"]
    )


def test_without_scripts_leads_are_chosen_and_acted_on(
    open_page: OpenPage, world: Network, person: str, three: list[Lead]
) -> None:
    page = open_page("desk", scripts=False)
    log_in(page, person, PASSWORD, then="/leads/")

    page.get_by_label("Choose Erika See").check()
    page.get_by_role("button", name="Assign").click()
    page.get_by_label("Find a partner").fill("near")
    page.get_by_label("Find a partner").press("Enter")
    page.get_by_label("Near Heating").check()
    page.get_by_role("button", name="Assign: 1 lead").click()
    expect(page.get_by_text("Near Heating has the lead now.")).to_be_visible()
    page.get_by_role("link", name="Back to the leads").click()
    page.get_by_label("All on this page").check()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("button", name="Withdraw: 3 leads").click()

    expect(page.get_by_role("heading", name="done for 2 of 3 leads")).to_be_visible()
    assert [again(lead).status for lead in three] == ["ACCEPTED", "WITHDRAWN", "WITHDRAWN"]


def test_without_scripts_views_and_columns_are_there(
    open_page: OpenPage, person: str, three: list[Lead]
) -> None:
    page = open_page("desk", scripts=False)
    log_in(page, person, PASSWORD, then="/leads/")

    page.get_by_role("button", name="Views").click()
    page.get_by_role("link", name="On hold").click()
    expect(page.get_by_text("Nothing waits here")).to_be_visible()
    page.goto("/leads/columns/")
    page.get_by_role("button", name="Temperature: further to the front").click()
    page.get_by_role("button", name="Show these columns").click()

    expect(page.get_by_role("columnheader").nth(2)).to_have_text("Temperature")
