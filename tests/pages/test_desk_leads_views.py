"""Views of the leads: built in, one's own, the desk's; opened, changed, removed, nobody else's."""

from typing import Any

import pytest
from django.test import Client

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.models import OpeningView, SavedView
from leads.saved_views import VIEWS_AT_MOST
from partners.models import SetUpChange
from tests.acting import MINUTE, accepted_lead, member
from tests.factories import NOON, Network
from tests.pages.acting import by_script, logged_in
from tests.pages.desks import at_desk, read
from tests.pages.reading import rows, words

pytestmark = pytest.mark.django_db

NEW = "/leads/views/new/"


@pytest.fixture(autouse=True)
def noon() -> Any:
    """Look a little after noon."""
    with clock.set_to(NOON + MINUTE):
        yield


def colleague(network: Network, role: str = "DISPATCHER") -> Client:
    """Somebody else at the same desk."""
    return logged_in(Client(), member(network, f"other-{role.lower()}@desk.example", role))


def save(client: Client, name: str, back: str, status: int = 302, **sent: str) -> Any:
    response = client.post(NEW, {"name": name, "back": back, **sent})
    assert response.status_code == status
    return response


def views(network: Network) -> list[SavedView]:
    with tenant_context(network.manufacturer.id):
        return list(SavedView.objects.order_by("name"))


def numbers(client: Client, address: str) -> set[str]:
    """The numbers of the leads that the board lists."""
    return {row.split(" · ")[0].split()[-1] for row in rows(client.get(address))}


@pytest.fixture
def two(network: Network) -> Network:
    """A hot lead from a fair, and a cold one from the website."""
    network.lead(external_id="F", source="fair", temperature="HOT")
    network.lead(external_id="W", source="website", temperature="COLD")
    return network


def test_a_view_shows_the_same_leads_columns_and_order_again(two: Network) -> None:
    desk = at_desk(two, "DISPATCHER")

    response = save(desk, "Fairs", "source=fair&sort=oldest&columns=source,value")

    (view,) = views(two)
    assert response.headers["Location"] == f"/leads/?view={view.id}"
    page = desk.get(f"/leads/?view={view.id}")
    assert numbers(desk, f"/leads/?view={view.id}") == {"F"}
    assert "View: Fairs" in words(page)
    assert "(changed)" not in words(page)
    head = page.content.decode().partition("<thead")[2].partition("</thead>")[0]
    assert head.index("col-source") < head.index("col-value")
    assert "col-place" not in head


def test_links_from_a_view_can_be_kept_and_say_what_they_show(two: Network) -> None:
    desk = at_desk(two, "DISPATCHER")
    save(desk, "Fairs", "source=fair")
    (view,) = views(two)

    page = desk.get(f"/leads/?view={view.id}")

    assert f'href="/leads/?source=fair&amp;status=WON&amp;view={view.id}"' in page.content.decode()
    assert "(changed)" in words(desk.get(f"/leads/?temperature=HOT&view={view.id}"))
    assert numbers(desk, f"/leads/?temperature=COLD&view={view.id}") == {"W"}


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("all", {"F", "W", "H", "O", "A"}),
        ("new-today", {"F", "W", "H", "A"}),
        ("nobody-accepted", {"F", "W"}),
        ("on-hold", {"H"}),
        ("contact-overdue", {"O"}),
        ("feedback-overdue", {"O"}),
        ("won-this-month", set()),
    ],
)
def test_everybody_has_the_views_that_are_built_in(
    two: Network, code: str, shown: set[str]
) -> None:
    two.lead(external_id="H", postal_code="99999")
    two.partner()
    accepted_lead(two, external_id="A")
    accepted_lead(two, external_id="O", at=NOON - 24 * 60 * MINUTE)

    assert numbers(at_desk(two, "ANALYST"), f"/leads/?view={code}") == shown


