"""A manufacturer's network as it is set up: lines, levels, policies, partners, people, keys."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypedDict

from leadhub.core.actors import Actor, system_actor
from leadhub.demo.chance import Dice, dice
from leadhub.demo.conduct import FAST, SHARES, STEADY, Diligence
from leadhub.demo.names import (
    FIRST_NAMES,
    LAST_NAMES,
    TRADE_STREETS,
    PhoneBook,
    address_of,
    domain_of,
    in_ascii,
    spelled_for,
)
from leadhub.demo.people import Login, People
from leadhub.demo.places import HAMBURG, MUNICH, Atlas, Spot
from leadhub.demo.trades import Trade
from leads.founding import found_tenant
from leads.policies import DEFAULT_NAME, publish_policy
from partners.catalogue import save_level, save_product_line
from partners.keys import find_key_holder, issue_key
from partners.memberships import Person
from partners.models import Manufacturer, Partner
from partners.models.accounts import Role
from partners.network import CertificationDetails, PartnerDetails, save_partner

# How many partners stop taking leads during the story.
PAUSED_SHARE = 0.06
OVERDUE_ALLOWED = 3  # leads on which a partner may owe feedback and still be asked


@dataclass(slots=True)
class Member:
    """A partner of the demo world, with the people who act for it and the way they work."""

    partner: Partner
    details: PartnerDetails
    spot: Spot
    habits: Diligence
    api_key: str
    people: list[Login]
    reach: list[Spot] = field(default_factory=list)

    @property
    def is_well_known(self) -> bool:
        """Sits in Munich or Hamburg: always there, always diligent."""
        return (self.spot.country, self.spot.postal_code) in (MUNICH, HAMBURG)


@dataclass(slots=True)
class Network:
    """A manufacturer of the demo world with everybody in its network.

    :ivar api: acts as the manufacturer's web site and configurator do.
    """

    trade: Trade
    manufacturer: Manufacturer
    api_key: str
    api: Actor
    staff: list[Login]
    members: list[Member] = field(default_factory=list)

    @property
    def dispatcher(self) -> Actor:
        """Act as the manufacturer's dispatcher."""
        return next(login.actor for login in self.staff if login.role == Role.DISPATCHER)


def found_network(trade: Trade, people: People, *, at: datetime) -> Network:
    """Make the manufacturer with its people, product lines, levels and policies."""
    domain = f"{trade.slug}.example"
    roles = (Role.ADMIN, Role.DISPATCHER, Role.ANALYST)
    (first, last), *_ = trade.staff
    tenant = found_tenant(
        slug=trade.slug,
        name=trade.name,
        administrator=Person(address_of(first, last, domain), f"{first} {last}"),
        at=at,
    )
    manufacturer = tenant.manufacturer
    staff = [
        people.join(
            manufacturer=manufacturer,
            email=address_of(first, last, domain),
            name=f"{first} {last}",
            role=role,
        )
        for (first, last), role in zip(trade.staff, roles, strict=True)
    ]
    by = staff[0].actor
    lines = {
        line.code: save_product_line(code=line.code, name=line.name, by=by)[0]
        for line in trade.lines
    }
    for code, name, rank in trade.levels:
        save_level(code=code, name=name, rank=rank, by=by)
    publish = partial(publish_policy, max_overdue_feedback=OVERDUE_ALLOWED, by=by, at=at)
    publish(name=DEFAULT_NAME, waves=trade.waves)
    special, waves = trade.special
    publish(name=lines[special].name, waves=waves, product_line_id=lines[special].id)
    holder = find_key_holder(tenant.api_key, at=at)
    api = holder.actor if holder else system_actor(manufacturer.id, "demo")
    return Network(trade, manufacturer, tenant.api_key, api, staff)


def add_partners(
    network: Network,
    people: People,
    atlas: Atlas,
    *,
    count: int,
    at: datetime,
    now: datetime,
    progress: Callable[[float], None],
) -> None:
    """Bring the partners in, Munich's first and Hamburg's second.

    :param now: the end of the story, from which certifications are dated.
    """
    throw = dice(network.trade.slug, "network")
    phones = PhoneBook(throw)
    names: set[str] = set()
    for number, spot in enumerate(atlas.network(throw, count)):
        name = _company(network.trade, throw, spot, names)
        details = replace(
            _details(network.trade, throw, spot, name, now),
            external_id=f"P-{1001 + number}",
            phone=phones.number(spot.country, spot.region),
        )
        partner, _ = save_partner(details=details, by=network.staff[0].actor, at=at)
        habits = (FAST, STEADY)[number] if number < 2 else throw.one_of(SHARES)  # noqa: PLR2004
        key = issue_key(name="Demo", by=network.staff[0].actor, at=at, partner=partner)
        logins = _people_of(network.manufacturer, partner, details, people, throw)
        member = Member(partner, details, spot, habits, key, logins)
        member.reach = atlas.around(spot, min(50.0, 0.8 * (details.radius_km or 30.0)))
        network.members.append(member)
        progress((number + 1) / count)


