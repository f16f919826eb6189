"""SQL narrows a network to the same partners that looking at every single one would find."""

import random
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from leadhub.core.tenancy.context import tenant_context
from leads.candidates import (
    EXPLAINED_AT_MOST,
    READ_AT_FIRST,
    SCORED_AT_MOST,
    Candidates,
    Search,
    coverage_codes,
    find_candidates,
)
from leads.matching import PartnerProfile
from leads.models import Lead, Wave
from partners.catalogue import save_level, save_product_line
from partners.conflicts import conflict_keys
from partners.models import ProductLine
from tests.acting import asked
from tests.factories import NOON, Network
from tests.leads.brute_force import LINES, Known, Wanted, first_gate, make_partner, profile_of

MUNICH = (48.1345, 11.5710)
PARTNERS = 30
SEARCHES = 12
MAX_OVERDUE = 1


def search_of(network: Network, wanted: Wanted, asked: tuple[str, ...] = ()) -> Search:
    codes = ProductLine.objects.filter(code__in=wanted.lines).values_list("code", "id")
    ids = dict(codes)
    return Search(
        manufacturer_id=network.manufacturer.id,
        time_zone="Europe/Berlin",
        product_lines=tuple(ids[code] for code in wanted.lines),
        any_line=wanted.any_line,
        latitude=wanted.latitude,
        longitude=wanted.longitude,
        codes=coverage_codes("DE", wanted.postal_code, wanted.region),
        required_rank=wanted.required_rank,
        asked=tuple(UUID(partner) for partner in asked),
        at=NOON,
        max_overdue_feedback=MAX_OVERDUE,
        conflicts=conflict_keys(
            manufacturer_id=network.manufacturer.id,
            source=wanted.source,
            email=wanted.email,
            company=wanted.company,
        ),
    )


def random_wish(rng: random.Random) -> Wanted:
    is_located = rng.random() < 0.85
    return Wanted(
        lines=rng.sample(LINES, rng.choice([1, 1, 2, 3])),
        any_line=rng.random() < 0.4,
        latitude=rng.uniform(47.5, 54.5) if is_located else None,
        longitude=rng.uniform(6.0, 15.0) if is_located else None,
        postal_code=rng.choice(["80331", "81000", "10115", "99084", ""]),
        region=rng.choice(["DE-BY", "DE-BE", "", ""]),
        required_rank=rng.choice([None, None, 1, 2]),
        source=rng.choice(["website", "fair"]),
        email=rng.choice(["", "e@muster.example", "e@other.example"]),
        company=rng.choice(["", "Muster AG", "Other AG"]),
    )


def rounded(profile: PartnerProfile) -> PartnerProfile:
    """Leave out of the distance what two ways of calculating it may differ by."""
    distance = profile.distance_km
    return profile._replace(
        distance_km=None if distance is None else round(distance, 6),
        performance=round(profile.performance, 6),
    )


