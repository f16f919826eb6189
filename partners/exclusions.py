"""A partner's exclusion list: sources and customers whose leads it is never asked about."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator, validate_email
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput, NotVisible, StateConflict
from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import in_tenant_of
from leadhub.core.turns import wait_for_turn
from partners.changes import record_change
from partners.conflicts import (
    company_key,
    domain_key,
    email_key,
    normalise_address,
    normalise_company,
    source_key,
)
from partners.models import Exclusion, Partner
from partners.models.absences import ExclusionKind

LONGEST_ENTRY = 120
SHORTEST_COMPANY = 2
MOST = 500
KINDS = tuple(kind.value for kind in ExclusionKind)
# Providers of mailboxes for everybody: their domain says nothing about who somebody is.
MAILBOXES = re.compile(
    r"(?:gmail|googlemail|gmx|web|outlook|hotmail|live|yahoo|icloud|me|aol|t-online|freenet|"
    r"posteo|mailbox|proton|protonmail|bluewin|chello|aon)\.(?:com|de|at|ch|net|org|me|ch|li|"
    r"co\.uk)"
)


class TooManyExclusions(StateConflict):
    """More entries than such a list should have."""

    code = "too_many_exclusions"
    message = gettext_noop("This list has 500 entries; remove some before you add another.")


def exclusions_of(partner: Partner) -> Sequence[Exclusion]:
    """List what stands on a partner's exclusion list."""
    return list(
        Exclusion.objects.filter(manufacturer=partner.manufacturer_id, partner=partner).order_by(
            "kind", "shown", "id"
        )
    )


@in_tenant_of("by")
def add_exclusion(*, partner: Partner, kind: str, value: str, by: Actor, at: datetime) -> Exclusion:
    """Keep leads of a source or customer from a partner; again, it changes nothing.

    :param kind: one of ``Exclusion.Kind``.
    :param value: the source, address, domain or company as somebody writes it.
    :raises InvalidInput: if nothing could be recognised by the value, or far too much.
    :raises TooManyExclusions: if the list is full.
    """
    key, shown = _READ[ExclusionKind(kind)](by.manufacturer_id, " ".join(value.split()))
    wait_for_turn("partner", by.manufacturer_id, partner.external_id)
    own = Exclusion.objects.filter(manufacturer=by.manufacturer_id, partner=partner)
    known = own.filter(key=key).first()
    if known is not None:
        return known
    if own.count() >= MOST:
        raise TooManyExclusions
    exclusion = Exclusion.objects.create(
        id=new_id(),
        manufacturer_id=by.manufacturer_id,
        partner=partner,
        kind=kind,
        key=key,
        shown=shown,
        created_at=at,
    )
    _record(exclusion, partner, by, is_added=True)
    return exclusion


@in_tenant_of("exclusion")
def remove_exclusion(*, exclusion: Exclusion, by: Actor) -> None:
    """Strike an entry out: leads of that source or customer may come again.

    :raises NotVisible: if somebody else has done so meanwhile.
    """
    partner = Partner.objects.get(manufacturer=by.manufacturer_id, id=exclusion.partner_id)
    wait_for_turn("partner", by.manufacturer_id, partner.external_id)
    if not Exclusion.objects.filter(manufacturer=by.manufacturer_id, id=exclusion.id).exists():
        raise NotVisible
    _record(exclusion, partner, by, is_added=False)
    exclusion.delete()


def _record(exclusion: Exclusion, partner: Partner, by: Actor, *, is_added: bool) -> None:
    """Record the change; what is kept of an address is as little as the list shows."""
    fields = {"exclusion_kind": exclusion.kind, "entry": exclusion.shown}
    record_change(
        by=by,
        kind="exclusion",
        key=exclusion.id,
        name=partner.name,
        before=None if is_added else fields,
        after=fields if is_added else None,
    )


def _read_source(manufacturer_id: UUID, value: str) -> tuple[str, str]:
    if not value or len(value) > LONGEST_ENTRY:
        raise _malformed(gettext_noop("Give the source as leads name it, such as website."))
    return source_key(value), value


def _read_address(manufacturer_id: UUID, value: str) -> tuple[str, str]:
    address = normalise_address(value)
    try:
        validate_email(address)
    except ValidationError:
        raise _malformed(gettext_noop("This is not an e-mail address.")) from None
    return email_key(manufacturer_id, address), _masked(address)


def _read_domain(manufacturer_id: UUID, value: str) -> tuple[str, str]:
    key = domain_key(value)
    domain = key.partition(":")[2]
    try:
        DomainNameValidator(accept_idna=True)(domain)
    except ValidationError:
        raise _malformed(gettext_noop("Give a domain such as example.com.")) from None
    if MAILBOXES.fullmatch(domain):
        raise InvalidInput(
            field="value",
            message=gettext_noop(
                "Everybody may have an address at %(domain)s; give the customer's address instead."
            ),
            params={"domain": domain},
            code="too_wide",
        )
    return key, domain


def _read_company(manufacturer_id: UUID, value: str) -> tuple[str, str]:
    if len(value) > LONGEST_ENTRY or len(normalise_company(value)) < SHORTEST_COMPANY:
        raise _malformed(gettext_noop("Give the company's name, with two letters at least."))
    return company_key(value), value


def _malformed(message: str) -> InvalidInput:
    return InvalidInput(field="value", message=message, code="malformed")


def _masked(address: str) -> str:
    """Show of an address what is needed to recognise it: its first letter and its domain."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"


_READ: Mapping[ExclusionKind, Callable[[UUID, str], tuple[str, str]]] = {
    ExclusionKind.SOURCE: _read_source,
    ExclusionKind.EMAIL: _read_address,
    ExclusionKind.EMAIL_DOMAIN: _read_domain,
    ExclusionKind.COMPANY: _read_company,
}
