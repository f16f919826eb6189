"""Every line says what it is about: request or round, tenant, lead; as a line or as an object."""

import io
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from leadhub.celery import name_lines, note_outcome
from leadhub.core import log_context
from leadhub.core.logs import make_formatter
from leadhub.core.tenancy.context import system_context
from leads.escalation import sweep
from leads.models import RoutingPolicy
from tests.acting import HOUR
from tests.api.calling import Api
from tests.core.test_logs import CANARIES, live_through_a_day
from tests.factories import NOON, Network

logger = logging.getLogger("tests.lines")
WISH = "Canary"

UUID_GIVEN = "01a206ce-d820-7791-bf80-3fec4a64e181"


@contextmanager
def written(form: str) -> Iterator[Callable[[], list[str]]]:
    """What the log holds, in one of its forms."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(make_formatter(form))
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield lambda: log.getvalue().splitlines()
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def objects(lines: list[str]) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in lines]


@pytest.mark.parametrize("given", [UUID_GIVEN, UUID_GIVEN.replace("-", "")])
def test_takes_over_the_id_that_a_proxy_gave(client: Client, given: str) -> None:
    answer = client.get("/healthz/live", headers={"X-Request-ID": given})

    assert answer.headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["", "erika@example.com", "+49 89 999 98123", "a" * 31, "x" * 32, UUID_GIVEN + "\nb"]
)
def test_makes_an_id_of_its_own_where_none_or_something_else_came(
    client: Client, given: str
) -> None:
    answers = [client.get("/healthz/live", headers={"X-Request-ID": given}) for _ in range(2)]

    ids = {answer.headers["X-Request-ID"] for answer in answers}
    assert len(ids) == 2
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)


@pytest.mark.django_db
def test_a_refused_call_and_its_lines_carry_the_same_id(client: Client) -> None:
    with written("json") as log:
        answer = client.get("/no/such/page/", headers={"X-Request-ID": UUID_GIVEN})
        (told,) = objects(log())

    assert answer.headers["X-Request-ID"] == told["request"] == UUID_GIVEN
    assert told["logger"] == "django.request"


@pytest.mark.django_db
def test_names_nothing_of_the_request_before(client: Client, network: Network) -> None:
    with written("json") as log:
        Api(network.api_key).get("leads/nobody/")
        client.get("/no/such/page/")
        first, second = objects(log())

    assert first["request"] != second["request"]
    assert "tenant" not in second


@pytest.mark.django_db
def test_names_the_tenant_of_the_key(network: Network) -> None:
    with written("json") as log:
        Api(network.api_key).get("leads/nobody/")
        told = objects(log())

    assert [one["tenant"] for one in told] == [str(network.manufacturer.id)]


def break_policies(network: Network) -> None:
    """Let every wave that ends fail."""
    with system_context("test"):
        RoutingPolicy.objects.update(strategy="NOBODY KNOWS", waves=[])


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["line", "json"])
def test_names_the_lead_and_the_tenant_of_what_fails_in_a_round(
    network: Network, form: str
) -> None:
    network.partner()
    lead, other = network.lead(), network.lead()
    break_policies(network)

    with written(form) as log:
        with log_context.work("round"):
            sweep(at=NOON + HOUR)
            logger.info("after it")
        lines = log()

    tenant = str(network.manufacturer.id)
    if form == "json":
        failures = [one for one in objects(lines) if one["logger"] == "leads.escalation"]
        assert {one["lead"] for one in failures} == {str(lead.id), str(other.id)}
        assert {(one["tenant"], one["request"]) for one in failures} == {(tenant, "round")}
        assert all("Traceback" in one["trace"] for one in failures)
        after = objects(lines)[-1]
        assert (after["request"], "lead" in after, "tenant" in after) == ("round", False, False)
    else:
        failures_told = [line for line in lines if "cannot be escalated" in line]
        assert all(f"[request=round tenant={tenant} lead=" in line for line in failures_told)
        assert lines[-1].endswith("after it [request=round]")


def test_names_the_task_while_it_runs() -> None:
    class Task:
        name = "leads.tasks.sweep"

    with written("json") as log:
        name_lines(task_id=UUID_GIVEN)
        logger.info("in it")
        note_outcome(task=Task(), state="SUCCESS")
        logger.info("after it")
        inside, after = objects(log())

    assert inside["request"] == UUID_GIVEN.replace("-", "")
    assert "request" not in after


def test_an_object_is_one_line_whatever_is_logged() -> None:
    with written("json") as log:
        try:
            logger.info("two\nlines of %s", 'a "word"')
            int("three\nlines")
        except ValueError:
            logger.exception("failed")
        first, second = objects(log())

    assert first["message"] == 'two\nlines of a "word"'
    assert {"time", "level", "logger", "message"} <= first.keys()
    assert second["trace"].startswith("Traceback")


@pytest.mark.django_db
def test_objects_quote_no_row_either() -> None:
    with written("json") as log:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT %s::jsonb", [f'{{"wish": "{WISH} \\u0000"}}'])
        except DatabaseError:
            logger.exception("a wish was refused")
        (told,) = log()

    assert "details left out" in told
    assert WISH not in told


def test_a_whole_day_leaves_nobodys_name_in_objects(network: Network) -> None:
    with written("json") as log:
        live_through_a_day(network)
        lines = log()

    text = "\n".join(lines).lower()
    assert len(objects(lines)) > 5
    assert [word for word in CANARIES.values() if word.lower() in text] == []
    assert str(network.manufacturer.id) in text
