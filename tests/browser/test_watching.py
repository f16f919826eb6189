"""Pages are looked at as people do, and whatever goes wrong on them is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import pytest_runtest_call
from tests.browser.visiting import axe, log_in
from tests.factories import Network

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage
    from tests.browser.watching import Watch

PLAIN = "/healthz/live"
ACCESSIBLE = "<html lang='en'><title>Plain</title><main><h1>Plain</h1></main></html>"


def noted(watch: Watch) -> str:
    """Return what was noted, and let the test pass all the same."""
    watch.catch_up()
    lines = "\n".join(watch.problems)
    watch.problems.clear()
    return lines


def test_a_page_is_drawn_by_its_own_scripts(desk: Page) -> None:
    desk.goto("/api/docs/")

    expect(desk.get_by_role("heading", name="leadhub API")).to_be_visible()


def test_a_page_has_the_styles_of_the_build(phone: Page) -> None:
    phone.goto("/log-in/")

    assert phone.evaluate("document.fonts.check('16px \"Inter Variable\"')")
    assert phone.evaluate("getComputedStyle(document.body).fontFamily").startswith('"Inter')


def test_a_person_logs_in(desk: Page) -> None:
    Network("acme")

    log_in(desk, "admin@acme.example", "x", then="/account/")

    expect(desk.locator("#main").get_by_text("admin@acme.example")).to_be_visible()


def test_the_server_sees_what_a_test_commits_while_pages_are_open(phone: Page) -> None:
    network = Network("acme")
    network.partner(name="Wärme Dachau")
    key = {"Authorization": f"Bearer {network.api_key}"}

    answer = phone.request.get("/api/v1/partners/", headers=key)

    assert "Wärme Dachau" in answer.text()


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_phone_asks_for_the_language_of_the_test(phone: Page, language: str) -> None:
    phone.goto(PLAIN)

    assert phone.evaluate("navigator.language").startswith(language)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_device_has_the_colours_of_the_test(phone: Page, desk: Page, colours: str) -> None:
    for page in (phone, desk):
        page.goto(PLAIN)

        assert page.evaluate(f"matchMedia('(prefers-color-scheme: {colours})').matches")


def test_a_phone_is_narrow_sharp_and_touched(phone: Page) -> None:
    phone.goto(PLAIN)

    found = phone.evaluate("[screen.width, devicePixelRatio, navigator.maxTouchPoints > 0]")

    assert found == [390, 2, True]


def test_nothing_moves(phone: Page) -> None:
    phone.goto(PLAIN)

    assert phone.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")


def test_two_pages_belong_to_two_people(open_page: OpenPage) -> None:
    one, other = open_page("phone"), open_page("desk")
    for page in (one, other):
        page.goto(PLAIN)

    one.evaluate("document.cookie = 'who=one'")

    assert other.evaluate("document.cookie") == ""


def test_an_error_in_the_console_is_noted(desk: Page, watch: Watch) -> None:
    desk.goto(PLAIN)

    desk.evaluate("console.error('the chart has no data')")

    assert "the chart has no data" in noted(watch)


def test_an_uncaught_exception_is_noted(desk: Page, watch: Watch) -> None:
    desk.goto(PLAIN)

    with desk.expect_event("pageerror"):
        desk.evaluate("void setTimeout(() => { throw new Error('no such thing') })")

    assert "no such thing" in noted(watch)


def test_a_request_to_another_host_is_noted(desk: Page, watch: Watch) -> None:
    desk.goto(PLAIN)

    desk.evaluate("void new Image().setAttribute('src', 'http://fonts.example.com/a.png')")

    assert "another host: http://fonts.example.com/a.png" in noted(watch)


def test_a_missing_part_of_a_page_is_noted(desk: Page, watch: Watch) -> None:
    desk.goto(PLAIN)

    desk.evaluate(
        "new Promise((done) => {"
        "  const picture = new Image();"
        "  picture.onerror = done;"
        "  picture.src = '/static/missing.png';"
        "})"
    )

    assert "status 404" in noted(watch)


def test_a_broken_policy_is_noted(desk: Page, watch: Watch) -> None:
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'self'\">"

    desk.set_content(f"{policy}<p style='color: red'>Red</p>")

    assert "Content Security Policy" in noted(watch)


def test_a_refusal_is_for_the_test_to_judge(desk: Page, watch: Watch) -> None:
    answer = desk.goto("/api/v1/partners/")

    assert answer
    assert answer.status == 401
    assert noted(watch) == ""


def test_a_test_fails_for_what_was_noted(
    desk: Page, watch: Watch, request: pytest.FixtureRequest
) -> None:
    desk.goto(PLAIN)
    desk.evaluate("console.error('nobody looked')")
    judging = pytest_runtest_call(request.node)
    next(judging)

    with pytest.raises(pytest.fail.Exception, match="nobody looked"):
        next(judging)

    watch.problems.clear()


def test_a_page_is_judged_by_its_accessibility(desk: Page) -> None:
    desk.set_content(ACCESSIBLE.replace("Plain</h1>", "Plain</h1><img src='data:,'>"))

    found = axe(desk)

    assert [line.partition(" ")[0] for line in found] == ["image-alt"]


def test_an_accessible_page_is_left_in_peace(desk: Page) -> None:
    desk.set_content(ACCESSIBLE)

    assert axe(desk) == []
