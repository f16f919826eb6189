"""Any call: whatever a program sends, it is answered as the published document says.

The calls are made from the document, by every operation and by keys of two manufacturers and of a
partner of each: some as the document wants them, some against it in one way or another. Half of
the ids and codes in them name what is there, the caller's own as well as the other network's.
``--calls`` says how many are made.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, given, seed, settings as trying, strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from leadhub.core import clock
from leadhub.core.tenancy.context import system_context
from partners.keys import prefix_of
from tests.api.contract import document
from tests.contracts.catalogue import World, ask, make_world
from tests.factories import NOON

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
AT = NOON + timedelta(minutes=30)
SEED = 1
SUCCESS = frozenset(range(200, 300))
UNHEALTHY = list(HealthCheck)
AnyCase = Case[Any]
# Calls that are a partner's; most others are a manufacturer's.
OF_PARTNERS = ("/api/v1/offers/", "/api/v1/assignments/", "/api/v1/pick-list/")
# Name of a parameter or field -> the table and the column of what it may name.
NAMED = {
    "lead_id": ("leads_lead", "id"),
    "lead": ("leads_lead", "id"),
    "into": ("leads_lead", "id"),
    "offer_id": ("leads_leadoffer", "id"),
    "assignment_id": ("leads_assignment", "id"),
    "policy_id": ("leads_routingpolicy", "id"),
    "partner_id": ("partners_partner", "id"),
    "partner": ("partners_partner", "id"),
    "external_id": ("partners_partner", "external_id"),
    "partner_external_id": ("partners_partner", "external_id"),
    "user": ("partners_membership", "user_id"),
    "membership_id": ("partners_membership", "id"),
    "invitation_id": ("partners_invitation", "id"),
    "material_id": ("partners_material", "id"),
    "version_id": ("partners_materialversion", "id"),
    "absence_id": ("partners_absence", "id"),
    "exclusion_id": ("partners_exclusion", "id"),
    "replay_id": ("leads_replay", "id"),
    "key_id": ("partners_apikey", "id"),
    "webhook_id": ("leads_webhook", "id"),
    "message_id": ("(SELECT * FROM core_delivery WHERE channel = 'WEBHOOK') AS told", "id"),
    "country": ("partners_partner", "country"),
    "postal_code": ("partners_partner", "postal_code"),
    "code": ("partners_productline", "code"),
    "product_line": ("partners_productline", "code"),
    "product_lines": ("partners_productline", "code"),
    "certification": ("partners_certificationlevel", "code"),
    "level": ("partners_certificationlevel", "code"),
    "required_certification": ("partners_certificationlevel", "code"),
}
Things = Mapping[str, Sequence[str]]


class Caller(NamedTuple):
    """Who calls.

    :ivar things: name -> what a call may name by it, of the caller's network twice.
    """

    key: str
    is_partner: bool
    things: Things


@pytest.fixture
def acme(db: None) -> World:
    """A network with a lead in every state that matters."""
    return make_world("acme")


@pytest.fixture
def globex(db: None) -> World:
    """Another network, alike."""
    return make_world("globex")


def callers(*worlds: World) -> list[Caller]:
    """A program of each manufacturer and of a partner of each; one more key there is to revoke."""
    keys = [(one, one.network.api_key, False) for one in worlds]
    keys += [(one, one.network.key_for(one.holder), True) for one in worlds]
    in_use = [prefix_of(key) for _, key, _ in keys]
    for one in worlds:
        one.network.key_for(one.asked)
    things = {one.tenant: present(one.tenant, in_use) for one in worlds}
    return [Caller(key, is_partner, things[one.tenant]) for one, key, is_partner in keys]


def present(tenant: UUID, in_use: Sequence[str]) -> Things:
    """What there is to name; not the callers' own keys, which a call might revoke."""
    found = {}
    with system_context("test.present"):
        for name, (table, column) in NAMED.items():
            sql = f"SELECT {column}::text, manufacturer_id FROM {table}"
            keys = " WHERE prefix <> ALL (%s)" if name == "key_id" else ""
            rows = ask(f"{sql}{keys} ORDER BY id", *([in_use] if keys else []))
            own = [value for value, of in rows if of == tenant]
            found[name] = own + [value for value, _ in rows]
    return found


def name_things(value: Any, things: Things, chance: Random) -> Any:
    """Name what is there in most of the places where something is named."""
    if isinstance(value, list):
        return [name_things(one, things, chance) for one in value]
    if not isinstance(value, dict):
        return value
    named = {}
    for name, inner in value.items():
        if name in things and chance.random() < 0.8:
            word = chance.choice(things[name])
            named[name] = [word] if isinstance(inner, list) else word
        else:
            named[name] = name_things(inner, things, chance)
    return named


@cache
def schema() -> Any:
    """The document, asked of the application itself."""
    found = schemathesis.openapi.from_dict(document())
    found.app = get_wsgi_application()
    return found


def operations() -> list[Any]:
    """Every operation of the document."""
    return [found.ok() for found in schema().get_all_operations()]


@dataclass
class Tried:
    """What was tried.

    :ivar answers: operation -> status -> how many calls were answered so.
    """

    answers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def send(self, case: AnyCase, key: str) -> None:
        """Make one call, look at its answer, and undo what it did, once that could be kept."""
        headers = {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}
        with clock.set_to(AT), transaction.atomic():
            response = case.call(headers=headers)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
        self.answers[case.operation.label][response.status_code] += 1
        case.validate_response(response, checks=CHECKS)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Leave the connection of the test to the application, which closes it after a request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.timeout(0)
@pytest.mark.usefixtures("one_connection")
def test_answers_whatever_is_sent_as_the_document_says(
    acme: World,
    globex: World,
    request: pytest.FixtureRequest,
    report: Callable[[str], None],
) -> None:
    count: int = request.config.getoption("--calls")
    programs, tried = callers(acme, globex), Tried()

    for operation in operations():
        try_calls(operation, GenerationMode.POSITIVE, programs, tried, count=2 * count)
        try_calls(operation, GenerationMode.NEGATIVE, programs, tried, count=count)

    report(line_of(tried))
    assert len(tried.answers) == len(operations())
    # Calls of which none succeeds would show little.
    without = [name for name, found in tried.answers.items() if not found.keys() & SUCCESS]
    assert len(without) <= len(operations()) // 4, "\n".join(without)


def try_calls(
    operation: Any,
    mode: GenerationMode,
    programs: Sequence[Caller],
    tried: Tried,
    *,
    count: int,
) -> None:
    """Make so many calls of one operation, as it wants them or against what it wants."""
    is_partners = operation.path.startswith(OF_PARTNERS)
    likely = [one for one in programs if one.is_partner == is_partners]

    @seed(SEED)
    @trying(max_examples=count, deadline=None, database=None, suppress_health_check=UNHEALTHY)
    @given(
        case=operation.as_strategy(mode),
        caller=st.sampled_from([*likely, *likely, *programs]),
        chance=st.randoms(use_true_random=False),
    )
    def try_one(case: AnyCase, caller: Caller, chance: Random) -> None:
        for part in ("path_parameters", "query", "body"):
            setattr(case, part, name_things(getattr(case, part), caller.things, chance))
        tried.send(case, caller.key)

    try_one()


def line_of(tried: Tried) -> str:
    """Say how many calls were made, and how they were answered."""
    total: Counter[int] = Counter()
    for found in tried.answers.values():
        total += found
    told = ", ".join(f"{status}: {count:,}" for status, count in sorted(total.items()))
    return f"{total.total():,} calls of {len(tried.answers)} operations ({told})"
