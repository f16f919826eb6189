"""Two tenants, each with a row in every table."""

from datetime import datetime

import pytest

from leadhub.core import clock
from tests.contracts.catalogue import World, make_world
from tests.contracts.competition import Competition, compete


@pytest.fixture
def acme(db: None) -> World:
    """A manufacturer with a lead in every state that matters."""
    return make_world("acme")


@pytest.fixture
def globex(db: None) -> World:
    """Another manufacturer, alike."""
    return make_world("globex")


@pytest.fixture
def rivals(db: None) -> tuple[Competition, Competition]:
    """Two manufacturers, each with a partner that got a lead and one that lost it."""
    return compete("acme"), compete("globex")


@pytest.fixture
def now() -> datetime:
    """The present, for leads whose offers have to be open."""
    return clock.now()
