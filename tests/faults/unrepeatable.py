"""The product with an acceptance that refuses whoever has the lead already: what must be caught.

Served as ``tests.faults.unrepeatable:application``.
"""

from importlib import import_module

application = import_module("leadhub.wsgi").application  # first: it sets Django up
routing = import_module("leads.routing")


def _refuse(*_: object) -> None:
    raise routing.OfferTaken


vars(routing)["_assignment_of_holder"] = _refuse