@pytest.mark.parametrize("address", ["/leads/", "/leads/?source=fair", "/leads/?status=WON"])
def test_the_menu_counts_what_waits_whatever_is_listed(two: Network, address: str) -> None:
    page = read(at_desk(two, "ANALYST"), address)

    menu = page.partition('id="views"')[2].partition("</dialog>")[0]
    assert "Nobody accepted" in menu
    assert menu.partition("Nobody accepted")[2].partition("</li>")[0].count(">2<") == 1


def test_ones_own_view_is_nobody_elses(two: Network, other_network: Network) -> None:
    mine, other = at_desk(two, "DISPATCHER"), colleague(two, "ADMIN")
    save(mine, "Mine alone", "source=fair")
    (view,) = views(two)

    for client in (other, at_desk(other_network)):
        assert "Mine alone" not in read(client, "/leads/")
        assert client.get(f"/leads/views/{view.id}/").status_code == 404
        assert client.post(f"/leads/views/{view.id}/remove/").status_code == 404
        assert client.post(f"/leads/views/{view.id}/replace/", {"back": ""}).status_code == 404
        assert client.post("/leads/views/open-with/", {"view": str(view.id)}).status_code == 404
    assert numbers(other, f"/leads/?view={view.id}") == {"F", "W"}
    assert "Mine alone" in read(mine, "/leads/")


def test_a_shared_view_is_the_desks_and_recorded(two: Network, other_network: Network) -> None:
    mine, other = at_desk(two, "DISPATCHER"), colleague(two, "ADMIN")
    save(mine, "For all", "source=fair", is_shared="on")
    (view,) = views(two)

    assert "For all" in read(other, "/leads/")
    assert "For all" not in read(at_desk(other_network), "/leads/")
    other.post(f"/leads/views/{view.id}/replace/", {"back": "source=website"})
    other.post(f"/leads/views/{view.id}/remove/")

    assert views(two) == []
    with tenant_context(two.manufacturer.id):
        told = SetUpChange.objects.filter(kind="view").order_by("recorded_at", "id")
        assert [(one.before is None, one.after is None) for one in told] == [
            (True, False),
            (False, False),
            (False, True),
        ]


def test_an_analyst_shares_nothing_and_changes_nothing_that_is_shared(two: Network) -> None:
    analyst = at_desk(two, "ANALYST")
    save(analyst, "Mine", "source=fair", is_shared="on")
    save(colleague(two), "Ours", "source=fair", is_shared="on")
    mine, ours = views(two)

    assert not mine.is_shared
    assert analyst.get(f"/leads/views/{ours.id}/").status_code == 404
    assert analyst.post(f"/leads/views/{ours.id}/remove/").status_code == 404
    assert "Edit view" not in words(analyst.get(f"/leads/?view={ours.id}"))
    assert "Edit view" in words(analyst.get(f"/leads/?view={mine.id}"))


def test_a_view_is_called_otherwise_shared_and_shared_no_more(two: Network) -> None:
    first, second = at_desk(two, "DISPATCHER"), colleague(two, "ADMIN")
    save(first, "Fairs", "source=fair")
    address = f"/leads/views/{views(two)[0].id}/"

    first.post(address, {"name": "All fairs", "is_shared": "on"})
    assert "All fairs" in read(second, "/leads/")
    second.post(address, {"name": "All fairs"})

    assert "All fairs" in read(second, "/leads/")
    assert "All fairs" not in read(first, "/leads/")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Fairs", "There is a view of this name already."),
        ("", "Please fill this in."),
        ("x" * 61, "at most 60 characters"),
    ],
)
def test_a_view_needs_a_name_that_is_free(two: Network, name: str, problem: str) -> None:
    desk = at_desk(two, "DISPATCHER")
    save(desk, "Fairs", "source=fair")

    response = save(desk, name, "source=website", status=422)

    assert problem in words(response)
    assert [view.asked for view in views(two)] == [{"source": "fair"}]


