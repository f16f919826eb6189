"""The rivals of these tests."""

import pytest

from tests.leaks.actors import Rivals, gather


@pytest.fixture
def rivals(db: None) -> Rivals:
    """Three networks and everybody who asks."""
    return gather()