@pytest.mark.parametrize("seed", range(4))
def test_finds_whom_looking_at_every_partner_finds(network: Network, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - the same networks each time
    save_product_line(code="stoves", name="Stoves", by=network.by)
    save_level(code="platinum", name="Platinum", rank=2, by=network.by)
    earlier = [network.lead(postal_code="00000"), network.lead(postal_code="00000")]
    with tenant_context(network.manufacturer.id):
        Lead.objects.filter(id=earlier[1].id).update(is_imported=True)
        earlier[1].refresh_from_db()
    partners = [make_partner(network, rng, earlier) for _ in range(PARTNERS)]

    for _ in range(SEARCHES):
        wanted = random_wish(rng)
        asked = tuple(known.id for known in rng.sample(partners, 3))
        with tenant_context(network.manufacturer.id):
            found = find_candidates(search_of(network, wanted, asked))

        compare(found, partners, wanted, asked)


def compare(
    found: Candidates, partners: list[Known], wanted: Wanted, asked: tuple[str, ...]
) -> None:
    expected = {known.id: rounded(profile_of(known, wanted, asked)) for known in partners}
    gates = {
        name: first_gate(profile, wanted.required_rank, MAX_OVERDUE)
        for name, profile in expected.items()
    }
    assert found.survivors == {name for name, gate in gates.items() if gate is None}
    assert found.excluded_counts == Counter(gate for gate in gates.values() if gate)
    assert not found.is_cut
    listed = {profile.id: rounded(profile) for profile in found.partners}
    if wanted.latitude is not None:
        assert listed.keys() == expected.keys()
    for name, profile in listed.items():
        is_scored = gates[name] not in {"outside_area", "not_in_portfolio"}
        assert profile == (expected[name] if is_scored else unscored(expected[name]))


def unscored(profile: PartnerProfile) -> PartnerProfile:
    """Leave out of its standing what only a score would need."""
    taken = 0 if profile.cap_open is None else profile.open_assignments
    return profile._replace(rested_seconds=None, open_assignments=taken)


def anything(network: Network, **fields: object) -> Candidates:
    wish = {
        "lines": ("heat-pumps",),
        "any_line": False,
        "latitude": MUNICH[0],
        "longitude": MUNICH[1],
        "postal_code": "80331",
        "region": "DE-BY",
        "required_rank": None,
    }
    with tenant_context(network.manufacturer.id):
        return find_candidates(search_of(network, Wanted(**{**wish, **fields})))  # type: ignore[arg-type]


def test_finds_nobody_in_an_empty_network(network: Network) -> None:
    found = anything(network)

    assert (found.partners, found.excluded_counts, found.is_cut) == ([], {}, False)


def test_finds_nobody_of_another_network(network: Network, other_network: Network) -> None:
    other_network.partners(2)

    assert anything(network).partners == []


def test_counts_those_that_a_gate_stops_far_behind_the_explained(network: Network) -> None:
    network.partners(EXPLAINED_AT_MOST + 2, cap_open=0)
    network.partner(postal_code="85221", status="PAUSED")

    found = anything(network)

    assert found.excluded_counts == {"at_capacity": EXPLAINED_AT_MOST + 2, "inactive": 1}
    assert len(found.partners) == EXPLAINED_AT_MOST


def test_reads_on_past_those_that_a_gate_stops(network: Network) -> None:
    network.partners(2 * READ_AT_FIRST, cap_open=0)
    free = network.partner(postal_code="85221")

    found = anything(network)

    assert found.survivors == {str(free.id)}
    assert found.excluded_counts == {"at_capacity": 2 * READ_AT_FIRST}
    assert not found.is_cut


def test_scores_the_nearest_and_all_that_cover_the_lead_by_code(network: Network) -> None:
    network.partners(SCORED_AT_MOST, radius_km=600.0)
    too_far = network.partner(postal_code="85221", radius_km=600.0)
    by_code = network.partner(postal_code="20095", radius_km=None, regions=("DE-BY",))

    found = anything(network)

    assert len(found.survivors) == SCORED_AT_MOST + 1
    assert str(by_code.id) in found.survivors
    assert str(too_far.id) not in found.survivors
    assert found.is_cut


@pytest.mark.parametrize("there", [EXPLAINED_AT_MOST - 2, EXPLAINED_AT_MOST + 8])
@pytest.mark.parametrize("lines", [("heat-pumps",), ("heat-pumps", "boilers")])
def test_explains_the_nearest_that_do_not_cover_the_lead_be_there_few_or_many(
    network: Network, there: int, lines: tuple[str, ...]
) -> None:
    def partner(latitude: float, **fields: Any) -> str:
        place: dict[str, Any] = {"latitude": latitude, "longitude": MUNICH[1]}
        return str(network.partner(product_lines=lines, **place, **fields).id)

    kilometre = 1 / 111.2
    steps = [MUNICH[0] + kilometre * (20 + step / 2) for step in range(there)]
    around = [partner(latitude, radius_km=15.0) for latitude in steps[1:]]
    nowhere = partner(steps[0], radius_km=None)
    far = [partner(MUNICH[0] + kilometre * (90 + step), radius_km=80.0) for step in range(3)]
    by_radius = partner(steps[0], radius_km=60.0)
    by_code = partner(steps[0], radius_km=15.0, regions=("DE-BY",))

    found = anything(network, lines=lines)

    assert found.survivors == {by_radius, by_code}
    nearest = [nowhere, *around, *far][:EXPLAINED_AT_MOST]
    assert {profile.id for profile in found.partners} - found.survivors == set(nearest)
    assert found.excluded_counts == {"outside_area": there + 3}


def test_counts_the_whole_network_in_the_explanation_of_a_wave(network: Network) -> None:
    network.policy({"partners": 1, "radius_km": 5})
    near = network.partner()
    network.partner(postal_code="85221")
    network.partner(postal_code="20095")
    network.partner(product_lines=("boilers",))
    network.partner(status="PAUSED")

    lead = network.lead()

    with tenant_context(network.manufacturer.id):
        wave = Wave.objects.get(lead=lead)
    assert asked(network, lead) == [near.id]
    assert wave.excluded_counts == {"outside_area": 2, "not_in_portfolio": 1, "inactive": 1}
    assert len(wave.matches["ranked"]) + sum(wave.excluded_counts.values()) == 5


@pytest.mark.parametrize(
    ("country", "postal_code", "region", "codes"),
    [
        ("DE", "803", "DE-BY", ("DE:8", "DE:80", "DE:803", "DE-BY")),
        ("AT", "1010", "", ("AT:1", "AT:10", "AT:101", "AT:1010")),
        ("DE", "", "DE-BY", ("DE-BY",)),
        ("DE", "", "", ()),
    ],
)
def test_lists_the_codes_by_which_a_place_may_be_covered(
    country: str, postal_code: str, region: str, codes: tuple[str, ...]
) -> None:
    assert coverage_codes(country, postal_code, region) == codes
