"""Links that were forwarded, forged, kept too long, or turned on somebody else."""

import base64
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache

from leadhub.core import clock
from leadhub.core.logs import without_personal_data
from leadhub.core.tenancy.context import system_context
from leads.links import GOOD_FOR, path_of_link
from partners.known_devices import end_proofs
from partners.memberships import change_role, remove_member
from partners.models import Membership, Partner, User
from tests.acting import MINUTE, facts_of, member, messages
from tests.factories import ContactFactory, Network
from tests.factors import show_second_factor
from tests.pages.acting import logged_in
from tests.pages.linking import Browser, codes_to, link_to, names_nobody
from tests.pages.phones import CUSTOMER, SOON, Phone, offer_to, person_of, read, take

EMAIL, RON = "rita@acme.example", "ron@acme.example"
OVER = "Nothing behind this link"


@pytest.fixture
def world(network: Network) -> Network:
    """A network that asks two partners at a time, each for an hour."""
    network.policy({"partners": 2})
    cache.clear()
    return network


@pytest.fixture
def partner(world: Network) -> Partner:
    """A partner that is asked."""
    return world.partner()


@pytest.fixture
def rival(world: Network, partner: Partner) -> Partner:
    """Another partner that is asked as well."""
    return world.partner()


@pytest.fixture
def rita(world: Network, partner: Partner) -> Membership:
    """Somebody of the partner."""
    return person_of(world, partner, EMAIL)


@pytest.fixture
def ron(world: Network, rival: Partner) -> Membership:
    """Somebody of the other partner."""
    return person_of(world, rival, RON)


@pytest.fixture
def offer(world: Network, partner: Partner, rita: Membership, ron: Membership) -> Any:
    """An offer to the partner, of a lead whose customer has a name."""
    return offer_to(world, partner, contact=ContactFactory.build(**CUSTOMER))


@pytest.fixture
def link(world: Network, rita: Membership, offer: Any) -> str:
    """The link in the mail that tells of the offer."""
    return link_to(world, rita, "offer_new")


def path_of(offer: Any, act: str = "") -> str:
    return f"/linked/offers/{offer.id}/" + (f"{act}/" if act else "")


def user_of(membership: Membership) -> User:
    with system_context("test"):
        return User.objects.get(id=membership.user_id)


def is_over(response: Any) -> bool:
    return response.status_code == 404 and OVER in read(response)


def test_a_forwarded_link_takes_nothing_and_names_nobody(
    world: Network, offer: Any, link: str, rival: Partner
) -> None:
    somebody = Browser()
    page = read(somebody.follow(link))

    somebody.post(path_of(offer, "accept"))
    guessed = somebody.post("/linked/code/", code="BCD-FGH")

    assert guessed.status_code == 422
    assert names_nobody(page)
    assert "Robin" not in page
    assert "offer.accepted" not in facts_of(world, offer.lead)


def test_a_link_forwarded_to_a_rival_is_not_answered_as_them(
    world: Network, offer: Any, link: str, ron: Membership
) -> None:
    other = Phone(ron)

    opened = other.ask(link)
    taken = other.send(path_of(offer, "accept"))

    assert opened.url == path_of(offer)
    assert taken.url == "/linked/code/"
    assert "offer.accepted" not in facts_of(world, offer.lead)


def test_a_device_known_for_somebody_else_is_not_known_for_this_one(
    world: Network, offer: Any, link: str, ron: Membership
) -> None:
    browser = Browser().know(link_to(world, ron, "offer_new"), RON)

    browser.follow(link)
    taken = browser.post(path_of(offer, "accept"))

    assert taken.url == "/linked/code/"
    assert "offer.accepted" not in facts_of(world, offer.lead)


def test_a_cookie_of_one_person_under_the_name_of_another_proves_nothing(
    world: Network, offer: Any, link: str, ron: Membership
) -> None:
    known = Browser().know(link_to(world, ron, "offer_new"), RON)
    own = Browser().know(link, EMAIL)
    (sealed,) = [m.value for n, m in known.client.cookies.items() if n.startswith("known-")]
    (name,) = [n for n in own.client.cookies if n.startswith("known-")]
    forged = Browser()
    forged.client.cookies[name] = sealed

    forged.follow(link)

    assert forged.post(path_of(offer, "accept")).url == "/linked/code/"


@pytest.mark.parametrize("place", range(0, 48, 5))
def test_no_character_of_a_link_can_be_changed(link: str, offer: Any, place: int) -> None:
    token = link.split("/")[2]
    other = "A" if token[place] != "A" else "B"
    forged = f"/l/{token[:place]}{other}{token[place + 1 :]}/"

    assert is_over(Browser().get(forged))


@pytest.mark.parametrize(
    "token",
    ["x", "x" * 48, "ä" * 48, "=" * 48, "A" * 5_000, base64.urlsafe_b64encode(b"\0" * 36).decode()],
)
def test_what_was_never_a_link_opens_nothing(world: Network, token: str) -> None:
    assert is_over(Browser().get(f"/l/{token}/"))