def _details(trade: Trade, throw: Dice, spot: Spot, name: str, now: datetime) -> PartnerDetails:
    is_well_known = (spot.country, spot.postal_code) in (MUNICH, HAMBURG)
    areas, regions, radius = _areas(throw, spot)
    if is_well_known:
        areas, regions, radius = [], [], 60.0
    lines = [line.code for line in trade.lines if is_well_known or throw.happens(line.carried)]
    caps: Caps = {} if is_well_known else _caps(throw)
    return PartnerDetails(
        external_id="",
        name=name,
        country=spot.country,
        postal_code=spot.postal_code,
        city=spot.city,
        street=f"{spelled_for(spot.country, throw.choice(TRADE_STREETS))} {throw.randint(1, 78)}",
        email=f"info@{domain_of(name)}",
        radius_km=radius,
        postal_code_areas=areas,
        regions=regions,
        product_lines=lines,
        certifications=_certifications(trade, throw, lines, now, is_well_known=is_well_known),
        weight=80 if is_well_known else throw.choice((30, 40, 50, 50, 50, 60, 70)),
        **caps,
    )


def _company(trade: Trade, throw: Dice, spot: Spot, names: set[str]) -> str:
    while True:
        surname = throw.choice(LAST_NAMES[spot.country])
        pattern = throw.choice(trade.companies[spot.country])
        name = pattern.format(name=surname, city=spot.city)
        if domain_of(name) not in names:
            names.add(domain_of(name))
            return name


def _areas(throw: Dice, spot: Spot) -> tuple[list[str], list[str], float | None]:
    radius = float(throw.choice((50, 60, 60, 75, 75, 90, 90, 100, 120)))
    kind = throw.one_of((("radius", 0.74), ("codes", 0.12), ("both", 0.09), ("region", 0.05)))
    code = spot.postal_code
    if kind == "radius":
        return [], [], radius
    if kind == "region" and spot.region:
        return [], [spot.region], None
    head, digits = code[:2], len(code) - 2
    span = f"{head}{'0' * digits}-{head}{'6' + '9' * (digits - 1)}"
    areas = [head if throw.happens(0.6) else span]
    return areas, [], radius if kind == "both" else None


class Caps(TypedDict, total=False):
    """Upper limits of a partner, as ``PartnerDetails`` names them."""

    cap_open: int
    cap_per_day: int
    cap_per_week: int
    cap_per_month: int


def _caps(throw: Dice) -> Caps:
    kinds: tuple[Caps, ...] = (
        {"cap_open": throw.randint(5, 14)},
        {"cap_open": throw.randint(8, 20)},
        {"cap_per_day": throw.randint(2, 4)},
        {"cap_per_week": throw.randint(4, 9)},
        {"cap_per_month": throw.randint(12, 25)},
    )
    return throw.choice(kinds) if throw.happens(0.4) else {}


def _certifications(
    trade: Trade, throw: Dice, lines: list[str], now: datetime, *, is_well_known: bool
) -> list[CertificationDetails]:
    low, middle, high = (code for code, _, _ in trade.levels)
    if is_well_known:
        return [CertificationDetails(level=high)]
    level = throw.one_of(((low, 0.34), (middle, 0.34), (high, 0.2), ("", 0.12)))
    if not level:
        return []
    today = now.date()
    # Most run for a year or two more, some end soon, a few have just run out.
    days = throw.one_of(((throw.randint(60, 700), 0.8), (throw.randint(3, 30), 0.12), (-18, 0.08)))
    held = [CertificationDetails(level=level, valid_until=today + timedelta(days=days))]
    if level != high and len(lines) > 1 and throw.happens(0.25):
        held.append(
            CertificationDetails(
                level=high,
                product_line=throw.choice(lines),
                valid_until=today + timedelta(days=throw.randint(90, 500)),
            )
        )
    return held


def _people_of(
    manufacturer: Manufacturer,
    partner: Partner,
    details: PartnerDetails,
    people: People,
    throw: Dice,
) -> list[Login]:
    domain = domain_of(details.name)
    roles = [Role.PARTNER_MANAGER] + [Role.PARTNER_REP] * throw.happens(0.35)
    logins = []
    last = throw.choice(LAST_NAMES[details.country])
    for first, role in zip(throw.sample(FIRST_NAMES, len(roles)), roles, strict=True):
        email = f"{in_ascii(first)}.{in_ascii(last)}@{domain}"
        logins.append(
            people.join(
                manufacturer=manufacturer,
                email=email,
                name=f"{first} {last}",
                role=role,
                partner=partner,
            )
        )
    return logins
