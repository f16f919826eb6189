"""A lead that is given back: found, judged, and what each verdict does to every figure."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from leadhub.core import clock
from tests.acting import HOUR, MINUTE
from tests.api.calling import Api
from tests.factories import NOON, Network
from tests.pages.desks import at_desk, queries_of, read, text_of

LATER = NOON + 6 * HOUR
TODAY = "kpis/?from=2026-03-02&to=2026-03-03"
TAB = "/leads/?attention=returned"
CODES = ("acceptance_time", "contact_time", "processing_time", "feedback_rate", "conversion_rate")


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    """Look six hours after the lead came in."""
    with clock.set_to(LATER):
        yield


@pytest.fixture
def lead(network: Network) -> Any:
    """A lead that Alpha gave back without a call, and that Beta then won."""
    network.policy({"partners": 1}, strategy="NEAREST")
    alpha = network.partner(name="Alpha Heating")
    beta = network.partner(name="Beta Heating", postal_code="85221")
    lead = network.lead()
    given_back = take(network, lead, alpha, at=NOON + 10 * MINUTE)
    act(network, alpha, f"{given_back}/return/", {"reason": "WRONG_DATA"}, at=NOON + HOUR)
    won = take(network, lead, beta, at=NOON + HOUR + 30 * MINUTE)
    act(network, beta, f"{won}/contact/", {"reached": True}, at=NOON + 2 * HOUR)
    closing = {"outcome": "WON", "value": "2000.00"}
    act(network, beta, f"{won}/close/", closing, at=NOON + 3 * HOUR)
    return lead


def take(network: Network, lead: Any, partner: Any, *, at: Any) -> str:
    """Accept the latest offer of a lead, which is the partner's."""
    offer = network.offers(lead)[-1]
    with clock.set_to(at):
        answer = Api(network.key_for(partner)).post(f"offers/{offer.id}/accept/")
    return str(answer.json["assignment"]["id"])


def act(network: Network, partner: Any, path: str, body: dict[str, Any], *, at: Any) -> None:
    """Do something with a lead that a partner holds."""
    with clock.set_to(at):
        answer = Api(network.key_for(partner)).post(f"assignments/{path}", body)
    assert answer.status == 200, answer.json


def form_on(page: str) -> dict[str, str]:
    """Read what the form of the verdict sends besides the verdict."""
    form = page[page.index('id="form-return-verdict"') :]
    found = re.search(r'name="assignment" value="([^"]*)"', form)
    assert found is not None
    return {"assignment": found[1]}


def judge(client: Client, lead: Any, verdict: str) -> str:
    """Press one of the two buttons on the lead's page; the page that comes then."""
    sent = form_on(read(client, f"/leads/{lead.id}/"))
    address = f"/leads/{lead.id}/return-verdict/"
    return text_of(client.post(address, {**sent, "lead_at_fault": verdict}, follow=True))


def stats_on(page: str) -> dict[str, str]:
    """Cut the five figures out of the cockpit, tags left out."""
    places = [page.index(f'popovertarget="about-{code}"') for code in CODES]
    ends = [page.index(f'id="about-{code}"') for code in CODES]
    return {
        code: " ".join(re.sub(r"<[^>]+>", " ", page[start:end]).split())
        for code, start, end in zip(CODES, places, ends, strict=True)
    }


def test_it_is_found_from_the_cockpit_and_judged_there_and_then(
    network: Network, lead: Any
) -> None:
    client = at_desk(network, "DISPATCHER")

    cockpit = read(client, "/cockpit/")
    found = read(client, TAB)
    page = read(client, f"/leads/{lead.id}/")
    judged = judge(client, lead, "yes")

    assert f'href="{TAB}"' in cockpit
    assert "Given back by Alpha Heating: Contact data is wrong" in found
    assert f'href="/leads/{lead.id}/"' in found
    assert "Alpha Heating gave the lead back: Contact data is wrong." in page
    assert "Noted: the lead was at fault." in judged
    assert "Confirmed: the lead was at fault" in judged
    assert f'href="{TAB}"' not in read(client, "/cockpit/")
    assert "Nothing waits here" in read(client, TAB)


@pytest.mark.parametrize(
    ("verdicts", "denominator"),
    [([], 2), (["yes"], 1), (["no"], 2), (["yes", "no"], 2), (["no", "yes"], 1)],
    ids=["unjudged", "confirmed", "refused", "refused after all", "confirmed after all"],
)
def test_only_a_confirmed_return_leaves_a_figure_and_only_conversion(
    network: Network, lead: Any, verdicts: list[str], denominator: int
) -> None:
    client, api = at_desk(network), Api(network.api_key)
    if verdicts:
        judge(client, lead, verdicts[0])
    for verdict in verdicts[1:]:
        path = f"leads/{lead.id}/return-verdict/"
        assert api.post(path, {"lead_at_fault": verdict == "yes"}).status == 200

    told = api.get(TODAY).json["total"]
    shown = stats_on(read(client, "/cockpit/"))

    assert told["picks"] == 2
    rates = {code: (told[code]["numerator"], told[code]["denominator"]) for code in CODES[3:]}
    assert rates == {"feedback_rate": (2, 2), "conversion_rate": (1, denominator)}
    counts = {code: (told[code]["count"], told[code]["open_count"]) for code in CODES[:3]}
    assert counts == {
        "acceptance_time": (2, 0),
        "contact_time": (1, 0),
        "processing_time": (1, 0),
    }
    assert "2 of 2 leads" in shown["feedback_rate"]
    plural = "leads" if denominator > 1 else "lead"
    assert f"1 of {denominator} {plural}" in shown["conversion_rate"]
    assert "Median of 2 leads" in shown["acceptance_time"]
    assert "Median of 1 lead" in shown["contact_time"]
    assert "Median of 1 lead" in shown["processing_time"]


@pytest.mark.parametrize(
    ("verdict", "alpha"), [(None, (0, 1)), (True, (0, 0)), (False, (0, 1))], ids=str
)
def test_each_partner_has_its_own_pick(
    network: Network, lead: Any, *, verdict: bool | None, alpha: tuple[int, int]
) -> None:
    api = Api(network.api_key)
    if verdict is not None:
        api.post(f"leads/{lead.id}/return-verdict/", {"lead_at_fault": verdict})

    rows = api.get(f"{TODAY}&group_by=partner").json["rows"]

    names = {str(one.partner_id): one.wave for one in network.offers(lead)}
    rates = {
        names[row["group"]["partner"]]: (
            row["conversion_rate"]["numerator"],
            row["conversion_rate"]["denominator"],
            row["feedback_rate"]["value"],
        )
        for row in rows
    }
    assert rates == {1: (*alpha, 1.0), 2: (1, 1, 1.0)}


def test_the_list_of_returns_asks_no_more_for_more_of_them(network: Network) -> None:
    network.policy({"partners": 1})
    partner = network.partner()
    client = at_desk(network)

    def give_back() -> None:
        lead = network.lead()
        assignment = take(network, lead, partner, at=NOON)
        act(network, partner, f"{assignment}/return/", {"reason": "OTHER"}, at=NOON)

    give_back()
    read(client, TAB)
    one = queries_of(client, TAB)
    for _ in range(9):
        give_back()
    # Whose contacts were seen is noted once.
    read(client, TAB)

    assert queries_of(client, TAB) == one
