"""Run in the environment of an installation: many leads at once, with deadlines as one wants them.

``python -m tests.faults.crowds SLUG COUNT FIRST OVER WINDOW``: each lead comes in through the
product's own intake, told that it came so long ago that its deadline is where it is wanted.
"""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tests.faults.installation import Installation
    from tests.faults.networks import Network

DAY = 86_400  # seconds


def add_leads(
    installation: "Installation",
    network: "Network",
    count: int,
    *,
    first: float = float(DAY),
    over: float = 0.0,
    window: float = float(DAY),
    processes: int = 2,
) -> str:
    """Add leads on offer, as so many processes at once; returns the source that they name.

    :param first: seconds from now to the first deadline.
    :param over: seconds from the first deadline to the last one.
    :param window: seconds from an offer to its deadline, as the network's policy says.
    """
    source = f"crowd-of-{network.slug}"
    parts = [
        installation.run(
            Program(
                name=f"crowd{number}",
                argv=(
                    *(sys.executable, "-m", "tests.faults.crowds", network.slug),
                    *map(str, (count // processes, first, over, window, number)),
                ),
                log=installation.log_of(f"crowd{number}"),
            )
        )
        for number in range(processes)
    ]
    wait_until(lambda: not any(part.is_alive for part in parts), "a crowd", patience=3_000)
    ((made,),) = installation.rows(
        "SELECT count(*) FROM leads_lead WHERE source = %s AND wave > 0", source
    )
    assert made == count // processes * processes, parts[0].log()
    return source


def _add(slug: str, count: int, number: int, *, begin: timedelta, over: timedelta) -> None:
    from leadhub.core import clock  # noqa: PLC0415 - Django is set up by now
    from leads.intake import Contact, NewLead, receive_lead  # noqa: PLC0415
    from partners.memberships import administrator_of, manufacturer_by_slug  # noqa: PLC0415

    manufacturer = manufacturer_by_slug(slug)
    assert manufacturer is not None
    by = administrator_of(manufacturer)
    first = clock.now() + begin
    for index in range(count):
        new = NewLead(
            external_id=f"crowd-{number}-{first.timestamp():.0f}-{index}",
            source=f"crowd-of-{slug}",
            product_lines=["heat-pumps"],
            country="DE",
            postal_code="80331",
            # no name: those of the same postal code would resemble each other
            contact=Contact(email=f"c{number}-{first.timestamp():.0f}-{index}@example.com"),
        )
        receive_lead(new=new, by=by, at=first + over * index / count)


if __name__ == "__main__":
    django.setup()
    _first, _over, _window = map(float, sys.argv[3:6])
    _add(
        sys.argv[1],
        int(sys.argv[2]),
        int(sys.argv[6]),
        begin=timedelta(seconds=_first - _window),
        over=timedelta(seconds=_over),
    )
else:
    from leadhub.embedded.programs import Program
    from tests.faults.waiting import wait_until
