"""Registers the demo world with Django, for its command."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A command, no tables."""

    name = "leadhub.demo"
    label = "demo"
