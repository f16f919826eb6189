"""However a race goes, what must hold of all rows does."""

from collections.abc import Iterator

import pytest

from leads.invariants.checking import broken_invariants
from tests.factories import NOON


@pytest.fixture(autouse=True)
def nothing_is_broken(committed: None) -> Iterator[None]:
    """Check the invariants after each race; time stands still, so that timers do not run."""
    yield
    assert broken_invariants(at=NOON, with_timers=False) == []
