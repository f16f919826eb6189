"""Durations in SQL, by the wall clock or in working time.

Working time is looked up, not walked through: the spans of work go into the statement as three
sorted arrays of microseconds since 1970 (when each begins, how long it is, how much was worked
before it), and a duration is what was worked until its end less what was worked until its start.
"""

from datetime import UTC, datetime, timedelta

from leadhub.core.working_time import WorkCalendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ONE_YEAR = timedelta(days=366)
# Nobody accepted a lead before that.
LONGEST_LOOK_BACK = timedelta(days=40 * 366)

# To be joined as ``work``; without OFFSET the planner would write the arrays into each use.
SPANS_OF_WORK = """CROSS JOIN (
        SELECT %(begins)s::bigint[] AS begins, %(lengths)s::bigint[] AS lengths,
            %(before)s::bigint[] AS before
        OFFSET 0
    ) AS work"""


def wall_seconds(starts_at: str, ends_at: str) -> str:
    """Subtract the start from the end."""
    return f"floor(date_part('epoch', {ends_at} - {starts_at}))::bigint"


def working_seconds(starts_at: str, ends_at: str) -> str:
    """Subtract what has been worked up to the start from what has up to the end, in whole µs."""
    worked = f"({_worked_until(ends_at)} - {_worked_until(starts_at)}) / 1000000"
    return (
        f"CASE WHEN {ends_at} >= {starts_at} THEN {worked} WHEN {ends_at} < {starts_at} THEN 0 END"
    )


def _worked_until(moment: str) -> str:
    """Look up the last span of work that began by then: all before it, and the part of it."""
    micros = f"(extract(epoch FROM {moment}) * 1000000)::bigint"
    last = f"width_bucket({micros}, work.begins)"
    return (
        f"CASE WHEN {moment} IS NOT NULL THEN coalesce(work.before[{last}]"
        f" + least({micros} - work.begins[{last}], work.lengths[{last}]), 0) END"
    )


def spans_of_work(
    calendar: WorkCalendar, *, since: datetime, until: datetime
) -> dict[str, list[int]]:
    """List the spans of work that durations of picks may touch: the parameters of the spans.

    From a year before the first pick, for an offer lies before its acceptance, to a year ahead.

    :param since: the first moment at which a pick may have been accepted.
    """
    first = max(since, until - LONGEST_LOOK_BACK) - ONE_YEAR
    begins, lengths, before = [], [], []
    worked = 0
    for begin, end in calendar.spans_from(calendar.local_date(first)):
        if begin > until + ONE_YEAR:
            break
        length = (end - begin) // MICROSECOND
        begins.append((begin - EPOCH) // MICROSECOND)
        lengths.append(length)
        before.append(worked)
        worked += length
    return {"begins": begins, "lengths": lengths, "before": before}
