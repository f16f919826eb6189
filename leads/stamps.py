"""Stamps on forms that need no log-in: when one was shown, what it said, which sending it is.

A form that stands in a frame on another site has no session and no cookie. Its stamp is signed, so
that only a form that was shown can be sent; the number in it makes two sendings of one form one
lead. It opens nothing: whoever may see the form may have as many stamps as they like.
"""

from datetime import datetime, timedelta
from secrets import token_hex
from typing import NamedTuple
from uuid import UUID

from django.core.signing import BadSignature, Signer

GOOD_FOR = timedelta(days=1)
# Nobody reads a form, types in who they are and agrees to a text in less.
LEAST = timedelta(seconds=3)
LONGEST = 400  # characters


class Stamp(NamedTuple):
    """What stands in a stamp.

    :ivar number: of the sending; ``shown_at`` is in seconds since 1970.
    """

    form_id: UUID
    consent_id: UUID
    number: str
    shown_at: float

    def age(self, at: datetime) -> timedelta:
        """Tell how long ago the form was shown."""
        return timedelta(seconds=at.timestamp() - self.shown_at)

    def is_over(self, at: datetime) -> bool:
        """Tell whether the form was shown too long ago."""
        return self.age(at) > GOOD_FOR

    def is_hasty(self, at: datetime) -> bool:
        """Tell whether the form was shown only just now, or by a clock that is wrong."""
        return self.age(at) < LEAST


def make_stamp(*, form_id: UUID, consent_id: UUID, at: datetime) -> str:
    """Make the stamp of a form that is shown now."""
    told = [form_id.hex, consent_id.hex, token_hex(10).upper(), round(at.timestamp(), 3)]
    return _signer().sign_object(told, compress=False)


def read_stamp(text: str, *, form_id: UUID) -> Stamp | None:
    """Read a stamp; ``None`` if this installation never made it, or for another form."""
    if not text or len(text) > LONGEST:
        return None
    try:
        form, consent, number, shown_at = _signer().unsign_object(text)
        stamp = Stamp(UUID(str(form)), UUID(str(consent)), str(number), float(shown_at))
    except (BadSignature, ValueError, TypeError):
        return None
    return stamp if stamp.form_id == form_id else None


def _signer() -> Signer:
    return Signer(salt="leads.stamps")
