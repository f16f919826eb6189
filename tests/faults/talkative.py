"""The product with a doorbell that is rung by the request itself: what must be caught.

Served as ``tests.faults.talkative:application``.
"""

from contextlib import suppress
from importlib import import_module

from leadhub.celery import ring
from leadhub.core import doorbell

application = import_module("leadhub.wsgi").application


def _ring_by_oneself() -> None:
    with suppress(Exception):
        ring()


vars(doorbell)["ring"] = _ring_by_oneself
