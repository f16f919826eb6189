"""How a call is retired: marked in the document and in every answer, at least a year before."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.http import http_date

NOTICE = timedelta(days=365)


@dataclass(frozen=True)
class Retirement:
    """From when a call is deprecated, and until when it works at least.

    :ivar since: the day on which it was marked.
    :ivar until: at least a year later.
    :ivar see: the address, within leadhub, that says what takes its place.
    :raises ValueError: if the notice is too short.
    """

    since: date
    until: date
    see: str = "/api/docs/integrate.md"

    def __post_init__(self) -> None:
        """Refuse too short a notice where it is written."""
        if self.until - self.since < NOTICE:
            message = f"Whoever uses a call has {NOTICE.days} days to leave it."
            raise ValueError(message)

    @property
    def headers(self) -> dict[str, str]:
        """Say so in an answer (RFC 9745, RFC 8594)."""
        return {
            "Deprecation": f"@{_seconds(self.since)}",
            "Sunset": http_date(_seconds(self.until)),
            "Link": f'<{self.see}>; rel="deprecation"; type="text/plain"',
        }


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
