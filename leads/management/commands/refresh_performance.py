"""Count anew what partners make of their leads; the hourly task does the same by itself."""

from typing import Any

from django.core.management.base import BaseCommand

from leadhub.core import clock
from leads.performance import refresh_performance


class Command(BaseCommand):
    """The score's term ``performance``, brought up to date now."""

    help = "Count anew what partners make of their leads, for the score; the timers do so hourly."

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, and say how much has changed."""
        changed = refresh_performance(at=clock.now())
        self.stdout.write(f"{changed} portfolio items carry another figure now.")
