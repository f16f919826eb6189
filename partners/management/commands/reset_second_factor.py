"""Take the second factor off somebody who lost phone and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from partners.second_factors import take_off


class Command(BaseCommand):
    """Whoever runs it has made sure who asks."""

    help = "Take all second factors off a person; they set up new ones at their next log-in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take them off, or say that there is nobody."""
        if not take_off(options["email"]):
            msg = f"There is no account with the address {options['email']}."
            raise CommandError(msg)
        self.stdout.write("Done. They set up a new second factor when they log in.")
