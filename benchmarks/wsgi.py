"""The product with a bare endpoint beside it: what the same server and stack do with one insert."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadhub.settings")

from django.conf import settings

settings.ROOT_URLCONF = "benchmarks.urls"

from leadhub.wsgi import application  # noqa: E402

__all__ = ["application"]
