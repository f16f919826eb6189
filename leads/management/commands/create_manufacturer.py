"""Make a tenant with its administrator, its first API key and the default routing policy."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email, validate_slug

from leadhub.core import clock
from leads.founding import found_tenant
from partners.memberships import Person, SlugTaken


class Command(BaseCommand):
    """Prints the key and the password once: neither can be read again."""

    help = "Make a manufacturer (a tenant) with an administrator and an API key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("slug", help="short name for addresses and commands, such as acme")
        parser.add_argument("--name", required=True)
        parser.add_argument("--admin", required=True, metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the tenant, or say why not."""
        try:
            validate_slug(options["slug"])
            validate_email(options["admin"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        password = secrets.token_urlsafe(12)
        person = Person(email=options["admin"], name=options["admin"], password=password)
        try:
            tenant = found_tenant(
                slug=options["slug"], name=options["name"], administrator=person, at=clock.now()
            )
        except SlugTaken as refusal:
            raise CommandError(str(refusal)) from refusal
        shown = password if tenant.is_new_person else "(has an account already)"
        self.stdout.write(f"Manufacturer:  {options['name']} ({options['slug']})")
        self.stdout.write(f"Administrator: {options['admin']}")
        self.stdout.write(f"Password:      {shown}")
        self.stdout.write(f"API key:       {tenant.api_key}")
        self.stdout.write("The password and the key are shown only now; keep them safe.")
        self.stdout.write("The first log-in leads to a second factor; then invite the others.")
