"""The feed of events: every fact once and in order, whoever writes meanwhile."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from urllib.parse import urlencode

import psycopg2
import pytest
from django.db import connection, transaction

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import withdraw_lead
from leads.models import LeadEvent
from tests.acting import MINUTE
from tests.api.calling import Api
from tests.factories import NOON, Network

LONGEST_WAIT = 20


@pytest.fixture
def world(committed: None) -> Iterator[Network]:
    """A committed network that asks two partners at a time."""
    network = Network("acme")
    network.policy({"partners": 2})
    network.partners(3)
    with clock.set_to(NOON):
        yield network


@pytest.fixture
def api(world: Network) -> Api:
    return Api(world.api_key)


def read(api: Api, after: str | None = None, *, size: int = 3) -> tuple[list[str], str | None]:
    """Follow the feed to where it ends now; the facts as "lead sequence", and the cursor."""
    told: list[str] = []
    while True:
        query = {"page_size": size, **({"after": after} if after else {})}
        page = api.get(f"events/?{urlencode(query)}")
        assert page.status == 200, page.body
        told += [f"{row['lead']} {row['sequence']}" for row in page.json["results"]]
        after = page.json["cursor"]
        if page.json["next"] is None:
            return told, after


def kept(network: Network) -> set[str]:
    """What the log holds."""
    with tenant_context(network.manufacturer.id):
        rows = LeadEvent.objects.values_list("lead_id", "sequence")
        return {f"{lead} {sequence}" for lead, sequence in rows}


@contextmanager
def open_in_another_thread(act: Callable[[], object]) -> Iterator[None]:
    """Act in a transaction of its own that stays open meanwhile, and commit it afterwards."""
    acted, may_end = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with transaction.atomic():
                act()
                acted.set()
                assert may_end.wait(LONGEST_WAIT)
        finally:
            acted.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        try:
            assert acted.wait(LONGEST_WAIT)
            yield
        finally:
            may_end.set()
            running.result(LONGEST_WAIT)


@contextmanager
def in_another_database(statement: str) -> Iterator[None]:
    """Keep a transaction open in the server's own database meanwhile."""
    elsewhere = {**connection.get_connection_params(), "dbname": "postgres"}
    elsewhere.pop("cursor_factory", None)
    with closing(psycopg2.connect(**elsewhere)) as line, line.cursor() as cursor:
        cursor.execute(statement)
        yield


def test_tells_every_fact_once_and_those_of_a_lead_in_order(world: Network, api: Api) -> None:
    for _ in range(4):
        withdraw_lead(lead=world.lead(), by=world.by, at=NOON + MINUTE)

    told, cursor = read(api)

    assert len(told) == len(set(told)) > 12
    assert set(told) == kept(world)
    sequences: dict[str, list[int]] = {}
    for lead, sequence in map(str.split, told):
        sequences.setdefault(lead, []).append(int(sequence))
    assert all(found == sorted(found) for found in sequences.values())
    assert read(api, cursor) == ([], cursor)


def test_goes_on_where_it_was_left(world: Network, api: Api) -> None:
    world.lead()
    before, cursor = read(api)

    late = world.lead()
    after, _ = read(api, cursor)

    assert {line.split()[0] for line in after} == {str(late.id)}
    assert {*before, *after} == kept(world)


def test_waits_for_a_transaction_that_began_to_write_before(world: Network, api: Api) -> None:
    """What it writes would otherwise lie before the cursor once it has ended."""
    first = world.lead()
    before, cursor = read(api)

    with open_in_another_thread(lambda: withdraw_lead(lead=first, by=world.by, at=NOON + MINUTE)):
        world.lead()
        meanwhile, cursor = read(api, cursor)
    after, _ = read(api, cursor)

    assert meanwhile == []
    assert sorted([*before, *after]) == sorted(kept(world))


def test_waits_for_no_transaction_of_another_database(world: Network, api: Api) -> None:
    """It has a number too, but writes nothing here."""
    with in_another_database("CREATE TEMPORARY TABLE written (id integer)"):
        world.lead()
        told, _ = read(api)

    assert sorted(told) == sorted(kept(world))


def test_skips_nothing_while_many_write(world: Network, api: Api) -> None:
    started = threading.Barrier(4)

    def write() -> None:
        try:
            started.wait(LONGEST_WAIT)
            for _ in range(8):
                withdraw_lead(lead=world.lead(), by=world.by, at=NOON + MINUTE)
        finally:
            connection.close()

    told: list[str] = []
    cursor: str | None = None
    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write) for _ in range(3)]
        started.wait(LONGEST_WAIT)
        while not all(writer.done() for writer in writers):
            more, cursor = read(api, cursor, size=7)
            told += more
    for writer in writers:
        writer.result()
    more, _ = read(api, cursor)

    assert sorted([*told, *more]) == sorted(kept(world))


def test_tells_nothing_of_other_manufacturers(world: Network, api: Api) -> None:
    other = Network("globex")
    other.policy({"partners": 2})
    other.partners(2)
    other.lead()
    world.lead()

    told, _ = read(api)

    assert set(told) == kept(world)


def test_is_for_manufacturers_alone(world: Network) -> None:
    refused = Api(world.key_for(world.partner())).get("events/")

    assert (refused.status, refused.code) == (403, "wrong_kind_of_key")


def test_refuses_a_cursor_that_is_none(api: Api) -> None:
    refused = api.get("events/?after=now")

    assert (refused.status, refused.fields) == (400, ["after"])


def test_says_what_a_fact_is_about(world: Network, api: Api) -> None:
    lead = world.lead()

    (first, *_) = api.get("events/").json["results"]

    assert first["lead"] == str(lead.id)
    assert (first["sequence"], first["type"]) == (1, "lead.received")
    assert (first["partner"], first["assignment"]) == (None, None)
