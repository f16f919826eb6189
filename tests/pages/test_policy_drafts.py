"""Drafts of rules of distribution: kept, tried out on past leads, published or discarded."""

from datetime import timedelta
from typing import Any

import pytest

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.models import RoutingPolicy
from leads.policies import publish_policy
from leads.replay.jobs import go_on_with_replays, request_replay
from partners.models import ProductLine
from tests.factories import NOON, Network
from tests.pages.desks import at_desk, form_of, read, text_of


@pytest.fixture(autouse=True)
def noon() -> Any:
    """Look at noon."""
    with clock.set_to(NOON):
        yield


def active(network: Network, **reach: Any) -> RoutingPolicy:
    with tenant_context(network.manufacturer.id):
        return RoutingPolicy.objects.get(
            is_active=True, **(reach or {"product_line": None, "source": None})
        )


def line_of(network: Network, code: str) -> ProductLine:
    with tenant_context(network.manufacturer.id):
        return ProductLine.objects.get(code=code)


def drafts(network: Network) -> list[RoutingPolicy]:
    with tenant_context(network.manufacturer.id):
        return list(RoutingPolicy.objects.filter(published_at__isnull=True).order_by("id"))


def draft_of(network: Network, **options: Any) -> RoutingPolicy:
    rule = {"partners": 1, "response_window": 60, "radius_km": None, "head_start": 0}
    waves = options.pop("waves", [rule])
    return publish_policy(
        name="Fair", waves=waves, source="fair", is_draft=True, by=network.by, at=NOON, **options
    )


@pytest.mark.parametrize("path", ["new/", "{policy}/"])
def test_a_row_is_taken_away_and_nothing_typed_is_lost(network: Network, path: str) -> None:
    policy = active(network)
    address = f"/set-up/policies/{path.format(policy=policy.id)}"
    client = at_desk(network)
    sent = form_of(read(client, address)) | {"name": "", "waves-1-window": "soon"}

    response = client.post(address, {**sent, "drop_round": "0"})

    shown = form_of(text_of(response))
    assert response.status_code == 200
    assert (shown["waves-TOTAL_FORMS"], shown["waves-0-window"]) == ("1", "soon")
    assert active(network).id == policy.id


def test_weights_of_ones_own_count_if_chosen(network: Network) -> None:
    client = at_desk(network)
    address = f"/set-up/policies/{active(network).id}/"
    sent = form_of(read(client, address))

    nothing = {name: "" for name in sent if name.startswith("weight_")}
    refused = client.post(address, {**sent, **nothing, "strategy": "OWN"})
    client.post(address, {**sent, **nothing, "strategy": "OWN", "weight_tier": "3"})
    own = active(network)
    again = form_of(read(client, f"/set-up/policies/{own.id}/"))
    client.post(f"/set-up/policies/{own.id}/", {**again, "strategy": "NEAREST"})

    assert refused.status_code == 422
    assert own.weights == {"tier": 3.0}
    assert again["strategy"] == "OWN"
    assert (active(network).strategy, active(network).weights) == ("NEAREST", {})


def test_a_draft_is_kept_changed_and_published(network: Network) -> None:
    client = at_desk(network)
    policy = active(network)
    address = f"/set-up/policies/{policy.id}/"
    sent = form_of(read(client, address))

    kept = client.post(address, {**sent, "waves-0-partners": "7", "save_draft": "1"})
    (draft,) = drafts(network)
    page = read(client, kept["Location"])
    edit = f"/set-up/policies/drafts/{draft.id}/edit/"
    client.post(edit, {**form_of(read(client, edit)), "waves-0-partners": "8"})

    assert "7 partners, 1 h to answer" in page
    assert active(network).id == policy.id
    (draft,) = drafts(network)
    assert draft.waves[0]["partners"] == 8
    form = form_of(read(client, f"/set-up/policies/drafts/{draft.id}/"))
    client.post(f"/set-up/policies/drafts/{draft.id}/publish/", form)
    assert (active(network).id, drafts(network)) == (draft.id, [])


