"""How fairly leads are offered: counted from the decisions that routing stored."""

from datetime import date, timedelta

import pytest

from kpis.periods import Period
from kpis.selectors import fairness_visible_to
from leadhub.core import clock
from leadhub.core.errors import NotVisible
from leadhub.core.tenancy.context import tenant_context
from tests.acting import run_out
from tests.factories import NOON, Network
from tests.pages.desks import at_desk, queries_of, read

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


def counted(network: Network, **filters: str) -> dict[str, tuple[int, int]]:
    with tenant_context(network.manufacturer.id):
        fairness = fairness_visible_to(network.by, period=MARCH, **filters)
    return {
        one.exposure.name: (one.exposure.eligible, one.exposure.offered) for one in fairness.shares
    }


def test_counts_a_lead_once_for_whoever_could_have_had_it_and_whoever_was_asked(
    network: Network,
) -> None:
    network.policy({"partners": 1}, {"partners": 1}, strategy="NEAREST")
    network.partner(name="near")
    network.partner(name="far", postal_code="85221")
    network.partner(name="other", product_lines=("boilers",))
    lead = network.lead()
    run_out(network.again(lead))
    network.lead(is_test=True)
    network.lead(at=NOON + timedelta(days=40))

    assert counted(network) == {"near": (1, 1), "far": (1, 1)}
    assert counted(network, product_line="boilers") == {}


def test_measures_unevenness_against_what_was_possible(network: Network) -> None:
    network.policy({"partners": 1}, weights={"tier": 1.0})
    network.partner(name="first", weight=100)
    network.partner(name="second", weight=0)
    for minutes in range(4):
        network.lead(at=NOON + timedelta(minutes=minutes))

    with tenant_context(network.manufacturer.id):
        fairness = fairness_visible_to(network.by, period=MARCH)

    assert fairness.gini == pytest.approx(0.5)
    shares = {one.exposure.name: (one.of_offers, one.of_eligibility) for one in fairness.shares}
    assert shares == {"first": (1.0, 0.5), "second": (0.0, 0.5)}


def test_is_none_of_a_partners_business(network: Network) -> None:
    partner = network.partner()

    with pytest.raises(NotVisible), tenant_context(network.manufacturer.id):
        fairness_visible_to(network.actor_for(partner), period=MARCH)


def test_the_page_shows_both_shares_and_the_file_has_the_same(network: Network) -> None:
    network.partner(name="=Huber")
    network.lead()
    with clock.set_to(NOON):
        client = at_desk(network)

        page = read(client, "/fairness/?period=30&line=heat-pumps")
        file = client.get("/fairness/export/?period=30").content.decode()

    assert "=Huber" in page
    assert page.count('value="1.000000"') == 2
    assert file.splitlines()[1] == "'=Huber,1,1,1.0,1.0"


def test_the_page_says_that_there_is_nothing_yet_and_takes_any_word(network: Network) -> None:
    with clock.set_to(NOON):
        page = read(at_desk(network), "/fairness/?period=x&line=y&page=z")

    assert "No offers yet" in page


def test_ten_partners_take_no_more_queries_than_one(network: Network) -> None:
    with clock.set_to(NOON):
        client = at_desk(network)
        network.partner()
        network.lead()
        one = queries_of(client, "/fairness/")
        network.partners(9)
        network.lead()

        assert queries_of(client, "/fairness/") == one
