"""Who may call what: every address, every method, every kind of caller. Unlisted ones fail."""

from datetime import datetime

import pytest

from partners.keys import issue_key
from tests.acting import MANUFACTURER_SCOPES
from tests.api.calling import Api
from tests.api.calls import CALLS, METHODS, OBJECTS, PATTERNS, PUBLIC, SHARED, Call, World, path_of
from tests.factories import NOON, Network


def test_every_address_and_method_is_in_the_table() -> None:
    existing = {
        (name, method)
        for name, pattern in PATTERNS.items()
        if name not in PUBLIC
        for method in METHODS
        if hasattr(getattr(pattern.callback, "view_class", pattern.callback), method)
    }

    assert existing == {(call.url, call.method) for call in CALLS}
    assert PATTERNS.keys() >= PUBLIC


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.url}")
def test_a_call_is_answered_to_whom_it_is_for_and_to_nobody_else(
    call: Call, network: Network, other_network: Network, now: datetime
) -> None:
    world = World(network, now)
    call.arrange(world)
    path, is_object = path_of(call, world.ids)
    scopes = [scope for scope in MANUFACTURER_SCOPES if scope != call.scope]
    programs = {
        "none": Api(),
        "bad key": Api("lh_000000000000_" + "x" * 43),
        "no key": Api("x"),
        "no scope": Api(issue_key(name="", by=network.by, at=NOON, scopes=scopes)),
        "foreign manufacturer": Api(other_network.api_key),
        "foreign partner": Api(other_network.key_for(other_network.partner())),
        "rival": Api(network.key_for(network.partner(postal_code="20095", regions=()))),
        "partner": Api(network.key_for(world.partner)),
        "manufacturer": Api(network.api_key),
    }
    allowed = {kind: kind in call.callers for kind in ("manufacturer", "partner")}
    hidden = 404 if is_object else call.status
    is_shared = bool(SHARED & PATTERNS[call.url].pattern.converters.keys())
    expected = {
        "none": 401,
        "bad key": 401,
        "no key": 401,
        "no scope": 403,
        "foreign manufacturer": hidden if allowed["manufacturer"] else 403,
        "foreign partner": hidden if allowed["partner"] else 403,
        "rival": (call.status if is_shared else hidden) if allowed["partner"] else 403,
        "partner": call.status if allowed["partner"] else 403,
        "manufacturer": call.status if allowed["manufacturer"] else 403,
    }

    answered = {
        caller: program.call(call.method.upper(), path, call.body(world)).status
        for caller, program in programs.items()
    }

    assert answered == expected


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.url}")
def test_a_head_request_needs_what_a_get_needs(call: Call, network: Network) -> None:
    other = "kpis:read" if call.scope == "webhooks:manage" else "webhooks:manage"
    program = Api(issue_key(name="", by=network.by, at=NOON, scopes=[other]))
    path, _ = path_of(call, dict.fromkeys((*OBJECTS, "external_id", "code"), "x"))

    assert program.call("HEAD", path).status in (403, 405)
    assert program.call("OPTIONS", path).status == 405
