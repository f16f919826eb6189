"""The day at a glance: a mail a day to each dispatcher, at their hour, if there is news.

What stands in it is counted when it is sent; here it is only made due. A row for a person and a day
exists once, whoever looks and however often.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection

from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import system_context
from leads.notifications import DIGEST
from leads.spreading import ALARMED


def write_digests(*, at: datetime) -> int:
    """Make the digests of the day due for everybody whose hour has come.

    :returns: how many are new; 0 is "nothing to do".
    """
    with system_context("digests.write_digests"):
        with connection.cursor() as cursor:
            cursor.execute(_WHOSE_HOUR_HAS_COME, {"at": at, "roles": list(ALARMED)})
            due = cursor.fetchall()
        rows = [_digest(manufacturer_id, user_id, day, at) for manufacturer_id, user_id, day in due]
        # Somebody else may write the same now: theirs are as good.
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _digest(manufacturer_id: UUID, user_id: UUID, day: str, at: datetime) -> Delivery:
    return Delivery(
        manufacturer_id=manufacturer_id,
        channel=Delivery.Channel.EMAIL,
        kind=DIGEST,
        recipient=f"user:{user_id}",
        subject_id=manufacturer_id,
        dedupe=f"{DIGEST}:{day}:{user_id}",
        due_at=at,
    )


_WHOSE_HOUR_HAS_COME = """
    SELECT s.manufacturer_id, s.user_id, to_char(s.local, 'YYYY-MM-DD')
    FROM (
        SELECT m.manufacturer_id, m.user_id, coalesce(n.digest_hour, 7) AS hour,
            %(at)s AT TIME ZONE coalesce(nullif(n.time_zone, ''), f.time_zone) AS local,
            coalesce(n.channels -> 'DIGEST', '["EMAIL"]') ? 'EMAIL' AS is_wanted
        FROM partners_membership m
        JOIN partners_user u ON u.id = m.user_id AND u.is_active
        JOIN partners_manufacturer f ON f.id = m.manufacturer_id
        LEFT JOIN partners_noticesettings n ON n.user_id = m.user_id
        WHERE m.partner_id IS NULL AND m.role = ANY (%(roles)s)
    ) s
    WHERE s.is_wanted AND extract(hour FROM s.local) >= s.hour AND NOT EXISTS (
        SELECT FROM core_delivery d WHERE d.manufacturer_id = s.manufacturer_id
            AND d.dedupe = 'digest:' || to_char(s.local, 'YYYY-MM-DD') || ':' || s.user_id
    )
    ORDER BY s.manufacturer_id, s.user_id
"""