def test_a_link_ends(offer: Any, link: str) -> None:
    within, after = Browser(at=SOON + GOOD_FOR - MINUTE), Browser(at=SOON + GOOD_FOR + MINUTE)

    assert within.get(link).status_code == 302
    assert is_over(after.get(link))


def test_what_a_browser_opened_ends_with_the_link(offer: Any, link: str) -> None:
    browser = Browser()
    browser.follow(link)

    browser.at = SOON + GOOD_FOR + MINUTE

    assert is_over(browser.get(path_of(offer)))
    assert is_over(browser.post(path_of(offer, "accept")))


def test_a_link_dies_with_the_membership(
    world: Network, offer: Any, link: str, rita: Membership
) -> None:
    browser = Browser().know(link, EMAIL)

    remove_member(membership=rita, by=world.by, at=SOON)

    assert is_over(browser.get(link))
    assert is_over(browser.get(path_of(offer)))
    assert is_over(browser.post(path_of(offer, "accept")))
    assert "offer.accepted" not in facts_of(world, offer.lead)


def test_a_link_dies_with_the_account(offer: Any, link: str, rita: Membership) -> None:
    browser = Browser().know(link, EMAIL)

    with system_context("test"):
        User.objects.filter(id=rita.user_id).update(is_active=False)

    assert is_over(browser.get(path_of(offer)))
    assert is_over(browser.get(link))


def test_links_and_known_devices_die_when_somebody_logs_out_everywhere(
    world: Network, partner: Partner, offer: Any, link: str, rita: Membership
) -> None:
    browser = Browser().know(link, EMAIL)

    end_proofs(user_of(rita), at=SOON + MINUTE)

    browser.at = SOON + 2 * MINUTE
    assert is_over(browser.get(link))
    later = offer_to(world, partner, at=SOON + 2 * MINUTE)
    fresh = link_to(world, rita, "offer_new", at=browser.at, subject=later)
    browser.follow(fresh)
    assert browser.post(path_of(later, "accept")).url == "/linked/code/"


def test_a_known_device_is_known_no_more_after_the_password_was_changed(
    offer: Any, link: str, rita: Membership
) -> None:
    browser = Browser().know(link, EMAIL)

    with system_context("test"):
        user = User.objects.get(id=rita.user_id)
        user.set_password("kiesel-farn-igel-646")
        user.save()

    assert browser.post(path_of(offer, "accept")).url == "/linked/code/"


def test_a_taken_offer_is_told_and_not_taken_again(
    world: Network, offer: Any, link: str, rival: Partner
) -> None:
    browser = Browser().know(link, EMAIL)
    take(world, offer, rival)

    browser.post(path_of(offer, "accept"))

    assert world.again(offer.lead).partner_id == rival.id


def test_an_address_is_nothing_without_the_link(
    world: Network, offer: Any, rita: Membership
) -> None:
    globex = Network("globex")
    foreign = globex.partner()
    with_them = offer_to(globex, foreign)
    answers = []

    for subject in (offer.id, with_them.id, rita.id):
        browser = Browser()
        answers.append(browser.get(f"/linked/offers/{subject}/").content)
        assert is_over(browser.post(f"/linked/offers/{subject}/accept/"))

    assert len({len(answer) for answer in answers}) == 1


def test_a_link_opens_its_own_offer_alone(
    world: Network, partner: Partner, rival: Partner, offer: Any, link: str
) -> None:
    globex = Network("globex")
    others = [
        offer_to(world, partner),
        offer_to(globex, globex.partner()),
        next(o for o in world.offers(offer.lead) if o.partner_id == rival.id),
    ]
    browser = Browser().know(link, EMAIL)

    for other in others:
        assert is_over(browser.get(path_of(other)))
        assert is_over(browser.post(path_of(other, "accept")))
        assert is_over(browser.get(f"/linked/leads/{other.id}/"))


def test_a_link_of_an_offer_reports_on_nothing(offer: Any, link: str) -> None:
    browser = Browser().know(link, EMAIL)

    assert is_over(browser.post(f"/linked/leads/{offer.id}/feedback/", status="REACHED"))


def test_a_message_of_another_kind_opens_nothing_however_signed(
    world: Network, rita: Membership, offer: Any
) -> None:
    notice = next(one for one in messages(world) if one.channel == "NOTICE")

    assert is_over(Browser().get(path_of_link(notice.id, at=SOON)))


def test_an_older_key_of_the_installation_is_good_while_it_is_named(
    offer: Any, link: str, settings: LazySettings
) -> None:
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "n" * 50
    assert is_over(Browser().get(link))

    settings.SECRET_KEY_FALLBACKS = [old]

    assert Browser().get(link).status_code == 302


