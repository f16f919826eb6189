"""What Prometheus is told, and who may ask."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.urls import get_resolver
from prometheus_client.parser import text_string_to_metric_families

from leadhub.core import clock, metrics
from leads.management.commands.run_timers import BESIDE, _try, step_name
from leads.messages import deliver_due
from tests.acting import HOUR, MINUTE
from tests.api.calling import Api, lead_body
from tests.core.test_logs import CANARIES
from tests.factories import NOON, Network

TOKEN = "a token of tests"  # noqa: S105 - of tests
ASKED = {"Authorization": f"Bearer {TOKEN}"}

Samples = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
def counting(settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    """Somebody knows the token; the processes' files are those of this test alone."""
    settings.METRICS_TOKEN, settings.LEADHUB_DATA = TOKEN, tmp_path
    metrics.meters.cache_clear()
    yield
    metrics.meters.cache_clear()


def told() -> Samples:
    """Everything that is told: name and values of labels -> figure."""
    with clock.set_to(NOON + HOUR + MINUTE):
        answer = Client().get("/metrics", headers=ASKED)
    assert answer.status_code == HTTPStatus.OK
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.usefixtures("db", "counting")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer ä"},
    ],
)
def test_is_not_there_for_whoever_does_not_know_the_token(headers: dict[str, str]) -> None:
    answer, unknown = (Client().get(path, headers=headers) for path in ("/metrics", "/metricz"))

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert answer.content == unknown.content
    assert told(), "the control"


@pytest.mark.django_db
@pytest.mark.parametrize("token", [TOKEN, ""])
def test_is_not_there_for_anybody_where_no_token_is_set(token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}

    assert Client().get("/metrics", headers=headers).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.django_db
def test_counts_nothing_where_nobody_may_ask(settings: LazySettings, tmp_path: Path) -> None:
    settings.LEADHUB_DATA = tmp_path
    Client().get("/healthz/live")
    metrics.count_conflict("offer_taken")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("counting")
def test_tells_how_late_the_oldest_of_each_kind_is(network: Network) -> None:
    network.partners(2)
    network.lead()
    network.lead()

    figures = told()

    assert figures["leadhub_overdue_seconds", ("waves",)] == 60
    assert figures["leadhub_overdue_rows", ("waves",)] == 2
    assert figures["leadhub_overdue_seconds", ("follow-ups",)] == 0
    assert figures["leadhub_overdue_rows", ("notices",)] == 4
    assert figures["leadhub_wave_age_seconds", ()] == 3660
    assert figures["leadhub_state_readable", ()] == 1


@pytest.mark.usefixtures("committed", "counting")
def test_tells_that_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics.count_conflict("offer_taken")
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    figures = told()

    assert figures["leadhub_state_readable", ()] == 0
    assert figures["leadhub_accept_conflicts_total", ("offer_taken",)] == 1


@pytest.mark.usefixtures("counting")
def test_measures_requests_by_named_address_method_and_class_of_status(network: Network) -> None:
    api = Api(network.api_key)
    for path in ("leads/", "leads/", "leads/nobody/"):
        api.get(path)
    Client().get("/no/such/page/")
    Client().generic("BREW", "/healthz/live")

    figures = told()

    count = "leadhub_request_seconds_count"
    assert figures[count, ("GET", "2xx", "api-leads")] == 2
    assert figures[count, ("GET", "4xx", "api-lead")] == 1
    assert figures[count, ("GET", "4xx", "other")] == 1
    assert figures[count, ("other", "2xx", "health-live")] == 1


@pytest.mark.usefixtures("counting")
def test_counts_acceptances_that_came_too_late(network: Network) -> None:
    first, second = network.partners(2)
    lead = network.lead(at=clock.now())
    offers = {offer.partner_id: offer.id for offer in network.offers(lead)}

    for partner in (first, second, first):
        Api(network.key_for(partner)).post(f"offers/{offers[partner.id]}/accept/")

    assert told()["leadhub_accept_conflicts_total", ("offer_taken",)] == 1


@pytest.mark.usefixtures("counting")
def test_counts_messages_by_channel_and_outcome(network: Network) -> None:
    network.partner(email="")
    network.partner()
    with clock.set_to(NOON):
        network.lead()
        deliver_due()

    figures = {k[1]: v for k, v in told().items() if k[0] == "leadhub_messages_total"}

    assert figures == {("NOTICE", "SENT"): 1, ("EMAIL", "SENT"): 1}


@pytest.mark.usefixtures("committed", "counting")
def test_a_step_that_fails_is_counted_told_and_does_not_end_the_timers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def erase_overdue() -> None:
        raise ValueError

    _try(erase_overdue)
    _try(lambda: None)

    figures = told()
    assert figures["leadhub_steps_total", ("failed", "erase_overdue")] == 1
    assert figures["leadhub_steps_total", ("done", "<lambda>")] == 1
    assert figures["leadhub_step_succeeded_timestamp_seconds", ("<lambda>",)] > 0
    assert "erase_overdue failed; trying again" in caplog.text


def test_names_steps_alike_whoever_does_them(settings: LazySettings) -> None:
    schedule: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE
    tasks = {entry["task"].rpartition(".")[2] for entry in schedule.values()}

    assert {step_name(step) for steps in BESIDE for step in steps} | {"sweep"} == tasks


@pytest.mark.usefixtures("db", "counting")
def test_counts_errors_by_who_logged_them() -> None:
    logger = logging.getLogger("leads.erasure")
    logger.error("one")
    logger.warning("none")

    assert told()["leadhub_errors_logged_total", ("leads.erasure",)] == 1


@pytest.mark.usefixtures("counting")
def test_labels_carry_names_out_of_the_code_and_nothing_else(network: Network) -> None:
    network.partner()
    api = Api(network.api_key)
    made: Any = api.post("leads/", lead_body(contact=CANARIES)).json
    for word in (*CANARIES.values(), made["id"]):
        api.get(f"leads/{word}/")
        api.get(f"{word}/", q=word)
        Client().generic(word.upper().replace(" ", "-"), f"/{word}/")
    with clock.set_to(NOON):
        deliver_due()

    labels = {value for _, values in told() for value in values}

    names = {pattern for pattern in get_resolver().reverse_dict if isinstance(pattern, str)}
    known = names | metrics.METHODS | {"other", "2xx", "3xx", "4xx", "5xx", "offer_taken"}
    rest = {label for label in labels - known if not label.replace(".", "").isdigit()}
    assert made["id"]
    assert rest <= {
        "+Inf", "waves", "follow-ups", "notices", "letters", "NOTICE", "EMAIL", "SENT", "SKIPPED",
        *(f"messages by {channel}" for channel in ("EMAIL", "PUSH", "SMS", "WEBHOOK")),
    }  # fmt: skip
