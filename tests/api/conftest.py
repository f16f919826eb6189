"""A network whose hour is now, clients that call the interface with its keys, and a server."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from leadhub.core import clock
from tests.api.calling import Api
from tests.browser.serving import Application, served
from tests.factories import Network

LONGEST_ANSWER = 10  # seconds


@pytest.fixture
def now(db: None) -> Iterator[datetime]:
    """The instant of every request of a test: the database's, held still."""
    instant = clock.now()
    with clock.set_to(instant):
        yield instant


@pytest.fixture
def api(network: Network, now: datetime) -> Api:
    """The manufacturer's own program."""
    return Api(network.api_key)


@pytest.fixture
def other_api(other_network: Network, now: datetime) -> Api:
    """A program of another manufacturer."""
    return Api(other_network.api_key)


@pytest.fixture
def base(committed: None) -> Iterator[str]:
    """A server on this machine, with real connections and commits."""
    application = Application()
    with served(application) as address:
        yield address
        application.settle(LONGEST_ANSWER)
