"""Limits let a burst pass and then a trickle, for all processes together, and hold up nobody."""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import Settings

from leadhub.core.ids import new_id
from leadhub.core.rate_limits import ANSWERS_WITHIN, Limit, Verdict, take
from tests.valkey_server import ValkeyServer, wait_until

SLOW = 1 / 3_600  # so slow that nothing comes back during a test
WHO = new_id


@pytest.fixture
def valkey(settings: Settings) -> Iterator[ValkeyServer]:
    """A server of its own, so that one circuit's state is not another test's."""
    server = ValkeyServer()
    server.start()
    settings.RATE_LIMIT_URL = server.url
    settings.RATE_LIMITS = {
        "key": Limit(SLOW, 3),
        "tenant": Limit(SLOW, 5),
        "quick": Limit(20, 1),
    }
    try:
        yield server
    finally:
        server.stop()


def asked(times: int, **names: object) -> list[bool]:
    return [verdict.passes for verdict in (judged(**names) for _ in range(times))]


def judged(**names: object) -> Verdict:
    verdict = take(**names)
    assert verdict is not None
    return verdict


@pytest.mark.usefixtures("valkey")
def test_lets_a_burst_pass_and_no_more() -> None:
    assert asked(5, key=WHO()) == [True, True, True, False, False]


@pytest.mark.usefixtures("valkey")
def test_counts_down_what_is_left() -> None:
    who = WHO()

    assert [judged(key=who).left for _ in range(4)] == [2, 1, 0, 0]


@pytest.mark.usefixtures("valkey")
def test_counts_everybody_apart() -> None:
    one, other = WHO(), WHO()

    assert asked(4, key=one) == [True, True, True, False]
    assert asked(1, key=other) == [True]
    assert asked(1, tenant=one) == [True]


@pytest.mark.usefixtures("valkey")
def test_lets_pass_again_when_it_said() -> None:
    who = WHO()
    asked(1, quick=who)

    refused = judged(quick=who)
    time.sleep(refused.wait)

    assert not refused.passes
    assert 0 < refused.wait <= 1 / 20 + 0.001
    assert refused.headers["Retry-After"] == "1"
    assert judged(quick=who).passes


@pytest.mark.usefixtures("valkey")
def test_takes_from_all_limits_or_from_none() -> None:
    tenant = WHO()
    first, second = WHO(), WHO()

    passed = asked(3, key=first, tenant=tenant) + asked(3, key=second, tenant=tenant)
    refused = judged(key=second, tenant=tenant)

    assert passed == [True, True, True, True, True, False]
    assert refused.kind == "tenant"
    assert asked(2, key=second) == [True, False]


@pytest.mark.usefixtures("valkey")
def test_lets_no_burst_slip_through_at_the_same_moment() -> None:
    who = WHO()

    with ThreadPoolExecutor(16) as pool:
        passed = list(pool.map(lambda _: judged(key=who).passes, range(64)))

    assert sum(passed) == 3


@pytest.mark.usefixtures("valkey")
def test_limits_nothing_that_has_no_limit() -> None:
    assert take(address="192.0.2.1") is None


def test_limits_nothing_without_a_counter(settings: Settings) -> None:
    settings.RATE_LIMIT_URL = ""

    assert take(key=WHO()) is None


def test_a_hung_counter_holds_up_one_request_for_a_moment(
    valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    who = WHO()
    asked(3, key=who)

    with valkey.hung(), caplog.at_level(logging.WARNING):
        times = [timed(who) for _ in range(50)]
    wait_until(lambda: take(key=who) is not None)

    assert times[0] < ANSWERS_WITHIN + 0.3
    assert sum(times[1:]) < ANSWERS_WITHIN
    lines = [record.getMessage() for record in caplog.records]
    assert len([line for line in lines if "nothing is limited" in line]) == 1
    assert asked(1, key=who) == [False]


def test_a_dead_counter_holds_up_nobody_and_is_found_again(valkey: ValkeyServer) -> None:
    who = WHO()
    asked(1, key=who)

    valkey.stop()
    times = [timed(who) for _ in range(50)]
    valkey.start()
    wait_until(lambda: take(key=who) is not None)

    assert sum(times) < ANSWERS_WITHIN + 0.2


def timed(who: object) -> float:
    """Ask once while the counter does not answer; how long that took, in seconds."""
    started = time.perf_counter()
    assert take(key=who) is None
    return time.perf_counter() - started
