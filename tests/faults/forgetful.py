"""The product with repeats that are looked up and not kept apart: what must be caught.

Served as ``tests.faults.forgetful:application``. Two requests with one key run at the same time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

application = import_module("leadhub.wsgi").application  # first: it sets Django up
idempotency = import_module("leadhub.core.api.idempotency")


@contextmanager
def _all_at_a_time(_: object) -> Iterator[None]:
    yield


vars(idempotency)["one_at_a_time"] = _all_at_a_time