def test_a_draft_is_published_as_it_was_seen_only(network: Network) -> None:
    client = at_desk(network)
    draft = draft_of(network)
    page = f"/set-up/policies/drafts/{draft.id}/"
    form = form_of(read(client, page))
    edit = form_of(read(client, f"{page}edit/"))

    with clock.set_to(NOON + timedelta(minutes=1)):
        client.post(f"{page}edit/", edit)
        answer = text_of(client.post(f"{page}publish/", form, follow=True))
        late = client.post(f"{page}edit/", edit)

    assert "Somebody else changed this draft" in answer
    assert [one.id for one in drafts(network)] == [draft.id]
    assert late.status_code == 422


def test_a_draft_is_discarded(network: Network) -> None:
    draft = draft_of(network)
    client = at_desk(network)

    page = text_of(client.post(f"/set-up/policies/drafts/{draft.id}/discard/", follow=True))

    assert "The draft “Fair” is gone." in page
    assert drafts(network) == []


def test_a_draft_is_shown_beside_what_was_decided(network: Network) -> None:
    asked = network.partners(2)
    lead = network.lead(source="fair")
    draft = draft_of(network)
    client = at_desk(network)

    page = read(client, f"/set-up/policies/drafts/{draft.id}/preview/")

    assert lead.external_id in page
    assert all(partner.name in page for partner in asked)
    assert "There is one round with one partner" in page


@pytest.mark.parametrize(
    ("waves", "words"),
    [
        ([(2, 50), (2, 20)], "Round 2 reaches less far"),
        ([(2, 10), (2, 100)], "For 1 of the last 1 leads round 1 would find nobody"),
        ([(2, 10), (2, 11)], "For 1 of the last 1 leads nobody would be found at all"),
        ([(1, 100), (1, 100)], "No partner is certified as high as Gold"),
    ],
)
def test_dead_ends_are_told(network: Network, waves: list[tuple[int, float]], words: str) -> None:
    network.partner(postal_code="86150", radius_km=100)
    network.lead(source="fair")
    rules = [
        {"partners": partners, "response_window": 60, "radius_km": radius, "head_start": 0}
        for partners, radius in waves
    ]
    draft = draft_of(network, waves=rules)

    assert words in read(at_desk(network), f"/set-up/policies/drafts/{draft.id}/preview/")


def test_a_draft_is_tried_out_and_its_figures_are_shown(network: Network) -> None:
    near, far = network.partner(weight=0), network.partner(postal_code="85221", weight=100)
    network.policy({"partners": 1}, strategy="NEAREST")
    lead = network.lead(source="fair")
    draft = draft_of(network, weights={"tier": 1.0})
    client = at_desk(network)

    begun = client.post(f"/set-up/policies/drafts/{draft.id}/try-out/", {"leads": "10"})
    waiting = read(client, begun["Location"])
    while go_on_with_replays(at=NOON):
        pass
    done = read(client, begun["Location"])

    assert "It begins in a moment" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert "hx-trigger" not in done[done.index('id="replay"') :]
    assert "1 lead, 1 of them to others" in done
    assert all(name in done for name in (near.name, far.name, lead.external_id))
    assert begun["Location"] in read(client, f"/set-up/policies/drafts/{draft.id}/")


@pytest.mark.parametrize("leads", ["0", "10001", "", "x"])
def test_a_replay_of_no_size_is_refused_in_place(network: Network, leads: str) -> None:
    draft = draft_of(network)
    client = at_desk(network)

    response = client.post(f"/set-up/policies/drafts/{draft.id}/try-out/", {"leads": leads})

    assert response.status_code == 422
    assert "id_leads_error" in text_of(response)


def test_a_strangers_draft_and_replay_are_not_found(
    network: Network, other_network: Network
) -> None:
    draft = draft_of(other_network)
    replay = request_replay(policy=draft, leads=1, by=other_network.by, at=NOON)
    client = at_desk(network)
    own = draft_of(network)

    for path in ("", "edit/", "preview/"):
        assert client.get(f"/set-up/policies/drafts/{draft.id}/{path}").status_code == 404
    for path in ("edit/", "publish/", "discard/", "try-out/"):
        assert client.post(f"/set-up/policies/drafts/{draft.id}/{path}").status_code == 404
    assert client.get(f"/set-up/policies/replays/{replay.id}/").status_code == 404
    sent = {"leads": "5", "against": str(draft.id)}
    other = client.post(f"/set-up/policies/drafts/{own.id}/try-out/", sent)
    assert other.status_code == 422


