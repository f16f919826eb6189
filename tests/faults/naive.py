"""The product with acceptance as a read and a write: what must be caught.

Served as ``tests.faults.naive:application``. The lead is read without its lock; the indexes that
would refuse a second winner have to be dropped as well.
"""

from uuid import UUID

from leadhub.wsgi import application
from leads import routing
from leads.models import Lead

__all__ = ["application"]


def _read_without_lock(lead_id: UUID) -> Lead:
    return Lead.objects.get(id=lead_id)


vars(routing)["lock_lead"] = _read_without_lock
