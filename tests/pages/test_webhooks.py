"""Webhooks at the desk: added, tried out, followed, switched off and on."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from leadhub.core import clock
from leads.webhooks.subscriptions import change_webhook
from tests.acting import DAY, HOUR, again
from tests.factories import NOON, Network
from tests.pages.acting import by_script
from tests.pages.desks import at_desk, form_of, queries_of, read, text_of
from tests.webhook_sink import Reply, Sink, webhook_sink
from tests.webhooks import hook, read_log, standing_of, tell, tell_until_the_end, told

PAGE = "/set-up/webhooks/"
URL = "https://hooks.example.com/leadhub"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@pytest.fixture(autouse=True)
def noon(settings: LazySettings) -> Any:
    """Look at noon, and let requests reach this machine."""
    settings.OUTGOING_MAY_REACH_LOOPBACK = True
    with clock.set_to(NOON):
        yield


@pytest.fixture
def sink() -> Iterator[Sink]:
    with webhook_sink() as running:
        yield running


@pytest.fixture
def desk(network: Network) -> Client:
    return at_desk(network)


def test_says_what_webhooks_are_for_where_there_are_none(desk: Client) -> None:
    assert "No program is told" in read(desk, PAGE)
    assert f'href="{PAGE}"' in read(desk, "/set-up/")


def test_dispatchers_see_nothing_of_them(network: Network) -> None:
    dispatcher = at_desk(network, "DISPATCHER")

    assert dispatcher.get(PAGE).status_code == 404
    assert f'href="{PAGE}"' not in read(dispatcher, "/set-up/")


def test_adds_one_and_shows_its_secret_once(network: Network, desk: Client, sink: Sink) -> None:
    form = form_of(read(desk, f"{PAGE}new/"))

    answer = desk.post(f"{PAGE}new/", {**form, "name": "CRM", "url": sink.url})
    network.lead()
    tell()

    (secret,) = SECRET.findall(text_of(answer))
    assert "no-store" in answer.headers["Cache-Control"]
    assert any(one.verified_by(secret, at=NOON) for one in sink.heard)
    page = read(desk, PAGE)
    assert "CRM" in page
    assert "9 kinds of events" in page
    assert not SECRET.search(page)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": ""}, "Please fill this in."),
        ({"url": "http://hooks.example.com"}, "The address has to begin with https://."),
        ({"url": "https://intern.local/"}, "Name a host, such as hooks.example.com."),
        ({"event_types": []}, "Choose at least one thing."),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was_typed(
    desk: Client, settings: LazySettings, changes: dict[str, Any], said: str
) -> None:
    settings.OUTGOING_MAY_REACH_LOOPBACK = False

    answer = desk.post(
        f"{PAGE}new/", {"name": "CRM", "url": URL, "event_types": ["lead.won"], **changes}
    )

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'value="CRM"' in text_of(answer)
    assert "No program is told" in read(desk, PAGE)


def test_changes_one(network: Network, desk: Client) -> None:
    webhook, _ = hook(network, URL)
    address = f"{PAGE}{webhook.id}/edit/"

    form = form_of(read(desk, address))
    desk.post(address, {**form, "name": "ERP", "event_types": ["lead.lost", "lead.won"]})

    changed = again(webhook)
    assert (changed.name, changed.url) == ("ERP", URL)
    assert changed.event_types == ["lead.won", "lead.lost"]


def test_shows_what_a_test_was_answered(network: Network, desk: Client, sink: Sink) -> None:
    sink.replies = [Reply(404, body=b"<b>no such hook</b>")]
    webhook, _ = hook(network, sink.url)

    answer = desk.post(f"{PAGE}{webhook.id}/test/")
    waiting = read(desk, answer.headers["Location"])
    tell()
    page = read(desk, answer.headers["Location"])

    assert "On its way" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert "Given up" in page
    assert "answer 404" in page
    assert "<b>no such hook</b>" in page  # as its reader sees it
    assert b"&lt;b&gt;no such hook" in desk.get(answer.headers["Location"]).content
    assert "hx-trigger" not in page[page.index('id="message"') :]


def test_a_script_gets_the_part_that_it_asks_for(
    network: Network, desk: Client, sink: Sink
) -> None:
    webhook, _ = hook(network, sink.url)
    address = desk.post(f"{PAGE}{webhook.id}/test/").headers["Location"]

    part = desk.get(address, headers=by_script(address))

    assert text_of(part).startswith('<div id="message"')


def test_shows_the_log_and_sends_again(network: Network, desk: Client, sink: Sink) -> None:
    sink.replies = [Reply(500, body=b"away"), Reply(200, body=b"thanks")]
    webhook, _ = hook(network, sink.url)
    network.lead()
    tell()
    (message,) = told(network)
    address = f"{PAGE}{webhook.id}/messages/{message.id}/"

    page = read(desk, f"{PAGE}{webhook.id}/")
    with clock.set_to(NOON + HOUR):
        desk.post(f"{address}again/")
    tell(NOON + HOUR)

    assert "A lead came in" in page
    assert "Not taken" in page
    assert "Nothing got through since" in page
    assert again(message).done_at == NOON + HOUR
    log = read(desk, address)
    assert log.index("thanks") < log.index("away")
    assert "Taken" in log


def test_switches_off_and_on(network: Network, desk: Client) -> None:
    webhook, _ = hook(network, URL)

    desk.post(f"{PAGE}{webhook.id}/off/")
    off = again(webhook).off_because
    page = read(desk, f"{PAGE}{webhook.id}/")
    desk.post(f"{PAGE}{webhook.id}/on/")

    assert off == "SWITCHED_OFF"
    assert "Switch on" in page
    assert again(webhook).off_because == ""


def test_says_why_one_was_switched_off_by_itself(
    network: Network, desk: Client, sink: Sink
) -> None:
    sink.replies = [Reply(500)]
    webhook, _ = hook(network, sink.url)
    network.lead()
    read_log()
    tell_until_the_end(told(network)[0])

    page = read(desk, f"{PAGE}{webhook.id}/")
    message = f"{PAGE}{webhook.id}/messages/{told(network)[0].id}/"
    refused = desk.post(f"{message}again/", follow=True)

    assert "It took nothing for three days" in page
    assert "Switched off by itself" in read(desk, PAGE)
    assert "The webhook is off. Switch it on first." in text_of(refused)


def test_makes_a_new_secret(network: Network, desk: Client) -> None:
    webhook, old = hook(network, URL)

    answer = desk.post(f"{PAGE}{webhook.id}/rotate/", {"overlap": "7"})
    refused = desk.post(f"{PAGE}{webhook.id}/rotate/", {"overlap": "7"}, follow=True)

    (secret,) = SECRET.findall(text_of(answer))
    assert secret != old
    assert again(webhook).previous_until == NOON + 7 * DAY
    assert "The secret before this one is still valid." in text_of(refused)
    assert "Two secrets are valid" in read(desk, f"{PAGE}{webhook.id}/")


def test_removes_one(network: Network, desk: Client) -> None:
    webhook, _ = hook(network, URL)

    desk.post(f"{PAGE}{webhook.id}/remove/")

    assert desk.get(f"{PAGE}{webhook.id}/").status_code == 404
    assert "No program is told" in read(desk, PAGE)


def test_knows_nothing_of_another_networks(
    network: Network, other_network: Network, desk: Client, sink: Sink
) -> None:
    foreign, _ = hook(other_network, sink.url)
    own, _ = hook(network, sink.url)
    other_network.lead()
    tell()
    (message,) = told(other_network)

    answers = [
        desk.get(f"{PAGE}{foreign.id}/"),
        desk.get(f"{PAGE}{foreign.id}/messages/{message.id}/"),
        desk.get(f"{PAGE}{own.id}/messages/{message.id}/"),
        desk.post(f"{PAGE}{own.id}/messages/{message.id}/again/"),
        desk.post(f"{PAGE}{foreign.id}/off/"),
        desk.post(f"{PAGE}{foreign.id}/remove/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert again(foreign).off_since is None


def test_asks_as_often_for_ten_as_for_one(network: Network, desk: Client, sink: Sink) -> None:
    webhook, _ = hook(network, sink.url)
    network.lead()
    tell()
    one = queries_of(desk, PAGE), queries_of(desk, f"{PAGE}{webhook.id}/")
    for _ in range(9):
        hook(network, sink.url)
        network.lead()
    tell()

    assert (queries_of(desk, PAGE), queries_of(desk, f"{PAGE}{webhook.id}/")) == one


def test_calls_one_that_works_on(network: Network, desk: Client, sink: Sink) -> None:
    webhook, _ = hook(network, sink.url)
    change_webhook(webhook=webhook, name="CRM", by=network.by, at=NOON)

    page = read(desk, PAGE)

    assert standing_of(webhook).failing_since is None
    assert "CRM" in page
    assert re.search(r">\s*On\s*<", page)
