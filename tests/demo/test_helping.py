"""A second process that makes one manufacturer."""

import pytest

from leadhub.core import clock
from leadhub.demo.heating import HEATING
from leadhub.demo.helping import Helper
from leadhub.demo.size import Size
from partners.models import Manufacturer
from tests.factories import count_rows

SMALL = Size(partners=4, leads=1, days=20)


@pytest.mark.usefixtures("committed")
def test_leaves_nothing_behind_unless_told_to_commit() -> None:
    heard: list[float] = []

    with Helper(HEATING, size=SMALL, now=clock.now(), progress=heard.append) as helper:
        description = helper.description()
        helper.listen()

    assert description["slug"] == HEATING.slug
    assert heard == sorted(heard)
    assert count_rows(Manufacturer) == 0
