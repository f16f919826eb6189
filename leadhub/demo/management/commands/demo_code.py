"""Show what the authenticator app of somebody in the demo world shows now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leadhub.demo.restoring import INVENTED
from partners.second_factors import code_now


class Command(BaseCommand):
    """For those who look at the demo world and have no phone at hand."""

    help = "Show the code by which somebody of the demo world completes their log-in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show it, of invented people alone."""
        email = options["email"].lower()
        code = code_now(email) if email.endswith(INVENTED) else None
        if code is None:
            msg = f"{email} is nobody of the demo world with an authenticator app."
            raise CommandError(msg)
        self.stdout.write(code)