def previewed(network: Network, draft: RoutingPolicy, **asked: str) -> str:
    """Show the preview of a draft for the leads that are asked for."""
    address = f"/set-up/policies/drafts/{draft.id}/preview/"
    return text_of(at_desk(network).get(address, asked))


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, ["F-1", "F-2", "F-3"]),
        ({"product_line": "heat-pumps"}, ["F-2"]),
        ({"region": "DE-HH"}, ["F-3"]),
        ({"since": "2026-03-03"}, ["F-3"]),
        ({"until": "2026-03-02"}, ["F-1", "F-2"]),
        ({"since": "2026-03-02", "until": "2026-03-02", "product_line": "heat-pumps"}, ["F-2"]),
        ({"numbers": "F-1; F-3,\nW-1"}, ["F-1", "F-3", "W-1"]),
        ({"numbers": "F-1 F-2", "product_line": "heat-pumps"}, ["F-2"]),
        ({"source": "web"}, []),
    ],
)
def test_a_preview_is_of_the_leads_that_were_chosen(
    network: Network, asked: dict[str, str], shown: list[str]
) -> None:
    network.partner()
    network.lead(external_id="F-1", source="fair", product_lines=["boilers"])
    network.lead(external_id="F-2", source="fair", product_lines=["heat-pumps"])
    with clock.set_to(NOON + timedelta(days=1)):
        network.lead(
            external_id="F-3",
            source="fair",
            postal_code="20095",
            product_lines=["boilers"],
            at=clock.now(),
        )
    network.lead(external_id="W-1", source="web")
    draft = draft_of(network)
    if "product_line" in asked:
        asked = {**asked, "product_line": str(line_of(network, asked["product_line"]).id)}

    with clock.set_to(NOON + timedelta(days=2)):
        page = previewed(network, draft, **asked)

    found = [number for number in ("F-1", "F-2", "F-3", "W-1") if f">{number}</a>" in page]
    assert found == shown
    assert ("No such lead" in page) == (not shown)


def test_a_preview_says_which_numbers_it_does_not_show_and_which_other_rule_holds(
    network: Network,
) -> None:
    network.partner()
    network.lead(external_id="W-1", source="web")
    draft = draft_of(network)

    page = previewed(network, draft, numbers="W-1, nix")

    assert "Not by this rule: “Default rule” is for this lead." in page
    assert "as narrowed above: nix" in page


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"numbers": " ".join(f"N-{number}" for number in range(11))}, "numbers", "ten numbers"),
        ({"since": "2026-03-03", "until": "2026-03-02"}, "until", "comes before the first"),
        ({"since": "soon"}, "since", "valid date"),
        ({"until": "9999-12-31"}, "until", "between 1900 and 2200"),
        ({"source": "nowhere"}, "source", "valid choice"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused_at_its_field(
    network: Network, asked: dict[str, str], field: str, words: str
) -> None:
    draft = draft_of(network)
    address = f"/set-up/policies/drafts/{draft.id}/preview/"

    response = at_desk(network).get(address, asked)

    page = text_of(response)
    assert response.status_code == 422
    assert words in page[page.index(f'id="id_{field}_error"') :]


def test_a_lead_that_a_narrower_rule_is_for_is_not_previewed(network: Network) -> None:
    network.partner()
    network.lead(external_id="F-1", source="fair")
    network.lead(external_id="W-1", source="web")
    rule = {"partners": 1, "response_window": 60}
    publish_policy(name="Fair", waves=[rule], source="fair", by=network.by, at=NOON)
    draft = publish_policy(name="All", waves=[rule], is_draft=True, by=network.by, at=NOON)

    page = previewed(network, draft)

    assert ">W-1</a>" in page
    assert ">F-1</a>" not in page
