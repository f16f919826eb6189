"""An entry for a calendar, as RFC 5545 wants it: when, whom, where, and the way to the lead."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Alarm, Calendar, Event, vUri

from leads.models import Reminder

# Nobody said how long it takes; a visit of an hour is easily made longer or shorter.
LASTS = timedelta(hours=1)
# So long before it begins the phone rings.
RINGS = timedelta(minutes=-30)
MAKER = "-//leadhub//leadhub//EN"


def write_entry(*, reminder: Reminder, title: str, place: str, phone: str, at: datetime) -> bytes:
    """Write the entry for a reminder.

    Times are in UTC, which every calendar shows in its own zone. Taken again after the reminder was
    moved, it is another entry, for it is another reminder.

    :param place: where the customer lives; empty is left out, and so is the phone number.
    """
    host = urlsplit(settings.LEADHUB_BASE_URL).hostname
    address = f"{settings.LEADHUB_BASE_URL}/assignments/{reminder.assignment_id}/"
    event = Event()
    event.add("uid", f"{reminder.id}@{host}")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", reminder.due_at.astimezone(UTC))
    event.add("dtend", (reminder.due_at + LASTS).astimezone(UTC))
    event.add("summary", title)
    if place:
        event.add("location", place)
    event.add("description", "\n".join(filter(None, (reminder.text, phone, address))))
    event.add("url", vUri(address))
    event.add("class", "PRIVATE")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", RINGS)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