def test_two_people_may_call_their_views_alike(two: Network) -> None:
    for client in (at_desk(two, "DISPATCHER"), colleague(two)):
        save(client, "Fairs", "source=fair")

    assert len(views(two)) == 2


def test_there_are_not_more_views_than_anybody_can_look_through(two: Network) -> None:
    desk = at_desk(two, "DISPATCHER")
    for number in range(VIEWS_AT_MOST):
        save(desk, f"View {number}", "")

    response = save(desk, "One more", "", status=422)

    assert "There are 50 views already." in words(response)


def test_a_view_keeps_what_is_understood_and_no_search(two: Network) -> None:
    desk = at_desk(two, "DISPATCHER")

    save(desk, "Odd", "q=Beispiel&source=fair&status=NONSENSE&columns=nonsense&other=1&sort=newest")

    (view,) = views(two)
    assert view.asked == {"source": "fair"}


def test_the_board_opens_with_the_view_that_somebody_chose(two: Network) -> None:
    mine, other = at_desk(two, "DISPATCHER"), colleague(two)
    save(mine, "Fairs", "source=fair", opens="on")
    (view,) = views(two)

    assert numbers(mine, "/leads/") == {"F"}
    assert numbers(other, "/leads/") == {"F", "W"}
    assert numbers(mine, "/leads/?view=all") == {"F", "W"}
    assert 'href="/leads/?view=all"' in read(mine, "/leads/")
    mine.post("/leads/views/open-with/", {"view": "on-hold"})
    assert numbers(mine, "/leads/") == set()
    mine.post("/leads/views/open-with/", {"view": "all"})
    assert numbers(mine, "/leads/") == {"F", "W"}
    mine.post("/leads/views/open-with/", {"view": str(view.id)})
    mine.post(f"/leads/views/{view.id}/remove/")
    assert numbers(mine, "/leads/") == {"F", "W"}
    with tenant_context(two.manufacturer.id):
        assert OpeningView.objects.count() == 0


def test_a_script_that_filters_in_a_view_stays_in_it(two: Network) -> None:
    desk = at_desk(two, "DISPATCHER")
    save(desk, "Fairs", "source=fair")
    (view,) = views(two)

    response = desk.get(
        "/leads/",
        {"source": "", "temperature": "", "sort": "newest", "view": str(view.id)},
        headers=by_script("/leads/"),
    )

    assert len(rows(response)) == 2
    assert response.headers["HX-Push-Url"] == "/leads/"


def test_columns_are_chosen_and_moved(two: Network) -> None:
    desk = at_desk(two, "DISPATCHER")
    page = read(desk, "/leads/columns/?source=fair&columns=value,source&move=up-source")

    kept = page.partition("<form")[2]
    assert 'name="source" value="fair"' in kept
    assert kept.index('value="source" checked') < kept.index('value="value" checked')
    board = desk.get("/leads/?source=fair&columns=source&columns=value")
    head = board.content.decode().partition("<thead")[2].partition("</thead>")[0]
    assert head.index("col-source") < head.index("col-value")
    assert "columns=source%2Cvalue" in board.content.decode()


def test_every_column_can_be_shown(two: Network) -> None:
    two.partner(name="Huber Heating")
    accepted_lead(two, external_id="A", evidence="Asked for a quote", campaign="Spring")

    everything = "wave,evidence,campaign,source,lines,deadline,received,value,partner,status"
    page = words(at_desk(two).get(f"/leads/?columns={everything}"))

    for part in ("Asked for a quote", "Spring", "Huber Heating", "Heat pumps", "2 Mar 2026, 14:01"):
        assert part in page


def test_a_column_that_nobody_knows_shows_nothing_new(two: Network) -> None:
    usual = rows(at_desk(two).get("/leads/"))

    assert rows(at_desk(two).get("/leads/?columns=password,,lead")) == usual