def test_a_form_of_another_site_acts_for_nobody(world: Network, offer: Any, link: str) -> None:
    known = Browser().know(link, EMAIL)
    strict = Browser(enforce_csrf_checks=True)
    strict.client.cookies = known.client.cookies

    sent = strict.post(path_of(offer, "accept"))

    assert sent.status_code == 403
    assert "offer.accepted" not in facts_of(world, offer.lead)


@pytest.mark.parametrize("method", ["get", "head", "options"])
@pytest.mark.parametrize("act", ["accept", "decline"])
def test_nothing_acts_by_being_opened(
    world: Network, offer: Any, link: str, act: str, method: str
) -> None:
    browser = Browser().know(link, EMAIL)
    before = facts_of(world, offer.lead)

    with clock.set_to(SOON):
        getattr(browser.client, method)(path_of(offer, act))

    assert facts_of(world, offer.lead) == before


@pytest.mark.parametrize("named", ["next", "then", "to"])
def test_nobody_is_led_elsewhere(offer: Any, link: str, named: str) -> None:
    browser = Browser()

    opened = browser.get(f"{link}?{named}=https://evil.example/")
    browser.get(opened.url)
    asked = browser.post(f"{path_of(offer, 'accept')}?{named}=//evil.example/")
    taken = browser.post(
        f"/linked/code/?{named}=//evil.example/",
        code=codes_to(EMAIL)[-1],
        **{named: "//evil.example"},
    )

    for response in (opened, asked, taken):
        assert response.url.startswith("/linked/")


def test_whoever_planted_the_session_shares_nothing_of_the_proof(
    world: Network, offer: Any, link: str, rita: Membership, settings: LazySettings
) -> None:
    planted = Browser()
    planted.follow(link)
    victim = Browser()
    victim.client.cookies[settings.SESSION_COOKIE_NAME] = planted.client.cookies[
        settings.SESSION_COOKIE_NAME
    ].value
    victim.post(path_of(offer, "accept"))

    taken = victim.post("/linked/code/", code=codes_to(EMAIL)[-1])

    assert "Erika" in victim.read(taken.url)
    assert is_over(planted.get(taken.url))
    planted.follow(link)
    assert names_nobody(read(planted.get(path_of(offer))))


def test_a_code_is_good_once_and_for_its_browser_alone(offer: Any, link: str) -> None:
    first, second = Browser(), Browser()
    for browser in (first, second):
        browser.follow(link)
        browser.post(path_of(offer, "decline"))
    code = codes_to(EMAIL)[-1]

    wrong = first.post("/linked/code/", code=code)
    right = second.post("/linked/code/", code=code)
    again = second.post("/linked/code/", code=code)

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert is_over(again)


def test_three_guesses_use_a_code_up(offer: Any, link: str) -> None:
    browser = Browser()
    browser.follow(link)
    browser.post(path_of(offer, "decline"))
    code = codes_to(EMAIL)[-1]

    for _ in range(3):
        assert browser.post("/linked/code/", code="BCD-FGH").status_code == 422

    assert browser.post("/linked/code/", code=code).status_code != 302


def test_no_mailbox_is_flooded_with_codes(offer: Any, link: str) -> None:
    browser = Browser()
    browser.follow(link)

    for _ in range(8):
        browser.post(path_of(offer, "decline"))

    assert len(codes_to(EMAIL)) == 5


@pytest.mark.parametrize("kind", ["staff", "factor"])
def test_a_code_by_mail_is_too_little_for_whoever_needs_a_second_factor(
    world: Network, offer: Any, link: str, rita: Membership, kind: str
) -> None:
    browser = Browser().know(link, EMAIL)
    if kind == "staff":
        member(world, EMAIL, "DISPATCHER")
    else:
        with system_context("test"):
            show_second_factor(browser.client.session, user_of(rita))
    fresh = Browser()
    fresh.follow(link)

    asked = fresh.post(path_of(offer, "accept"))

    assert asked.url == f"/log-in/?next=/offers/{offer.id}/"
    assert "offer.accepted" not in facts_of(world, offer.lead)


def test_a_link_opens_no_page_behind_the_door(offer: Any, link: str) -> None:
    browser = Browser().know(link, EMAIL)

    for path in (f"/offers/{offer.id}/", "/inbox/", "/account/", "/leads/", "/team/"):
        assert browser.get(path).url.startswith("/log-in/")


def test_logging_out_forgets_the_device(offer: Any, link: str, rita: Membership) -> None:
    browser = Browser().know(link, EMAIL)
    logged_in(browser.client, rita)

    browser.post("/log-out/")

    browser.follow(link)
    assert browser.post(path_of(offer, "accept")).url == "/linked/code/"


def test_no_log_holds_a_link(link: str) -> None:
    assert link.split("/")[2] not in without_personal_data(f'"GET {link} HTTP/1.1" 302')


def test_a_manager_whose_role_changed_keeps_what_the_new_role_may(
    world: Network, offer: Any, link: str, rita: Membership
) -> None:
    change_role(membership=rita, role="PARTNER_MANAGER", by=world.by, at=SOON)

    assert Browser().get(link).status_code == 302
