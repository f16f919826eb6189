"""Who may do what: one table, read by the doors of pages, by the API, by tests and by the docs.

A person has a role in a manufacturer's network, a program has a key with scopes. What neither a
role nor a scope is named for, nobody may do. Whose rows they then see is decided elsewhere: by
the context that a door enters.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cache
from typing import Literal, NamedTuple

from partners.models.accounts import PARTNER_ROLES, Role

Kind = Literal["manufacturer", "partner"]
KINDS: tuple[Kind, ...] = ("manufacturer", "partner")

STAFF_ROLES = (Role.ADMIN, Role.DISPATCHER, Role.ANALYST)
_DISPATCHERS = (Role.ADMIN, Role.DISPATCHER)
_ADMINS = (Role.ADMIN,)
_PARTNERS = tuple(PARTNER_ROLES)


class Capability(StrEnum):
    """Something that a door is for."""

    SEE_LEADS = "leads.see"
    ADD_LEADS = "leads.add"
    DISPATCH_LEADS = "leads.dispatch"
    EXPLAIN_ROUTING = "leads.explain"
    FOLLOW_EVENTS = "events.follow"
    SHARE_VIEWS = "leads.share_views"
    EXPORT_LEADS = "leads.export"
    EXPORT_CONTACTS = "leads.export_contacts"
    IMPORT_HISTORY = "history.import"
    SEE_FIGURES = "figures.see"
    SEE_NETWORK = "network.see"
    CHANGE_NETWORK = "network.change"
    SEE_POLICIES = "policies.see"
    CHANGE_POLICIES = "policies.change"
    MANAGE_PEOPLE = "people.manage"
    INVITE_TO_PARTNERS = "partners.invite"
    CHANGE_LOG_IN = "log_in.change"
    MANAGE_KEYS = "keys.manage"
    PROTECT_DATA = "data.protect"
    SEE_CHANGES = "changes.see"
    SEE_OFFERS = "offers.see"
    ANSWER_OFFERS = "offers.answer"
    SEE_WORK = "work.see"
    REPORT_WORK = "work.report"
    SEE_OWN_FIGURES = "figures.see_own"
    MANAGE_TEAM = "team.manage"
    CHANGE_OWN_SETTINGS = "own_settings.change"
    SEE_MATERIALS = "materials.see"
    CHANGE_MATERIALS = "materials.change"
    MANAGE_WEBHOOKS = "webhooks.manage"
    RESEND_MESSAGES = "messages.resend"
    CHANGE_BRAND = "brand.change"
    MANAGE_FORMS = "forms.manage"


class Right(NamedTuple):
    """One line of the table.

    :ivar words: what it lets somebody do.
    :ivar roles: the people who may.
    :ivar scopes: kind of key -> the scope that a program needs; a kind that is absent may not.
    """

    words: str
    roles: Collection[Role]
    scopes: Mapping[Kind, str]


def _by_manufacturer(scope: str) -> Mapping[Kind, str]:
    return {"manufacturer": scope}


def _by_partner(scope: str) -> Mapping[Kind, str]:
    return {"partner": scope}


def _by_both(scope: str) -> Mapping[Kind, str]:
    return {"manufacturer": scope, "partner": scope}


RIGHTS: Mapping[Capability, Right] = {
    Capability.SEE_LEADS: Right(
        "see leads and their history: a manufacturer all of its own, a partner those in its hands",
        STAFF_ROLES,
        _by_both("leads:read"),
    ),
    Capability.ADD_LEADS: Right("add leads", _DISPATCHERS, _by_manufacturer("leads:write")),
    Capability.DISPATCH_LEADS: Right(
        "assign, withdraw, re-route, release, reject, extend, close, reopen leads; judge returns; "
        "erase a customer's personal data",
        _DISPATCHERS,
        _by_manufacturer("leads:write"),
    ),
    Capability.EXPLAIN_ROUTING: Right(
        "see who was asked for a lead, who was not, and why",
        STAFF_ROLES,
        _by_manufacturer("leads:read"),
    ),
    Capability.FOLLOW_EVENTS: Right(
        "follow everything that happens to leads, in order",
        (),
        _by_manufacturer("leads:read"),
    ),
    Capability.SHARE_VIEWS: Right(
        "save views of the leads for everybody at the desk, change and remove them",
        _DISPATCHERS,
        {},
    ),
    Capability.EXPORT_LEADS: Right(
        "take a list of leads away as a file, without contact data", STAFF_ROLES, {}
    ),
    Capability.EXPORT_CONTACTS: Right(
        "take contact data away with the list of leads", _DISPATCHERS, {}
    ),
    Capability.IMPORT_HISTORY: Right("import past leads", _ADMINS, _by_manufacturer("leads:write")),
    Capability.SEE_FIGURES: Right(
        "see figures: a manufacturer those of its network, a partner its own",
        STAFF_ROLES,
        _by_both("kpis:read"),
    ),
    Capability.SEE_NETWORK: Right(
        "see partners, product lines, levels and documents",
        STAFF_ROLES,
        _by_manufacturer("partners:read"),
    ),
    Capability.CHANGE_NETWORK: Right(
        "change partners, product lines and levels", _ADMINS, _by_manufacturer("partners:write")
    ),
    Capability.SEE_POLICIES: Right(
        "see the rules of distribution", STAFF_ROLES, _by_manufacturer("partners:read")
    ),
    Capability.CHANGE_POLICIES: Right(
        "change the rules of distribution", _ADMINS, _by_manufacturer("partners:write")
    ),
    Capability.MANAGE_PEOPLE: Right(
        "see who may act for the manufacturer and its partners, invite to its team, change roles, "
        "remove people",
        _ADMINS,
        _by_manufacturer("partners:write"),
    ),
    Capability.INVITE_TO_PARTNERS: Right(
        "invite people to work for any partner", _ADMINS, _by_manufacturer("partners:write")
    ),
    Capability.CHANGE_LOG_IN: Right(
        "let a provider of the manufacturer's own log its people in", _ADMINS, {}
    ),
    Capability.MANAGE_KEYS: Right(
        "see, make, rotate and revoke API keys, also those of partners",
        _ADMINS,
        _by_manufacturer("partners:write"),
    ),
    Capability.PROTECT_DATA: Right(
        "set how long customers' data is kept, and hand out all that is held about one of them",
        _ADMINS,
        _by_manufacturer("leads:read"),
    ),
    Capability.SEE_CHANGES: Right("see who changed what of the set-up and of rights", _ADMINS, {}),
    Capability.SEE_OFFERS: Right(
        "see offers and the pick list", _PARTNERS, _by_partner("leads:read")
    ),
    Capability.ANSWER_OFFERS: Right(
        "accept and decline offers, pick open leads", _PARTNERS, _by_partner("offers:act")
    ),
    Capability.SEE_WORK: Right(
        "see the leads in hands, with contact data", _PARTNERS, _by_partner("leads:read")
    ),
    Capability.REPORT_WORK: Right(
        "note contacts, give feedback, set reminders, write notes, hand over to colleagues, "
        "close and return leads in hands",
        _PARTNERS,
        _by_partner("offers:act"),
    ),
    Capability.SEE_OWN_FIGURES: Right(
        "see one's own partner's figures beside the network's, on the phone", _PARTNERS, {}
    ),
    Capability.CHANGE_OWN_SETTINGS: Right(
        "state one's own partner's opening hours; change its area, product lines, caps and "
        "absences, as far as the manufacturer lets partners",
        (Role.PARTNER_MANAGER,),
        {},
    ),
    Capability.MANAGE_TEAM: Right(
        "see, invite and remove people of one's own partner", (Role.PARTNER_MANAGER,), {}
    ),
    Capability.SEE_MATERIALS: Right(
        "find and open documents for selling", _PARTNERS, _by_both("materials:read")
    ),
    Capability.CHANGE_MATERIALS: Right(
        "publish, replace and withdraw documents for selling",
        _ADMINS,
        _by_manufacturer("partners:write"),
    ),
    Capability.RESEND_MESSAGES: Right(
        "see messages that could not be delivered, and send them again", _DISPATCHERS, {}
    ),
    Capability.CHANGE_BRAND: Right("set the name and the colours of mails", _ADMINS, {}),
    Capability.MANAGE_FORMS: Right(
        "see, make, change and close forms for the manufacturer's own sites", _ADMINS, {}
    ),
    Capability.MANAGE_WEBHOOKS: Right(
        "see, add, change, test and remove webhooks, see what went to them and send it again",
        _ADMINS,
        _by_manufacturer("webhooks:manage"),
    ),
}


def may(role: str, capability: Capability) -> bool:
    """Tell whether people of this role may."""
    return role in RIGHTS[capability].roles


def scope_for(kind: Kind, capability: Capability) -> str | None:
    """Name the scope that a key of this kind needs; ``None`` if no such key may."""
    return RIGHTS[capability].scopes.get(kind)


@cache
def scopes_of(kind: Kind) -> tuple[str, ...]:
    """List every scope that keys of this kind can have."""
    scopes = (right.scopes.get(kind) for right in RIGHTS.values())
    return tuple(dict.fromkeys(scope for scope in scopes if scope is not None))


@cache
def scopes_of_role(role: str) -> frozenset[str]:
    """List the scopes that a manufacturer's key needs to do what people of this role may."""
    return frozenset(
        right.scopes["manufacturer"]
        for right in RIGHTS.values()
        if role in right.roles and "manufacturer" in right.scopes
    )


def table_of_rights() -> str:
    """Write the table in Markdown, for ``docs/roles.md``."""
    head = ["capability", "lets somebody", *Role.values, "manufacturer's key", "partner's key"]
    lines = [head, ["---"] * len(head)]
    for capability, right in RIGHTS.items():
        people = ["yes" if role in right.roles else "" for role in Role]
        keys = [f"`{right.scopes[kind]}`" if kind in right.scopes else "" for kind in KINDS]
        lines.append([f"`{capability}`", right.words, *people, *keys])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
