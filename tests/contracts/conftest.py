"""Two tenants, each with a row in every table."""

import pytest

from tests.contracts.catalogue import World, make_world


@pytest.fixture
def acme(db: None) -> World:
    """A manufacturer with a lead in every state that matters."""
    return make_world("acme")


@pytest.fixture
def globex(db: None) -> World:
    """Another manufacturer, alike."""
    return make_world("globex")
