"""What became of deadlines, as the log tells it, and what is overdue at this moment."""

import sys
from typing import NamedTuple

from leadhub.embedded.programs import Program
from tests.faults.installation import Installation
from tests.faults.parts import Part
from tests.faults.waiting import wait_until

# An offer's end is stamped with its deadline (rule O11) and recorded when a hand came to it.
_LATENESS = """
    SELECT count(*),
           count(*) FILTER (WHERE e.recorded_at < o.respond_by OR e.at <> o.respond_by),
           coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY e.recorded_at - o.respond_by),
                    interval '0'),
           coalesce(max(e.recorded_at - o.respond_by), interval '0'),
           count(*) - count(DISTINCT o.id)
    FROM leads_leadoffer o
    JOIN leads_lead l ON l.id = o.lead_id
    JOIN leads_leadevent e ON e.lead_id = l.id AND e.type = 'offer.expired'
                          AND e.data ->> 'offer' = o.id::text
    WHERE l.source = %s
"""
_WAITING = "SELECT count(*) FROM leads_lead WHERE status = 'OFFERED' AND source = %s"
_OVERDUE = "SELECT count(*) FROM leads_lead WHERE status = 'OFFERED' AND respond_by <= now()"
_UNSENT = """
    SELECT count(*) FROM core_delivery
    WHERE done_at IS NULL AND failed_at IS NULL AND due_at <= now()
"""
_MADE_TOO_LATE = """
    SELECT count(*) FROM leads_leadoffer o
    JOIN leads_leadevent e ON e.lead_id = o.lead_id AND e.type = 'lead.received'
    JOIN leads_lead l ON l.id = o.lead_id AND l.source = %s
    WHERE e.recorded_at > o.respond_by
"""


class Lateness(NamedTuple):
    """How late deadlines were acted upon.

    :ivar ended: how many offers ran out.
    :ivar early: how many of them before their deadline, or stamped with another instant.
    :ivar p99: seconds; 99 of 100 were not later.
    :ivar latest: seconds.
    :ivar twice: how many were ended more than once.
    """

    ended: int
    early: int
    p99: float
    latest: float
    twice: int


def lateness(installation: Installation, source: str) -> Lateness:
    """Ask the log how late the deadlines of leads of a source were acted upon."""
    ((ended, early, p99, latest, twice),) = installation.rows(_LATENESS, source)
    return Lateness(ended, early, p99.total_seconds(), latest.total_seconds(), twice)


def waiting(installation: Installation, source: str) -> int:
    """Count the leads of a source whose wave has not ended."""
    ((count,),) = installation.rows(_WAITING, source)
    return int(count)


def overdue(installation: Installation) -> int:
    """Count deadlines that have passed, and messages that should have left, at this moment."""
    ((deadlines,),), ((messages,),) = installation.rows(_OVERDUE), installation.rows(_UNSENT)
    return int(deadlines) + int(messages)


def were_all_made_in_time(installation: Installation, source: str) -> bool:
    """Tell whether no lead came in after its own deadline, which would count as late."""
    return installation.rows(_MADE_TOO_LATE, source) == [(0,)]


def hands(
    installation: Installation, kind: str, count: int, *, pause: float, fault: str = ""
) -> Part:
    """Start so many hands, one of which is killed every ``pause`` seconds (see the module)."""
    argv = ("-m", "tests.faults.hands", kind, str(count), str(pause), *([fault] * bool(fault)))
    program = Program(
        name=f"hands-{fault or kind}",
        argv=(sys.executable, *argv),
        log=installation.log_of(f"hands-{fault or kind}"),
    )
    part = installation.run(program)
    wait_until(lambda: "ready" in part.log(), lambda: f"hands:\n{part.log()}")
    return part


def killed_by(part: Part) -> int:
    """Tell how many hands were killed so far."""
    lines = [line for line in part.log().splitlines() if line.startswith("killed ")]
    return int(lines[-1].split()[1]) if lines else 0
