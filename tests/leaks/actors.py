"""Who asks: people and programs of three manufacturers, and what none of them may be told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.test import Client

from leadhub.core.actors import Actor
from leadhub.core.tenancy.context import system_context
from leads.policies import publish_policy
from partners.catalogue import save_level, save_product_line
from partners.keys import issue_key
from partners.memberships import actor_of
from partners.models import Membership, User
from tests.acting import member
from tests.contracts.competition import Competition, compete, secrets_from
from tests.factories import NOON
from tests.leaks.canaries import canary_of, sow
from tests.pages.acting import logged_in


@dataclass(frozen=True)
class Asker:
    """Somebody who asks.

    :ivar acts_as: what they may act as, in each network at most once.
    :ivar secrets: every word and key that they must not be told.
    """

    name: str
    client: Client
    acts_as: tuple[Actor, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()

    @property
    def is_program(self) -> bool:
        """Whether it presents a key."""
        return "Authorization" in self.headers


@dataclass(frozen=True)
class Rivals:
    """Three networks, everybody who asks, and the columns that hold canaries."""

    networks: tuple[Competition, ...]
    askers: tuple[Asker, ...]
    sown: tuple[str, ...]


def gather() -> Rivals:
    """Let three networks compete, and fill every free text with canaries."""
    networks = tuple(compete(f"{name}qx") for name in ("alpha", "bravo", "charlie"))
    for one in networks:
        slug, by = one.world.network.manufacturer.slug, one.world.network.by
        save_product_line(code=f"{slug}-line", name="Own line", by=by)
        save_level(code=f"{slug}-level", name="Own level", rank=9, by=by)
        wave = {"partners": 1, "response_window": 60, "radius_km": None, "head_start": 0}
        publish_policy(name="Draft", waves=[wave], is_draft=True, by=by, at=NOON)
    askers = list(_askers(*networks))
    sown = tuple(sow())
    told = tuple(_with_secrets(asker, networks) for asker in askers)
    return Rivals(networks, told, sown)


def _askers(alpha: Competition, bravo: Competition, charlie: Competition) -> Iterable[Asker]:
    network, holder, loser = alpha.world.network, alpha.world.holder, alpha.world.asked
    for role in ("ADMIN", "DISPATCHER", "ANALYST"):
        yield _person(role, member(network, f"{role}@staff.example", role))
    yield _person("holder", member(network, "boss@holder.example", "PARTNER_MANAGER", holder))
    yield _person("loser", member(network, "rep@loser.example", "PARTNER_REP", loser))
    both = member(network, "rep@both.example", "PARTNER_REP", holder)
    other = member(bravo.world.network, "rep@both.example", "PARTNER_REP", bravo.world.asked)
    yield _person("of two networks", both, other)
    yield _person("rival ADMIN", member(charlie.world.network, "admin@rival.example", "ADMIN"))
    yield _program("key", network.api_key, network.by)
    few = issue_key(name="few", by=network.by, at=NOON, scopes=["kpis:read"])
    yield _program("key for figures", few, network.by)
    yield _program("key of holder", network.key_for(holder), network.actor_for(holder))
    yield _program("key of loser", network.key_for(loser), network.actor_for(loser))
    yield Asker("nobody", Client(raise_request_exception=False))


def _person(name: str, *memberships: Membership) -> Asker:
    client = logged_in(Client(raise_request_exception=False), memberships[0])
    return Asker(name, client, tuple(actor_of(one) for one in memberships))


def _program(name: str, key: str, actor: Actor) -> Asker:
    headers = {"Authorization": f"Bearer {key}"}
    return Asker(name, Client(raise_request_exception=False), (actor,), headers)


def _with_secrets(asker: Asker, networks: Iterable[Competition]) -> Asker:
    found: set[str] = set()
    for network in networks:
        own = next((a for a in asker.acts_as if a.manufacturer_id == network.tenant), None)
        found |= secrets_from(own, network)
        found |= {str(person) for person in _strangers(network, asker)}
        if own is None:
            found.add(network.world.network.manufacturer.slug)
    for text in list(found):
        if len(text) == len(str(UUID(int=0))):
            found |= {canary_of(text), text.replace("-", "")}
    return Asker(asker.name, asker.client, asker.acts_as, asker.headers, frozenset(found))


def _strangers(network: Competition, asker: Asker) -> Iterable[UUID]:
    """People of a network with whom somebody has nothing to do."""
    with system_context("test.strangers"):
        people = User.objects.filter(memberships__manufacturer=network.tenant)
        for actor in asker.acts_as:
            own = {"memberships__manufacturer": actor.manufacturer_id}
            if actor.partner_id is not None:
                own = {"memberships__partner": actor.partner_id}
            people = people.exclude(id__in=User.objects.filter(**own))
        return list(people.values_list("id", flat=True))
